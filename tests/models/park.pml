/*
 * Parking: workers that search, steal, go to sleep and are woken, while a
 * foreign thread and the handlers make processes ready.
 *
 * Shown: when all comes to rest every process that was made ready has been
 * run, all workers sleep, and the idle list is in order. Stronger: what lies in
 * the injector, or in the deque of a worker that wants help, does not wait
 * behind a handler that takes long (LONG of them wait until there is no such
 * thing left) while another worker sleeps.
 *
 * A process is a mere count, so queues are numbers. A deque is its two ends;
 * what a thief has taken out of one and not yet put into its own is in none.
 * Critical sections under a spin lock are one step. At most SAMPLES times a
 * worker samples its load, which may say anything; RETREATS times it gives
 * back what it has; LOOKS times the monitor takes a worker for late. TIMEOUTS
 * sleeps end by themselves, as if an alarm was due. RETIRES times the first
 * worker retires or comes back.
 *
 * The injector stands for those of all NUMA nodes: a search looks at each of
 * them, as does the last look before the sleep. Whom a wake-up meets is left to
 * the order of the idle list.
 *
 * models: runtime/exec/steal.c bsti_worker_wake 1912635011
 * models: runtime/exec/steal.c bsti_exec_wake_one 3582845506
 * models: runtime/exec/steal.c idle_enter 1719526270
 * models: runtime/exec/steal.c idle_leave 2449389001
 * models: runtime/exec/steal.c is_shared 1884013747
 * models: runtime/exec/steal.c work_in_sight 3540335282
 * models: runtime/exec/steal.c from_injector 1008305193
 * models: runtime/exec/steal.c steal_from 2700142288
 * models: runtime/exec/steal.c steal 1126033119
 * models: runtime/exec/steal.c search 3007663035
 * models: runtime/exec/steal.c park 4225551751
 * models: runtime/exec/steal.c is_dormant 655221226
 * models: runtime/exec/steal.c sleep_dormant 805651417
 * models: runtime/exec/steal.c from_other_places 4121837220
 * models: runtime/exec/steal.c bsti_worker_from_outside 350406714
 * models: runtime/exec/repin.c set_on 271837212
 * models: runtime/exec/repin.c apply 4046375351
 * models: runtime/exec/worker.c bsti_worker_hand_over 1562971956
 * models: runtime/exec/worker.c take_sample 2525137040
 * models: runtime/exec/steal.c bsti_worker_find 4109829094
 * models: runtime/exec/load.c bsti_load_take 3087629788
 * models: runtime/exec/load.c retreat 3536690752
 * models: runtime/exec/monitor.c release_work 3828937390
 * models: runtime/exec/worker.c bsti_worker_enqueue 2974982396
 * models: runtime/exec/worker.c take_inbox 444349287
 * models: runtime/exec/worker.c bsti_worker_dequeue 1720117615
 * models: runtime/exec/worker.c take_next 4074603380
 * models: runtime/exec/worker.c pick_here 1088697591
 * models: runtime/exec/worker.c ready_elsewhere 4093416810
 * models: runtime/exec/worker.c bsti_worker_ready 958609029
 * models: runtime/exec/worker.c bsti_exec_ready 1163385357
 * models: runtime/exec/worker.c bsti_worker_loop 3488361693
 * models: runtime/sync/parker.c bsti_parker_park 3265798487
 * models: runtime/sync/parker.c bsti_parker_unpark 505722561
 * models: runtime/sync/deque.h bsti_deque_push 508265002
 * models: runtime/sync/deque.h bsti_deque_pop 1072322817
 * models: runtime/sync/deque.h bsti_deque_size 3290263990
 * models: runtime/sync/deque.c bsti_deque_try_steal 1303142836
 *
 * quick: -DFOREIGN=2 -DLONG=1 -DTIMEOUTS=1
 * full: -DFOREIGN=1 -DSPAWNED=1 -DSAMPLES=1 -DRETREATS=1 -DLONG=1
 * full: -DFOREIGN=1 -DSPAWNED=1 -DLOOKS=1
 * quick: -DFOREIGN=1 -DRETIRES=2
 * full: -DFOREIGN=2 -DRETIRES=2
 * full: -DSAMPLES=1 -DRETIRES=2
 * planted: -DFOREIGN=1 -DRETIRES=1 -DPLANT_KEEP_CALL retires with a wake-up in its hand
 * planted: -DPLANT_NO_RECHECK parks without a last look
 * planted: -DPLANT_LOOK_FIRST looks before it says so
 * planted: -DLONG=1 -DPLANT_SILENT wakes no other one
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef FOREIGN
#define FOREIGN 2
#endif
#ifndef SPAWNED
#define SPAWNED 0
#endif
#ifndef SAMPLES
#define SAMPLES 0
#endif
#ifndef LOOKS
#define LOOKS 0
#endif
#ifndef RETREATS
#define RETREATS 0
#endif
#ifndef RETIRES
#define RETIRES 0
#endif
#ifndef LONG
#define LONG 0
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 0
#endif

#define NOBODY 255

#define EMPTY 0
#define TOKEN 1
#define SLEEPS 2

byte deque_head[WORKERS];
byte deque_tail[WORKERS];
byte injector;
byte inbox[WORKERS];  /* processes that hold a stack of this worker */
byte given[WORKERS];  /* processes without one, also in its inbox */
byte resumed[WORKERS];
bool slot[WORKERS];   /* the next-slot is taken */
bool share[WORKERS];  /* it wants help */
bool no_steal[WORKERS];
bool parked[WORKERS];
bool retired[WORKERS];
bool idle[WORKERS];
byte idle_next[WORKERS];
byte idle_first = NOBODY;
byte idle_count;
byte searching;
byte parker[WORKERS];

