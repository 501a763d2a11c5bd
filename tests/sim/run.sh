#!/bin/sh
# run.sh BUILD - programs in the simulator: many seeds, the invariants, the
# switches, and mistakes that it has to find. SIM_SEEDS and SIM_SEEDS_OTHERS
# are the numbers of seeds of the first programs and of the others,
# SIM_PATIENCE is how many seconds they may take.
#
# timeout: 400
# weight: 20
area=sim
. tests/e2e/lib.sh
seeds=${SIM_SEEDS:-200}
others=${SIM_SEEDS_OTHERS:-20}
patience=${SIM_PATIENCE:-120}
if [ "${MODE:-release}" != release ]; then
    others=5
    seeds=$others
fi

# Builds an example, whose main() may be its own.
build_one() { # folder name
    flag=--main
    ! grep -qs 'int main(' "$1"/*.c || flag=
    build_program "$1" "$2" $flag
}

# Without injected failures every seed has to end in order.
quiet_seeds() { # name n
    expect_status 0 ./"$1" --log error --sim 1,time=2s --sim-search "$2"
}

# With them it may give up or not start; no invariant may break.
rough_seeds() { # name n
    expect_status 0 ./"$1" --log none --sim 1,time=1s,faults=1% \
        --sim-search "$2" &&
        expect_status 0 ./"$1" --log none --sim 1,time=200ms,faults=15% \
            --sim-search "$2"
}

try_seeds() { # folder name n
    check "$2 builds" build_one "$1" "$2" || return
    check "$2 with $3 seeds" quiet_seeds "$2" "$3"
    check "$2 with $3 seeds and failures" rough_seeds "$2" "$3"
}

try_seeds "$tree/tests/sim" tree "$seeds"
n=1
for folder in "$tree"/examples/*/; do
    name=$(basename "$folder")
    case ${MODE:-release}.$name in
    asan.faults | tsan.faults)
        skip "$name" "a sanitizer ends it at the first of its faults"
        continue
        ;;
    esac
    [ $n -lt 6 ] && few=$seeds || few=$others
    try_seeds "$folder" "$name" "$few"
    n=$((n + 1))
done
for name in overflow owned; do
    try_seeds "$e2e/$name" "$name" "$others"
done

# ---- one seed, one run ---------------------------------------------------------

hash_of() { # program seed
    "$1" --log none --sim "$2,time=1s,faults=1%" 2>&1 >/dev/null |
        sed -n 's/.*hash //p'
}

same_seed_same_hash() {
    for seed in 1 2 3 18446744073709551615; do
        first=$(hash_of ./tree $seed)
        [ -n "$first" ] || return 1
        [ "$first" = "$(hash_of ./tree $seed)" ] || return 1
    done
}

other_seed_other_hash() {
    [ "$(hash_of ./tree 1)" != "$(hash_of ./tree 2)" ]
}

optimised() { # compiler level
    $1 -std=c11 "$2" -I"$tree/runtime/include" -I. -o "./tree$2" tree.bst.c \
        "$tree/tests/sim/tree.c" $user_libs || return 1
    for seed in 1 2 3 4 5; do
        [ "$(hash_of ./tree $seed)" = "$(hash_of "./tree$2" $seed)" ] || {
            echo "seed $seed: another hash"
            return 1
        }
    done
}

check "the same seed gives the same events" same_seed_same_hash
check "another seed gives others" other_seed_other_hash
for cc in gcc clang; do
    if ! command -v $cc >/dev/null || [ -n "${MODE_CFLAGS-}" ]; then
        skip "a program of $cc has the same events" "no $cc, or not for it"
        continue
    fi
    for level in -O0 -O2; do
        check "a program of $cc $level has the same events" \
            optimised $cc $level
    done
done

# ---- flags and ends ------------------------------------------------------------

refuses() { # value
    expect_status 2 ./tree --sim "$1" 2>err.txt || return 1
    grep -q "expected SEED" err.txt
}

for value in "" x 1,faults 1,faults=2 1,faults=-1 1,time=5 1,time=0s 1, \
    18446744073709551616 1,speed=2; do
    check "--sim '$value' is refused" refuses "$value"
done

says_what_it_was() {
    ./tree --log none --sim 7,time=1min 2>err.txt || return 1
    cat err.txt
    time='\(1min\|60[.0-9]*s\)'
    grep -q "^seed 7: $time, [0-9]* events, .*hash [0-9a-f]\{16\}\$" err.txt
}
check "time is virtual and the end is told" says_what_it_was

blocks() {
    expect_status 4 ./tree --sim 1 block 2>err.txt || return 1
    cat err.txt
    grep -q '/root/driver blocks its thread for more than a second' err.txt
}
check "a handler that blocks its thread is reported" blocks

heeds_sigterm() {
    ./tree --log none --sim 1,time=10000d >/dev/null 2>&1 &
    pid=$!
    sleep 1
    kill -TERM $pid
    wait $pid
}
check "SIGTERM ends a simulation in order" heeds_sigterm

# A search that is killed leaves nobody behind who works on.
search_dies_whole() {
    ./tree --log none --sim 1,time=10000d --sim-search 4 >/dev/null 2>&1 &
    pid=$!
    sleep 1
    kids=$(cat /proc/$pid/task/$pid/children)
    [ -n "$kids" ] || return 1
    kill -KILL $pid
    wait $pid
    sleep 1
    # Nobody may have collected them yet.
    for kid in $kids; do
        ! grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$kid/status" ||
            return 1
    done
}
check "a search that is killed leaves nothing behind" search_dies_whole

# ---- mistakes that are planted -------------------------------------------------

# The files of the runtime that have room for a mistake, with one in it.
build_planted() { # mistake
    runtime=$tree/runtime
    $CC $user_flags -DNDEBUG -DBST_DEBUG=0 -DBSTI_PLANT="$1" -I"$runtime" -I. \
        -Wno-error -w -o "planted$1" tree.bst.c "$tree/tests/sim/tree.c" \
        "$runtime/sup/restart.c" "$runtime/sup/operate.c" $user_libs
}

finds_it() { # mistake
    expect_status 4 "./planted$1" --log none --sim 1,time=1s,faults=1% \
        --sim-search 1000 2>err.txt || return 1
    sed -n 's/^seed \([0-9]*\) breaks.*/found by seed \1/p' err.txt
    grep -q 'breaks the invariant' err.txt &&
        grep -q 'the last .* events' err.txt &&
        grep -q 'repeat it with --sim [0-9]*,faults=1.0000%,time=1s' err.txt
}

# What it says to do shows the same again.
repeats_it() { # mistake
    words=$(sed -n 's/^repeat it with //p' err.txt)
    expect_status 4 "./planted$1" --log none $words 2>again.txt || return 1
    grep -v '^seed .* exit status' err.txt | diff - again.txt
}

if [ "${MODE:-release}" = release ]; then
    for mistake in 1 2; do
        check "mistake $mistake is built in" build_planted $mistake
        check "mistake $mistake is found within 1000 seeds" finds_it $mistake
        check "mistake $mistake is found again" repeats_it $mistake
    done
fi
exit $status
