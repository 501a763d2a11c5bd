-- Tests of what changes documents, and of how a server begins and ends.

return function(t, shop)
    local function has(list, wanted)
        for _, word in ipairs(wanted) do
            t.check(vim.tbl_contains(list, word),
                word .. ' in ' .. table.concat(list, ' '))
        end
    end

    -- ---- completion --------------------------------------------------------

    t.test('completion knows what can begin in each block', function()
        t.replace(shop, 'actor driver {', 'actor driver {\n    \n')
        has(t.complete(shop, 'actor driver {'),
            { 'state', 'on', 'every', 'blocking', 'stash' })
        vim.cmd('silent undo')
        has(t.complete(shop, 'redundancy 4;'), { 'mailbox', 'restart', 'on' })
        has(t.complete(shop, 'restart 5 in 10s;'),
            { 'children', 'supervisor', 'shutdown' })
        has(t.complete(shop, 'import "base.bst";'),
            { 'message', 'actor', 'memory' })
    end)

    t.test('completion offers targets, and the messages they understand', function()
        local labels, items = t.complete(shop, 'sends tally.')
        t.same(labels, { 'add', 'get', 'reset' })
        t.check(items.add.documentation.value:find('added to a counter', 1, true))
        t.same(t.complete(shop, '#tally.'), { 'reset' })
        t.same(t.complete(shop, 'asks tally.'), { 'get' })
        t.same(t.complete(shop, 'sends self.'), { 'note' })
        has(t.complete(shop, 'on start sends '),
            { 'tally', 'driver', 'self', 'sender', 'counter' })
    end)

    t.test('completion works while a statement is being typed', function()
        t.replace(shop, '#tally.reset asks', '#tally.reset, tally.\n    asks')
        t.same(t.complete(shop, ', tally.'), { 'add', 'get', 'reset' })
        vim.cmd('silent undo')
        t.replace(shop, 'every 1s', 'on \n    every 1s')
        has(t.complete(shop, '    on '), { 'start', 'stop', 'note', 'add' })
        vim.cmd('silent undo')
        t.equal(#t.diagnostics(shop), 0)
    end)

    t.test('completion replaces the word that has been begun', function()
        t.replace(shop, 'mailbox 64', 'mailb 64')
        local _, items = t.complete(shop, 'mailb')
        local edit = t.check(items.mailbox.textEdit)
        t.check(items.mailbox.documentation.value:find('256 keep', 1, true))
        vim.lsp.util.apply_text_edits({ edit }, shop, t.encoding)
        t.check(t.find(shop, 'mailbox 64'))
        t.equal(#t.diagnostics(shop), 0)
    end)

    t.test('completion knows the values of settings', function()
        t.replace(shop, 'mailbox 64;', 'mailbox 64 ;')
        t.same(t.complete(shop, 'mailbox 64 '), { 'drop', 'keep', 'overflow', 'persist' })
        t.replace(shop, 'mailbox 64 ;', 'mailbox 64 overflow ;')
        t.same(t.complete(shop, 'mailbox 64 overflow '),
            { 'block', 'drop_newest', 'drop_oldest', 'reject' })
        t.replace(shop, 'mailbox 64 overflow ;', 'mailbox 64;')
        t.replace(shop, 'in 10s;', 'in 10s ;')
        t.same(t.complete(shop, 'in 10s '), { 'backoff', 'then' })
        t.replace(shop, 'in 10s ;', 'in 10s;')
        has(t.complete(shop, 'supervisor root : '), { 'one-for-all', 'rest-for-one' })
        t.equal(#t.diagnostics(shop), 0)
    end)

    t.test('completion says nothing in comments, strings and C', function()
        t.same(t.complete(shop, '/* '), {})
        t.same(t.complete(shop, 'import "base'), {})
        t.same(t.complete(shop, '{ (void)'), {})
    end)

    -- ---- formatting, outline, tokens ---------------------------------------

    t.test('a document is formatted by small edits', function()
        local before = t.lines(shop)
        vim.lsp.util.apply_text_edits(t.request(shop,
            'textDocument/formatting', { options = {} }), shop, t.encoding)
        t.replace(shop, '    restart 5 in 10s;', 'restart    5 in 10s ;')
        t.diagnostics(shop)
        local line = t.find(shop, 'restart    5')
        local edits = t.request(shop, 'textDocument/formatting',
            { options = { tabSize = 4, insertSpaces = true } })
        t.equal(#edits, 1)
        t.equal(edits[1].range.start.line, line)
        t.equal(edits[1].range['end'].line, line + 1)
        vim.lsp.util.apply_text_edits(edits, shop, t.encoding)
        edits = t.request(shop, 'textDocument/formatting', { options = {} })
        t.same(edits, {})
        vim.api.nvim_buf_set_lines(shop, 0, -1, false, before)
    end)

    t.test('the outline is a tree', function()
        local found = t.request(shop, 'textDocument/documentSymbol')
        local names = {}
        for _, s in ipairs(found) do
            for _, child in ipairs(s.children) do
                table.insert(names, s.name .. '.' .. child.name)
            end
        end
        t.same(names, { 'note.amount', 'driver.on start', 'driver.on note',
            'driver.every 1s', 'root.tally', 'root.driver' })
    end)

    t.test('blocks and comments can be folded', function()
        local found = t.request(shop, 'textDocument/foldingRange')
        local lines = {}
        for _, f in ipairs(found) do
            table.insert(lines, f.startLine .. '-' .. f.endLine)
        end
        t.same(lines, { '4-8', '11-14' })
    end)

    t.test('tokens say what names stand for', function()
        local legend = t.client.server_capabilities.semanticTokensProvider.legend
        local data = t.request(shop, 'textDocument/semanticTokens/full').data
        local line, character, seen = 0, 0, {}
        for i = 1, #data, 5 do
            line = line + data[i]
            character = data[i] > 0 and data[i + 1] or character + data[i + 1]
            local text = t.lines(shop)[line + 1]
            local from = vim.str_byteindex(text, character, true)
            local to = vim.str_byteindex(text, character + data[i + 2], true)
            seen[text:sub(from + 1, to)] = legend.tokenTypes[data[i + 3] + 1]
        end
        for word, kind in pairs {
            ['note'] = 'struct', ['amount'] = 'property', ['driver'] = 'class',
            ['tally'] = 'variable', ['root'] = 'namespace', ['u32'] = 'type',
            ['driver_start'] = 'function', ['start'] = 'event',
            ['message'] = 'keyword', ['redundancy'] = 'decorator',
            ['10s'] = 'number', ['"base.bst"'] = 'string', ['self'] = 'keyword',
            ['/* ü 😀 wide */'] = 'comment', ['one-for-one'] = 'enumMember',
        } do
            t.equal(word .. ' ' .. tostring(seen[word]), word .. ' ' .. kind)
        end
    end)

    -- ---- renaming ----------------------------------------------------------

    t.test('a rename changes all files, also closed ones', function()
        local where = t.position(shop, 'tally.add', 7)
        local range = t.request(shop, 'textDocument/prepareRename', where)
        t.equal(range.placeholder, 'add')
        where.newName = 'increase'
        local edit = t.request(shop, 'textDocument/rename', where)
        vim.lsp.util.apply_workspace_edit(edit, t.encoding)
        local base = t.open('base.bst')
        t.check(t.find(base, 'message increase { i64 n; }'))
        t.check(t.find(base, 'on increase'))
        t.check(t.find(shop, 'sends tally.increase'))
        t.equal(#t.diagnostics(base), 0)
        t.wait_count('shop.bst', 0)
        where = t.position(base, 'message increase', 9)
        where.newName = 'add'
        edit = t.request(base, 'textDocument/rename', where)
        vim.lsp.util.apply_workspace_edit(edit, t.encoding)
        t.check(t.find(shop, 'sends tally.add'))
        t.wait_count('shop.bst', 0)
        t.wait_count('base.bst', 0)
    end)

    t.test('a rename to a bad name is refused, with the reason', function()
        local cases = {
            ['1x'] = 'letters', ['int'] = 'E0104', ['stat'] = 'E0107',
            ['total'] = 'already', ['tally'] = 'already', ['sends'] = 'reserved',
            ['start'] = 'language itself', ['bst_x'] = 'E0104',
        }
        for name, why in pairs(cases) do
            local where = t.position(shop, 'tally.add', 7)
            where.newName = name
            local _, err = t.ask(shop, 'textDocument/rename', where)
            t.check(err and err.message:find(why, 1, true),
                name .. ': ' .. vim.inspect(err))
        end
        local _, err = t.ask(shop, 'textDocument/prepareRename',
            t.position(shop, 'driver_start', 1))
        t.check(err and err.message:find('from C', 1, true), vim.inspect(err))
    end)

    -- ---- several documents -------------------------------------------------

    t.test('an unsaved buffer stands in for its file', function()
        local base = t.open('base.bst')
        t.replace(base, 'on #reset => counter_reset;', '')
        t.equal(t.wait_count('shop.bst', 1)[1].code, 'E0301')
        vim.api.nvim_buf_delete(base, { force = true })
        t.wait_count('shop.bst', 0)
    end)

    t.test('a library is compiled as a part of who imports it', function()
        vim.api.nvim_buf_delete(shop, { force = true })
        local base = t.open('base.bst')
        t.equal(#t.diagnostics(base), 0)
        vim.api.nvim_buf_delete(base, { force = true })
        shop = t.open('shop.bst')
        t.equal(#t.diagnostics(shop), 0)
    end)

    -- ---- protocol ----------------------------------------------------------

    t.test('an unknown request is refused', function()
        local _, err = t.ask(shop, 'textDocument/moniker', {})
        t.equal(err.code, -32601)
    end)

    t.test('a request that waits can be cancelled', function()
        local got = {}
        for i = 1, 3 do
            local params = t.position(shop, 'tally.add', 7)
            params.textDocument = { uri = vim.uri_from_bufnr(shop) }
            local _, id = t.client.request('textDocument/hover', params,
                function(err, result)
                    got[i] = { err = err, result = result }
                end, shop)
            if i == 2 then
                t.client.cancel_request(id)
            end
        end
        t.check(vim.wait(5000, function() return got[1] and got[3] end, 2))
        t.check(got[3].result)
    end)

    t.test('a client that knows UTF-8 gets it', function()
        local client = t.start { 'utf-8', 'utf-16' }
        t.equal(client.server_capabilities.positionEncoding, 'utf-8')
        vim.lsp.buf_attach_client(shop, client.id)
        local where = t.position(shop, 'message note', 9, 'utf-8')
        local result = t.request(shop, 'textDocument/hover', where, client)
        local _, column = t.find(shop, 'message note')
        t.same(result.range.start, { line = 2, character = column + 8 })
        t.same(t.stop(client), { code = 0, signal = 0 })
    end)

    t.test('a server that is asked to ends with 0', function()
        t.same(t.stop(t.client), { code = 0, signal = 0 })
    end)
end
