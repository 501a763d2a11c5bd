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
 * worker samples its load, which may say anything; RETREATS times it then
 * hands what is ready to another one, and goes on doing so; LOOKS times the
 * monitor takes a worker for late, or moves what is suspended on it to the
 * other one. TIMEOUTS sleeps end by themselves, as if an alarm was due. RETIRES
 * times the first worker retires or comes back. With SPARE the last worker is a
 * spare, and the monitor wants it or not, LOOKS times. With STOP the executor
 * ends once the foreign thread and the monitor have: then all workers have
 * ended instead of sleeping, and nothing is left.
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
 * models: runtime/exec/steal.c from_injector 2032245618
 * models: runtime/exec/steal.c steal_from 2700142288
 * models: runtime/exec/steal.c steal 4020356452
 * models: runtime/exec/steal.c search 3007663035
 * models: runtime/exec/steal.c park 1169386932
 * models: runtime/exec/steal.c is_dormant 655221226
 * models: runtime/exec/steal.c sleep_dormant 205149538
 * models: runtime/exec/steal.c from_other_places 4121837220
 * models: runtime/exec/steal.c bsti_worker_from_outside 1749700776
 * models: runtime/exec/steal.c bsti_worker_find 2348166564
 * models: runtime/exec/repin.c set_on 271837212
 * models: runtime/exec/repin.c apply 4046375351
 * models: runtime/exec/load.c choose_share 1492061934
 * models: runtime/exec/load.c bsti_load_take 92821991
 * models: runtime/exec/load.c retreat 1250350633
 * models: runtime/exec/monitor.c release_work 3828937390
 * models: runtime/exec/worker.c bsti_worker_enqueue 4089805256
 * models: runtime/exec/worker.c take_inbox 3922461900
 * models: runtime/exec/worker.c bsti_worker_dequeue 1720117615
 * models: runtime/exec/worker.c take_next 4074603380
 * models: runtime/exec/worker.c resume_push 1536528683
 * models: runtime/exec/worker.c resume_pop 1318717779
 * models: runtime/exec/worker.c bsti_worker_hand_over 1562971956
 * models: runtime/exec/worker.c take_sample 3487221321
 * models: runtime/exec/worker.c pick_here 3886683395
 * models: runtime/exec/worker.c hand_over 2280990328
 * models: runtime/exec/worker.c bsti_worker_give_away 3602292362
 * models: runtime/exec/worker.c take_back 642711502
 * models: runtime/exec/worker.c ready_slowly 4173963821
 * models: runtime/exec/worker.c bsti_worker_ready 2642353421
 * models: runtime/exec/worker.c bsti_exec_ready 471250111
 * models: runtime/exec/worker.c bsti_worker_loop 1327079336
 * models: runtime/exec/monitor.c empty_inbox 2486074743
 * models: runtime/exec/monitor.c add_spare 3310779660
 * models: runtime/exec/rescue.c move 2934376849
 * models: runtime/exec/rescue.c move_all 428980495
 * models: runtime/exec/rescue.c bsti_worker_offer_urgent 1241941106
 * models: runtime/exec/rescue.c bsti_release_urgent 747155324
 * models: runtime/exec/rescue.c bsti_rescue 3891556320
 * models: runtime/exec/exec.c bsti_exec_stop_workers 533489462
 * models: runtime/exec/exec.c bsti_exec_quiesce 3538422047
 * models: runtime/sync/parker.c bsti_parker_park 3265798487
 * models: runtime/sync/parker.c bsti_parker_unpark 505722561
 * models: runtime/sync/deque.h bsti_deque_push 508265002
 * models: runtime/sync/deque.h bsti_deque_pop 1072322817
 * models: runtime/sync/deque.h bsti_deque_size 3290263990
 * models: runtime/sync/deque.c bsti_deque_try_steal 1303142836
 *
 * full: -DFOREIGN=1 -DLONG=1 -DTIMEOUTS=1
 * quick: -DFOREIGN=1 -DSTOP
 * full: -DFOREIGN=2 -DLONG=1 -DTIMEOUTS=1
 * full: -DFOREIGN=1 -DSPARE=1 -DLOOKS=1
 * full: -DFOREIGN=1 -DLOOKS=1 -DSTOP
 * full: -DFOREIGN=1 -DRETIRES=1
 * full: -DFOREIGN=1 -DRETIRES=1 -DSTOP
 * full: -DFOREIGN=1 -DRETIRES=2
 * full: -DFOREIGN=1 -DSPARE=1 -DLOOKS=2
 * full: -DFOREIGN=1 -DSAMPLES=1 -DRETREATS=1 -DSPAWNED=1 -DSTOP
 * full: -DFOREIGN=1 -DSPAWNED=1 -DSAMPLES=1 -DRETREATS=1 -DLONG=1
 * full: -DFOREIGN=1 -DSPAWNED=1 -DLOOKS=1
 * full: -DFOREIGN=2 -DRETIRES=2
 * full: -DSAMPLES=1 -DRETIRES=2
 * hidden: -DFOREIGN=1 -DRETIRES=1 -DPLANT_KEEP_CALL retires with a wake-up in its hand
 * planted: -DPLANT_NO_RECHECK parks without a last look
 * planted: -DPLANT_LOOK_FIRST looks before it says so
 * planted: -DLONG=1 -DPLANT_SILENT wakes no other one
 * planted: -DFOREIGN=1 -DLOOKS=1 -DPLANT_PUT_BACK the monitor puts back without waking
 * planted: -DFOREIGN=1 -DSAMPLES=1 -DRETREATS=1 -DSPAWNED=1 -DSTOP -DPLANT_FORSAKE hands over to one that has ended
 * planted: -DFOREIGN=1 -DSTOP -DPLANT_FEW_AT_END ends without a look at the injector
 * hidden: -DFOREIGN=1 -DLOOKS=1 -DSTOP -DPLANT_MONITOR_STAYS the workers may end before the monitor
 * hidden: -DFOREIGN=1 -DLOOKS=1 -DPLANT_SILENT_MOVE moves what is suspended and wakes nobody
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
#ifndef SPARE
#define SPARE 0
#endif

