/*
 * One block through its lives: senders tell, while its supervisor starts,
 * stops, restarts, closes and opens it again.
 *
 * Shown: when all comes to rest, each message that was sent is counted once,
 * as handled, failed or dead, however it raced with an end or the close; a
 * message for an incarnation is handled by no other one; no message is handled
 * before the start or after the end; the block is held by one party at a time;
 * no more wait in the mailbox than its bound, and every place that was taken is
 * left again (a sender that is refused has a place for a moment, and another
 * one may be refused for it); closed, it is empty, idle and without
 * signals, and a start of a closed block is not lost.
 *
 * A handler, and so a turn, does not suspend here (see wait.pml), and there is
 * one tenant, as in every static group. A message that finds no place is
 * refused: see blocked.pml for senders that wait instead.
 *
 * models: runtime/actor/life.c signal_actor 1239862798
 * models: runtime/actor/life.c bsti_actor_stop 1172038073
 * models: runtime/actor/life.c bsti_actor_start 3048073722
 * models: runtime/actor/life.c bsti_actor_close 2065795231
 * models: runtime/actor/turn.c handle 1380112069
 * models: runtime/actor/turn.c discard 1007675187
 * models: runtime/actor/turn.c is_for_us 3584723657
 * models: runtime/actor/turn.c recycle 526333612
 * models: runtime/actor/turn.c bsti_actor_take_out 639529035
 * models: runtime/actor/life.c bsti_actor_begin 2332615310
 * models: runtime/actor/life.c bsti_actor_heed_signals 563998514
 * models: runtime/actor/turn.c pop 2008041000
 * models: runtime/actor/turn.c next_message 3687017877
 * models: runtime/actor/turn.c at_end 75535665
 * models: runtime/actor/turn.c small_front 366732077
 * models: runtime/actor/turn.c call_plain 3060623180
 * models: runtime/actor/turn.c call_question 3856552859
 * models: runtime/actor/turn.c handle_small 438147732
 * models: runtime/actor/turn.c run_small 207122095
 * models: runtime/actor/turn.c is_used_up 2145743966
 * models: runtime/exec/worker.c bsti_exec_requeue 1176743301
 * models: runtime/actor/turn.c run_first 2346523558
 * models: runtime/actor/turn.c turn 3262836201
 * models: runtime/actor/turn.c after_handler 3786276215
 * models: runtime/actor/end.c settle_message 171951669
 * models: runtime/actor/end.c bsti_actor_end 1572523896
 * models: runtime/actor/end.c bsti_actor_end_continue 1156938375
 * models: runtime/actor/ref.c bsti_ref_resolve 1710846844
 * models: runtime/actor/actor.h bsti_stamp_is_current 3716770513
 * models: runtime/actor/turn.c leave_place 1329951068
 * models: runtime/actor/send.h bsti_take_place 2680728186
 * models: runtime/actor/send.h bsti_push_here 4187005818
 * models: runtime/actor/send.h bsti_ref_single 1222873767
 * models: runtime/actor/tell.c tell_child 3496824176
 * models: runtime/actor/tell.c send_small 3816336301
 * models: runtime/actor/tell.c bsti_post_node 2303656922
 * models: runtime/actor/tell.c deliver 1030331043
 * models: runtime/actor/tell.c bst_tell 3045699165
 *
 * quick: -DSTARTS=1
 * full: -DSTARTS=2
 * full: -DSENDERS=2 -DBOUND=2 -DSTARTS=1
 * full: -DMESSAGES=2 -DSTARTS=2
 * full: -DSENDERS=2 -DBOUND=1 -DSTARTS=1
 * planted: -DPLANT_SILENT_CLOSE nobody empties it when it is closed
 * planted: -DPLANT_ANY_STAMP a turn ignores stamps
 * planted: -DPLANT_NO_RECHECK no look at signals
 * planted: -DSENDERS=2 -DSTARTS=1 -DPLANT_LOAD_STORE torn count
 * planted: -DPLANT_UNNOTED the short way does not say what it handles
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
byte handling;          /* `node` of the actor; 0: none */
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

/* Behind what else is ready: here there is nothing else. */
inline bsti_exec_requeue()
{
    bsti_exec_ready()
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
    handling = 0;
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
    :: failure && handling != 0 -> failed++; bsti_actor_take_out()
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

inline bsti_actor_begin(go)
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

inline bsti_actor_heed_signals(go)
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
        bsti_actor_begin(go)
    :: !go -> taken = 0; bsti_actor_end(false)
    :: else -> taken = 0
    fi
}

