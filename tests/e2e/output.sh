#!/bin/sh
# output.sh BUILD - what bastionc writes: the same bytes each time, clean C,
# and a header that is C++ as well.

area=output
. "$(dirname "$0")/lib.sh"

# The same bytes from two runs in different folders, and without a trace of
# the machine.
same_bytes() { # name
    fresh "same_$1"
    mkdir one two
    (cd "$tree/examples/$1" && "$bastionc" -o "$here/same_$1/one" "$1.bst") &&
        (cd / && "$bastionc" -o "$here/same_$1/two" \
            "$tree/examples/$1/$1.bst") || return 1
    diff -r one two || return 1
    if grep -n -e "$tree" -e "$here" one/*; then
        echo "the output holds a path of this machine"
        return 1
    fi
}

# No warning under the strict flags, in each standard and with each compiler.
strict_c() { # name compiler
    fresh "strict_$1"
    "$bastionc" -o . "$tree/examples/$1/$1.bst" || return 1
    for standard in c11 c17 gnu17; do
        $2 -std=$standard -Wall -Wextra $strict -I. -I"$tree/runtime/include" \
            -fsyntax-only "$1.bst.c" || return 1
    done
}

# With --no-line, warnings are at places in the .bst.c itself.
no_line() { # name
    fresh "no_line_$1"
    "$bastionc" --no-line -o . "$tree/examples/$1/$1.bst" || return 1
    ! grep -n '^#line' "$1.bst.c" "$1.bst.h"
}

cplusplus() { # name compiler
    fresh "cxx_$1"
    "$bastionc" -o . "$tree/examples/$1/$1.bst" || return 1
    cat >user.cc <<END
#include "$1.bst.h"

int main(int argc, char **argv)
{
    return bst_main(&$1_app, argc, argv);
}
END
    $2 -std=c++11 -Wall -Wextra -Wpedantic -Werror -I. \
        -I"$tree/runtime/include" -fsyntax-only user.cc
}

# A C++ program links with the generated C.
cplusplus_links() {
    fresh cxx_links
    "$bastionc" -o . "$tree/examples/hello/hello.bst" &&
        $CC $user_flags -I. -c hello.bst.c || return 1
    printf '%s\n' '#include "hello.bst.h"' \
        'int main(int argc, char **argv)' \
        '{ return bst_main(&hello_app, argc, argv); }' >main.cc
    $cxx -std=c++11 -I. -I"$tree/runtime/include" ${MODE_CFLAGS-} -o hello \
        main.cc hello.bst.o $user_libs &&
        expect_status 0 ./hello | grep -qx 'Hello, world!'
}

# The public headers stand alone, one by one, in C and in C++.
headers() { # compiler language
    fresh headers
    for header in "$tree"/runtime/include/bastion/*.h; do
        printf '#include <bastion/%s>\nextern int more;\n' \
            "${header##*/}" >one.c
        $1 -x $2 -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
            -I"$tree/runtime/include" one.c || return 1
    done
}

# A file that cannot be compiled leaves what was there before untouched.
keeps_old() {
    fresh keeps_old
    cp "$tree/examples/hello/hello.bst" .
    "$bastionc" -o . hello.bst || return 1
    cp hello.bst.c old.c
    cp hello.bst.h old.h
    echo 'supervisor {' >>hello.bst
    expect_status 1 "$bastionc" -o . hello.bst || return 1
    cmp old.c hello.bst.c && cmp old.h hello.bst.h || return 1
    rm old.c old.h hello.bst hello.bst.c hello.bst.h
    if [ -n "$(ls -A)" ]; then
        echo "left behind: $(ls -A)"
        return 1
    fi
}

command -v g++ >/dev/null 2>&1 && gxx=g++
for folder in "$tree"/examples/*/; do
    name=$(basename "$folder")
    check "$name: the same bytes from anywhere" same_bytes "$name"
    check "$name: clean with gcc" strict_c "$name" gcc
    check "$name: clean with clang" strict_c "$name" clang
    check "$name: without #line" no_line "$name"
    check "$name: the header is C++" cplusplus "$name" "${gxx:-clang++}"
    check "$name: the header is C++ for clang" cplusplus "$name" clang++
done
check "the public headers are C" headers gcc c
check "the public headers are C for clang" headers clang c
check "the public headers are C++" headers "${gxx:-clang++}" c++
if command -v $cxx >/dev/null 2>&1; then
    check "a C++ main" cplusplus_links
else
    skip "a C++ main" "no C++ compiler"
fi
check "an error leaves the old output" keeps_old
exit $status
