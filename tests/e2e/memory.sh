#!/bin/sh
# memory.sh BUILD - the bound of `memory` counts what only C knows: the same
# program fits or does not, as the size of a user's structure says.

area=memory
. "$(dirname "$0")/lib.sh"

cp "$tree"/tests/golden/memory/memory.[bh]* .
"$bastionc" memory.bst 2>/dev/null || status=1

compiles() { # compiler items
    "$1" -std=c11 -Wall -Wextra -Werror -I. -I"$tree/runtime/include" \
        -DITEMS="$2" -fsyntax-only memory.bst.c 2>log
}

refuses() { # compiler items
    ! compiles "$1" "$2" && grep -q 'more may be needed than `memory`' log
}

for cc in gcc clang; do
    command -v $cc >/dev/null 2>&1 || continue
    check "$cc: it fits" compiles $cc 2000
    check "$cc: a structure that is too large" refuses $cc 4000
    check "$cc: a structure that is far too large" refuses $cc 100000000
done

# What is known to be too much is refused at once. With the user's leave
# nothing is asserted.
sed 's/^memory 1MiB/memory 64KiB/' memory.bst >small.bst

allowed() {
    "$bastionc" --allow=E0603 small.bst 2>log || return 1
    grep -q '^warning\[E0603\]' log && ! grep _Static_assert small.bst.c
}

check "too much is an error" expect_status 1 "$bastionc" small.bst
check "it can be allowed" allowed
exit $status
