/*
 * A mailbox that blocks: senders that find it full wait in a list for a place,
 * or for their message to be pushed, while the receiver handles messages, ends,
 * is started again or closed.
 *
 * Shown: a message is pushed once or freed once, whoever ends the wait; there
 * are never more messages than places; a sender without a time limit does not
 * wait for ever; when all comes to rest no place is lost, the bound is there
 * again, no signal is left, and the receiver does not go round and round.
 *
 * A sender that gets the place alone (an asker) pushes afterwards, or gives
 * it back. One that is killed takes back what it was given and has not used.
 * How a wait word decides who ends a wait is in wait.pml; here that is a step.
 *
 * models: runtime/actor/blocked.c free_places 240950044
 * models: runtime/actor/blocked.c left_list 3510100806
 * models: runtime/actor/blocked.c choose 763147450
 * models: runtime/actor/blocked.c finish 1888163113
 * models: runtime/actor/blocked.c give 2386521939
 * models: runtime/actor/blocked.c turn_away 4131397263
 * models: runtime/actor/blocked.c bsti_blocked_serve 2841269915
 * models: runtime/actor/blocked.c enter_list 277941397
 * models: runtime/actor/blocked.c bsti_place_return 270808850
 * models: runtime/actor/blocked.c leave_list 3016296017
 * models: runtime/actor/blocked.c end_wait 1769002271
 * models: runtime/actor/blocked.c wait_as_process 1012104071
 * models: runtime/actor/blocked.c wait_as_thread 3570630891
 * models: runtime/actor/blocked.c bsti_blocked_send 2777148871
 * models: runtime/actor/blocked.c bsti_blocked_place 946686846
 * models: runtime/actor/blocked.c bsti_blocked_drop 1601861657
 * models: runtime/actor/send.h bsti_take_place 2680728186
 * models: runtime/actor/turn.c at_end 75535665
 * models: runtime/actor/turn.c pop 2008041000
 * models: runtime/actor/turn.c next_message 3687017877
 * models: runtime/actor/turn.c leave_place 1329951068
 * models: runtime/actor/turn.c turn 3262836201
 * models: runtime/actor/life.c bsti_actor_heed_signals 563998514
 * models: runtime/actor/life.c bsti_actor_start 3048073722
 * models: runtime/actor/life.c bsti_actor_close 2065795231
 *
 * quick: -DSENDERS=2 -DENDS=0 -DWORKERS=1
 * full: -DSENDERS=2 -DENDS=0
 * full: -DSENDERS=2 -DWORKERS=1
 * full: -DSENDERS=2 -DWORKERS=1 -DREOPENED
 * full: -DSENDERS=3 -DENDS=0 -DWORKERS=1
 * planted: -DENDS=0 -DWORKERS=1 -DPLANT_NO_RECHECK goes idle without a look at the signals
 * planted: -DSENDERS=3 -DENDS=0 -DWORKERS=1 -DPLANT_OVERTAKE the bound stays while somebody waits
 * planted: -DENDS=0 -DWORKERS=1 -DPLANT_KEEP_PLACE who is killed keeps its place
 * planted: -DWORKERS=1 -DPLANT_OPEN_EARS nobody is turned away when it is closed
 */

#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef BOUND
#define BOUND 1
#endif
#ifndef ENDS
#define ENDS 1 /* of the receiver: at most; the last one is for good */
#endif

#ifndef WORKERS
#define WORKERS 2
#endif

#define NODES SENDERS
#define STARTS_IDLE 1
#define COARSE
#include "mpscq.inc"

#define START 1
#define STOP 2
#define BLOCKED_SIGNAL 4

#define DOWN 0
#define UP 2

/* A sender's wait. */
#define OVER 0
#define OPEN 1
#define CLAIMED 2
#define READY 3

/* How it ends. */
#define OK 1
#define FULL 2
#define DEAD 3

bool closed; /* the gate */
byte phase = UP;
bool exited;
byte ready;
bool first_runs;
bool waits_in_vain; /* the receiver was put back for a place alone */

byte pushed;
byte left;          /* `taken` in the program */
byte bound = BOUND;
bool listed[SENDERS + 1];
bool served[SENDERS + 1];
byte waiting;
byte wait[SENDERS + 1];
byte status[SENDERS + 1];
bool has_place[SENDERS + 1];
bool has_node[SENDERS + 1]; /* the sender's; else it wants a place */

byte places;   /* taken by somebody who was told so; not in the program */
byte sent;
byte handled;
byte dead;
byte freed;    /* or refused */
byte finished;

inline bsti_exec_ready()
{
    atomic {
        ready++;
        assert(ready == 1)
    }
}

inline come()
{
    places++;
    assert(places <= BOUND)
}

inline leave_place()
{
    left++;
    places--
}

