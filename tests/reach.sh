#!/bin/bash
# reach.sh BUILD [FACTOR] - the times that the project wants to reach, and
# those of this machine: medians of 21 runs. Fails if one is above FACTOR
# (default 1) times its limit.

set -u
build=$(cd "${1:?usage: reach.sh BUILD [FACTOR]}" && pwd)
factor=${2:-1}
tree=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
status=0

# Prints the median time of a command in microseconds.
median() { # command...
    local begin i
    for i in {1..21}; do
        begin=${EPOCHREALTIME/./}
        "$@" >/dev/null 2>"$folder/error" || {
            cat "$folder/error" >&2
            return 1
        }
        echo $((${EPOCHREALTIME/./} - begin))
    done | sort -n | sed -n 11p
}

# Measures a command and compares it with its limit in milliseconds.
within() { # what limit command...
    local what=$1 limit=$2 time
    shift 2
    time=$(median "$@")
    if [ -n "$time" ] && [ "$time" -le $((limit * 1000 * factor)) ]; then
        printf 'ok reach: %s\n' "$what"
    else
        printf 'not ok reach: %s\n' "$what"
        status=1
    fi
    printf '# %s ms, wanted: %s ms\n' \
        "$(echo "${time:-0}" | awk '{ print $1 / 1000 }')" "$limit"
}

# 10,000 lines: 1,000 messages, 890 actors of ten lines, and their groups.
awk 'BEGIN {
    for (i = 0; i < 100; i++)
        printf "message m%d { u64 a; u32 b[4]; }\n", i
    for (i = 0; i < 890; i++) {
        next_one = (i + 1) % 890
        printf "/// Number %d of many.\nactor a%d {\n", i, i
        printf "    state {\n        keep u64 count;\n        i32 b = 7;\n"
        printf "    }\n    on m%d sends g%d.m%d => a%d_first;\n", i % 100,
            next_one, next_one % 100, i
        printf "    on #m%d => { self->count++; }\n", (i + 50) % 100
        printf "    every 1s => a%d_tick;\n}\n", i
    }
    print "supervisor root {\n    restart 5 in 10s;"
    for (i = 0; i < 890; i++)
        printf "    children a%d as g%d { redundancy 2; mailbox 64; }\n", i, i
    print "}"
}' >large.bst
lines=$(wc -l <large.bst)

cp "$tree/examples/hello/hello.bst" .
"$build/bastionc" --main -o . hello.bst &&
    ${CC:-gcc} -std=c11 -O2 ${MODE_CFLAGS-} -I"$tree/runtime/include" \
        -o hello hello.bst.c ${MODE_LDFLAGS-} "$build/libbastion.a" -lhwloc \
        -pthread || status=1

within "bastionc on hello" 5 "$build/bastionc" -o . hello.bst
within "bastionc on $lines lines" 40 "$build/bastionc" -o . large.bst
within "hello starts and stops" 10 ./hello

typed=$(BASTIONC="$build/bastionc" LARGE=large.bst nvim --headless --clean -n \
    -i NONE -c "luafile $tree/tests/lsp/latency.lua" -c 'cquit 3' 2>&1)
if echo "$typed" | awk -v limit=$((50 * factor)) \
    'NF == 2 && $1 > 0 && $1 <= limit { good = 1 } END { exit !good }'; then
    printf 'ok reach: diagnostics after a keystroke\n'
else
    printf 'not ok reach: diagnostics after a keystroke\n'
    status=1
fi
printf '# median and longest in ms: %s, wanted: 50 ms\n' "$typed"
exit $status
