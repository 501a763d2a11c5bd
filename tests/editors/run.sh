#!/bin/sh
# run.sh BUILD - what grammar/editors holds: the words of both grammars are
# those of the compiler, and Vim's files do what they are for.
#
# modes: release

build=${1:?usage: run.sh BUILD}
tree=$(pwd)
case $build in
/*) ;;
*) build=$tree/$build ;;
esac
work=$build/tests/editors
editors=$tree/grammar/editors
rm -rf "$work"
mkdir -p "$work/home" || exit 1
status=0

report() { # NAME STATUS
    if [ "$2" = 0 ]; then
        echo "ok editors: $1"
    else
        echo "not ok editors: $1"
        status=1
    fi
}

# ---- words -------------------------------------------------------------------

# Prints the words between `(` and `)` of the line after `"NAME":` in the
# TextMate grammar, one on a line.
textmate() { # NAME
    sed -n "/^    \"$1\": {/,/^    }/s/.*\"match\": \".*(\(?:\)*\([a-z0-9_|]*\)).*/\2/p" \
        "$editors/vscode/syntaxes/bst.tmLanguage.json" | tr '|' '\n' |
        LC_ALL=C sort
}

# The same for a group of the Vim syntax, of keywords or of one match.
vim_words() { # GROUP
    {
        sed -n "s/^syn keyword $1 //p" "$editors/vim/syntax/bst.vim" |
            tr ' ' '\n'
        sed -n "s/^syn match $1 .*%(\([a-z_\\\\|]*\)\\\\).*/\1/p" \
            "$editors/vim/syntax/bst.vim" | sed 's/\\|/\n/g'
    } | LC_ALL=C sort
}

# The word `c` is one only before a brace and has a rule of its own.
for kind in keywords:bstKeyword settings:bstSetting types:bstType \
    events:bstEvent hooks:bstHook; do
    "$editors/words.sh" "${kind%:*}" | grep -vx c >"$work/words"
    [ -s "$work/words" ]
    report "there are ${kind%:*}" $?
    textmate "${kind%:*}" | diff "$work/words" - >"$work/diff"
    report "the TextMate grammar has all ${kind%:*}" $?
    cat "$work/diff"
    vim_words "${kind#*:}" | diff "$work/words" - >"$work/diff"
    report "the Vim syntax has all ${kind%:*}" $?
    cat "$work/diff"
done

# ---- Vim ---------------------------------------------------------------------

cat >"$work/good.bst" <<'END'
/// Greets.
message greet { u32 times; }
actor greeter {
    on greet => { if (m->times) { (void)self; } }
    on start => greeter_start;
}
c { static int x; }
supervisor root : one-for-all {
    restart 5 in 10s;
    children greeter as greeters { mailbox 64; }
}
END
cat >"$work/bad.bst" <<'END'
message greet { u32 times; }
actor greeter { on greet => greeter_greet; }
supervisor root {
    children nobody;
    children greeter as greeters { redundnacy 4; }
}
END
export HOME="$work/home" XDG_CONFIG_HOME="$work/home" \
    XDG_DATA_HOME="$work/home" XDG_STATE_HOME="$work/home" \
    XDG_CACHE_HOME="$work/home" NVIM_LOG_FILE="$work/nvim.log"
export BASTIONC="$build/bastionc" EDITORS="$editors" TREE="$tree"
cd "$work" || exit 1
nvim --headless --clean -n -i NONE --cmd "set rtp^=$editors/vim" \
    --cmd 'filetype plugin on | syntax on' \
    -c "luafile $tree/tests/editors/vim.lua" -c 'cquit 3' \
    >"$work/out" 2>&1 </dev/null
got=$?
grep -E '^(ok|not ok|#) ' "$work/out"
if [ $got -gt 1 ]; then
    sed 's/^/# /' "$work/out"
fi
report "the tests of Vim's files end well" $got
exit $status