byte spawned = SPAWNED;   /* that handlers may still make ready */
byte samples = SAMPLES;   /* that may still be taken */
byte retreats = RETREATS;
byte longs = LONG;        /* handlers that may still take long */
byte timeouts = TIMEOUTS;
byte made;                /* ready so far */
byte done;                /* run so far */

#define bsti_deque_length(w) (deque_tail[w] - deque_head[w])

inline bsti_deque_push(w)
{
    deque_tail[w]++
}

inline bsti_deque_pop(w, found)
{
    atomic {
        found = (deque_head[w] != deque_tail[w]);
        deque_head[w] = deque_head[w] + found
    }
}

/* Head is loaded first: the size may be too big, never too small. */
inline bsti_deque_size(w, size)
{
    size = deque_head[w];
    size = (size < deque_tail[w] -> deque_tail[w] - size : 0)
}

inline bsti_deque_try_steal(victim, own, n)
{
    from = deque_head[victim];
    n = (from < deque_tail[victim] -> (deque_tail[victim] - from + 1) / 2 : 0);
    if
    :: n > 0 ->
        atomic { /* the compare-and-swap */
            if
            :: deque_head[victim] == from -> deque_head[victim] = from + n
            :: else -> n = 0
            fi
        }
        deque_tail[own] = deque_tail[own] + n
    :: else
    fi;
    from = 0
}

inline bsti_parker_unpark(w)
{
    parker[w] = TOKEN
}

inline bsti_parker_park()
{
    atomic {
        if
        :: parker[me] == TOKEN -> parker[me] = EMPTY
        :: else -> assert(parker[me] == EMPTY); parker[me] = SLEEPS
        fi
    }
end_asleep:
    if
    :: atomic { parker[me] != SLEEPS -> parker[me] = EMPTY }
    :: atomic { timeouts > 0 || no_steal[me] -> /* an alarm, or its end */
            if
            :: no_steal[me]
            :: else -> timeouts--
            fi
        }
        parker[me] = EMPTY /* an unpark may have been faster */
    fi
}

