#!/bin/sh
# forced.sh BUILD - handlers that do not return: each is ended, or left behind,
# and the next incarnation works.

area=forced
. "$(dirname "$0")/lib.sh"

builds() {
    build_program "$e2e/forced" forced --main
}
check "the program builds" builds
[ $status = 0 ] || exit $status

# Leaves the status in $got.
run() { # how where
    # What a killed handler had from malloc() is lost.
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
    export ASAN_OPTIONS
    got=0
    timeout -s KILL 40 ./forced -- "$@" >out 2>err || got=$?
    tail -n 8 out err
}

# It is killed in two incarnations; the third one answers.
killed() { # how where [orphans [cleaned [kept]]]
    run "$1" "$2"
    [ $got = 0 ] || return 1
    grep -q "^$1: lives 2, kept ${5-3}, count 0, cleaned ${4-0}\$" out ||
        return 1
    [ "$(wc -l <out)" = 1 ] || return 1
    [ "$(grep -c "is left behind" err)" = "${3-0}" ]
}

for where in worker blocking; do
    for how in loop compute heap tells allocs sleeps yields pause system \
        accept prints; do
        check "b91_${how}_ends_by_force ($where)" killed $how $where
    done
    name="b91_sort_ends_by_force ($where)"
    case ${MODE:-release} in
    asan | tsan) skip "$name" "the sanitizer calls the user's function there" ;;
    *) check "$name" killed sort $where ;;
    esac
    check "b91_lock_is_left_behind ($where)" killed lock $where 2
    check "b91_callback_is_left_behind ($where)" killed cookie $where 2 "[12]"
    check "b91_cleanup_ends_by_force ($where)" killed cleanup $where 0 6
done

check "b16_stop_handler_ends_by_force" killed stop worker 0 0 23

asked() {
    run asks blocking
    [ $got = 0 ] && grep -q "^asks: lives 2, kept 23, " out &&
        ! grep -q "does not stop in time" err
}
check "a blocking handler hears of a stop" asked

# Nothing can be done about it: it keeps its process.
deaf() { # where
    run deaf "$1"
    [ $got = 3 ] && [ "$(cat out)" = "deaf: BST_TIMEOUT" ] &&
        [ "$(grep -c "is left behind" err)" = 1 ]
}
check "who blocks all signals keeps the process" deaf worker
check "who blocks all signals keeps the process, on the pool" deaf blocking
exit $status
