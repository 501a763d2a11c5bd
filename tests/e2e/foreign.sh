#!/bin/sh
# foreign.sh BUILD - longjmp(), fork(), pthread_exit(), exceptions of C++ and
# locks in handlers: each is harmless, the handler's failure, or ends the
# program with a report.

area=foreign
. "$(dirname "$0")/lib.sh"

case ${MODE:-release} in
asan | tsan) sanitized=yes ;;
*) sanitized=no ;;
esac

builds() {
    "$bastionc" --main -o . "$e2e/foreign/foreign.bst" || return 1
    # shellcheck disable=SC2086
    $cxx -std=c++14 -Wall -Wextra -Werror ${MODE_CFLAGS-} \
        -I"$tree/runtime/include" -I. -c -o throw.o "$e2e/foreign/throw.cc" ||
        return 1
    # shellcheck disable=SC2086
    $CC $user_flags -I. -o foreign foreign.bst.c "$e2e/foreign/foreign.c" \
        throw.o $user_libs -lstdc++
}
check "the program builds" builds
[ $status = 0 ] || exit $status

run() { # how where
    # An exception that nobody catches is lost.
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
    export ASAN_OPTIONS
    got=0
    timeout -s KILL 20 ./foreign -- "$@" >out 2>err || got=$?
    cat out err
}

goes_on() { # how where words
    run "$1" "$2"
    [ $got = 0 ] && [ "$(cat out)" = "$3" ]
}

fails() { # how where words
    run "$1" "$2"
    [ $got = 0 ] && [ "$(cat out)" = "failed failed failed lives 3" ] &&
        [ "$(grep -c "failed in .on act.*: $3" err)" = 3 ]
}

ends() { # how where words
    run "$1" "$2"
    [ $got = 134 ] && grep -q "$3" err
}

for where in worker blocking; do
    check "b91_longjmp_within_a_handler_is_fine ($where)" \
        goes_on jump_within $where "ok ok ok lives 0"
    check "longjmp() over the C library is fine ($where)" \
        goes_on jump_over_library $where "ok ok ok lives 0"
    for how in jump_to_dead jump_to_thread jump_siglong; do
        name="b91_longjmp_out_of_a_handler_fails: $how ($where)"
        if [ $sanitized = yes ]; then
            skip "$name" "sanitizers replace the function"
        else
            check "$name" fails $how $where "longjmp() out of the handler"
        fi
    done
    check "an exception caught in the handler is fine ($where)" \
        goes_on throw_within $where "ok ok ok lives 0"
    if [ "${MODE:-release}" = tsan ]; then
        skip "an exception out of a handler fails ($where)" \
            "the sanitizer replaces abort()"
    else
        check "an exception out of a handler fails ($where)" \
            fails throw_out $where "abort: SIGABRT"
    fi
    check "a forked child reaches nobody ($where)" \
        goes_on forks $where "ok ok ok lives 0"
    check "a panic of a forked child ends it ($where)" \
        goes_on fork_panics $where "ok ok ok lives 0"
    name="pthread_exit() ends the program with a report ($where)"
    if [ $sanitized = yes ]; then
        skip "$name" "sanitizers end the thread in another way"
    else
        check "$name" ends leaves_thread $where "fatal: .* pthread_exit()"
    fi
    check "a lock is taken and given back ($where)" \
        goes_on locks $where "ok ok ok lives 0"
    check "a lock of a failed handler is free, and poisoned ($where)" \
        goes_on poisons $where "failed ok ok lives 1"
done
waits() {
    if [ $sanitized = yes ]; then # a debug build
        fails waits_with_lock worker "it waits while it holds a bst_lock()"
    else
        goes_on waits_with_lock worker "ok ok ok lives 0"
    fi
}
check "waiting with a lock fails in debug builds" waits
exit $status
