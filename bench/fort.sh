#!/bin/sh
# fort.sh BUILD - how soon a program under a guardian is back after kill -9,
# from the kill to the line that its first handler writes. ROUNDS=20.

set -e
build=${1:?usage: fort.sh BUILD}
cd "$(dirname "$0")/.."
: "${ROUNDS:=20}" "${CC:=gcc}"
scratch=$(mktemp -d)
guardian=
trap '[ -z "$guardian" ] || kill $guardian; rm -rf "$scratch"' EXIT

cat >"$scratch/fort.bst" <<'END'
use <stdio.h>;
use <unistd.h>;

actor server {
    on start => { printf("%d\n", (int)getpid()); fflush(stdout); }
    every 5ms => { }
}

supervisor root { restart always; children server; }
END
"$build/bastionc" --main -o "$scratch" "$scratch/fort.bst"
$CC -O2 -Iruntime/include -I"$scratch" -pthread -o "$scratch/fort" \
    "$scratch/fort.bst.c" "$build/libbastion.a" -lhwloc -pthread

: >"$scratch/pids"
"$scratch/fort" --fort --log none >"$scratch/pids" &
guardian=$!
until [ -s "$scratch/pids" ]; do :; done
round=0
while [ $round -lt "$ROUNDS" ]; do
    round=$((round + 1))
    sleep 0.05
    lines=$(wc -l <"$scratch/pids")
    before=$(date +%s%N)
    kill -s KILL "$(tail -n 1 "$scratch/pids")"
    until [ "$(wc -l <"$scratch/pids")" -gt "$lines" ]; do :; done
    echo $((($(date +%s%N) - before) / 1000))
done | sort -n | awk '
    { us[NR] = $1 }
    END {
        printf "name=fort impl=bastion n=%d median_ms=%.1f max_ms=%.1f\n", NR,
            us[int((NR + 1) / 2)] / 1000, us[NR] / 1000
    }'
