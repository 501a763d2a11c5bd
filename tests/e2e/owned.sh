#!/bin/sh
# owned.sh BUILD - messages that own texts, bytes and descriptors.

area=owned
. "$(dirname "$0")/lib.sh"

builds() {
    build_program "$e2e/owned" owned
}

# The debug library says at the end what handlers have not given back.
runs() { # threads
    expect_status 0 ./owned "$1" >out.txt 2>err.txt || {
        cat out.txt err.txt
        return 1
    }
    if grep "never freed" err.txt; then
        return 1
    fi
    diff "$e2e/owned/expected.txt" out.txt
}

standard() { # compiler standard
    $1 -std=$2 -Wall -Wextra $strict -I. -I"$e2e/owned" \
        -I"$tree/runtime/include" -fsyntax-only owned.bst.c
}

# What C++ sees, and what it can do with it.
cplusplus() { # compiler
    cat >user.cc <<'END'
#include "owned.bst.h"

bst_status give(struct shelf_ref to)
{
    struct note m = {bst_text_dup("note")};
    return shelf_tell_note(to, &m);
}
END
    $1 -std=c++11 -Wall -Wextra -Wpedantic -Werror -I. -I"$e2e/owned" \
        -I"$tree/runtime/include" -fsyntax-only user.cc
}

check "a program builds" builds
for threads in 1 2 7; do
    check "it runs with $threads workers" runs $threads
done
for standard in c11 c17 c2x gnu17; do
    check "clean as $standard with gcc" standard gcc $standard
    check "clean as $standard with clang" standard clang $standard
done
check "the header is C++" cplusplus $cxx
exit $status
