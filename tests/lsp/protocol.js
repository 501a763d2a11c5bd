// protocol.js BASTIONC PROJECT - the same server and the client library that
// editors in JavaScript use; its packages are those that `make editors`
// installs. Prints `ok NAME` or `not ok NAME` for each test.

'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const lsp = require('vscode-languageserver-protocol/node');

const [bastionc, project] = process.argv.slice(2);
const server = spawn(bastionc, ['lsp', '--stdio'], { cwd: project });
const exited = new Promise((resolve) => server.on('exit', resolve));
const connection = lsp.createProtocolConnection(
    new lsp.StreamMessageReader(server.stdout),
    new lsp.StreamMessageWriter(server.stdin));
const published = new Map();
let failed = 0;

connection.onNotification(lsp.PublishDiagnosticsNotification.type,
    (params) => published.set(params.uri, params));
connection.onRequest(lsp.RegistrationRequest.type, () => {});
connection.listen();

function uriOf(name) {
    return pathToFileURL(path.join(project, name)).href;
}

const uri = uriOf('shop.bst');
let version = 1;
let text = fs.readFileSync(path.join(project, 'shop.bst'), 'utf8');

function positionOf(word, offset) {
    const before = text.slice(0, text.indexOf(word) + offset).split('\n');
    return { line: before.length - 1, character: before.pop().length };
}

function at(word, offset) {
    return { textDocument: { uri }, position: positionOf(word, offset) };
}

function replace(old, by) {
    const range = { start: positionOf(old, 0), end: positionOf(old, old.length) };
    text = text.replace(old, () => by);
    return connection.sendNotification(
        lsp.DidChangeTextDocumentNotification.type,
        { textDocument: { uri, version: ++version },
          contentChanges: [{ range, text: by }] });
}

async function diagnostics() {
    for (let i = 0; i < 1000; i++) {
        const seen = published.get(uri);
        if (seen && seen.version === version)
            return seen.diagnostics;
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('no diagnostics came');
}

async function test(name, body) {
    try {
        await body();
        console.log(`ok lsp: npm client: ${name}`);
    } catch (error) {
        failed++;
        console.log(`# ${error.stack.replace(/\n/g, '\n# ')}`);
        console.log(`not ok lsp: npm client: ${name}`);
    }
}

async function begin() {
    const result = await connection.sendRequest(lsp.InitializeRequest.type, {
        processId: process.pid, rootUri: pathToFileURL(project).href,
        workspaceFolders: null,
        capabilities: {
            general: { positionEncodings: ['utf-16'] },
            textDocument: {
                publishDiagnostics: { relatedInformation: true,
                    versionSupport: true, codeDescriptionSupport: true },
                documentSymbol: { hierarchicalDocumentSymbolSupport: true },
                codeAction: { codeActionLiteralSupport: {
                    codeActionKind: { valueSet: ['quickfix'] } } },
            },
            workspace: { workspaceEdit: { documentChanges: true },
                didChangeWatchedFiles: { dynamicRegistration: true } },
        },
    });
    assert.strictEqual(result.capabilities.positionEncoding, 'utf-16');
    await connection.sendNotification(lsp.InitializedNotification.type, {});
    await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type,
        { textDocument: { uri, languageId: 'bst', version, text } });
    assert.deepStrictEqual(await diagnostics(), []);
}

async function edit() {
    await replace('redundancy 4', 'redundnacy 4');
    const [found] = await diagnostics();
    assert.strictEqual(found.code, 'E0204');
    const actions = await connection.sendRequest(lsp.CodeActionRequest.type,
        { textDocument: { uri }, range: found.range,
          context: { diagnostics: [found], only: ['quickfix'] } });
    const [change] = actions[0].edit.changes[uri];
    assert.strictEqual(change.newText, 'redundancy');
    await replace('redundnacy 4', 'redundancy 4');
    assert.deepStrictEqual(await diagnostics(), []);
}

async function look() {
    const hover = await connection.sendRequest(lsp.HoverRequest.type,
        at('tally.add', 7));
    assert.match(hover.contents.value, /message add/);
    const where = await connection.sendRequest(lsp.DefinitionRequest.type,
        at('driver_start', 2));
    assert.strictEqual(where.uri, uriOf('shop.c'));
    const found = await connection.sendRequest(lsp.ReferencesRequest.type,
        { ...at('tally.add', 7), context: { includeDeclaration: true } });
    assert.strictEqual(found.length, 3);
    const list = await connection.sendRequest(lsp.CompletionRequest.type,
        at('sends tally.', 12));
    assert.deepStrictEqual(list.items.map((item) => item.label),
        ['add', 'get', 'reset']);
}

async function survey() {
    const document = { textDocument: { uri } };
    const symbols = await connection.sendRequest(
        lsp.DocumentSymbolRequest.type, document);
    assert.deepStrictEqual(symbols.map((s) => s.name),
        ['note', 'driver', 'root']);
    const folds = await connection.sendRequest(lsp.FoldingRangeRequest.type,
        document);
    assert.strictEqual(folds.length, 2);
    const tokens = await connection.sendRequest(
        lsp.SemanticTokensRequest.type, document);
    assert.strictEqual(tokens.data.length % 5, 0);
    assert.ok(tokens.data.length > 100);
    const edits = await connection.sendRequest(
        lsp.DocumentFormattingRequest.type,
        { ...document, options: { tabSize: 4, insertSpaces: true } });
    assert.ok(Array.isArray(edits));
}

async function rename() {
    const range = await connection.sendRequest(lsp.PrepareRenameRequest.type,
        at('tally.add', 7));
    assert.strictEqual(range.placeholder, 'add');
    const result = await connection.sendRequest(lsp.RenameRequest.type,
        { ...at('tally.add', 7), newName: 'more' });
    assert.deepStrictEqual(
        result.documentChanges.map((c) => [c.textDocument.uri, c.edits.length]),
        [[uriOf('base.bst'), 2], [uri, 1]]);
    await assert.rejects(connection.sendRequest(lsp.RenameRequest.type,
        { ...at('tally.add', 7), newName: 'while' }), { code: -32803 });
}

async function refuse() {
    await assert.rejects(connection.sendRequest('no/such', {}), { code: -32601 });
    const source = new lsp.CancellationTokenSource();
    const answer = connection.sendRequest(lsp.HoverRequest.type,
        at('tally.add', 7), source.token);
    source.cancel();
    /* It was answered before the cancellation came, or refused. */
    await answer.catch((error) => assert.strictEqual(error.code, -32800));
}

async function end() {
    await connection.sendNotification(
        lsp.DidCloseTextDocumentNotification.type, { textDocument: { uri } });
    await connection.sendRequest(lsp.ShutdownRequest.type);
    await connection.sendNotification(lsp.ExitNotification.type);
    assert.strictEqual(await exited, 0);
}

(async () => {
    await test('it begins without diagnostics', begin);
    await test('a mistake comes, has a fix, and goes', edit);
    await test('hover, definition, references, completion', look);
    await test('outline, folding, tokens, formatting', survey);
    await test('a rename and its refusal', rename);
    await test('unknown and cancelled requests', refuse);
    await test('it ends with 0', end);
    process.exit(failed === 0 ? 0 : 1);
})();
