#!/bin/sh
# fields.sh BUILD - the table of fields whose value is the same in every run.

area=fields
. "$(dirname "$0")/lib.sh"

builds() {
    build_program "$e2e/fields" fields
}

runs() {
    expect_status 0 ./fields >out.txt || return 1
    diff "$e2e/fields/expected.txt" out.txt
}

check "a program builds" builds
check "the table says what the compiler of C says" runs
exit $status
