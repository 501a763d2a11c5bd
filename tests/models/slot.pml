/*
 * One block through its lives: senders tell, while its supervisor starts,
 * stops, restarts, closes and opens it again.
 *
 * Shown: when all comes to rest, each message that was sent is counted once,
 * as handled, failed or dead, however it raced with an end or the close; a
 * message for an incarnation is handled by no other one; no message is handled
 * before the start or after the end; the block is held by one party at a time;
 * the bound of the mailbox is exact; closed, it is empty, idle and without
 * signals, and a start of a closed block is not lost.
 *
 * A handler, and so a turn, does not suspend here (see wait.pml), and there is
 * one tenant, as in every static group.
 *
 * models: runtime/actor/turn.c signal_actor 1239862798
 * models: runtime/actor/turn.c bsti_actor_stop 360887835
 * models: runtime/actor/turn.c bsti_actor_start 2911529154
 * models: runtime/actor/turn.c bsti_actor_close 4060605617
 * models: runtime/actor/turn.c handle 1380112069
 * models: runtime/actor/turn.c discard 1773408895
 * models: runtime/actor/turn.c is_for_us 1498363346
 * models: runtime/actor/turn.c recycle 397493071
 * models: runtime/actor/turn.c bsti_actor_take_out 2739616089
 * models: runtime/actor/turn.c begin 1787893829
 * models: runtime/actor/turn.c heed_signals 1310691205
 * models: runtime/actor/turn.c pop 2207808233
 * models: runtime/actor/turn.c next_message 3375297730
 * models: runtime/actor/turn.c run 2330622582
 * models: runtime/actor/end.c settle_message 171951669
 * models: runtime/actor/end.c bsti_actor_end 1578092429
 * models: runtime/actor/end.c bsti_actor_end_continue 61783136
 * models: runtime/actor/ref.c bsti_ref_resolve 1710846844
 * models: runtime/actor/actor.h bsti_stamp_is_current 3716770513
 * models: runtime/actor/turn.c leave_place 1329951068
 * models: runtime/actor/tell.c has_room 2220507105
 * models: runtime/actor/tell.c take_place 3437486571
 * models: runtime/actor/tell.c push_here 3516037291
 * models: runtime/actor/tell.c bsti_post_node 4188345184
 * models: runtime/actor/tell.c deliver 1727908508
 * models: runtime/actor/tell.c bst_tell 3838175755
 *
 * quick: -DSENDERS=2 -DBOUND=2 -DSTARTS=1
 * quick: -DSTARTS=2
 * full: -DMESSAGES=2 -DSTARTS=2
 * full: -DSENDERS=2 -DBOUND=1 -DSTARTS=1
 * planted: -DPLANT_SILENT_CLOSE nobody empties it when it is closed
 * planted: -DPLANT_ANY_STAMP a turn ignores stamps
 * planted: -DPLANT_NO_RECHECK no look at signals
 * planted: -DSENDERS=2 -DSTARTS=1 -DPLANT_LOAD_STORE torn count
 */

#ifndef SENDERS
#define SENDERS 1
#endif
#ifndef MESSAGES
#define MESSAGES 1 /* of each sender */
#endif
#ifndef BOUND
#define BOUND 1
#endif
#ifndef STARTS
#define STARTS 2
#endif

#define NODES (SENDERS * MESSAGES)
#define STARTS_IDLE 0
#define COARSE
#include "mpscq.inc"

#define START 1
#define STOP 2
#define KILL 4

#define DOWN 0
#define STARTING 1
#define UP 2

#define TENANT 1

byte gate = TENANT * 2; /* bit 0: closed */
byte incarnation;
byte stamps = TENANT;
byte phase = DOWN;
byte pushed;            /* places taken; wraps */
byte left;              /* places left again, `taken` in the program; wraps */
byte ready;             /* the run queue */
bool exited;            /* the note to the supervisor */
bool first_runs;        /* worker 0 */

byte stamp[NODES + 1];  /* of each node */
bool tagged[NODES + 1]; /* for one incarnation */

byte sent;
byte handled;
byte failed;
byte dead;
byte places;            /* messages that were let in and not taken out */

inline bsti_exec_ready()
{
    atomic {
        ready++;
        assert(ready == 1)
    }
}

