#!/bin/sh
# overflow.sh BUILD - mailboxes that refuse, drop or block (B-112).

area=overflow
. "$(dirname "$0")/lib.sh"

builds() {
    build_program "$e2e/overflow" overflow
}

runs() { # threads
    expect_status 0 ./overflow --threads "$1" >out.txt 2>err.txt || {
        cat out.txt err.txt
        return 1
    }
    diff "$e2e/overflow/expected.txt" out.txt
}

check "a program builds" builds
for threads in 1 2 5; do
    check "it runs with $threads workers" runs $threads
done
exit $status
