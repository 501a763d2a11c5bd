#!/bin/sh
# scenarios.sh BUILD - scenarios of tests/conformance as programs: the tables
# are those of bastionc, the stimuli and the expected trace those of the file.

area=scenarios
. "$(dirname "$0")/lib.sh"
folder=$e2e/scenarios
corpus=$tree/tests/conformance

# The corpus says nothing of handlers that hang: slow.scn is of this folder.
file_of() { # name
    [ -e "$folder/$1.scn" ] && echo "$folder/$1.scn" || echo "$corpus/$1.scn"
}

builds() { # name
    "$bastionc" -o . "$folder/$1.bst" || return 1
    $CC $user_flags -I. -I"$corpus" -DAPP="$1_app" -o "$1" "$1.bst.c" \
        "$folder/main.c" "$build/tests/libconformance.a" $user_libs
}

runs() { # name executor
    expect_status 0 "./$1" --executor "$2" "$(file_of "$1")"
}

# The trace does not depend on who has made the tables.
same_trace() { # name
    "./$1" --trace "$(file_of "$1")" >compiled.txt &&
        "$build/conformance" --trace "$(file_of "$1")" >made.txt &&
        [ -s compiled.txt ] && diff made.txt compiled.txt
}

# Changes the file by a script of sed, which has to change something.
changed() { # name script
    sed "$2" "$corpus/$1.scn" >changed.scn
    ! cmp -s "$corpus/$1.scn" changed.scn
}

# A line of the expected trace is another one, is left out, or is one more.
heeds_each_line() { # name executor
    for script in '/^expect/,$s/^stop d#1 .*/stop d#2 asked:shutdown/' \
        '/^expect/,${/^down c#1/d}' '/^expect/,$s/^start b#2$/&\n&/'; do
        changed "$1" "$script" || return 1
        expect_status 1 "./$1" --executor "$2" changed.scn >out.txt || return 1
        grep -q '^FAIL' out.txt && grep -q '^  [-+] ' out.txt || return 1
    done
}

# The program is not that of the file: it is not run.
heeds_the_tree() { # name script what
    changed "$1" "$2" || return 1
    expect_status 1 "./$1" changed.scn >out.txt 2>err.txt || return 1
    grep -q '^FAIL' out.txt && grep "differ in $3" err.txt
}

for bst in "$folder"/[!p]*.bst; do
    name=$(basename "$bst" .bst)
    check "$name builds" builds "$name"
    check "$name in the simulator" runs "$name" sim
    check "$name on threads" runs "$name" smp
    check "$name leaves the trace of the runner's tables" same_trace "$name"
done
check "a changed line is heeded in the simulator" heeds_each_line otp04 sim
check "a changed line is heeded on threads" heeds_each_line otp04 smp
check "another strategy is heeded" \
    heeds_the_tree otp04 's/ rest_for_one / one_for_all /' "the settings"
check "another lifetime is heeded" \
    heeds_the_tree otp08 's/ temporary$//' "the settings"
check "another child is heeded" \
    heeds_the_tree otp31 's/child x/child y/' "the name"
exit $status