inline signal_actor(bits)
{
    bsti_proc_signal(bits, yes);
    if
    :: yes -> bsti_exec_ready()
    :: else
    fi;
    yes = false
}

inline bsti_stamp_is_current(value, for_incarnation, current)
{
    if
    :: !for_incarnation -> current = (gate == value)
    :: else ->
        current = !(gate & 1);
        if
        :: current -> current = (incarnation == value)
        :: else
        fi
    fi
}

/* ---- a turn -------------------------------------------------------------- */

/* Its memory may be used by another message from now on. */
inline recycle(node)
{
    d_step { stamp[node] = 0; tagged[node] = false }
}

inline bsti_actor_take_out()
{
    bsti_mpscq_pop(0, node, result);
    atomic {
        if
        :: result == POPPED -> recycle(node)
        :: else /* the next turn of the block takes it out */
        fi;
        node = 0;
        result = 0
    }
}

inline settle_message(failure)
{
    if
    :: failure -> bsti_actor_take_out()
    :: else
    fi
}

inline bsti_actor_end_continue()
{
    atomic { stamps++; incarnation = stamps }
    bsti_proc_take_signals(KILL | STOP, taken);
    atomic {
        taken = 0;
        phase = DOWN;
        assert(!exited && holders == 1);
        exited = true
    }
}

inline bsti_actor_end(failure)
{
    settle_message(failure);
    bsti_actor_end_continue()
}

inline begin(go)
{
    gate = gate & ~1;
    atomic {
        stamps++;
        incarnation = stamps;
        if
        :: phase = UP; go = true
        :: go = false /* it declines, or fails to start */
        fi
    }
    if
    :: !go -> bsti_actor_end(false)
    :: else
    fi
}

inline heed_signals(go)
{
    atomic {
        bsti_proc_take_signals(KILL | STOP | START, taken);
        assert(phase == DOWN || !(taken & START));
        go = (phase == DOWN || taken == 0)
    }
    if
    :: taken & START ->
        /* The holder itself: it cannot become responsible. */
        bsti_proc_signal(taken & ~START, yes);
        atomic {
            assert(!yes);
            taken = 0;
            phase = STARTING
        }
        begin(go)
    :: !go -> taken = 0; bsti_actor_end(false)
    :: else -> taken = 0
    fi
}

inline pop()
{
    bsti_mpscq_pop(1, node, result);
    atomic {
        if
        :: result == BUSY -> bsti_exec_ready()
        :: else -> recycle(node)
        fi;
        go = (result == POPPED);
        node = 0
    }
    if
    :: result == IDLE -> bsti_proc_reclaim(go)
    :: else
    fi;
    result = 0
}

inline is_for_us(node, ours)
{
#ifdef PLANT_ANY_STAMP
    ours = (phase != DOWN)
#else
    ours = (phase != DOWN);
    if
    :: ours -> bsti_stamp_is_current(stamp[node], tagged[node], ours)
    :: else
    fi
#endif
}

inline discard()
{
    dead++
}

#define OK 1
#define FAIL 2
#define END 3

/* Calls the handler and counts; the rest is in next_message(). */
inline handle(node, how)
{
    assert(phase == UP && !(gate & 1));
    assert(stamp[node] == (tagged[node] -> incarnation : gate));
    if
    :: handled++; how = OK
    :: failed++; how = FAIL
    :: handled++; how = END /* it stops itself */
    fi
}

inline leave_place()
{
    left++;
    places--
}

inline next_message()
{
    bsti_mpscq_front(node, busy);
    if
    :: node != NONE ->
        atomic { /* but for the place, this is the holder's own */
            leave_place();
            is_for_us(node, yes);
            if
            :: yes -> yes = false; handle(node, how)
            :: else -> discard(); how = OK
            fi
        }
        if
        :: how == OK -> how = 0; pop()
        :: how == FAIL -> how = 0; bsti_actor_end(true); go = false
        :: how == END ->
            how = 0;
            bsti_actor_take_out();
            bsti_actor_end(false);
            go = false
        fi
    :: node == NONE && busy ->
        atomic { node = 0; busy = false; go = false; bsti_exec_ready() }
    :: node == NONE && !busy ->
        node = 0;
        bsti_mpscq_try_idle(yes);
        if
        :: yes -> yes = false; bsti_proc_reclaim(go)
        :: else -> go = true
        fi
    fi
}

