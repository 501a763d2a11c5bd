#!/bin/sh
# callbacks.sh BUILD - functions of the user at starts and ends, in order.

area=callbacks
. "$(dirname "$0")/lib.sh"

builds() {
    build_program "$e2e/callbacks" callbacks
}

runs() { # flags...
    expect_status 0 ./callbacks --log error "$@" >out.txt || return 1
    diff "$e2e/callbacks/expected.txt" out.txt
}

stubs() {
    "$bastionc" stubs "$e2e/callbacks/callbacks.bst" >stubs.c || return 1
    for name in note_before_start note_after_start note_before_restart \
        note_after_restart note_after_stop; do
        grep -q "^bst_status $name(const struct bst_event \*event)$" stubs.c ||
            return 1
    done
    grep -q "^enum bst_decision first_failed(const struct bst_failure" stubs.c
}

check "a program builds" builds
check "b83: all is called in order" runs
check "b83: in the simulator as well" runs --sim 7,time=10s
check "bastionc stubs prints what is to be written" stubs
exit $status
