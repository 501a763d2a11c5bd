#!/bin/sh
# switches.sh BUILD - what each rule of the executor is worth: the benchmarks
# where it matters, with the rule and with the switch that turns it off, in
# turn, ROUNDS=5 rounds. Prints the medians and their ratio, and writes them to
# bench/results/switches.csv; RESULTS=FILE names another file.

set -e
build=${1:?usage: switches.sh BUILD}
cd "$(dirname "$0")/.."
. bench/lib.sh
: "${ROUNDS:=5}" "${RESULTS:=bench/results/switches.csv}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cases="
--no-next-slot pingpong
--no-next-slot threadring
--no-next-slot ask
--no-next-slot fanin
--no-next-slot big
--steal-one parallel
--steal-one spawn
--steal-one skynet
--steal-one fjcreate
--no-contention-skip parallel
--no-contention-skip spawn
--no-contention-skip skynet
--no-pin pingpong
--no-pin fanin
--no-pin parallel
"

# Prints "CASE with|without METRIC VALUE" for each rate of a run.
run_case() { # switch, workload, with or without, flag...
    label=$1/$2
    what=$3
    program=$build/bench/$2
    shift 3
    timeout "$LIMIT" "$program" --threads "$THREADS" "$@" 2>"$scratch/said" </dev/null |
        metrics | awk -v label="$label" -v what="$what" '
            $3 == "ops_per_s" { print label "/" $1, what, $3, $4 }'
}

round=0
while [ $round -lt "$ROUNDS" ]; do
    round=$((round + 1))
    echo "$cases" | while read -r switch workload; do
        [ -n "$workload" ] && [ -x "$build/bench/$workload" ] || continue
        run_case "$switch" "$workload" with
        run_case "$switch" "$workload" without "$switch"
    done >>"$scratch/lines"
done

{
    machine
    echo "switch,benchmark,with the rule,without,ratio"
    medians <"$scratch/lines" | awk -F, '
        { median[$1, $2] = $4; cases[$1] = 1 }
        END {
            for (c in cases) {
                split(c, part, "/")
                on = median[c, "with"]
                off = median[c, "without"]
                printf "%s,%s,%.4g,%.4g,%.2f\n", part[1], part[3], on, off,
                    (off > 0 ? on / off : 0)
            }
        }' | sort
} >"$scratch/csv"
mkdir -p "$(dirname "$RESULTS")"
cp "$scratch/csv" "$RESULTS"
grep '^#' "$scratch/csv"
grep -v '^#' "$scratch/csv" | tr ',' '|' | align
echo "written: $RESULTS"