inline c_run() /* `run` is a word of Promela */
{
    go = true;
    if
    :: phase == STARTING -> begin(go)
    :: else
    fi;
    do
    :: !go -> break
    :: go && bsti_proc_signals() == 0 -> goto calm
    :: go && bsti_proc_signals() != 0 ->
        heed_signals(go);
calm:
        if
        :: !go
        :: go && bsti_mpscq_is_spent() -> pop()
        :: go && !bsti_mpscq_is_spent() -> next_message()
        fi
    od
}

active [2] proctype worker()
{
    byte node, result, old, taken, how;
    bool busy, go, yes;

end:
    do
    /* The workers are alike: the second one runs what the first cannot. */
    :: atomic {
            ready > 0 && (_pid == 0 || first_runs) ->
            ready--;
            first_runs = first_runs || _pid == 0
        }
        c_run();
        first_runs = first_runs && _pid != 0
    od
}

/* ---- its supervisor ------------------------------------------------------ */

/* bsti_actor_kill() does the same here: there are no waits. */
inline bsti_actor_stop()
{
    signal_actor(STOP)
}

inline bsti_actor_start()
{
    bsti_proc_take_signals(KILL | STOP, taken);
    taken = 0;
    if
    :: gate & 1 -> signal_actor(START)
    :: else ->
        assert(phase == DOWN && holders == 1);
        phase = STARTING;
        bsti_exec_ready()
    fi
}

inline bsti_actor_close()
{
    gate = gate | 1;
#ifndef PLANT_SILENT_CLOSE
    bsti_exec_ready()
#endif
}

active proctype supervisor()
{
    byte i, old, taken;
    bool yes, told;

    do
    :: i == STARTS -> break
    :: i < STARTS ->
        i++;
        bsti_actor_start();
        do
        :: atomic { exited -> exited = false; told = false; break }
        :: !told -> told = true; bsti_actor_stop()
        od;
        if
        :: i < STARTS /* restarted */
        :: bsti_actor_close() /* and perhaps opened again */
        fi
    od
}

/* ---- senders ------------------------------------------------------------- */

inline bsti_ref_resolve(value, for_incarnation, current)
{
    bsti_stamp_is_current(value, for_incarnation, current)
}

/* Others may have left places since: then the difference is negative. */
inline has_room(before, place)
{
    place = (before - left < BOUND)
}

inline take_place(place)
{
#ifdef PLANT_LOAD_STORE
    before = pushed;
    pushed = before + 1;
#else
    atomic { before = pushed; pushed++ }
#endif
    atomic {
        has_room(before, place);
        if
        :: place -> places++; assert(places <= BOUND)
        :: else -> assert(before - left >= BOUND) /* not an empty mailbox */
        fi;
        before = 0
    }
    if
    :: !place -> pushed--
    :: else
    fi
}

/* push_here() does the same on a worker. */
inline bsti_post_node(node)
{
    bsti_mpscq_push(node, yes);
    atomic {
        if
        :: yes -> bsti_exec_ready()
        :: else
        fi;
        yes = false
    }
}

inline deliver(node, value, for_incarnation)
{
    take_place(yes);
    if
    :: yes ->
        d_step {
            stamp[node] = value;
            tagged[node] = for_incarnation;
            sent++
        }
        bsti_post_node(node)
    :: else /* refused: full */
    fi
}

inline bst_tell(node, value, for_incarnation)
{
    bsti_ref_resolve(value, for_incarnation, yes);
    if
    :: yes -> deliver(node, value, for_incarnation)
    :: else /* refused: dead */
    fi
}

active [SENDERS] proctype sender()
{
    byte i, old, before, value;
    bool yes, for_incarnation;

    do
    :: i == MESSAGES -> break
    :: i < MESSAGES ->
        if
        :: value = TENANT * 2
        :: atomic { phase == UP -> value = incarnation; for_incarnation = true }
        fi;
        bst_tell(1 + MESSAGES * (_pid - 3) + i, value, for_incarnation);
        atomic { i++; value = 0; for_incarnation = false; yes = false }
    od
}

active proctype at_rest()
{
    timeout ->
        assert(sent == handled + failed + dead);
        assert(holders == 0 && ready == 0 && signals == 0);
        assert(phase == DOWN && (gate & 1) && !exited);
        assert(head == WORD(STUB, 1) && pushed == left && places == 0)
}
