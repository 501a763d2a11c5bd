#!/bin/sh
# examples.sh BUILD - every example, built by its own Makefile, prints what
# its expected.txt says.

area=examples
. "$(dirname "$0")/lib.sh"

make_example() { # name
    make -C "$tree/examples/$1" BASTION="$tree" BASTION_BUILD="$build" \
        B="$here/$1" CC="$CC" LDFLAGS="${MODE_LDFLAGS-}" \
        CFLAGS="$strict ${MODE_CFLAGS-}"
}

run_example() { # name flag...
    name=$1
    shift
    expect_status 0 "./$name/$name" "$@" >"$name.out" 2>"$name.err" || {
        tail "$name.out" "$name.err"
        return 1
    }
    "$e2e/match.sh" "$tree/examples/$name/expected.txt" "$name.out"
}

# The accounts of primes must be right, and its primes must be prime.
check_primes() {
    awk '
    / digits: [0-9]/ { answered++ }
    / digits: no answer, the process failed while / { refused++ }
    /^failures: / { failures = $2 + 0; restarts = $4 + 0 }
    / questions: / { ok = $3 == answered + 0 && $5 == refused + 0 }
    END {
        print answered, refused, failures, restarts
        exit !(ok && answered + refused == 120 && failures == refused &&
               restarts >= failures && failures > 0)
    }' primes.out || return 1
    sed -n 's/^.* digits: \([0-9]*\) .*/\1/p' primes.out | factor |
        awk 'NF != 2 { print "not a prime: " $0; bad = 1 } END { exit bad }' ||
        return 1
    awk '/ digits: [0-9]/ && length($3) != $1 { print; bad = 1 }
         END { exit bad }' primes.out
}

for folder in "$tree"/examples/*/; do
    name=$(basename "$folder")
    check "$name builds" make_example "$name"
    check "$name prints what is expected" run_example "$name"
    check "$name with one worker" run_example "$name" --threads 1
    check "$name with nine workers" run_example "$name" --threads=9
done
check "primes: every question is accounted for" check_primes
for seed in 1 2 3; do
    export BASTION_SEED=$seed
    check "primes with seed $seed" run_example primes
    check "primes with seed $seed: accounts" check_primes
done
exit $status
