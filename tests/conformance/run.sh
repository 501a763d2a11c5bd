#!/bin/sh
# run.sh BUILD - the scenarios that were recorded from OTP's supervisor, in the
# simulator, and on threads in the modes that are made for speed or for races.

build=${1:?usage: run.sh BUILD}
cd "$(dirname "$0")/../.." || exit 2
scenarios=tests/conformance/*.scn
failed=0

# Prints a line for each scenario, behind its difference if there is one.
run() {
    "$build/conformance" --executor "$1" $scenarios > "$build/tests/conformance.$1"
    status=$?
    [ $status -le 1 ] || echo "not ok $1: the runner ends with $status"
    [ $status -eq 0 ] || failed=1
    sed -n 's|^ok tests/conformance/\(.*\)\.scn|ok '"$1"'/\1|p;
        s|^FAIL tests/conformance/\(.*\)\.scn|not ok '"$1"'/\1|p;
        /^ok \|^FAIL /!p' "$build/tests/conformance.$1"
    # One that ends early has not said all.
    said=$(grep -c '^ok \|^FAIL ' "$build/tests/conformance.$1")
    wanted=$(ls $scenarios | wc -l)
    [ "$said" -eq "$wanted" ] || echo "not ok $1: $said of $wanted scenarios"
    [ "$said" -eq "$wanted" ] || failed=1
}

mkdir -p "$build/tests"
run sim
run smp
exit $failed
