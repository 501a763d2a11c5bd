#!/bin/bash
# run.sh BUILD - random correct programs: bastionc takes them, both compilers
# compile what comes out without a warning, and a simulation of it is the same
# whichever compiled it.
#
# modes: release
# weight: 4
#
# GEN_SEEDS is how many there are; GEN_FIRST=N makes the last of them begin at
# seed N, which else is drawn.

set -u
build=$(cd "${1:?usage: run.sh BUILD}" && pwd)
tree=$(pwd)
seeds=${GEN_SEEDS:-5}
first=${GEN_FIRST:-$((RANDOM * 32768 + RANDOM))}
here=$build/tests/gen/run
status=0
rm -rf "$here"
mkdir -p "$here"
cd "$here" || exit 2
strict="-std=c11 -O1 -Wall -Wextra -Werror -pedantic -pthread"
compilers=
for cc in gcc clang; do
    ! command -v $cc >/dev/null || compilers="$compilers $cc"
done

# Simulates quietly, with failures, and with many of them.
simulate() { # program
    local how
    for how in 1 2,faults=1% 3,faults=10%; do
        timeout -s KILL 30 "./$1" --log none --sim "$how,time=100ms" 2>&1
        echo "status $?"
    done
}

try_one() { # seed
    "$build/tests/gen/gen" "$1" p || return 1
    "$build/bastionc" --main p.bst 2>err || {
        cat err
        return 1
    }
    for cc in $compilers; do
        # shellcheck disable=SC2086
        $cc $strict -I"$tree/runtime/include" -I. -o p p.bst.c p.c \
            "$build/libbastion.a" -lhwloc || return 1
        simulate p >"$cc.txt"
        # It may give up, but neither hang nor break an invariant.
        ! grep -vE '^seed .* hash|^status [03]$' "$cc.txt" || return 1
        grep -q hash "$cc.txt" || return 1
    done
    [ ! -e clang.txt ] || [ ! -e gcc.txt ] || diff gcc.txt clang.txt
}

echo "# seeds from $first on"
hashes=0
for ((i = 1; i <= seeds; i++)); do
    # The first one made a simulation hold up the clock once.
    seed=$((i <= 2 ? i : first + i))
    if try_one $seed >log 2>&1; then
        echo "ok gen: program $seed"
    else
        sed 's/^/# /' log
        echo "not ok gen: program $seed"
        mkdir -p "failed.$seed"
        mv p.* log "failed.$seed"
        status=1
    fi
    sed 's/.*hash//' gcc.txt 2>/dev/null >>hashes
done
# Programs that all do the same would prove nothing.
[ "$(grep -v status hashes | sort -u | wc -l)" -ge $((2 * seeds)) ]
hashes=$?
[ $hashes = 0 ] && echo "ok gen: they differ" || echo "not ok gen: they differ"
[ $hashes = 0 ] && exit $status
exit 1
