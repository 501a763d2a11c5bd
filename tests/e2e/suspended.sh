#!/bin/sh
# suspended.sh BUILD - a great many handlers suspended in an ask at once: 100,000
# where the kernel guards stacks without a mapping for each, else 20,000.
# modes: release asan

area=suspended
. "$(dirname "$0")/lib.sh"

# Prints how many stacks there can be.
many() {
    cat >probe.c <<'END'
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
    void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return 1;
    puts(madvise(page, 4096, 102 /* MADV_GUARD_INSTALL */) ? "20000" : "100000");
    return 0;
}
END
    $CC -o probe probe.c && ./probe
}

builds() {
    "$bastionc" -o . "$tree/bench/suspended.bst" &&
        $CC $user_flags -I. -I"$tree/bench" -o suspended suspended.bst.c \
            "$tree/bench/suspended.c" "$tree/bench/common.c" \
            "$tree/bench/report.c" $user_libs
}

# Each asker gets its own answer, or the program ends with status 1.
runs() { # n threads
    expect_status 0 ./suspended --n "$1" --threads "$2" >out.txt || {
        cat out.txt
        return 1
    }
    grep "^suspended at once: $1 handlers" out.txt
}

n=$(many)
# A stack is four times as large there, and each has a shadow.
[ "${MODE:-release}" = release ] || n=10000
check "a program builds" builds
for threads in 1 2; do
    check "$n handlers wait at once, $threads workers" runs "$n" $threads
done
exit $status