inline bsti_post_node(node)
{
    sent++;
    bsti_mpscq_push(node, yes);
    atomic {
        if
        :: yes -> bsti_exec_ready()
        :: else
        fi;
        yes = false
    }
}

/* ---- the receiver -------------------------------------------------------- */

#define free_places() (BOUND - (pushed - left))

/* Under the lock. */
inline left_list()
{
    if
    :: waiting == 0 -> bound = BOUND
    :: else
    fi
}

/* Whoever comes first: the order of the list is left open. */
inline choose(most, take_places)
{
    atomic { /* the lock */
        do
        :: most == 0 || waiting == 0 -> break
        :: most > 0 && waiting > 0 ->
            if
            :: listed[1] -> i = 1
            :: SENDERS > 1 && listed[2 % (SENDERS + 1)] -> i = 2
            :: SENDERS > 2 && listed[3 % (SENDERS + 1)] -> i = 3
            fi;
            listed[i] = false;
            waiting--;
            if
            :: wait[i] == OPEN ->
                wait[i] = CLAIMED;
                served[i] = true;
                most--;
                if
                :: take_places -> pushed++; come()
                :: else
                fi
            :: else
            fi
        od;
        left_list();
        if
        :: waiting == 0 -> signals = signals & ~BLOCKED_SIGNAL
        :: else
        fi;
        most = 0;
        i = 0
    }
}

inline finish(how)
{
    atomic { assert(wait[i] == CLAIMED); status[i] = how; wait[i] = READY }
}

#define SERVED                                                                 \
    (served[1] -> 1 : (served[2 % (SENDERS + 1)] -> 2 : 3 % (SENDERS + 1)))

inline give()
{
    do
    :: !served[SERVED] -> break
    :: served[SERVED] ->
        atomic {
            i = SERVED;
            served[i] = false;
            if
            :: has_node[i] -> bsti_post_node(i)
            :: else -> has_place[i] = true
            fi;
            has_node[i] = false
        }
        atomic { finish(OK); i = 0 }
    od
}

inline turn_away()
{
    do
    :: !served[SERVED] -> break
    :: served[SERVED] ->
        atomic { i = SERVED; served[i] = false; finish(DEAD); i = 0 }
    od
}

inline bsti_blocked_serve()
{
    if
    :: closed ->
#ifndef PLANT_OPEN_EARS
        most = SENDERS;
        choose(most, false);
        turn_away()
#else
        bsti_proc_take_signals(BLOCKED_SIGNAL, yes);
        yes = false
#endif
    :: !closed ->
        most = (free_places() < (BOUND + 1) / 2 -> 0 : free_places());
        if
        :: most > 0 -> choose(most, true); give()
        :: else
        fi
    fi
}

/* What an end and a beginning do apart from this is in slot.pml. */
inline bsti_actor_heed_signals()
{
    seen = signals;
    if
    :: seen & BLOCKED_SIGNAL -> bsti_blocked_serve()
    :: else
    fi;
    if
    :: seen == BLOCKED_SIGNAL
    :: else ->
        bsti_proc_take_signals(STOP | START, taken);
        atomic {
            if
            :: phase == DOWN && (taken & START) -> closed = false; phase = UP
            :: phase == UP && (taken & STOP) ->
                phase = DOWN;
                go = false;
                exited = true
            :: else
            fi;
            taken = 0
        }
    fi;
    seen = 0
}

