-- The tests: neovim's own client talks to `bastionc lsp`. The other file in
-- this folder holds what they share.

local dir = vim.env.TREE .. '/tests/lsp/'
local t = dofile(dir .. 'support.lua')

local shop = t.open('shop.bst')
local base_uri = vim.uri_from_fname(vim.env.PROJECT .. '/base.bst')
local c_uri = vim.uri_from_fname(vim.env.PROJECT .. '/shop.c')

-- ---- life cycle ------------------------------------------------------------

t.test('a client gets the capabilities', function()
    local can = t.client.server_capabilities
    t.equal(can.positionEncoding, 'utf-16')
    t.equal(can.textDocumentSync.change, 2)
    for _, name in ipairs {
        'hover', 'definition', 'references', 'documentHighlight',
        'documentSymbol', 'foldingRange', 'documentFormatting', 'rename',
        'completion', 'codeAction', 'semanticTokens',
    } do
        t.check(can[name .. 'Provider'], name)
    end
end)

-- ---- diagnostics -----------------------------------------------------------

t.test('a correct program has no diagnostics', function()
    t.equal(#t.diagnostics(shop), 0)
end)

t.test('a keystroke brings a diagnostic, another takes it back', function()
    t.replace(shop, 'tally.add', 'tally.ad')
    local found = t.diagnostics(shop)
    t.equal(#found, 1)
    t.equal(found[1].code, 'E0201')
    t.equal(found[1].severity, vim.diagnostic.severity.ERROR)
    t.equal(t.text_at(shop, found[1]), 'ad')
    t.check(found[1].message:find('there is no message `ad`', 1, true))
    t.replace(shop, 'tally.ad', 'tally.add')
    t.equal(#t.diagnostics(shop), 0)
end)

t.test('a diagnostic behind wide characters is at its place', function()
    t.replace(shop, 'u32 amount', 'u33 amount; ref nobody x')
    local found = t.diagnostics(shop)
    t.equal(#found, 1)
    t.equal(t.text_at(shop, found[1]), 'nobody')
    vim.cmd('silent undo')
    t.equal(#t.diagnostics(shop), 0)
end)

t.test('lines that come and go keep both texts equal', function()
    local before = t.lines(shop)
    vim.api.nvim_buf_set_lines(shop, 2, 3, false,
        { '// eins', 'message note { u32 amount; }', '', '// zwei 😀😀' })
    vim.api.nvim_buf_set_lines(shop, 0, 0, false, { '// ein Anfang', '' })
    vim.api.nvim_buf_set_text(shop, 5, 8, 5, 12, { '😀', 'x y', 'ü' })
    vim.api.nvim_buf_set_lines(shop, -1, -1, false, { '// ein Ende' })
    t.replace(shop, 'children driver;', 'children drivel;')
    local found = t.diagnostics(shop)
    local codes = {}
    for _, d in ipairs(found) do
        table.insert(codes, d.code .. ' ' .. t.text_at(shop, d))
    end
    t.check(#found > 0, vim.inspect(codes))
    vim.api.nvim_buf_set_lines(shop, 0, -1, false, before)
    t.equal(#t.diagnostics(shop), 0)
end)

t.test('a diagnostic names its page and the places it has to do with', function()
    t.replace(shop, '#tally.reset', '#tally.reset, tally.note')
    local found = t.diagnostics(shop)
    t.equal(#found, 1)
    t.equal(found[1].code, 'E0301')
    local whole = found[1].user_data.lsp
    t.equal(found[1].source, 'bastionc')
    t.equal(whole.relatedInformation[1].location.uri, base_uri)
    if vim.fn.filereadable(vim.env.TREE .. '/grammar/DIAGNOSTICS.md') == 1 then
        t.check(whole.codeDescription.href:find('DIAGNOSTICS.md#e0301', 1, true))
    end
    t.replace(shop, '#tally.reset, tally.note', '#tally.reset')
    t.equal(#t.diagnostics(shop), 0)
end)

t.test('a quick fix repairs what it is offered for', function()
    t.replace(shop, 'redundancy 4', 'redundnacy 4')
    local found = t.diagnostics(shop)
    t.equal(#found, 1)
    local actions = t.request(shop, 'textDocument/codeAction', {
        range = { start = { line = found[1].lnum, character = found[1].col },
            ['end'] = { line = found[1].end_lnum, character = found[1].end_col } },
        context = { diagnostics = {}, only = { 'quickfix' } },
    })
    t.equal(#actions, 1)
    t.equal(actions[1].kind, 'quickfix')
    t.equal(actions[1].diagnostics[1].code, found[1].code)
    vim.lsp.util.apply_workspace_edit(actions[1].edit, t.encoding)
    t.equal(#t.diagnostics(shop), 0)
    t.check(t.find(shop, 'redundancy 4'))
end)

t.test('all fixes of a document are one action', function()
    t.replace(shop, 'redundancy 4', 'redundnacy 4')
    t.replace(shop, 'mailbox 64', 'mailbx 64')
    t.equal(#t.diagnostics(shop), 2)
    local actions = t.request(shop, 'textDocument/codeAction', {
        range = { start = { line = 0, character = 0 },
            ['end'] = { line = 0, character = 0 } },
        context = { diagnostics = {}, only = { 'source' } },
    })
    t.equal(#actions, 1)
    t.equal(actions[1].kind, 'source.fixAll')
    vim.lsp.util.apply_workspace_edit(actions[1].edit, t.encoding)
    t.equal(#t.diagnostics(shop), 0)
end)

-- ---- looking ---------------------------------------------------------------

t.test('hover shows declarations, comments and who is connected', function()
    local text = t.hover(shop, 'tally.add', 7)
    t.check(text:find('message add { i64 n; }', 1, true), text)
    t.check(text:find('What is added to a counter.', 1, true), text)
    t.check(text:find('Handled by `counter`', 1, true), text)
    t.check(text:find('Sent by `driver`', 1, true), text)
    text = t.hover(shop, 'tally.add', 1)
    t.check(text:find('children counter as tally', 1, true), text)
    t.check(text:find('`add`, `get`, `#reset`', 1, true), text)
    text = t.hover(shop, 'driver_start', 1)
    t.check(text:find('bst_status driver_start(struct driver *self)', 1, true), text)
end)

t.test('hover knows settings, keywords, types and events', function()
    t.check(t.hover(shop, 'redundancy', 2):find('how many children', 1, true))
    t.check(t.hover(shop, 'within', 2):find('how long an ask', 1, true))
    t.check(t.hover(shop, 'u32', 1):find('uint32_t', 1, true))
    t.check(t.hover(shop, 'on start', 4):find('each incarnation', 1, true))
    t.equal(t.hover(shop, '{', 0), nil)
end)

t.test('definition leads to messages in imported files', function()
    local where = t.definition(shop, 'tally.add', 7)
    t.equal(where.uri, base_uri)
    t.same(where.range.start, { line = 1, character = 8 })
    t.same(where.range['end'], { line = 1, character = 11 })
end)

t.test('definition leads to the handler in C', function()
    local where = t.definition(shop, 'driver_start', 3)
    t.equal(where.uri, c_uri)
    t.same(where.range.start, { line = 9, character = 11 })
    t.equal(t.definition(shop, 'driver_tick', 3), nil)
end)

t.test('definition leads to an imported file', function()
    t.equal(t.definition(shop, 'base.bst', 2).uri, base_uri)
end)

t.test('references are found in all files of a program', function()
    local where = t.position(shop, 'tally.add', 7)
    where.context = { includeDeclaration = true }
    local found = t.request(shop, 'textDocument/references', where)
    t.same(t.places(found), { 'base.bst:2:9', 'base.bst:10:8', 'shop.bst:6:26' })
    where.context = { includeDeclaration = false }
    found = t.request(shop, 'textDocument/references', where)
    t.same(t.places(found), { 'base.bst:10:8', 'shop.bst:6:26' })
end)

t.test('a name is highlighted where it stands in the document', function()
    local found = t.request(shop, 'textDocument/documentHighlight',
        t.position(shop, 'tally.add', 1))
    t.equal(#found, 4)
    t.equal(found[4].kind, 3)
    t.equal(found[1].kind, 2)
end)

dofile(dir .. 'writing.lua')(t, shop)
t.finish()
