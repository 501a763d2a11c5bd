// Starts `bastionc lsp` and keeps it as long as the editor runs.

'use strict';

const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

let client;

function start() {
    const settings = vscode.workspace.getConfiguration('bastion');
    const server = {
        command: settings.get('path'),
        args: ['lsp', ...settings.get('arguments')],
        transport: TransportKind.stdio,
    };

    client = new LanguageClient('bastion', 'Bastion', server, {
        documentSelector: [{ language: 'bst' }],
    });
    return client.start().catch((error) => {
        vscode.window.showErrorMessage(
            `bastionc cannot be started: ${error.message}. ` +
            'The setting "bastion.path" names the program.');
    });
}

async function stop() {
    const running = client;

    client = undefined;
    if (running && running.isRunning())
        await running.stop();
}

function activate(context) {
    context.subscriptions.push(
        vscode.commands.registerCommand('bastion.restart', async () => {
            await stop();
            await start();
        }));
    return start();
}

module.exports = { activate, deactivate: stop };