#ifdef STOP
#define ANY_WAITS 0
#else
#define ANY_WAITS 1
#endif

#define NWORKERS (WORKERS - SPARE) /* that are there from the start */
#define is_spare(w) ((w) >= NWORKERS)

#define NOBODY 255

#define BSTI_SHARE_NONE 0
#define BSTI_SHARE_PROBE 1
#define BSTI_SHARE_ALL 2
#define BSTI_SHARE_RETREAT 3

#define EMPTY 0
#define TOKEN 1
#define SLEEPS 2

byte deque_head[WORKERS];
byte deque_tail[WORKERS];
byte injector;
byte inbox[WORKERS];  /* processes that hold a stack of this worker */
byte given[WORKERS];  /* processes without one, also in its inbox */
byte resumed[WORKERS];
byte urgent[WORKERS]; /* ... that hold no stack: woken by an alarm */
bool slot[WORKERS];   /* the next-slot is taken */
byte share[WORKERS];
bool no_steal[WORKERS];
bool parked[WORKERS];
bool retired[WORKERS];
bool idle[WORKERS];
byte idle_next[WORKERS];
byte idle_first = NOBODY;
byte idle_count;
byte searching;
byte parker[WORKERS];
bool wanted = SPARE;  /* the spare */
bool stopping;
bool exited[WORKERS];
bool looked = !(LOOKS); /* the monitor has ended */

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
    :: share[victim] != BSTI_SHARE_NONE -> bsti_deque_size(victim, size)
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

/* One that holds a stack of the worker `to`, or one that holds none. */
inline hand_over(to, has_stack)
{
    if
    :: has_stack -> inbox[to]++
    :: else -> given[to]++
    fi;
    bsti_worker_wake(to)
}

/*
 * Nobody comes to an inbox whose owner has ended. So who hands over looks
 * afterwards whether all is to end, and takes it back then: the owner looks at
 * its inbox after it has seen that.
 */