inline pop()
{
    bsti_mpscq_pop(1, node, result);
    atomic {
        if
        :: result == BUSY -> bsti_exec_ready()
        :: else
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

inline at_end(busy)
{
    seen = signals & BLOCKED_SIGNAL;
    if
    :: busy || seen ->
        atomic {
            waits_in_vain = !busy;
            busy = false;
            seen = 0;
            go = false;
            bsti_exec_ready() /* bsti_exec_requeue() */
        }
    :: else ->
        bsti_mpscq_try_idle(yes);
        if
        :: yes -> yes = false; bsti_proc_reclaim(go)
        :: else -> go = true
        fi
    fi
}

/* The short way and the messages that were handled last are in slot.pml. */
inline next_message()
{
    bsti_mpscq_front(node, busy);
    if
    :: node != NONE ->
        atomic {
            leave_place();
            if
            :: phase == UP -> handled++
            :: else -> dead++
            fi
        }
        pop()
    :: else -> node = 0; at_end(busy)
    fi
}

inline turn()
{
    go = true;
    do
    :: !go -> break
    :: go ->
        if
        :: signals != 0 -> bsti_actor_heed_signals()
        :: else
        fi;
        if
        :: !go
        :: go && bsti_mpscq_is_spent() -> pop()
        :: go && !bsti_mpscq_is_spent() -> next_message()
        fi
    od
}

/* Whether a turn would come to something; else it is not run here at all, so
 * that a receiver that waits for ever is one that rests. */
#define MATTERS                                                                \
    (!waits_in_vain || closed || free_places() >= (BOUND + 1) / 2 ||           \
     head != WORD(STUB, 0) || signals != BLOCKED_SIGNAL)

active [WORKERS] proctype worker()
{
    byte node, result, old, taken, seen, most, i;
    bool busy, go, yes;

end:
    do
    /* The workers are alike: the second one runs what the first cannot. */
    :: atomic {
            ready > 0 && MATTERS && (_pid == 0 || first_runs) ->
            ready--;
            waits_in_vain = false;
            first_runs = first_runs || _pid == 0
        }
        turn();
        first_runs = first_runs && _pid != 0
    od
}

/* ---- its supervisor ------------------------------------------------------ */

inline signal_actor(bits)
{
    bsti_proc_signal(bits, yes);
    if
    :: yes -> bsti_exec_ready()
    :: else
    fi;
    yes = false
}

/* It holds the block. */
inline bsti_actor_start()
{
    bsti_proc_take_signals(STOP, yes);
    yes = false;
    phase = UP;
    bsti_exec_ready()
}

inline bsti_actor_close()
{
    closed = true;
    bsti_exec_ready()
}

active proctype supervisor()
{
    byte i, old;
    bool yes;

    do
    :: true -> break
    :: i < ENDS ->
        i++;
        signal_actor(STOP);
        atomic { exited -> exited = false }
        if
        :: i < ENDS -> bsti_actor_start()
        :: bsti_actor_close();
#ifdef REOPENED
            signal_actor(START);
#endif
            break
        fi
    od
}

/* ---- senders ------------------------------------------------------------- */

inline bsti_take_place(place)
{
    atomic { before = pushed; pushed++ }
    atomic { /* `left` may be behind when `bound` is read: then it is refused */
        place = (before - left < bound);
        if
        :: place -> come()
        :: else
        fi;
        before = 0
    }
    if
    :: !place -> pushed--
    :: else
    fi
}

inline bsti_place_return()
{
    atomic { pushed--; places-- }
}

inline enter_list()
{
    atomic { /* the lock */
        wait[me] = OPEN;
        listed[me] = true;
        waiting++;
#ifndef PLANT_OVERTAKE
        bound = 0
#endif
    }
    signal_actor(BLOCKED_SIGNAL)
}

inline free_node()
{
    if
    :: has_node[me] -> has_node[me] = false; freed++
    :: else
    fi
}

inline leave_list()
{
    atomic { /* the lock */
        if
        :: listed[me] -> listed[me] = false; waiting--
        :: else
        fi;
        left_list();
        free_node()
    }
    if
    :: has_place[me] ->
        has_place[me] = false;
#ifndef PLANT_KEEP_PLACE
        bsti_place_return()
#else
        skip
#endif
    :: else
    fi
}

/* The time limit, a stop or a kill has it claimed first, or nobody does. */
inline wait_for_end(how)
{
    if
    :: atomic {
            wait[me] == READY ->
            wait[me] = OVER;
            how = status[me];
            status[me] = 0
        }
    :: atomic { limited && wait[me] == OPEN -> wait[me] = OVER; how = FULL }
    fi
}

inline end_wait()
{
    if
    :: how == OK -> has_place[me] = false /* it is the caller's */
    :: else -> leave_list()
    fi
}

/* wait_as_process() and wait_as_thread(): `how` says how it ends. */
inline wait_for_place()
{
    if
    :: limited = true
    :: true
    fi;
    enter_list();
    wait_for_end(how);
    if
    :: limited -> leave_list(); how = DEAD /* killed: bsti_blocked_drop() */
    :: true -> end_wait()
    fi
}

#define wait_as_process wait_for_place
#define wait_as_thread wait_for_place

inline bsti_blocked_send()
{
    has_node[me] = true;
    wait_as_process();
    assert(!has_node[me])
}

/* A question that has a place, but may still fail to be made. */
inline bsti_blocked_place()
{
    asks = true;
    wait_as_thread();
    if
    :: how == OK -> bsti_post_node(me)
    :: how == OK -> bsti_place_return(); freed++
    :: how != OK && asks -> freed++
    fi
}

active [SENDERS] proctype sender()
{
    byte me = _pid - WORKERS, old, before, how;
    bool yes, limited, asks;

    if
    :: closed -> freed++
    :: !closed ->
        bsti_take_place(yes);
        if
        :: yes -> yes = false; bsti_post_node(me)
        :: else ->
            if
            :: bsti_blocked_send()
            :: bsti_blocked_place()
            fi
        fi
    fi;
    atomic { how = 0; asks = false; limited = false; finished++ }
}

active proctype at_rest()
{
    timeout ->
        assert(finished == SENDERS && sent + freed == SENDERS);
        assert(sent == handled + dead);
        assert(holders == 0 && ready == 0 && signals == 0);
        assert(pushed == left && places == 0 && waiting == 0);
        assert(bound == BOUND)
}