inline pop()
{
    handling = 0; /* before others may hold the process */
    bsti_mpscq_pop(1, node, result);
    atomic {
        if
        :: result == BUSY -> bsti_exec_requeue()
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

/* Calls the handler and counts; what follows is in after_handler(). */
inline handle(node, how)
{
    assert(phase == UP && !(gate & 1));
    assert(stamp[node] == (tagged[node] -> incarnation : gate));
    if
    :: handled++; how = OK
    :: how = FAIL /* settle_message() counts it */
    :: handled++; how = END /* it stops itself */
    fi
}

inline leave_place()
{
    left++;
    places--
}

/* A handler that did not end well, or was the last one. */
inline after_handler()
{
    if
    :: how == FAIL -> how = 0; bsti_actor_end(true)
    :: how == END -> how = 0; bsti_actor_take_out(); bsti_actor_end(false)
    fi;
    go = false
}

inline at_end(busy)
{
    if
    :: busy -> atomic { busy = false; go = false; bsti_exec_requeue() }
    :: else ->
        bsti_mpscq_try_idle(yes);
        if
        :: yes -> yes = false; bsti_proc_reclaim(go)
        :: else -> go = true
        fi
    fi
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
            :: yes -> yes = false; handling = node; handle(node, how)
            :: else -> discard(); how = OK
            fi
        }
        if
        :: how == OK -> how = 0; pop()
        :: else -> node = 0; after_handler()
        fi
    :: else -> node = 0; at_end(busy)
    fi
}

#define is_used_up() true /* or not: it may be at any time */

/* The front, if it is there and was sent to the child as it is; else 0. */
inline small_front(node)
{
    atomic {
        if
        :: tail != WORD(STUB, 0) -> node = NODE_OF(tail)
        :: else ->
            node = next[STUB];
            if
            :: node != NONE -> tail = WORD(node, 0)
            :: else -> node = 0
            fi
        fi;
        if
        :: node != 0 && (tagged[node] || stamp[node] != gate) -> node = 0
        :: else
        fi
    }
}

/* call_plain() or call_question(): they differ in the answer. */
inline handle_small()
{
    atomic {
#ifndef PLANT_UNNOTED
        handling = node;
#endif
        handle(node, how)
    }
}

/* It pops by itself; a node that stays linked is left to turn(). */
inline run_small()
{
    do
    :: true -> node = 0; next_message(); break /* the long way, all the same */
    :: true ->
        atomic { leave_place(); handle_small() }
        if
        :: how != OK -> node = 0; after_handler(); break
        :: how == OK ->
            how = 0;
            handling = 0;
            bsti_mpscq_pop(1, node, result);
            if
            :: result == BUSY -> break
            :: result == IDLE -> recycle(node); bsti_proc_reclaim(go); break
            :: result == POPPED ->
                recycle(node);
                atomic { node = 0; result = 0 }
                if
                :: bsti_proc_signals() != 0 -> break
                :: is_used_up() -> bsti_exec_requeue(); go = false; break
                :: bsti_proc_signals() == 0 -> small_front(node)
                fi;
                if
                :: node == 0 -> break
                :: else
                fi
            fi
        fi
    od;
    atomic { node = 0; result = 0 }
}

/* run_first(): an incarnation begins. */
inline turn()
{
    go = true;
    if
    :: phase == STARTING -> bsti_actor_begin(go)
    :: else
    fi;
    do
    :: !go -> break
    :: go && bsti_proc_signals() == 0 -> goto calm
    :: go && bsti_proc_signals() != 0 ->
        bsti_actor_heed_signals(go);
calm:
        if
        :: !go
        :: go && bsti_mpscq_is_spent() -> pop()
        :: go && !bsti_mpscq_is_spent() ->
            if
            :: phase == UP -> small_front(node)
            :: else
            fi;
            if
            :: node != 0 -> run_small()
            :: else -> next_message()
            fi
        :: go && !bsti_mpscq_is_spent() && is_used_up() ->
            bsti_exec_requeue();
            go = false
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
        turn();
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

/* bsti_ref_single() on the short way. */
inline bsti_ref_resolve(value, for_incarnation, current)
{
    bsti_stamp_is_current(value, for_incarnation, current)
}

/* Others may have left places since: then the difference is negative. */
inline bsti_take_place(place)
{
#ifdef PLANT_LOAD_STORE
    before = pushed;
    pushed = before + 1;
#else
    atomic { before = pushed; pushed++ }
#endif
    atomic {
        place = (before - left < BOUND);
        if
        :: place -> places++; assert(places <= BOUND)
        :: else
        fi;
        before = 0
    }
    if
    :: !place -> pushed--
    :: else
    fi
}

/* bsti_push_here() does the same on a worker. */
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

/* And so does tell_child() with send_small(), in one piece. */
inline deliver(node, value, for_incarnation)
{
    bsti_take_place(yes);
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
