#!/bin/sh
# words.sh ROOT - calls and headers that belong to one place only.

. "$(dirname "$0")/lib.sh"
cd "${1:-.}" || exit 2

not_word='(^|[^A-Za-z0-9_.>])'

# These layers also run where there is no operating system.
includes $(files "c h" runtime/base runtime/sync runtime/proc) |
    grep -E ':<(stdio|pthread|threads|signal)\.h>$' |
    complain "no stdio, threads or signals in base, sync and proc"

# The memory order must be in the name of every atomic operation.
runtime=$(files "c h" runtime | grep -v '^runtime/sync/atomic\.h$')
{
    includes $runtime | grep ':<stdatomic\.h>$'
    code $runtime |
        grep -E "$not_word(atomic_[a-z_]+|__atomic_[a-z_]+|__sync_[a-z_]+) *\("
} | complain "atomic operations only through sync/atomic.h"

heap='(malloc|calloc|realloc|reallocarray|free|aligned_alloc|strn?dup'
heap="$heap|posix_memalign|v?asprintf|open_memstream|getline)"
code $(files "c h" runtime | grep -v '^runtime/base/alloc\.c$') |
    grep -E "$not_word$heap *\(" |
    complain "memory of the runtime comes from base/alloc.c"
code $(files "c h" compiler | grep -vE '^compiler/(arena|intern)\.c$') \
    $(files "re y" grammar) |
    grep -E "$not_word$heap *\(" |
    complain "memory of the compiler comes from arena.c"

# A program that a simulator can replay has no clock or dice of its own.
clock='(time|clock|clock_gettime|gettimeofday|rand|srand|rand_r|random'
clock="$clock|srandom|[dlm]rand48|getrandom|sleep|usleep|nanosleep)"
code $(files "c h" examples) | grep -E "$not_word$clock *\(" |
    complain "examples use bst_now, bst_sleep and bst_random"

code $(files "c h" runtime compiler tests examples) | grep '//' |
    complain "comments are /* */"
grep -nE "$not_word(TO""DO|FIX""ME|XX""X)([^A-Za-z0-9_]|\$)" \
    $(files "c h S re y sh mk" runtime compiler \
    grammar tests examples .ci) /dev/null | complain "unfinished"
grep -rnIE '(^|[^A-Za-z0-9_.])/(home|work|Users)/' --exclude-dir=.git \
    --exclude-dir=build --exclude-dir=shared . |
    complain "a path of one machine"
finish
