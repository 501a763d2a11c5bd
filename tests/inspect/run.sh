#!/bin/sh
# run.sh BUILD - what bastionc shows of a program: pictures and plans.
#
# modes: release asan

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
# Few states each; `make model` searches the examples, too.
if [ "${MODE:-release}" = release ]; then
    tests/inspect/model.sh "$build" tests/inspect/deadlock.bst \
        tests/inspect/boot.bst examples/pingpong/pingpong.bst || status=1
fi
exit $status