inline bsti_worker_wake(w)
{
    if
    :: parked[w] -> bsti_parker_unpark(w)
    :: else
    fi
}

inline bsti_exec_wake_one()
{
    if
    :: idle_count == 0
    :: else ->
        if
        :: searching > 0
        :: else ->
            atomic {
                woken = idle_first;
                if
                :: woken != NOBODY ->
                    assert(idle[woken]);
                    idle_first = idle_next[woken];
                    idle_next[woken] = 0;
                    idle[woken] = false;
                    idle_count--
                :: else
                fi
            }
            if
            :: woken != NOBODY -> bsti_parker_unpark(woken)
            :: else
            fi;
            woken = 0
        fi
    fi
}

inline idle_enter()
{
    atomic {
        assert(!idle[me]);
        idle[me] = true;
        idle_next[me] = idle_first;
        idle_first = me;
        idle_count++
    }
    parked[me] = true
}

inline idle_leave()
{
    parked[me] = false;
    d_step {
        if
        :: idle[me] ->
            if
            :: idle_first == me -> idle_first = idle_next[me]
            :: else ->
                i = idle_first;
                do
                :: idle_next[i] == me -> break
                :: else -> i = idle_next[i]
                od;
                idle_next[i] = idle_next[me];
                i = 0
            fi;
            idle_next[me] = 0;
            idle[me] = false;
            idle_count--
        :: else -> sight = true /* called by bsti_exec_wake_one() */
        fi
    }
}

inline is_shared(victim, size)
{
    if
    :: share[victim] -> bsti_deque_size(victim, size)
    :: else -> size = 0
    fi
}

inline work_in_sight(sight)
{
    sight = (inbox[me] + given[me] > 0);
    if
    :: !sight -> sight = (injector > 0)
    :: else
    fi;
    do
    :: sight || no_steal[me] || i == WORKERS - 1 -> break
    :: else ->
        victim = (me + 1 + i) % WORKERS;
        is_shared(victim, n);
        d_step { sight = (n > 0); n = 0; victim = 0; i++ }
    od;
    i = 0
}

inline bsti_worker_enqueue()
{
    bsti_deque_push(me);
    if
    :: share[me] -> bsti_exec_wake_one()
    :: else
    fi
}

/* One that holds no stack; bsti_exec_ready() calls it on a worker. */
inline bsti_worker_ready()
{
    if
    :: share[me] -> bsti_worker_enqueue()
    :: !share[me] && !slot[me] -> slot[me] = true
    :: !share[me] && slot[me] -> bsti_worker_enqueue()
    fi
}

inline take_inbox()
{
    atomic {
        resumed[me] = resumed[me] + inbox[me];
        inbox[me] = 0;
        n = given[me];
        given[me] = 0
    }
    do
    :: n == 0 -> break
    :: n > 0 -> bsti_worker_enqueue(); n--
    od
}

inline bsti_worker_dequeue(found)
{
    take_inbox();
    if
    :: resumed[me] > 0 -> resumed[me]--; found = true
    :: else -> bsti_deque_pop(me, found)
    fi
}

/* One step: see nextslot.pml. */
inline bsti_slot_take(found)
{
    atomic { found = slot[me]; slot[me] = false }
}

inline take_next(found)
{
    bsti_slot_take(found);
    if
    :: true
    :: found -> found = false; bsti_worker_enqueue() /* too many in a row */
    fi
}

/* Gives all back to a worker that it may have been stolen from. */
inline retreat()
{
    victim = (me + 1) % WORKERS;
    do
    :: bsti_deque_length(me) == 0 -> break
    :: else ->
        bsti_deque_pop(me, sight);
        if
        :: sight -> given[victim]++; sight = false
        :: else
        fi
    od;
    bsti_worker_wake(victim);
    share[victim] = false;
    i = 0;
    victim = 0;
    no_steal[me] = true
}