inline bsti_worker_give_away(kept)
{
    hand_over(retreat_to, false);
#ifndef PLANT_FORSAKE
    if
    :: stopping ->
        share[me] = BSTI_SHARE_NONE;
        atomic { back = given[retreat_to]; given[retreat_to] = 0 } /* take_back() */
        deque_tail[me] = deque_tail[me] + back;
        back = 0;
        kept = true
    :: else
    fi
#endif
}

/* One that holds no stack. */
inline bsti_worker_enqueue()
{
    shared = share[me];
    if
    :: shared == BSTI_SHARE_RETREAT ->
        bsti_worker_give_away(kept);
        kept = false
    :: else ->
        bsti_deque_push(me);
        if
        :: shared != BSTI_SHARE_NONE -> bsti_exec_wake_one()
        :: else
        fi
    fi;
    shared = 0
}

/* Nobody waits on a stack any more when the executor ends. */
inline ready_slowly()
{
    if
    :: ANY_WAITS && WORKERS > 1 -> hand_over((me + 1) % WORKERS, true)
    :: resume_push(1) /* an alarm has woken it */
    :: urgent[me]++
    :: share[me] >= BSTI_SHARE_ALL -> bsti_worker_enqueue()
    :: share[me] < BSTI_SHARE_ALL ->
        bsti_slot_take(sight);
        slot[me] = true;
        if
        :: sight -> sight = false; bsti_worker_enqueue()
        :: else
        fi
    fi
}

/* The short way is for what holds no stack, or one of this worker. */
inline bsti_worker_ready()
{
    if
    :: !slot[me] && share[me] < BSTI_SHARE_ALL -> slot[me] = true
    :: true -> ready_slowly()
    fi
}

/* One step each, as the biased lock has it; `m` of them. */
inline resume_push(m)
{
    resumed[me] = resumed[me] + m
}

inline resume_pop(found)
{
    atomic {
        if
        :: resumed[me] > 0 -> resumed[me]--; found = true
        :: urgent[me] > 0 -> urgent[me]--; found = true
        :: resumed[me] + urgent[me] == 0 -> found = false
        fi
    }
}

inline take_inbox()
{
    atomic {
        m = inbox[me];
        inbox[me] = 0;
        n = given[me];
        given[me] = 0
    }
    if
    :: m > 0 -> atomic { resume_push(m); m = 0 }
    :: else
    fi;
    do
    :: n == 0 -> break
    :: n > 0 -> bsti_worker_enqueue(); n--
    od
}

