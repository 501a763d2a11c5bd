#!/bin/bash
# run.sh BUILD - large and deep inputs: time grows with the size and no faster,
# what is too deep is refused at once, and with a small stack.
#
# modes: release
# weight: 4
#
# SCALE=50 is the full size: a million groups, and 100 MB.

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

# Sets `took` to the processor time of a command in milliseconds.
clock() { # command...
    took=$({ time "$@" >out 2>&1; } 2>&1 |
        awk '{ printf "%d\n", ($1 + $2) * 1000 + 0.5 }')
}

make_input() { # shape n
    awk -v shape="$1" -v n="$2" -f "$tree/tests/scale/generate.awk" >"$1.bst"
}

# ---- growth -----------------------------------------------------------------

# Ten times the input may take eighteen times as long at most, because it does
# not fit into the caches any more; a square would take a hundred times. As other
# jobs run beside, the best of three counts, where the first is not good.
linear() { # shape n verb
    local small=0 large=0 code
    for _ in 1 2 3; do
        make_input "$1" "$2"
        clock "$bastionc" $3 "$1.bst"
        [ $small -gt 0 ] && [ $small -le $took ] || small=$took
        make_input "$1" $(($2 * 10))
        clock "$bastionc" $3 "$1.bst"
        [ $large -gt 0 ] && [ $large -le $took ] || large=$took
        [ $large -le $((18 * (small > 5 ? small : 5))) ]
        code=$?
        [ $code != 0 ] || break
    done
    # What is warned of takes time to print.
    [ "$1" = wrong ] || ! grep -q '^warning' out || result 1 "$1 is correct"
    echo "# $1: $small ms for $2, $large ms for ten times as many," \
        "$(wc -c <"$1.bst") bytes"
    result $code "$1 is linear${3:+ in $3}"
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
        # 100,000 groups are to take ten seconds; processors differ by two, and
        # the headers take their time whatever the size.
        [ -e groups.bst.o ] && [ "$took" -le $((500 + 20000 * $1 / 100000)) ]
        result $? "$cc compiles the tables of $1 groups"
        rm -f groups.bst.o
    done
}

# ---- depth ------------------------------------------------------------------

repeat() { # n text
    yes -- "$2" | head -n "$1" | tr -d '\n'
}

# With 256 KB of stack, and in a tenth of a second of processor time, or in half
# a second where each of the million is a mistake or a value; the second time,
# where other jobs disturbed the first.
refused() { # name [limit]
    local code
    for _ in 1 2; do
        clock sh -c "ulimit -s 256; '$bastionc' check deep_input.bst >out 2>err
            echo \$? >code"
        code=$(cat code)
        grep -qE '^error\[E[0-9]+\]' err &&
            ! grep -qi 'overflow\|internal' err &&
            [ "$code" = 1 ] && [ "$took" -le "${2:-100}" ]
        code=$?
        [ $code != 0 ] || break
    done
    [ $code = 0 ] || { echo "# $took ms" && head -n 5 err; }
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
    linear $shape $((2000 * scale)) check
done
linear groups $((2000 * scale)) ''
linear padded $((2000 * scale)) check
[ "$last" -le $((100 + scale * 200)) ]
result $? "$((2 * scale)) MB in time"
tables_compile $((2000 * scale))
depth
chains
rm -f ./*.bst ./*.c ./*.h
exit $status
