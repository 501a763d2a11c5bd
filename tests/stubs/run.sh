#!/bin/sh
# run.sh BUILD - bastionc stubs finds the functions that C files define, and
# prints the others. The files are no .c, because nobody should compile them.
#
# modes: release asan

build=${1:?usage: run.sh BUILD}
here=$build/tests/stubs
rm -rf "$here"
mkdir -p "$here" || exit 1
status=0

missing() { # NAME FUNCTION...: those that NAME.txt does not define
    name=$1
    shift
    cp "tests/stubs/$name.txt" "$here/$name.c"
    "$build/bastionc" stubs --main tests/stubs/many.bst "$here/$name.c" \
        >"$here/$name.out" && sed -n 's/^bst_status \(f_[a-z]*\)(.*/\1/p' \
        "$here/$name.out" >"$here/$name.found" &&
        printf '%s\n' "$@" | diff - "$here/$name.found"
    code=$?
    if [ $code = 0 ]; then
        echo "ok stubs $name"
    else
        echo "not ok stubs $name"
        status=1
    fi
}

missing traps f_comment f_string f_macro f_proto f_call f_ifdef f_cont f_init
missing styles f_string f_proto f_call f_attr f_ifdef f_cont
: >"$here/empty.txt"
cp "$here/empty.txt" "$here/none.c"
"$build/bastionc" stubs --main tests/stubs/many.bst "$here/none.c" |
    grep -c '^bst_status f_' >"$here/count"
if [ "$(cat "$here/count")" = 12 ]; then
    echo "ok stubs of nothing"
else
    echo "not ok stubs of nothing"
    status=1
fi
exit $status
