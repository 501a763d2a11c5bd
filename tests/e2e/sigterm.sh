#!/bin/sh
# sigterm.sh BUILD - SIGTERM at a thousand random instants of a busy program:
# it ends in order, whatever it was doing, also in the middle of its start.

area=sigterm
. "$(dirname "$0")/lib.sh"

times=500
most=25000
if [ "${MODE:-release}" != release ]; then
    times=30
    most=500000
fi

builds() {
    build_program "$e2e/sigterm" storm --main
}
# The folder has a program of its own.
build_shoot() {
    $CC -std=c11 -Wall -Wextra -O1 -o shoot "$e2e/sigterm/shoot/shoot.c"
}
check "the program builds" builds
check "what shoots builds" build_shoot
[ $status = 0 ] || exit $status

# Two at once: they disturb each other, which is the better.
shoot() {
    seed=$(date +%s)
    echo "seed $seed"
    BASTION_LOG=error
    export BASTION_LOG
    ./shoot $times $most "$seed" ./storm >one.txt 2>one.err &
    one=$!
    result=0
    ./shoot $times $((most / 2)) $((seed + 1)) ./storm >two.txt 2>two.err || result=1
    wait $one || result=1
    cat one.txt two.txt
    tail -n 5 one.err two.err
    return $result
}
check "b28_sigterm_at_any_instant_ends_in_order" shoot
exit $status
