#!/bin/sh
# negative.sh BUILD - C code that leaves the declared topology does not
# compile, with either compiler; the code beside it that stays inside does.

area=negative
. "$(dirname "$0")/lib.sh"

# No -Werror: these are the flags of the Makefile that `bastionc new` writes.
flags="-std=c11 -Wall -Wextra -Werror=implicit-function-declaration"
flags="$flags -Werror=incompatible-pointer-types -I. -I$tree/runtime/include"

"$bastionc" -o . "$tree/examples/counter/counter.bst" || status=1
cat >spawn.bst <<END
actor conn { args { u32 id; } on start => conn_start; }
actor leaf { on start => leaf_start; }
actor door { on start spawns conns, leaves => door_start; }
supervisor root {
    children conn as conns dynamic max 10;
    children conn as others dynamic max 10;
    children leaf as leaves dynamic max 10;
    children door;
}
END
"$bastionc" -o . spawn.bst || status=1

# Writes a handler with this statement in it.
handler() { # statement
    case $1 in
    *_spawn*)
        cat >handler.c <<END
#include "spawn.bst.h"

bst_status door_start(struct door *self)
{
    struct conn_ref conn;
    struct leaf_ref leaf;

    (void)conn;
    (void)leaf;
    (void)self;
    $1
}
END
        return
        ;;
    esac
    cat >handler.c <<END
#include "counter.bst.h"

bst_status driver_run(struct driver *self)
{
    struct total t = {0};

    (void)t;
    (void)self;
    $1
}
END
}

compiles() { # compiler statement
    handler "$2"
    $1 $flags -fsyntax-only handler.c
}

# The compiler must refuse the statement, for the reason given.
refuses() { # compiler reason statement
    handler "$3"
    if $1 $flags -fsyntax-only handler.c 2>error; then
        echo "this compiles with $1: $3"
        return 1
    fi
    cat error
    grep -q "error: .*$2" error
}

for compiler in gcc clang; do
    check "$compiler takes a declared tell" compiles $compiler \
        'return counter_tell_add(self->to.tally, &(struct add){.n = 1});'
    check "$compiler takes a declared ask" compiles $compiler \
        'return counter_ask_get(self->to.tally, &t);'
    check "$compiler takes a declared broadcast" compiles $compiler \
        'return counter_cast_reset(self->to.tally);'
    check "$compiler refuses an unknown message" \
        refuses $compiler "counter_tell_sub" \
        'return counter_tell_sub(self->to.tally, &(struct add){.n = 1});'
    check "$compiler refuses the body of another message" \
        refuses $compiler "incompatible pointer type" \
        'return counter_tell_add(self->to.tally, &t);'
    check "$compiler refuses the reference of another actor" \
        refuses $compiler "incompatible type" \
        'return counter_tell_add((struct driver_ref){0}, &(struct add){.n = 1});'
    check "$compiler refuses an undeclared target" \
        refuses $compiler "no member named .logger" \
        'return counter_tell_add(self->to.logger, &(struct add){.n = 1});'
    check "$compiler refuses a broadcast of a plain message" \
        refuses $compiler "counter_cast_add" \
        'return counter_cast_add(self->to.tally, &(struct add){.n = 1});'
    check "$compiler refuses the answer of another question" \
        refuses $compiler "incompatible pointer type" \
        'return counter_ask_get(self->to.tally, &(struct add){.n = 1});'
    check "$compiler takes a declared spawn" compiles $compiler \
        'return conns_spawn(self, &(struct conn_args){.id = 1}, &conn);'
    check "$compiler takes a spawn without arguments" compiles $compiler \
        'return leaves_spawn(self, &leaf);'
    check "$compiler refuses an undeclared spawn" \
        refuses $compiler "others_spawn" \
        'return others_spawn(self, &(struct conn_args){.id = 1}, &conn);'
    check "$compiler refuses a spawn that only handlers declare, from outside" \
        refuses $compiler "conns_spawn_outside" \
        'return conns_spawn_outside(0, &(struct conn_args){.id = 1}, &conn);'
    check "$compiler refuses the reference of another actor for a spawn" \
        refuses $compiler "incompatible pointer type" \
        'return conns_spawn(self, &(struct conn_args){.id = 1}, &leaf);'
    check "$compiler refuses an unknown argument of a spawn" \
        refuses $compiler "port" \
        'return conns_spawn(self, &(struct conn_args){.port = 1}, &conn);'
done
exit $status
