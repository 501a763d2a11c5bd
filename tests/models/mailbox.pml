/*
 * The mailbox and its idle bit: producers push, one thread signals, workers
 * run the turns of the consumer.
 *
 * Shown: there is never a second consumer; every message is handled once and
 * in the order of its producer, although the nodes are used again; when all
 * comes to rest the mailbox is idle and empty and no signal is left, that is,
 * no wake-up is lost.
 *
 * models: runtime/actor/turn.c pop 2008041000
 * models: runtime/actor/turn.c next_message 3687017877
 * models: runtime/actor/turn.c at_end 75535665
 * models: runtime/actor/turn.c small_front 366732077
 * models: runtime/actor/turn.c run_small 207122095
 * models: runtime/actor/turn.c turn 3262836201
 * models: runtime/actor/turn.c is_used_up 2145743966
 * models: runtime/exec/worker.c bsti_exec_requeue 1176743301
 * models: runtime/actor/life.c signal_actor 1239862798
 *
 * quick: -DPRODUCERS=2 -DMESSAGES=1 -DSIGNALS=1
 * quick: -DPRODUCERS=1 -DMESSAGES=3 -DSIGNALS=2
 * full: -DPRODUCERS=3 -DMESSAGES=1 -DSIGNALS=1
 * full: -DPRODUCERS=2 -DMESSAGES=2 -DSIGNALS=1
 * planted: -DPLANT_NO_RECHECK goes idle without a look at the signals
 * planted: -DPLANT_TORN_IDLE goes idle by a load and a store
 */

#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 1 /* of each producer */
#endif
#ifndef SIGNALS
#define SIGNALS 1
#endif

#define PER_PRODUCER 2 /* nodes, each used again when it is given back */
#define NODES (PRODUCERS * PER_PRODUCER)
#define STARTS_IDLE 1
#include "mpscq.inc"

#define FREE 0
#define PUSHED 1
#define HANDLED 2

byte state[NODES + 1];
byte number[NODES + 1];      /* of the message in the node */
byte handled[PRODUCERS];     /* messages of each producer */
byte ready;                  /* the run queue: turns to be run */
byte heeded;                 /* a signal was seen */
bool first_runs;             /* worker 0 */

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
    fi
}

inline handle(node)
{
    d_step {
        assert(node != STUB && state[node] == PUSHED);
        state[node] = HANDLED;
        assert(number[node] == handled[(node - 1) / PER_PRODUCER]);
        handled[(node - 1) / PER_PRODUCER]++
    }
}

inline recycle(node)
{
    d_step {
        assert(state[node] == HANDLED);
        number[node] = 0;
        state[node] = FREE
    }
}

/* turn.c: `go` says whether the turn goes on. */
inline pop()
{
    bsti_mpscq_pop(1, node, result);
    if
    :: result == POPPED -> recycle(node); go = true
    :: result == IDLE -> recycle(node); bsti_proc_reclaim(go)
    :: result == BUSY -> bsti_exec_requeue(); go = false
    fi;
    d_step { node = 0; result = 0 }
}

inline at_end(busy)
{
    if
    :: busy -> bsti_exec_requeue(); go = false
    :: else ->
        bsti_mpscq_try_idle(yes);
        if
        :: yes -> bsti_proc_reclaim(go)
        :: else -> go = true
        fi
    fi;
    d_step { busy = 0; yes = 0 }
}

inline next_message()
{
    bsti_mpscq_front(node, busy);
    if
    :: node != NONE ->
        handle(node);
        pop()
    :: else -> node = 0; at_end(busy)
    fi
}

#define is_used_up() true /* or not: it may be at any time */

/* The front, if it is there and small; it says nothing of a busy mailbox. */
inline small_front(node)
{
    atomic {
        assert(holders == 1 && !bsti_mpscq_is_spent());
        if
        :: tail != WORD(STUB, 0) -> node = NODE_OF(tail)
        :: else ->
            node = next[STUB];
            if
            :: node != NONE -> tail = WORD(node, 0)
            :: else
            fi
        fi;
        if
        :: node != NONE -> node = NONE /* no small one */
        :: true
        fi
    }
}

/* `node` is the front. It pops by itself, and a spent one is left to turn(). */
inline run_small()
{
    do
    :: true -> node = 0; next_message(); break /* the long way, all the same */
    :: true ->
        handle(node);
        bsti_mpscq_pop(1, node, result);
        if
        :: result == BUSY -> break
        :: result == IDLE -> recycle(node); bsti_proc_reclaim(go); break
        :: result == POPPED ->
            recycle(node);
            d_step { node = 0; result = 0 }
            if
            :: bsti_proc_signals() != 0 -> break
            :: is_used_up() -> bsti_exec_requeue(); go = false; break
            :: bsti_proc_signals() == 0 -> small_front(node)
            fi;
            if
            :: node == NONE -> break
            :: else
            fi
        fi
    od;
    atomic { node = 0; result = 0 }
}

inline turn()
{
    go = true;
    do
    :: !go -> break
    :: go ->
        if
        :: bsti_proc_signals() != 0 ->
            bsti_proc_take_signals(1, yes);
            d_step { heeded = heeded | yes; yes = 0 }
        :: bsti_proc_signals() == 0
        fi;
        if
        :: bsti_mpscq_is_spent() -> pop()
        :: !bsti_mpscq_is_spent() ->
            small_front(node);
            if
            :: node != NONE -> run_small()
            :: else -> node = 0; next_message()
            fi
        :: !bsti_mpscq_is_spent() && is_used_up() ->
            bsti_exec_requeue();
            go = false
        fi
    od
}

active [2] proctype worker()
{
    byte node, result, old;
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

active [PRODUCERS] proctype producer()
{
    byte i, node, old;
    bool yes;

    do
    :: i == MESSAGES -> break
    :: i < MESSAGES ->
        atomic {
            node = 1 + PER_PRODUCER * (_pid - 2) + i % PER_PRODUCER;
            state[node] == FREE ->
            state[node] = PUSHED;
            number[node] = i
        }
        bsti_mpscq_push(node, yes);
        if
        :: yes -> bsti_exec_ready()
        :: else
        fi;
        d_step { i++; node = 0; yes = 0 }
    od
}

active proctype signaller()
{
    byte i, old;
    bool yes;

    do
    :: i == SIGNALS -> break
    :: i < SIGNALS -> signal_actor(1); i++
    od
}

active proctype at_rest()
{
    byte i;

    timeout ->
        assert(signals == 0 && heeded != 0);
        assert(holders == 0 && ready == 0 && head == WORD(STUB, 1));
        do
        :: i == PRODUCERS -> break
        :: i < PRODUCERS -> assert(handled[i] == MESSAGES); i++
        od
}
