#!/bin/sh
# faults.sh BUILD - handlers that fail in every way a processor or the C
# library knows: each is contained, or ends the program with a report, at once.

area=faults
. "$(dirname "$0")/lib.sh"

case ${MODE:-release} in
asan | tsan) sanitized=yes ;;
*) sanitized=no ;;
esac

builds() {
    build_program "$e2e/faults" faults --main
}
check "the program builds" builds
[ $status = 0 ] || exit $status

# Runs ./faults HOW WHERE TIMES, with stdout piped, for a second at most (the
# sanitizers get more); leaves its status in $got.
run() { # how where times
    limit=1
    [ $sanitized = no ] || limit=20
    [ "$3" -lt 1000 ] || limit=60
    got=0
    { timeout -s KILL $limit ./faults -- "$@" 2>err || echo $? >got; } |
        cat >out
    [ ! -e got ] || got=$(cat got)
    rm -f got
    tail -n 5 out err
}

# With a failing cleanup each of them has three reports, and ten are shown.
contained() { # how where words
    words=$3
    times=6
    [ "$1" != cleanup ] || times=3
    run "$1" "$2" $times
    [ $got = 0 ] || {
        echo "ended with status $got"
        return 1
    }
    printf '%s: lives %s, 1/3 = 0.333\n' "$1" $times | diff - out || return 1
    [ "$(grep -c "failed in .*: $words.*: restarting" err)" = $times ]
}

ends() { # how where status words
    words=$4
    run "$1" "$2" 6
    [ $got = "$3" ] || {
        echo "ended with status $got"
        return 1
    }
    grep -q "$words" err
}

