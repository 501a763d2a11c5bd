#!/bin/bash
# nightly.sh BUILD STRESS_SOURCE... - the stress programs with fresh seeds in
# all modes, the unit tests under valgrind, ten million failures.

set -u
build=${1:?usage: nightly.sh BUILD STRESS_SOURCE...}
shift
minutes=${NIGHTLY_MINUTES:-20}
failed=0
passed=0

# Runs a command; shows its output if it fails.
try() { # command...
    if output=$(timeout 600 "$@" 2>&1); then
        passed=$((passed + 1))
    else
        echo "FAIL $*"
        printf '%s\n' "$output" | tail -n 40
        failed=$((failed + 1))
    fi
}

for program in $(find "$build/tests/unit" -type f -perm -u+x 2>/dev/null); do
    case $program in
    # It crashes and exhausts the address space on purpose.
    */plat/test_stack) continue ;;
    esac
    try valgrind -q --error-exitcode=99 --fair-sched=yes \
        --suppressions=tests/valgrind.supp "$program"
done

try tests/models/run.sh "$build" full
try tests/inspect/model.sh "$build" examples/*/*.bst

# Each program with 10,000 seeds, in about half an hour.
if SIM_SEEDS=10000 SIM_SEEDS_OTHERS=10000 SIM_PATIENCE=3000 \
    tests/sim/run.sh "$build"; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
fi

# Runs a test script with what it takes at night.
script() { # script build
    if "$1" "$2"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

MODE=asan MUTATIONS=all script tests/fuzz/run.sh "$build/asan"
FUZZ_SECONDS=600 script tests/fuzz/run.sh "$build"
HOSTILE=all script tests/hostile/run.sh "$build"
GEN_SEEDS=500 script tests/gen/run.sh "$build"
SCALE=50 script tests/scale/run.sh "$build"

# Ten million lives, which end by BST_FAIL, a panic and faults in turn; it says
# so if memory has grown.
BASTION_LOG=none timeout 600 "$build/tests/e2e/faults/faults" -- mixed worker \
    10000000 >"$build/long.txt"
if [ "$(cat "$build/long.txt")" = "mixed: lives 10000000, 1/3 = 0.333" ]; then
    passed=$((passed + 1))
else
    echo "FAIL ten million failures" && cat "$build/long.txt"
    failed=$((failed + 1))
fi

# The extension for VS Code, and the client library that it is built on.
if command -v npm >/dev/null 2>&1; then
    try make editors
    export NODE_PATH=$PWD/build/editors/vscode/node_modules
    try node tests/lsp/protocol.js "$PWD/$build/bastionc" \
        "$PWD/tests/lsp/project"
fi

end=$((SECONDS + 60 * minutes))
while [ $# -gt 0 ] && [ $SECONDS -lt $end ]; do
    for source in "$@"; do
        for mode in . asan tsan; do
            seed=$((RANDOM * 32768 + RANDOM))
            try "$build/$mode/${source%.c}" $((2 + RANDOM % 7)) \
                "${NIGHTLY_ROUNDS:-200000}" $seed
        done
    done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
