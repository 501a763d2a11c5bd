#!/bin/bash
# run.sh BUILD [full] - lets SPIN search the models, and looks whether they
# are still about the functions as they are.
#
# modes: release
# weight: 80
# timeout: 600
#
# Lines at the head of a model say what is to be searched: "quick: ARGS" and,
# with `full`, "full: ARGS" must find nothing; "planted: ARGS" and, with `full`,
# "hidden: ARGS" must find the bug that the model has with these arguments.
# "known: ARGS" is one that the program has, too: once it is gone from both,
# its line has to go.

set -u
build=${1:?usage: run.sh BUILD [full]}
kinds="quick known planted ${2:+full hidden}"
mkdir -p "$build/tests"
work=$(mktemp -d -p "$build/tests" models.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
status=0

result() { # rc name
    if [ "$1" = 0 ]; then
        echo "ok models $2"
    else
        echo "not ok models $2"
        status=1
    fi
}

# A lint that cannot fail is none: it must notice a change, and only that.
try_lint() {
    local copy=$work/copy file
    mkdir -p "$copy/tests"
    cp -r tests/models "$copy/tests/"
    for file in $(sed -n 's/^ \* models: \([^ ]*\) .*/\1/p' \
        tests/models/*.pml tests/models/*.inc | sort -u); do
        mkdir -p "$copy/${file%/*}"
        cp "$file" "$copy/$file"
    done
    file=$copy/runtime/sync/mpscq.h
    tests/models/fresh.sh "$copy" >/dev/null || return 1
    sed -i 's,/\* seq_cst: as in pop \*/,/* } */  /* another */,' "$file"
    cmp -s "$file" runtime/sync/mpscq.h && return 1
    tests/models/fresh.sh "$copy" || return 1
    sed -i 's/expected | BSTI_MPSCQ_IDLE_BIT/expected/' "$file"
    tests/models/fresh.sh "$copy" >"$work/said" && return 1
    grep -q 'mpscq.inc.*bsti_mpscq_try_idle.*mpscq.h' "$work/said" &&
        [ "$(wc -l <"$work/said")" = 1 ] &&
        tests/models/fresh.sh --renew "$copy" &&
        tests/models/fresh.sh "$copy"
}

tests/models/fresh.sh .
result $? fresh
try_lint
result $? "fresh notices a change"

if ! command -v spin >/dev/null; then
    echo "skipped: spin is not installed"
    echo "ok models spin # SKIP spin is not installed"
    exit $status
fi

# Searches one model in a folder of its own.
search() { # folder model args...
    local folder=$1 model=$2 optimize=-O1
    shift 2
    case "$*" in *-DPLANT*) optimize=-O0 ;; esac
    cp tests/models/*.pml tests/models/*.inc "$folder/" || return
    cd "$folder" || return
    spin -a "$@" "$model.pml" >spin.out 2>&1 || return
    ${CC:-gcc} $optimize -w -DSAFETY -DCOLLAPSE -DMEMLIM=3000 -o pan pan.c \
        >>spin.out 2>&1 || return
    ./pan -m100000 -w22 >pan.out 2>&1
    cp pan.out searched
}

# What a search came to: clean, found, or broken (it did not search all).
verdict() { # folder
    if [ ! -e "$1/searched" ]; then
        echo broken
    elif grep -qE 'assertion violated|invalid end state \(' "$1/searched"; then
        echo found
    elif grep -q 'errors: 0' "$1/searched" &&
        ! grep -qE 'too small|not completed|MEMLIM' "$1/searched"; then
        echo clean
    else
        echo broken
    fi
}

# The last steps of the run that leads to the error.
explain() { # folder model args...
    local folder=$1 model=$2
    shift 2
    tail -n 5 "$folder/spin.out"
    cat "$folder/pan.out" 2>/dev/null | grep 'pan:'
    [ ! -e "$folder/$model.pml.trail" ] ||
        (cd "$folder" && spin -t -p "$@" "$model.pml" | tail -n 60)
}

# One line: what is expected, the name, the number of states, the seconds.
report() { # folder
    local kind model args text expected=clean what states time
    { read -r kind model; read -r args; read -r text; } <"$1/job"
    case $kind in
    planted | hidden | known) expected=found ;;
    esac
    what=$(verdict "$1")
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$1/searched" \
        2>/dev/null | head -n 1)
    time=$(cat "$1/time" 2>/dev/null)
    if [ "$what" != "$expected" ]; then
        explain "$1" "$model" $args
        [ $kind != known ] || echo "the line \"known: $args\" has to go"
    fi
    [ "$what" = "$expected" ]
    result $? "$kind $model $args${text:+ ($text)}: ${states:-no} states, $time"
    rm -rf "$1"
}

count=0
for kind in $kinds; do
    for model in tests/models/*.pml; do
        while read -r line; do
            folder=$work/$(printf '%03d' $count)
            mkdir "$folder"
            name=${model##*/}
            {
                echo "$kind ${name%.pml}"
                echo "$line" | grep -oE '(^| )-D[^ ]*' | tr -d '\n'
                echo
                echo "$line" | sed 's/-D[^ ]* *//g'
            } >"$folder/job"
            count=$((count + 1))
        done < <(sed -n "s/^ \* $kind: //p" "$model")
    done
done

# The time is that of the whole job, compiling included.
job() { # folder
    local kind model args begin=${EPOCHREALTIME/./} ms
    { read -r kind model; read -r args; } <"$1/job"
    (search "$1" "$model" $args)
    ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
    printf '%d.%02d s' $((ms / 1000)) $((ms % 1000 / 10)) >"$1/time"
}

parallel=$(nproc 2>/dev/null || echo 2)
running=0
for folder in "$work"/[0-9]*; do
    if [ $running -ge "$parallel" ]; then
        wait -n
        running=$((running - 1))
    fi
    job "$folder" &
    running=$((running + 1))
done
wait
for folder in "$work"/[0-9]*; do
    report "$folder"
done
exit $status
