-- A client and what the tests ask of it. Each test prints a line `ok NAME` or
-- `not ok NAME`.

local t = { failed = 0, seen = {}, exits = {} }

local function print_line(text)
    io.stdout:write(text:gsub('\n', '\n# ') .. '\n')
end

function t.test(name, body)
    local good, why = xpcall(body, debug.traceback)
    if not good then
        t.failed = t.failed + 1
        print_line('# ' .. tostring(why))
    end
    print_line((good and 'ok' or 'not ok') .. ' lsp: ' .. name)
end

function t.check(value, what)
    if not value then
        error('not so: ' .. tostring(what), 2)
    end
    return value
end

function t.equal(got, wanted)
    if got ~= wanted then
        error(('got %s, wanted %s'):format(vim.inspect(got), vim.inspect(wanted)), 2)
    end
end

function t.same(got, wanted)
    if not vim.deep_equal(got, wanted) then
        error(('got %s, wanted %s'):format(vim.inspect(got), vim.inspect(wanted)), 2)
    end
end

-- ---- clients ---------------------------------------------------------------

local function capabilities(encodings)
    local can = vim.lsp.protocol.make_client_capabilities()
    can.general = { positionEncodings = encodings }
    can.textDocument.publishDiagnostics = {
        relatedInformation = true, codeDescriptionSupport = true,
        versionSupport = true, tagSupport = { valueSet = { 1, 2 } },
    }
    can.textDocument.semanticTokens = {}
    can.textDocument.foldingRange = {}
    return can
end

-- Starts a server; `encodings` is what the client offers, or nil.
function t.start(encodings)
    local id = vim.lsp.start_client {
        name = 'bastionc',
        cmd = { vim.env.BASTIONC, 'lsp' },
        root_dir = vim.env.PROJECT,
        workspace_folders = { {
            uri = vim.uri_from_fname(vim.env.PROJECT), name = 'project' } },
        capabilities = capabilities(encodings),
        offset_encoding = encodings and encodings[1] or 'utf-16',
        flags = { debounce_text_changes = 0, allow_incremental_sync = true },
        handlers = {
            ['textDocument/publishDiagnostics'] = function(err, result, ctx, config)
                t.seen[result.uri] = { version = result.version,
                    count = #result.diagnostics, all = result.diagnostics }
                vim.lsp.diagnostic.on_publish_diagnostics(err, result, ctx, config)
            end,
        },
        on_exit = function(code, signal, client)
            t.exits[client] = { code = code, signal = signal }
        end,
    }
    local client = t.check(vim.lsp.get_client_by_id(id), 'the client starts')
    t.check(vim.wait(5000, function() return client.initialized end, 5),
        'the server answers')
    return client
end

function t.stop(client)
    client.stop()
    t.check(vim.wait(5000, function() return t.exits[client.id] end, 5),
        'the server ends')
    return t.exits[client.id]
end

t.client = t.start()
t.encoding = 'utf-16'

-- ---- documents -------------------------------------------------------------

-- Opens a file of the project; `client` is the first one unless given.
function t.open(name, client)
    local buffer = vim.fn.bufadd(vim.env.PROJECT .. '/' .. name)
    vim.fn.bufload(buffer)
    vim.api.nvim_set_current_buf(buffer)
    vim.lsp.buf_attach_client(buffer, (client or t.client).id)
    return buffer
end

function t.lines(buffer)
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
end

-- Returns line and column in bytes, from 0, of the first place of a text.
function t.find(buffer, text)
    for i, line in ipairs(t.lines(buffer)) do
        local at = line:find(text, 1, true)
        if at then
            return i - 1, at - 1
        end
    end
    return nil
end

function t.replace(buffer, old, new)
    local line, column = t.find(buffer, old)
    t.check(line, 'the document holds ' .. old)
    vim.api.nvim_buf_set_text(buffer, line, column, line, column + #old,
        vim.split(new, '\n'))
end

-- Returns the diagnostics of the present text.
function t.diagnostics(buffer)
    local uri = vim.uri_from_bufnr(buffer)
    t.check(vim.wait(5000, function()
        local seen = t.seen[uri]
        return seen and seen.version == vim.lsp.util.buf_versions[buffer]
    end, 2), 'diagnostics of version ' .. tostring(vim.lsp.util.buf_versions[buffer]))
    local found = vim.diagnostic.get(buffer)
    table.sort(found, function(a, b)
        return a.lnum < b.lnum or (a.lnum == b.lnum and a.col < b.col)
    end)
    return found
end

-- Waits until the diagnostics of a file that need not be open are so many.
function t.wait_count(name, count)
    local uri = vim.uri_from_fname(vim.env.PROJECT .. '/' .. name)
    t.check(vim.wait(5000, function()
        return t.seen[uri] and t.seen[uri].count == count
    end, 2), name .. ' has ' .. count .. ', not ' .. vim.inspect(t.seen[uri]))
    return t.seen[uri].all
end

-- Returns the text that a diagnostic marks.
function t.text_at(buffer, d)
    return table.concat(vim.api.nvim_buf_get_text(buffer, d.lnum, d.col,
        d.end_lnum, d.end_col, {}), '\n')
end

-- ---- requests --------------------------------------------------------------

-- Returns the answer and the error.
function t.ask(buffer, method, params, client)
    params = params or {}
    params.textDocument = params.textDocument
        or { uri = vim.uri_from_bufnr(buffer) }
    local reply, why = (client or t.client).request_sync(method, params, 5000, buffer)
    t.check(reply, method .. ': ' .. tostring(why))
    return reply.result, reply.err
end

function t.request(buffer, method, params, client)
    local result, err = t.ask(buffer, method, params, client)
    t.check(not err, vim.inspect(err))
    return result
end

-- Returns the position `offset` bytes behind the start of a text.
function t.position(buffer, text, offset, encoding)
    local line, column = t.find(buffer, text)
    t.check(line, 'the document holds ' .. text)
    local whole = t.lines(buffer)[line + 1]
    local _, units = vim.str_utfindex(whole, column + offset)
    if encoding == 'utf-8' then
        units = column + offset
    end
    return { position = { line = line, character = units } }
end

function t.hover(buffer, text, offset)
    local result = t.request(buffer, 'textDocument/hover',
        t.position(buffer, text, offset))
    return result and result.contents.value
end

function t.definition(buffer, text, offset)
    return t.request(buffer, 'textDocument/definition',
        t.position(buffer, text, offset))
end

-- Returns the labels of the completions at the end of the first place of a
-- text, and the items by label.
function t.complete(buffer, text)
    local result = t.request(buffer, 'textDocument/completion',
        t.position(buffer, text, #text))
    local items = {}
    local labels = {}
    for _, item in ipairs(result.items) do
        items[item.label] = item
        table.insert(labels, item.label)
    end
    table.sort(labels)
    return labels, items
end

-- Locations as NAME:LINE:COLUMN, from 1.
function t.places(locations)
    local texts = {}
    for _, l in ipairs(locations) do
        table.insert(texts, ('%s:%d:%d'):format(vim.fn.fnamemodify(l.uri, ':t'),
            l.range.start.line + 1, l.range.start.character + 1))
    end
    return texts
end

function t.finish()
    vim.cmd(t.failed == 0 and 'qall!' or 'cquit 1')
end

return t
