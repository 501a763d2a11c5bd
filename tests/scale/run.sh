#!/bin/bash
# run.sh BUILD - large and deep inputs: time grows with the size and no faster,
# what is too deep is refused at once, and with a small stack.
#
# modes: release
#
# SCALE=10 is the full size: a million groups, and 100 MB.

set -u
build=$(cd "${1:?usage: run.sh BUILD}" && pwd)
tree=$(pwd)
scale=${SCALE:-1}
bastionc=$build/bastionc
here=$build/tests/scale
status=0
rm -rf "$here"
mkdir -p "$here"
cd "$here" || exit 2
TIMEFORMAT='%U %S'

result() { # CODE NAME
    if [ "$1" = 0 ]; then
        echo "ok scale: $2"
    else
        echo "not ok scale: $2"
        status=1
    fi
}

# Prints the processor time of a command in milliseconds: the best of three,
# as other jobs run beside.
best() { # command...
    for _ in 1 2 3; do
        { time "$@" >out 2>&1; } 2>&1
    done | awk '{ t = ($1 + $2) * 1000; if (NR == 1 || t < least) least = t }
        END { printf "%d\n", least + 0.5 }'
}

make_input() { # shape n
    awk -v shape="$1" -v n="$2" -f "$tree/tests/scale/generate.awk" >"$1.bst"
}

# ---- growth -----------------------------------------------------------------

# Ten times the input may take eighteen times as long at most, because it does
# not fit into the caches any more; a square would take a hundred times.
linear() { # shape n verb
    local small large
    make_input "$1" "$2"
    small=$(best "$bastionc" $3 "$1.bst")
    make_input "$1" $(($2 * 10))
    large=$(best "$bastionc" $3 "$1.bst")
    # What is warned of takes time to print.
    [ "$1" = wrong ] || ! grep -q '^warning' out || result 1 "$1 is correct"
    echo "# $1: $small ms for $2, $large ms for ten times as many," \
        "$(wc -c <"$1.bst") bytes"
    [ "$large" -le $((18 * (small > 5 ? small : 5))) ]
    result $? "$1 is linear${3:+ in $3}"
    last=$large
}

# ---- C compilers ------------------------------------------------------------

tables_compile() { # n
    make_input groups "$1"
    "$bastionc" groups.bst 2>err || result 1 "$1 groups"
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        took=$(TIMEFORMAT='%U'; { time $cc -std=c11 -O2 -c \
            -I"$tree/runtime/include" groups.bst.c; } 2>&1 |
            awk '{ printf "%d\n", $1 * 1000 }')
        echo "# $cc: $took ms"
        # 100,000 groups are to take ten seconds; processors differ by two.
        [ -e groups.bst.o ] && [ "$took" -le $((2 * 10000 * $1 / 100000)) ]
        result $? "$cc compiles the tables of $1 groups"
        rm -f groups.bst.o
    done
}

# ---- depth ------------------------------------------------------------------

repeat() { # n text
    awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", text }'
}

# With 256 KB of stack, and in a tenth of a second of processor time, or in half
# a second where each of the million is a mistake or a value.
refused() { # name [limit]
    local ms
    ms=$(ulimit -s 256 && best "$bastionc" check deep_input.bst)
    (ulimit -s 256 && "$bastionc" check deep_input.bst >out 2>err)
    code=$?
    grep -qE '^error\[E[0-9]+\]' err && ! grep -qi 'overflow\|internal' err &&
        [ $code = 1 ] && [ "$ms" -le "${2:-100}" ]
    code=$?
    [ $code = 0 ] || { echo "# $ms ms" && head -n 5 err; }
    result $code "$1"
}

depth() {
    local n=1000000 text
    for text in 'supervisor a {' 'actor a {' 'message m {' 'c {' '{' '#' \
        '[' '*' '=> {' '/*' '"' ': a' '- ' '('; do
        repeat $n "$text" >deep_input.bst
        refused "a million of: $text"
    done
    repeat $n '}' >deep_input.bst
    refused "a million of: }" 500
    { repeat $n 'supervisor a {' && repeat $n '}'; } >deep_input.bst
    refused "a million of: supervisor a { }"
    { printf 'actor a { on start => ' && repeat $n '{'; } >deep_input.bst
    refused "a block of C that is a million deep"
    { printf 'message m { u8 x' && repeat $n '[1]' && printf '; }'; } \
        >deep_input.bst
    refused "a million of: [1]" 500
    { printf 'actor a { x ' && repeat $n '1 '; } >deep_input.bst
    refused "a million values" 500
    { printf 'supervisor r { stream a' && repeat $n ' ~> a'; } >deep_input.bst
    refused "a million stages"
}

# What is as deep as is allowed needs no more stack either.
chains() {
    awk 'BEGIN {
        print "actor a { on m0 => f; on start => g; }"
        for (i = 0; i < 200000; i++)
            printf "message m%d { struct m%d x; }\n", i, i + 1
        print "message m200000 { u8 x; } supervisor r { children a; }"
    }' >chain.bst
    (ulimit -s 256 && "$bastionc" chain.bst 2>err)
    result $? "a chain of 200,000 messages"
    repeat 256 'supervisor s {' | awk '{
        n = 0
        while (sub(/supervisor s /, "supervisor s" n " ")) n++
        print
    }' >nested.bst
    { echo 'children a;' && repeat 256 '}' && echo 'actor a { on start => f; }'; } \
        >>nested.bst
    (ulimit -s 256 && "$bastionc" nested.bst 2>err)
    result $? "256 supervisors in each other"
}

for shape in groups mixed wrong deep; do
    linear $shape $((10000 * scale)) check
done
linear groups $((10000 * scale)) ''
linear padded $((10000 * scale)) check
[ "$last" -le $((scale * 500 * 2)) ]
result $? "$((10 * scale)) MB in time"
tables_compile $((10000 * scale))
depth
chains
rm -f ./*.bst ./*.c ./*.h
exit $status