inline bsti_worker_dequeue(found)
{
    take_inbox();
    if
    :: resume_pop(found);
        if
        :: !found -> bsti_deque_pop(me, found)
        :: else
        fi
    :: bsti_deque_pop(me, found);
        if
        :: !found -> resume_pop(found)
        :: else
        fi
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

/* Hands all to a worker it has talked to. */
inline retreat()
{
    retreat_to = (me + 1) % NWORKERS;
    bsti_slot_take(sight);
    no_steal[me] = true;
    share[me] = BSTI_SHARE_RETREAT;
    do
    :: kept -> break
    :: !kept && sight ->
        sight = false;
        bsti_worker_give_away(kept)
    :: !kept && !sight ->
        bsti_deque_pop(me, sight);
        if
        :: !sight -> break
        :: else
        fi
    od;
    if
    :: !kept -> share[retreat_to] = BSTI_SHARE_NONE
    :: else -> kept = false
    fi
}

/* While it stays away it goes on as before. */
inline choose_share(chosen)
{
    if
    :: no_steal[me] -> chosen = share[me]
    :: atomic {
            retreats > 0 && NWORKERS > 1 - is_spare(me) &&
            !retired[(me + 1) % NWORKERS] -> retreats--
        }
        retreat();
        chosen = share[me]
    :: bsti_deque_length(me) + slot[me] + injector > 0 ->
        chosen = BSTI_SHARE_ALL
    :: bsti_deque_length(me) + slot[me] + injector > 0 ->
        chosen = BSTI_SHARE_PROBE
    :: chosen = BSTI_SHARE_NONE
    fi
}

inline bsti_worker_offer_urgent()
{
    if
    :: urgent[me] > 0 ->
        atomic { n = urgent[me]; urgent[me] = 0 }
        atomic { injector = injector + n; n = 0 }
        bsti_exec_wake_one()
    :: else
    fi
}

inline bsti_load_take()
{
    choose_share(chosen);
    share[me] = chosen;
    if
    :: chosen == BSTI_SHARE_ALL && idle_count > 0 ->
        bsti_worker_offer_urgent()
    :: else
    fi;
    if
    :: chosen == BSTI_SHARE_PROBE || chosen == BSTI_SHARE_ALL ->
        bsti_exec_wake_one()
    :: else
    fi;
    chosen = 0
}

/* What holds a stack stays here. */
inline bsti_worker_hand_over()
{
    share[me] = BSTI_SHARE_NONE;
    bsti_worker_offer_urgent();
    take_inbox();
    do
    :: slot[me] -> bsti_slot_take(sought);
        if
        :: sought -> n++; sought = false
        :: sought -> resume_push(1); sought = false /* it holds a stack */
        :: !sought
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
    :: retired[me] && !stopping -> bsti_worker_hand_over()
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
#ifdef PLANT_FEW_AT_END
    :: 2 * sought < NWORKERS || NWORKERS == 1 ->
#else
    :: 2 * sought < NWORKERS || NWORKERS == 1 || stopping ->
#endif
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
    assert(!slot[me] && resumed[me] + urgent[me] == 0 && bsti_deque_length(me) == 0);
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
    :: !sight && !stopping -> bsti_parker_park()
    :: else
    fi;
    idle_leave()
}

inline is_dormant()
{
    if
    :: is_spare(me) -> dormant = !wanted
    :: else -> dormant = (retired[me] && !stopping)
    fi
}

inline sleep_dormant()
{
    parked[me] = true;
    if
    :: inbox[me] + given[me] == 0 && !stopping -> bsti_parker_park()
    :: else
    fi;
    parked[me] = false
}

inline bsti_worker_find(found)
{
    do
    :: found || last -> break
    :: !found && !last ->
        last = stopping;
        if
        :: no_steal[me] = false
        :: no_steal[me] /* it keeps away still */
        fi;
        share[me] = BSTI_SHARE_NONE;
        is_dormant();
        if
        :: dormant && !is_spare(me) -> bsti_worker_hand_over()
        :: else
        fi;
        bsti_slot_take(found);
        if
        :: !found -> bsti_worker_dequeue(found)
        :: else
        fi;
        if
#ifdef PLANT_KEEP_CALL
        :: sight && (found || no_steal[me]) -> bsti_exec_wake_one()
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
        :: found || last
        :: !found && !last && dormant -> sleep_dormant()
        :: !found && !last && !dormant -> park()
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
                share[i] == BSTI_SHARE_NONE || bsti_deque_length(i) == 0;
                i++
            od;
            i = 0
        }
    :: true
    fi;
    done++
}

active [WORKERS] proctype bsti_worker_loop()
{
    byte me = _pid, i, n, from, victim, woken, sought;
    byte retreat_to, shared, chosen, back, m;
    bool found, sight, dormant, last, kept;

    do
    :: last && !found -> break
    :: else ->
        pick_here(found);
        bsti_worker_find(found);
        if
        :: found -> found = false; last = false; turn()
        :: else
        fi
    od;
    exited[me] = true
}

/* Without a worker, for one that holds a stack or not. */
inline bsti_exec_ready()
{
    if
    :: true ->
        injector++;
        bsti_exec_wake_one()
    :: true -> hand_over(0, true)
    :: true -> hand_over(WORKERS - 1, true)
    fi
}

/* The monitor ends first: what it holds would have nobody to go to. */
inline bsti_exec_quiesce()
{
#ifndef PLANT_MONITOR_STAYS
    looked;
#endif
    bsti_exec_stop_workers()
}

