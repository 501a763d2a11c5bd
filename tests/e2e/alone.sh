#!/bin/sh
# alone.sh BUILD - the executor alone: libbastion-exec.a has nothing of actor
# and sup, needs nothing of them, and is enough for a program with tasks.

area=alone
. "$(dirname "$0")/lib.sh"

symbols() { # file...
    nm -g --defined-only --format=posix "$@" |
        awk 'NF >= 2 && $1 !~ /:$/ { print $1 }' | sort -u
}

no_symbol_of_above() {
    symbols "$build"/libbastion-exec.a >mine || return 1
    symbols "$build"/obj/runtime/actor/*.o "$build"/obj/runtime/sup/*.o \
        >above || return 1
    grep -qx bst_spawn_blocking mine && grep -qx bst_tell above || {
        echo "the symbols could not be read"
        return 1
    }
    found=$(comm -12 mine above)
    [ -z "$found" ] || {
        echo "of actor or sup: $found"
        return 1
    }
}

# With all of the library in it, the linker finds whatever that needs.
complete() {
    echo 'int main(void) { return 0; }' >main.c
    $CC $user_flags -o complete main.c -Wl,--whole-archive \
        "$build/libbastion-exec.a" -Wl,--no-whole-archive \
        ${MODE_LDFLAGS-} -lhwloc -pthread && expect_status 0 ./complete
}

program() {
    $CC $user_flags -o tasks "$e2e/alone/tasks.c" \
        "$build/libbastion-exec.a" ${MODE_LDFLAGS-} -lhwloc -pthread &&
        expect_status 0 ./tasks >out.txt &&
        diff "$e2e/alone/expected.txt" out.txt
}

check "no symbol of actor and sup" no_symbol_of_above
check "it needs nothing else" complete
check "a program with tasks" program
exit $status