for where in worker blocking; do
    for way in \
        "null_read null pointer: SIGSEGV at 0x0" \
        "null_write null pointer: SIGSEGV at 0x10" \
        "null_call null pointer: SIGSEGV at 0x0" \
        "wild wild pointer: SIGSEGV at 0x456789abc000" \
        "noncanonical wild pointer: SIGSEGV" \
        "overflow stack overflow: SIGSEGV at 0x" \
        "divide division by zero: SIGFPE" \
        "illegal illegal instruction: SIGILL" \
        "bus bus error: SIGBUS" \
        "dirty null pointer: SIGSEGV" \
        "aligned null pointer: SIGSEGV" \
        "assertion failed assertion: SIGABRT" \
        "aborted abort: SIGABRT" \
        "bad_tell null pointer: SIGSEGV at 0x8" \
        "bad_long null pointer: SIGSEGV at 0x8" \
        "bad_cast null pointer: SIGSEGV at 0x8" \
        "bad_owned null pointer: SIGSEGV at 0x8" \
        "bad_question null pointer: SIGSEGV at 0x8" \
        "bad_answer null pointer: SIGSEGV at 0x8" \
        "cleanup null pointer: SIGSEGV" \
        "suspended null pointer: SIGSEGV" \
        "forked the child died" \
        "panic said so"; do
        check "b91_fault_is_contained: $where, ${way%% *}" \
            contained "${way%% *}" $where "${way#* }"
    done
    # The sanitizers have these functions, and malloc, of their own.
    for way in \
        "leaf null pointer: SIGSEGV at 0x0" \
        "copy null pointer: SIGSEGV at 0x8" \
        "sort null pointer: SIGSEGV at 0x0"; do
        name="b91_fault_is_contained: $where, ${way%% *}"
        if [ $sanitized = yes ]; then
            skip "$name" "sanitizers replace the function"
        else
            check "$name" contained "${way%% *}" $where "${way#* }"
        fi
    done
    for way in \
        "print 139 fatal: .* in the C library, .*handler .on act" \
        "cookie 139 fatal: .* in the C library, " \
        "double_free 134 fatal: abort: .* in malloc" \
        "smash 134 fatal: abort: .* in malloc"; do
        name="b91_fault_ends_the_program_with_a_report: $where, ${way%% *}"
        rest=${way#* }
        if [ $sanitized = yes ]; then
            skip "$name" "sanitizers replace the function"
        else
            check "$name" ends "${way%% *}" $where "${rest%% *}" "${rest#* }"
        fi
    done
    check "$where: a fault in the runtime ends the program" \
        ends broken_runtime $where 139 "fatal: .* in the runtime, /root/"
done

# The same program under another rule.
with_rule() { # rule
    mkdir -p "$1"
    cp "$e2e/faults/faults.c" "$1"
    { echo "faults $1;" && cat "$e2e/faults/faults.bst"; } >"$1/faults.bst"
    build_program "$1" faults --main
}
is_reported() {
    grep -q "fatal: " err
}
ends_silently() { # how where status
    run "$1" "$2" 6
    [ $got = "$3" ] && ! is_reported
}
check "the program builds with faults strict" with_rule strict
for where in worker blocking; do
    check "strict, $where: a null pointer is contained" \
        contained null_write $where "null pointer: SIGSEGV at 0x10"
    check "strict, $where: an overflow is contained" \
        contained overflow $where "stack overflow: SIGSEGV at 0x"
    check "strict, $where: a wild pointer ends the program" \
        ends wild $where 139 "fatal: wild pointer: .*faults strict.* /root/"
done
check "the program builds with faults off" with_rule off
for where in worker blocking; do
    name="off, $where: a null pointer ends the program"
    if [ $sanitized = yes ]; then
        skip "$name" "sanitizers catch it first"
    else
        check "$name" ends_silently null_write $where 139
    fi
    check "off, $where: a panic is contained" contained panic $where "said so"
done
check "the program builds again" builds

sent() {
    run sent worker 6
    [ $got = 139 ] && ! grep -q "fatal" err
}
if [ $sanitized = yes ]; then
    skip "a SIGSEGV by kill(2) is no failure" "sanitizers catch it first"
else
    check "a SIGSEGV by kill(2) is no failure" sent
fi

many() { # how where times
    run "$@"
    [ $got = 0 ] && printf '%s: lives %s, 1/3 = 0.333\n' "$1" "$3" | diff - out
}
if [ "${MODE:-release}" = release ]; then
    BASTION_LOG=none
    export BASTION_LOG
    check "100,000 failures of all kinds do not grow memory" \
        many mixed worker 100000
    check "50,000 of them on the pool do not grow memory" \
        many mixed blocking 50000
    check "10,000 overflows do not grow memory" many overflow worker 10000
fi
# ---- a jump to nowhere ---------------------------------------------------------

# The last call of a handler that is optimised leaves no frame of the user's.
builds_jump() {
    mkdir -p jump
    cat >jump/jump.bst <<'END'
message go;
actor jumper {
    on start sends self.go => jumper_start;
    on go => jumper_go;
}
supervisor root { children jumper { restart always; } }
END
    cat >jump/jump.c <<'END'
#include "jump.bst.h"

#include <stdio.h>

static bst_status (*volatile nowhere)(struct jumper *self);
static int lives;

bst_status jumper_start(struct jumper *self)
{
    if (++lives < 5)
        return jumper_tell_go(self->to.self);
    printf("lives %d\n", lives);
    bst_stop_system(self);
    return BST_OK;
}

bst_status jumper_go(struct jumper *self)
{
    return nowhere(self);
}
END
    "$bastionc" --main -o . jump/jump.bst &&
        $CC $user_flags -O2 -I. -o jumps jump.bst.c jump/jump.c $user_libs
}

jumps() {
    unset BASTION_LOG
    expect_status 0 ./jumps >out 2>err || {
        cat out err
        return 1
    }
    cat err
    grep -q '^lives 5$' out && grep -q 'null pointer: SIGSEGV at 0x0' err
}

check "a program that jumps to nowhere builds" builds_jump
check "a handler that ends in a jump to nowhere is contained" jumps
exit $status
