#!/bin/sh
# same.sh BUILD - a seed gives the same run whatever compiled the runtime and
# the program: gcc or clang, with -O0 or -O2, loaded where the system likes.

area=same
. "$(dirname "$0")/lib.sh"

flags="-std=c11 -pthread -I$tree/runtime/include"

# Compiles the runtime; what is up to date stays.
build_runtime() { # compiler level
    made=$build/tests/same/$1$2
    make -s -j 2 -C "$tree" NODEPS=1 CC="$1" MODE=release B="$made" \
        MODE_release="$2 -DNDEBUG -DBST_DEBUG=0" "$made/libbastion.a"
}

build_examples() { # folder compiler level library
    mkdir -p "$1" || return 1
    for name in $examples; do
        "$2" "$3" $flags -I. -I"$tree/examples/$name" -o "$1/$name" \
            "$name.bst.c" "$tree/examples/$name"/*.c "$4" -lhwloc || return 1
    done
}

generate() {
    for name in $examples; do
        "$bastionc" -o . "$tree/examples/$name/$name.bst" || return 1
    done
}

# Prints the lines about twenty seeds, without and with failures.
run_seeds() { # program
    for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        for how in $seed $seed,faults=0.5%; do
            "./$1" --sim "$how" 2>&1 >/dev/null | grep "hash"
        done
    done
}

is_the_same() { # name of the program
    [ "$(grep -c hash "reference.$1")" = 40 ] || return 1
    # If all seeds gave one run there would be nothing to compare.
    [ "$(sed 's/.*hash//' "reference.$1" | sort -u | wc -l)" -gt 20 ] ||
        return 1
    run_seeds "$folder/$1" >found
    cmp "reference.$1" found && return
    diff "reference.$1" found | head -n 10
    return 1
}

examples="counter primes"
check "the examples are generated" generate
check "gcc -O2 builds" build_examples first "$CC" -O2 "$build/libbastion.a"
[ $status = 0 ] || exit $status
for name in $examples; do
    run_seeds "first/$name" >"reference.$name"
done
folder=first
for name in $examples; do
    check "$name: again" is_the_same $name
done
for compiler in gcc clang; do
    for level in -O0 -O2; do
        [ "$compiler $level" != "$CC -O2" ] || continue
        folder=$compiler$level
        if ! command -v $compiler >/dev/null 2>&1; then
            skip "$compiler $level" "there is no $compiler"
            continue
        fi
        check "$compiler $level builds the runtime" \
            build_runtime $compiler $level
        check "$compiler $level builds" \
            build_examples $folder $compiler $level \
            "$build/tests/same/$folder/libbastion.a"
        for name in $examples; do
            check "$name: $compiler $level" is_the_same $name
        done
    done
done
exit $status
