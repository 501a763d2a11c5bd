#!/bin/sh
# run.sh BUILD - the exact output of bastionc, and what C compilers say to it.
#
# Each folder here is a case: NAME/NAME.bst, perhaps `flags`, headers and
# imports, and the expected NAME.bst.h and NAME.bst.c. `make bless` renews the
# expected files; the difference is then read like code.
#
# modes: release asan cov

build=${1:?usage: run.sh BUILD}
root=$(pwd)
case $build in
/*) ;;
*) build=$root/$build ;;
esac
out=$build/tests/golden
rm -rf "$out"
mkdir -p "$out"
status=0

result() { # result CODE NAME
    if [ "$1" -eq 0 ]; then
        echo "ok golden $2"
    else
        echo "not ok golden $2"
        status=1
    fi
}

have() { command -v "$1" > /dev/null 2>&1; }

strict="-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  -Wmissing-prototypes -Werror -I$root/runtime/include"

compiles() { # compiles CC NAME: the generated source is free of warnings
    # shellcheck disable=SC2086
    (cd "$root/tests/golden/$2" &&
        "$1" $strict -I"$out/$2" -I. -c -o "$out/$2/$1.o" "$out/$2/$2.bst.c")
}

header_is_cpp() { # header_is_cpp CXX NAME
    (cd "$root/tests/golden/$2" &&
        "$1" -std=c++17 -Wall -Wextra -Werror -I"$root/runtime/include" -I. \
            -fsyntax-only -x c++ "$out/$2/$2.bst.h" 2> "$out/$2/$1.log")
    code=$?
    # A header that is the main file earns this one remark.
    grep -v 'pragma once' "$out/$2/$1.log" >&2
    return $code
}

formatted() { # formatted NAME: a fixed point of clang-format, but for user text
    for file in "$out/$1/$1.bst.h" "$out/$1/$1.bst.c"; do
        sed '/^#line [0-9]* ".*\.bst"$/,/^#line [0-9]* ".*\.bst\.c"$/d' \
            "$file" | cat -s > "$file.plain.c"
        clang-format --style=file:"$root/.clang-format" "$file.plain.c" |
            diff "$file.plain.c" - || return 1
    done
}

for folder in "$root"/tests/golden/*/; do
    name=$(basename "$folder")
    mkdir -p "$out/$name"
    flags=$(cat "$folder/flags" 2> /dev/null)
    # shellcheck disable=SC2086
    (cd "$folder" && "$build/bastionc" $flags -o "$out/$name" "$name.bst")
    result $? "$name compiles"
    code=0
    for ending in h c; do
        diff -u "$folder/$name.bst.$ending" "$out/$name/$name.bst.$ending" ||
            code=1
    done
    result $code "$name"
    for cc in gcc clang; do
        if have $cc; then
            compiles $cc "$name"
            result $? "$name $cc"
        else
            echo "ok golden $name $cc # SKIP no $cc"
        fi
    done
    if have g++; then
        header_is_cpp g++ "$name"
        result $? "$name c++"
    fi
    if have clang-format; then
        formatted "$name"
        result $? "$name format"
    fi
done

# The same input gives the same bytes, from another folder too.
mkdir -p "$out/elsewhere"
cp -r "$root/tests/golden/imports/." "$out/elsewhere/"
(cd "$out/elsewhere" && rm -f imports.bst.[ch] && "$build/bastionc" imports.bst)
cmp "$out/elsewhere/imports.bst.c" "$out/imports/imports.bst.c" &&
    cmp "$out/elsewhere/imports.bst.h" "$out/imports/imports.bst.h"
result $? "output does not depend on the place"
! grep -rnE '(^|[" ])/[a-z]+/' "$out"/*/*.bst.[ch] | grep -v '/\* here' |
    grep -v '//' > "$out/absolute"
[ ! -s "$out/absolute" ]
result $? "no absolute path in the output"
exit $status
