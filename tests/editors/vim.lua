-- Tests of grammar/editors/vim, and of the set-up in the README there.

local failed = 0

local function test(name, body)
    local good, why = xpcall(body, debug.traceback)
    if not good then
        failed = failed + 1
        io.stdout:write('# ' .. tostring(why):gsub('\n', '\n# ') .. '\n')
    end
    io.stdout:write((good and 'ok' or 'not ok') .. ' editors: ' .. name .. '\n')
end

local function equal(got, wanted, what)
    if got ~= wanted then
        error(('%s: got %s, wanted %s'):format(what or '', vim.inspect(got),
            vim.inspect(wanted)), 2)
    end
end

-- Returns the names of the syntax items at the first place of a text.
local function groups(text, offset)
    local line = vim.fn.search('\\V' .. vim.fn.escape(text, '\\'), 'cwn')
    local column = vim.fn.getline(line):find(text, 1, true) + (offset or 0)
    local names = {}
    for _, id in ipairs(vim.fn.synstack(line, column)) do
        table.insert(names, vim.fn.synIDattr(id, 'name'))
    end
    return names
end

test('a .bst file has its type and its settings', function()
    vim.cmd('edit good.bst')
    equal(vim.bo.filetype, 'bst')
    equal(vim.bo.shiftwidth, 4)
    equal(vim.b.current_syntax, 'bst')
end)

test('words are coloured by what they are', function()
    for text, wanted in pairs {
        ['message'] = 'bstKeyword', ['u32'] = 'bstType', ['start'] = 'bstEvent',
        ['restart 5'] = 'bstSetting', ['mailbox'] = 'bstSetting',
        ['one-for-all'] = 'bstStrategy', ['10s'] = 'bstNumber',
        ['greeter_start'] = 'bstFunction', ['/// Greets'] = 'bstDoc',
    } do
        local found = groups(text)
        equal(found[#found], wanted, text)
    end
end)

test('C is coloured as C, up to the brace that closes it', function()
    local found = groups('if (m')
    equal(found[1], 'bstRaw')
    equal(found[#found], 'cConditional')
    equal(groups('static')[1], 'bstRaw')
    equal(groups('on start')[1], 'bstKeyword')
    equal(groups('supervisor')[1], 'bstKeyword')
end)

test('the quickfix list has every mistake at its place', function()
    vim.g.bastionc_program = vim.env.BASTIONC
    vim.cmd('edit bad.bst')
    vim.cmd('unlet! b:current_compiler g:current_compiler')
    vim.cmd('compiler bastionc')
    vim.cmd('silent make')
    local found = {}
    for _, entry in ipairs(vim.fn.getqflist()) do
        equal(entry.valid, 1)
        equal(vim.fn.bufname(entry.bufnr), 'bad.bst')
        table.insert(found, ('%d:%d %s %s'):format(entry.lnum, entry.col,
            entry.type, entry.text:match('%[(%w+)%]')))
    end
    equal(vim.inspect(found), vim.inspect { '4:14 e E0201', '5:36 e E0204' })
    vim.cmd('edit good.bst')
    vim.cmd('silent make')
    equal(#vim.fn.getqflist(), 0)
end)

test('a file that is missing is a mistake in the list', function()
    vim.cmd('edit missing.bst')
    vim.cmd('silent make')
    local list = vim.fn.getqflist()
    equal(#list, 1)
    equal(list[1].type:upper(), 'E')
end)

test('the set-up of the README starts a server', function()
    local text = table.concat(vim.fn.readfile(vim.env.EDITORS .. '/README.md'), '\n')
    local code = text:match('```lua\n(.-)\n```')
    local started
    -- Older versions have only what this function is made of.
    local filetype = vim.filetype
    vim.filetype = { add = function() end }
    vim.lsp.start = function(config)
        config.cmd[1] = vim.env.BASTIONC
        started = vim.lsp.start_client(config)
        vim.lsp.buf_attach_client(0, started)
    end
    assert(loadstring(code))()
    vim.filetype = filetype
    vim.cmd('edit! bad.bst | edit!')
    equal(type(started), 'number')
    vim.wait(5000, function() return #vim.diagnostic.get(0) == 2 end, 5)
    equal(#vim.diagnostic.get(0), 2, vim.inspect(vim.diagnostic.get(0)))
    vim.lsp.get_client_by_id(started).stop()
end)

test('the files of the extension are JSON', function()
    for _, name in ipairs { 'package.json', 'language-configuration.json',
        'syntaxes/bst.tmLanguage.json' } do
        local text = vim.fn.readfile(vim.env.EDITORS .. '/vscode/' .. name)
        equal(type(vim.json.decode(table.concat(text, '\n'))), 'table', name)
    end
end)

vim.cmd(failed == 0 and 'qall!' or 'cquit 1')
