#!/bin/sh
# run.sh BUILD - what bastionc shows of a program: pictures and plans.
#
# modes: release asan
# weight: 6

build=${1:?usage: run.sh BUILD}
tree=$(pwd)
case $build in
/*) ;;
*) build=$tree/$build ;;
esac
here=$build/tests/inspect
rm -rf "$here"
mkdir -p "$here" || exit 1
status=0

result() { # result CODE NAME
    if [ "$1" -eq 0 ]; then
        echo "ok inspect $2"
    else
        echo "not ok inspect $2"
        status=1
    fi
}

sh tests/inspect/outputs.sh "$build" "$here/got"
for file in $(ls tests/inspect/expected "$here/got" | grep '\.' | sort -u); do
    diff -u "tests/inspect/expected/$file" "$here/got/$file"
    result $? "$file"
done

# The same again: nothing depends on addresses.
sh tests/inspect/outputs.sh "$build" "$here/again"
diff -r "$here/got" "$here/again"
result $? "the output is always the same"

# What other programs read is right for them, where they are at hand.
for file in "$here/got"/*.json; do
    ! command -v python3 >/dev/null ||
        sed '/^status /d' "$file" | python3 -m json.tool >/dev/null
    result $? "$(basename "$file") is JSON"
done
if command -v dot >/dev/null; then
    for file in "$here/got"/*.dot; do
        sed '/^status /d' "$file" | dot -Tsvg >"$here/svg" 2>"$here/log" &&
            [ ! -s "$here/log" ]
        result $? "$(basename "$file") is DOT"
    done
else
    echo "ok inspect dot # SKIP no graphviz"
fi
[ "${MODE:-release}" != release ] || tests/inspect/complete.sh "$build" ||
    status=1

# SPIN could not run it, and it would be large.
awk 'BEGIN {
    print "message m; actor a { on m sends a.m => a_m; } outside sends a.m;"
    print "supervisor root {"
    for (i = 0; i < 20000; i++)
        printf "children a as g%d;\n", i
    print "}" }' >"$here/large.bst"
timeout 20 "$build/bastionc" model "$here/large.bst" >"$here/out" 2>"$here/err"
[ $? = 1 ] && [ ! -s "$here/out" ] &&
    grep -qF 'a model may have 253 processes' "$here/err"
result $? "a large model is refused"

# Bad usage, with a suggestion.
misused() { # TEXT WORD...
    text=$1
    shift
    "$build/bastionc" "$@" >"$here/out" 2>"$here/err"
    [ $? = 2 ] && [ ! -s "$here/out" ] && grep -qF -- "$text" "$here/err"
    result $? "usage: $*"
}
misused 'no input file' graph
misused 'did you mean `--mermaid`?' graph --mermade tests/inspect/shop.bst
misused 'means nothing to `check`' check --dot tests/inspect/shop.bst
misused 'means nothing to `plan`' plan --tree tests/inspect/shop.bst
misused 'does not end in .bst' plan tests/inspect/run.sh
misused 'did you mean `plan`?' plam tests/inspect/shop.bst
misused 'needs a number' model --mailbox=x tests/inspect/shop.bst
misused 'lacks its N' model tests/inspect/shop.bst --mailbox
misused 'did you mean `promela`?' model --emit=promla tests/inspect/shop.bst
misused 'prints promela' model --emit=c tests/inspect/shop.bst
misused 'takes the name of a shell' completions
misused 'did you mean `bash`?' completions bsh
misused 'did you mean `pool`?' new x --template=poll
misused 'takes one name or none' init a b

# Few states each; `make model` searches the examples, too.
if [ "${MODE:-release}" = release ]; then
    tests/inspect/model.sh "$build" tests/inspect/deadlock.bst \
        tests/inspect/boot.bst || status=1
fi
exit $status
