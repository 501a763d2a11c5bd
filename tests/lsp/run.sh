#!/bin/sh
# run.sh BUILD - the language server and a real client, neovim.
#
# modes: release asan

build=${1:?usage: run.sh BUILD}
tree=$(pwd)
case $build in
/*) ;;
*) build=$tree/$build ;;
esac
work=$build/tests/lsp
rm -rf "$work"
mkdir -p "$work/home" "$work/project" || exit 1
cp "$tree"/tests/lsp/project/* "$work/project/" || exit 1

# Nothing of the user's configuration is read, and nothing is written there.
export HOME="$work/home" XDG_CONFIG_HOME="$work/home" \
    XDG_DATA_HOME="$work/home" XDG_STATE_HOME="$work/home" \
    XDG_CACHE_HOME="$work/home" NVIM_LOG_FILE="$work/nvim.log"
export BASTIONC="$build/bastionc" TREE="$tree" PROJECT="$work/project"

cd "$work/project" || exit 1
nvim --headless --clean -n -i NONE \
    --cmd "set runtimepath^=$tree/grammar/editors/vim" \
    -c "luafile $tree/tests/lsp/client.lua" -c 'cquit 3' \
    >"$work/out" 2>&1 </dev/null
status=$?
grep -E '^(ok|not ok|#) ' "$work/out"
if [ $status -gt 1 ]; then
    sed 's/^/# /' "$work/out" | tail -n 40
    echo "not ok lsp: the client ends (status $status)"
fi
exit $status
