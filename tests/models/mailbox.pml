/*
 * The mailbox and its idle bit: producers push, one thread signals, workers
 * run the turns of the consumer.
 *
 * Shown: there is never a second consumer; every message is handled once and
 * in the order of its producer, although the nodes are used again; when all
 * comes to rest the mailbox is idle and empty and no signal is left, that is,
 * no wake-up is lost.
 *
 * models: runtime/actor/turn.c pop 2207808233
 * models: runtime/actor/turn.c next_message 3375297730
 * models: runtime/actor/turn.c run 2330622582
 * models: runtime/actor/turn.c signal_actor 1239862798
 *
 * quick: -DPRODUCERS=3 -DMESSAGES=1 -DSIGNALS=1
 * quick: -DPRODUCERS=1 -DMESSAGES=3 -DSIGNALS=2
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
    :: result == BUSY -> bsti_exec_ready(); go = false
    fi;
    d_step { node = 0; result = 0 }
}

inline next_message()
{
    bsti_mpscq_front(node, busy);
    if
    :: node != NONE ->
        handle(node);
        pop()
    :: node == NONE && busy -> bsti_exec_ready(); go = false
    :: node == NONE && !busy ->
        bsti_mpscq_try_idle(yes);
        if
        :: yes -> bsti_proc_reclaim(go)
        :: else -> go = true
        fi
    fi;
    d_step { node = 0; busy = 0; yes = 0 }
}

inline c_run() /* `run` is a word of Promela */
{
    go = true;
    do
    :: !go -> break
    :: go ->
        if
        :: bsti_proc_signals() != 0 ->
            bsti_proc_take_signals(1, yes);
            d_step { heeded = heeded | yes; yes = 0 }
        :: else
        fi;
        if
        :: bsti_mpscq_is_spent() -> pop()
        :: !bsti_mpscq_is_spent() -> next_message()
        /* The batch is full. */
        :: !bsti_mpscq_is_spent() -> bsti_exec_ready(); go = false
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
        c_run();
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