inline bsti_load_take()
{
    if
    :: bsti_deque_length(me) + slot[me] + injector > 0 -> share[me] = true
    :: share[me] = false
    :: atomic { retreats > 0 -> retreats-- }
        retreat();
        share[me] = false
    fi;
    if
    :: share[me] -> bsti_exec_wake_one()
    :: else
    fi
}

/* What holds a stack stays here. */
inline bsti_worker_hand_over()
{
    take_inbox();
    do
    :: slot[me] -> bsti_slot_take(sought);
        if
        :: sought -> n++; sought = false
        :: else
        fi
    :: !slot[me] && bsti_deque_length(me) > 0 ->
        bsti_deque_pop(me, sought);
        if
        :: sought -> n++; sought = false
        :: else
        fi
    :: !slot[me] && bsti_deque_length(me) == 0 -> break
    od;
    if
    :: n > 0 ->
        atomic { injector = injector + n; n = 0 }
        bsti_exec_wake_one()
    :: else
    fi
}

/* As often as it likes; it is at each turn once the worker has retired. */
inline take_sample()
{
    bsti_load_take();
    if
    :: retired[me] -> bsti_worker_hand_over()
    :: else
    fi
}

/* It takes all there are: no more than a batch. */
inline from_injector(found)
{
    if
    :: injector > 0 ->
        atomic { n = injector; injector = 0 }
        if
        :: n > 0 ->
            found = true;
            n--;
            do
            :: n == 0 -> break
            :: n > 0 -> bsti_worker_enqueue(); n--
            od
        :: else
        fi
    :: else
    fi
}

inline steal_from(victim, found)
{
    bsti_deque_try_steal(victim, me, n);
    if
    :: n > 0 -> bsti_deque_pop(me, found)
    :: else
    fi
}

/* A victim that is contended is passed over; the search may end there. */
inline steal(found)
{
    do
    :: found || i == WORKERS - 1 -> break
    :: else ->
        victim = (me + 1 + i) % WORKERS;
        is_shared(victim, n);
        if
        :: n > 0 -> steal_from(victim, found)
        :: else
        fi;
        d_step { n = 0; victim = 0; i++ }
    od;
    i = 0
}

/* One round stands for all: only the last one that finds nothing counts. So
 * does one look at an injector for that of from_other_places(). */
inline search(found)
{
    atomic { sought = searching; searching++ }
    if
    :: 2 * sought < WORKERS ->
        from_injector(found);
        if
        :: !found && !no_steal[me] -> steal(found)
        :: else
        fi
    :: else
    fi;
    atomic { sought = searching; searching-- }
#ifndef PLANT_SILENT
    if
    :: found && sought == 1 -> bsti_exec_wake_one()
    :: else
    fi;
#endif
    sought = 0
}

inline park()
{
    assert(!slot[me] && resumed[me] == 0 && bsti_deque_length(me) == 0);
#ifdef PLANT_LOOK_FIRST
    work_in_sight(sight);
    idle_enter();
#else
    idle_enter();
#ifndef PLANT_NO_RECHECK
    work_in_sight(sight);
#endif
#endif
    if
    :: !sight -> bsti_parker_park()
    :: else
    fi;
    idle_leave()
}

inline is_dormant()
{
    dormant = retired[me]
}

inline sleep_dormant()
{
    parked[me] = true;
    if
    :: inbox[me] + given[me] == 0 -> bsti_parker_park()
    :: else
    fi;
    parked[me] = false
}

