#!/bin/sh
# pointers.sh BUILD - a bad pointer given to any call of the runtime, in each
# place where it takes one, is the failure of the handler alone.

area=pointers
. "$(dirname "$0")/lib.sh"

builds() {
    build_program "$e2e/pointers" pointers --main
}
check "the program builds" builds
[ $status = 0 ] || exit $status

contained() {
    BASTION_LOG=error timeout -s KILL 60 ./pointers >out 2>err
    got=$?
    cat out err
    [ $got = 0 ] && grep -q "^\([0-9]*\) of \1 as expected$" out
}
check "b91_bad_pointer_to_a_call_is_contained" contained
exit $status
