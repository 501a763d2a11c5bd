-- latency.lua: prints the milliseconds from a keystroke in the file LARGE to
-- its diagnostics, as neovim sees them: the median and the longest of 41.
-- BASTIONC names the compiler. Half of the keystrokes make a mistake.

local version
local client = vim.lsp.start_client {
    name = 'bastionc',
    cmd = { vim.env.BASTIONC, 'lsp' },
    root_dir = vim.fn.getcwd(),
    capabilities = vim.tbl_deep_extend('force',
        vim.lsp.protocol.make_client_capabilities(), {
            textDocument = { publishDiagnostics = { versionSupport = true } },
        }),
    flags = { debounce_text_changes = 0, allow_incremental_sync = true },
    handlers = {
        ['textDocument/publishDiagnostics'] = function(_, result)
            version = result.version
        end,
    },
}

vim.cmd('edit ' .. vim.env.LARGE)
vim.lsp.buf_attach_client(0, client)

-- Waits for the diagnostics of the present text.
local function wait()
    return vim.wait(5000, function()
        return version
            == vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()]
    end, 1)
end

local times = {}
local good = wait()
local lines = vim.api.nvim_buf_line_count(0)
for i = 1, 41 do
    local typed = i % 2 == 1
    local line = math.floor(lines * (i - (typed and 0 or 1)) / 45)
    local begin = vim.loop.hrtime()

    -- The quotation mark makes a mistake, unless it is in a comment.
    if typed then
        vim.api.nvim_buf_set_text(0, line, 0, line, 0, { '"' })
    else
        vim.api.nvim_buf_set_text(0, line, 0, line, 1, { '' })
    end
    good = good and wait()
    times[i] = (vim.loop.hrtime() - begin) / 1e6
end
table.sort(times)
io.stdout:write(('%.1f %.1f\n'):format(times[21], times[41]))
vim.lsp.get_client_by_id(client).stop()
vim.cmd(good and 'qall!' or 'cquit 1')
