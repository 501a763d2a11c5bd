#!/bin/sh
# oom.sh BUILD - whichever allocation of a run fails, alone or with all behind
# it: the program comes to its end, by itself, and says why if that is early.

area=oom
. "$(dirname "$0")/lib.sh"

# The sanitizers take samples; the leak checker looks at every end.
step=1
[ "${MODE:-release}" = release ] || step=9

builds() {
    build_program "$e2e/oom" oom --main &&
        build_program "$tree/examples/hello" hello --main &&
        build_program "$tree/examples/primes" primes
}
check "the programs build" builds
[ $status = 0 ] || exit $status

# One run; 0, 1 and 3 are what a program may end with.
cat >once.sh <<'END'
program=$1
n=$2
got=0
# Three questions of each client are enough for primes; the others ask nothing.
timeout -s KILL 30 "./$program" --threads 2 --oom-after "$n" -- 3 >"$n.out" \
    2>"$n.err" || got=$?
case $got in
0) rm "$n.out" "$n.err" ;;
1 | 3) [ -s "$n.err" ] && rm "$n.out" "$n.err" ;;
*) false ;;
esac || {
    echo "$program --oom-after $n ended with status $got"
    tail -n 5 "$n.err"
    exit 1
}
END

# Most of the time of a run is spent sleeping, so several go on at once.
every() { # program step + or nothing
    "./$1" --threads 2 --oom-after 1000000 -- 3 >out 2>err || return 1
    count=$(sed -n 's/.*none of \([0-9]*\) allocations failed/\1/p' err)
    echo "$count allocations"
    [ "$count" -ge 40 ] && [ "$count" -lt 2000 ] || return 1
    # A run may take a few more than another one.
    seq -f "%.0f$3" 1 "$2" $((count + 5)) | xargs -P 4 -n 1 sh once.sh "$1"
}

for program in hello primes oom; do
    check "$program: any allocation may fail" every $program $step ""
    check "$program: all from one on may fail" every $program \
        $((3 * step)) +
done

starves() {
    (
        ulimit -v 600000
        timeout -s KILL 30 ./oom -- starve >out 2>err
    ) || return 1
    cat out err
    [ "$(cat out)" = "eaten: BST_FAILED, BST_FAILED, lives 2" ] &&
        [ "$(grep -c "failed in .on eat.*: BST_NOMEM; .*: restarting" err)" = 2 ]
}
if [ "${MODE:-release}" = release ]; then
    check "b91_handler_that_eats_memory_fails_alone" starves
fi
exit $status
