#!/bin/sh
# dynamic.sh BUILD - a program whose children are spawned while it runs.

area=dynamic
. "$(dirname "$0")/lib.sh"

write_program() {
    fresh "$1"
    mkdir src
    cat >src/kids.bst <<'END'
use <stdio.h>;

message who =!> me;
message me { u32 id; u32 lives; }
message crash;
message leave;

actor kid {
    args { u32 id; u64 spare; }
    state { keep u32 lives; }
    on start => {
        if (self->args->id == 13)
            return BST_FAIL;
        self->lives++;
    }
    on who =!> { answer->id = self->args->id; answer->lives = self->lives; }
    on crash => { return BST_FAIL; }
    on leave => { return BST_STOP; }
}

actor boss {
    on start spawns kids asks kid.who within 5s sends kid.crash, kid.leave
        => boss_start;
}

outside spawns kids asks kid.who within 5s sends kid.leave;

supervisor root {
    children kid as kids dynamic max 2 { lifetime transient; }
    children boss;
}
END
    cat >src/kids.c <<'END'
#include "kids.bst.h"

static void say(const char *what, bst_status status)
{
    printf("%s: %s\n", what, bst_status_name(status));
    fflush(stdout);
}

static void ask(struct kid_ref kid)
{
    struct me me;

    if (kid_ask_who(kid, &me) == BST_OK)
        printf("kid %u, life %u\n", me.id, me.lives);
}

bst_status boss_start(struct boss *self)
{
    struct kid_ref first;
    struct kid_ref second;

    say("one", kids_spawn(self, &(struct kid_args){.id = 1}, &first));
    say("bad", kids_spawn(self, &(struct kid_args){.id = 13}, NULL));
    say("two", kids_spawn(self, &(struct kid_args){.id = 2}, &second));
    say("too many", kids_spawn(self, &(struct kid_args){.id = 3}, NULL));
    ask(first);
    say("crash", kid_tell_crash(first));
    ask(first);
    ask(second);
    say("leave", kid_tell_leave(second));
    return BST_OK;
}

int main(void)
{
    struct bst_options options = BST_OPTIONS_DEFAULT;
    struct bst_system *system;
    struct kid_ref third;
    bst_status status;

    options.log = BST_LOG_NONE;
    system = bst_system_start(&kids_app, &options, NULL);
    if (!system)
        return 1;
    while ((status = kids_spawn_outside(
                system, &(struct kid_args){.id = 3}, &third)) == BST_FULL)
        ;
    say("three", status);
    ask(third);
    bst_system_stop(system);
    return bst_system_wait(system);
}
END
    cat >expected <<'END'
one: BST_OK
bad: BST_FAILED
two: BST_OK
too many: BST_FULL
kid 1, life 1
crash: BST_OK
kid 1, life 2
kid 2, life 1
leave: BST_OK
three: BST_OK
kid 3, life 1
END
}

children_come_and_go() {
    write_program run
    build_program src kids || return 1
    expect_status 0 ./kids >found || return 1
    diff expected found
}

check "children come and go" children_come_and_go
exit $status
