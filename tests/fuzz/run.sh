#!/bin/bash
# run.sh BUILD - the compiler under mutations and under libFuzzer.
#
# modes: release asan cov
# timeout: 400
# weight: 1000
#
# In asan and cov mode a sample of all mutations of all correct .bst files of
# the tree is compiled; in release mode all fuzzers run for FUZZ_SECONDS, beside
# each other. FUZZ_SEED repeats a run, MUTATIONS=all makes all mutations.

set -u
build=${1:?usage: run.sh BUILD}
seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
seconds=${FUZZ_SECONDS:-15}
here=$build/tests/fuzz/run
status=0
mkdir -p "$here"
echo "# seed $seed"

result() { # CODE NAME
    if [ "$1" = 0 ]; then
        echo "ok fuzz: $2"
    else
        echo "not ok fuzz: $2"
        status=1
    fi
}

# All .bst files of the tree, one on each line.
all_files() {
    find bench compiler examples grammar tests -type f -name '*.bst' | sort
}

mutations() {
    all_files | tr '\n' '\0' | MUTATE_FAILED="$here/failed.bst" \
        xargs -0 "$build/tests/fuzz/mutate" "$seed" "${MUTATIONS:-20000}" \
        >"$here/mutate.log" 2>&1
    code=$?
    sed 's/^/# /' "$here/mutate.log"
    result $code "mutations of seed $seed"
    # The files that are there must have been tried.
    awk '$1 == "seed" { exit $9 < 50 }' "$here/mutate.log"
    result $? "enough files are correct"
}

# What was found once stays found: these are run as they are.
fuzz() { # TARGET
    program=build/fuzz/clang/tests/fuzz/fuzz_$1
    if [ ! -x "$program" ]; then
        echo "ok fuzz: $1 # SKIP no clang"
        return
    fi
    rm -rf "$here/$1"
    mkdir -p "$here/$1/new" "$here/$1/tree"
    # What is no .bst has a corpus of its own.
    corpus=tests/fuzz/corpus_$1
    if [ ! -d "$corpus" ]; then
        corpus=tests/fuzz/corpus
        all_files | while read -r file; do
            cp "$file" "$here/$1/tree/$(echo "$file" | tr / _)"
        done
    fi
    "$program" -max_total_time="$seconds" -timeout=2 -rss_limit_mb=1024 \
        -max_len=4096 -seed="$seed" -dict=tests/fuzz/bst.dict -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$here/$1/" \
        "$here/$1/new" "$corpus" "$here/$1/tree" \
        >"$here/$1.log" 2>&1
    code=$?
    grep -a -m 1 number_of_executed "$here/$1.log" | sed 's/^/# '"$1: /"
    [ $code = 0 ] || tail -n 40 "$here/$1.log"
    result $code "$1 for $seconds s"
}

if [ "${MODE:-release}" != release ]; then
    mutations
else
    targets=$(sed -n 's/^FUZZ_TARGETS := //p' tests/fuzz/module.mk)
    for target in $targets; do
        fuzz "$target" >"$here/$target.result" &
    done
    wait
    for target in $targets; do
        cat "$here/$target.result"
        grep -q '^ok ' "$here/$target.result" || status=1
    done
fi
exit $status