inline bsti_exec_stop_workers()
{
    stopping = true;
    k = 0;
    do
    :: k == WORKERS -> break
    :: k < WORKERS -> bsti_parker_unpark(k); k++
    od
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
    od;
#ifdef STOP
    bsti_exec_quiesce() /* once the last sender has gone */
#endif
}

#if LOOKS > 0

/* What holds a stack has to stay with its worker, which may sleep by now. */
inline empty_inbox(w)
{
    if
    :: inbox[w] + given[w] > 0 ->
        atomic { m = inbox[w]; n = given[w]; inbox[w] = 0; given[w] = 0 }
        do
        :: m == 0 -> break
#ifdef PLANT_PUT_BACK
        :: m > 0 -> inbox[w]++; m--
#else
        :: m > 0 -> hand_over(w, true); m--
#endif
        od;
        do
        :: n == 0 -> break
        :: n > 0 -> injector++; bsti_exec_wake_one(); n--
        od
    :: else
    fi
}

inline bsti_release_urgent(w)
{
    if
    :: urgent[w] > 0 ->
        atomic { n = urgent[w]; urgent[w] = 0 }
        atomic { injector = injector + n; n = 0 }
        bsti_exec_wake_one()
    :: else
    fi
}

/* Its alarms apart. What was in the next-slot goes by bsti_exec_ready(). */
inline release_work(w)
{
    if
    :: atomic { slot[w] -> slot[w] = false }
        injector++;
        bsti_exec_wake_one()
    :: true
    fi;
    bsti_release_urgent(w);
    empty_inbox(w);
    if
    :: bsti_deque_length(w) > 0 ->
        share[w] = BSTI_SHARE_ALL;
        bsti_exec_wake_one()
    :: else
    fi
}

/* The other worker has it from now on. */
inline move(to, moved)
{
    inbox[to] = inbox[to] + moved
}

/* Of `m` that hold a stack, the worker w may look at one still: it stays. */
inline move_all(w, host)
{
    do
    :: m == 0 -> break
    :: m > 0 -> hand_over(w, true); m--
    :: m > 0 -> atomic { move(host, 1); moved = true; m-- }
    od;
    do
    :: n == 0 -> break
    :: n > 0 -> injector++; bsti_exec_wake_one(); n--
    od
}

inline bsti_rescue(w, host)
{
    if
    :: atomic { /* the biased lock */
            m = resumed[w] + inbox[w];
            n = urgent[w] + given[w];
            resumed[w] = 0;
            inbox[w] = 0;
            urgent[w] = 0;
            given[w] = 0
        }
    :: true /* just now the worker is inside */
    fi;
    move_all(w, host);
#ifndef PLANT_SILENT_MOVE
    if
    :: moved -> bsti_worker_wake(host)
    :: else
    fi;
#endif
    moved = false
}

/* It makes the spare, or wakes it, when nobody else comes back. */
inline add_spare()
{
    wanted = true;
    bsti_parker_unpark(WORKERS - 1)
}

active proctype monitor()
{
    byte k, m, n, woken;
    bool moved;

    do
    :: k == LOOKS -> break
    :: k < LOOKS ->
        if
        :: !parked[0] -> release_work(0)
        :: !parked[WORKERS - 1] -> release_work(WORKERS - 1)
        :: !parked[0] -> bsti_rescue(0, WORKERS - 1)
        :: !parked[WORKERS - 1] -> bsti_rescue(WORKERS - 1, 0)
#if SPARE > 0
        :: !wanted -> add_spare()
        :: wanted -> wanted = false
#endif
        :: true -> break
        fi;
        k++
    od;
    looked = true
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
        assert(searching == 0);
        do
        :: i == WORKERS -> break
        :: i < WORKERS ->
            idle_count = idle_count - idle[i];
#ifdef STOP
            assert(exited[i] && !idle[i]);
#else
            assert(is_spare(i) || idle[i] == !retired[i]);
            assert(parker[i] == SLEEPS);
#endif
            i++
        od;
        assert(idle_count == 0)
}