inline bsti_worker_find(found)
{
    do
    :: found -> break
    :: !found ->
        if
        :: no_steal[me] = false
        :: no_steal[me] /* its end has not come yet */
        fi;
        share[me] = false;
        is_dormant();
        if
        :: dormant -> bsti_worker_hand_over()
        :: else
        fi;
        bsti_slot_take(found);
        if
        :: !found -> bsti_worker_dequeue(found)
        :: else
        fi;
        if
#ifdef PLANT_KEEP_CALL
        :: sight && found -> bsti_exec_wake_one()
#else
        :: sight && (found || dormant || no_steal[me]) -> bsti_exec_wake_one()
#endif
        :: else
        fi;
        sight = false;
        if
        :: !found && !dormant -> search(found)
        :: else
        fi;
        if
        :: !found && !dormant -> park()
        :: !found && dormant -> sleep_dormant()
        :: else
        fi;
        dormant = false
    od
}

inline pick_here(found)
{
    if
    :: atomic { samples > 0 -> samples-- }
        take_sample()
    :: retired[me] -> take_sample()
    :: true
    fi;
    if /* its turn: bsti_worker_from_outside() */
    :: atomic { injector > 0 && !retired[me] -> injector--; found = true }
    :: true -> take_next(found)
    fi;
    if
    :: !found -> bsti_worker_dequeue(found)
    :: else
    fi
}

/* What a handler may do. */
inline turn()
{
    do
    :: atomic { spawned > 0 -> spawned--; made++ }
        bsti_worker_ready()
    :: true -> break
    od;
    if
    :: atomic { longs > 0 -> longs-- }
        atomic {
            injector == 0;
            i = 0;
            do
            :: i == WORKERS -> break
            :: i < WORKERS ->
                !share[i] || bsti_deque_length(i) == 0;
                i++
            od;
            i = 0
        }
    :: true
    fi;
    done++
}

/* bsti_worker_loop(): there is no end to it here. */
active [WORKERS] proctype bsti_worker_loop()
{
    byte me = _pid, i, n, from, victim, woken, sought;
    bool found, sight, dormant;

    do
    :: pick_here(found);
        bsti_worker_find(found);
        found = false;
        turn()
    od
}

inline ready_elsewhere(home)
{
    inbox[home]++;
    bsti_worker_wake(home)
}

/* Without a worker, for one that holds a stack or not. */
inline bsti_exec_ready()
{
    if
    :: true ->
        injector++;
        bsti_exec_wake_one()
    :: ready_elsewhere(0)
    :: ready_elsewhere(WORKERS - 1)
    fi
}

active proctype foreign()
{
    byte k, woken;

    do
    :: k == FOREIGN -> break
    :: k < FOREIGN ->
        made++;
        bsti_exec_ready();
        k++
    od
}

#if LOOKS > 0

/* Its alarms apart. What was in the next-slot goes by bsti_exec_ready(). */
inline release_work(w)
{
    if
    :: atomic { slot[w] -> slot[w] = false }
        injector++;
        bsti_exec_wake_one()
    :: true
    fi;
    if
    :: given[w] > 0 ->
        atomic { injector = injector + given[w]; given[w] = 0 }
        bsti_exec_wake_one()
    :: else
    fi;
    if
    :: bsti_deque_length(w) > 0 ->
        share[w] = true;
        bsti_exec_wake_one()
    :: else
    fi
}

active proctype monitor()
{
    byte k, woken;

    do
    :: k == LOOKS -> break
    :: k < LOOKS ->
        if
        :: release_work(0)
        :: release_work(WORKERS - 1)
        fi;
        k++
    od
}

#endif

#if RETIRES > 0

/* One worker at least stays. */
inline set_on(w)
{
    retired[w] = !retired[w];
    bsti_parker_unpark(w)
}

active proctype apply()
{
    byte k, woken;

    do
    :: k == RETIRES -> break
    :: k < RETIRES ->
        set_on(0);
        bsti_exec_wake_one();
        k++
    od
}

#endif

active proctype at_rest()
{
    byte i;

    timeout ->
        assert(made == done);
        assert(searching == 0 && idle_count == WORKERS - retired[0]);
        do
        :: i == WORKERS -> break
        :: i < WORKERS ->
            assert(idle[i] == !retired[i] && parker[i] == SLEEPS);
            i++
        od
}
