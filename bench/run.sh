#!/bin/sh
# run.sh BUILD - the benchmarks of Bastion: RUNS=3 runs of each, the medians
# as a table and in BUILD/bench/results.csv. bench/lib.sh has more settings.

set -e
build=${1:?usage: run.sh BUILD}
cd "$(dirname "$0")/.."
. bench/lib.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

machine >"$scratch/csv"
echo "$columns" >>"$scratch/csv"
for workload in $WORKLOADS; do
    run=0
    while [ $run -lt "${RUNS:-3}" ]; do
        run=$((run + 1))
        status=0
        run_program "$build" bastion "$workload" >>"$scratch/lines" ||
            status=$?
        [ $status != 3 ] || break
        [ $status = 0 ] || failed=1
    done
done
metrics <"$scratch/lines" | medians >>"$scratch/csv"
cp "$scratch/csv" "$build/bench/results.csv"

grep '^#' "$scratch/csv"
grep -v -e '^#' -e '^name,' "$scratch/csv" | awk -F, "$shorten"'
    BEGIN { print "benchmark|metric|median|min|max|runs" }
    { print $1 "|" $3 "|" shorten($4) "|" shorten($5) "|" shorten($6) "|" $7 }
' | align
echo "written: $build/bench/results.csv"
exit $failed
