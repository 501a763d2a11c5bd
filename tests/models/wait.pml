/*
 * The wait word: an asker waits WAITS times; each question is answered, perhaps
 * late, or never; the deadline passes or does not; the supervisor kills the
 * asker once, or does not, and then starts it again.
 *
 * Shown: each wait is ended by exactly one party; what the asker takes belongs
 * to this very wait; the asker is made ready at most once and only when it is
 * off its stack, or goes on by itself; it never waits for ever once somebody
 * ought to have ended the wait; every answer is taken or counted as dead.
 *
 * The time limit stands in a list of the asker's worker until that one, or the
 * monitor, puts it into its wheel, at any time. From then on it is noticed by
 * the asker's worker, or by the monitor if that one is busy: at any time, too,
 * but under the lock of the wheel. MOVES times the monitor moves the asker to
 * another worker, which must not touch the list of the first one.
 *
 * With -DTHREADS the askers are two foreign threads that share one waiter, one
 * after the other.
 *
 * The mailbox is left out: a process that waits is held, so a signal's wake
 * finds the idle bit clear. Sent questions reach their answerers at once.
 *
 * models: runtime/proc/wait.h bsti_waiter_arm 1330928555
 * models: runtime/proc/wait.h bsti_waiter_commit 2013822754
 * models: runtime/proc/wait.h bsti_waiter_try_claim 701893359
 * models: runtime/proc/wait.h bsti_waiter_claim 849396061
 * models: runtime/proc/wait.c bsti_waiter_claim_any 2019262986
 * models: runtime/proc/wait.h bsti_waiter_finish 2960511255
 * models: runtime/proc/wait.c bsti_waiter_finish_thread 1096332025
 * models: runtime/proc/wait.h bsti_waiter_take 3327020372
 * models: runtime/proc/wait.c bsti_waiter_await 278259794
 * models: runtime/proc/wait.c bsti_waiter_is_ready 1454694932
 * models: runtime/proc/wait.h bsti_wait_word 3284917176
 * models: runtime/proc/wait.h bsti_wait_seq 2270490979
 * models: runtime/proc/wait.h bsti_wait_phase 2069266414
 * models: runtime/proc/wait.h bsti_wait_is_open 3034472843
 * models: runtime/proc/proc.c bsti_proc_cancel_wait 1994129949
 * models: runtime/exec/worker.c post_commit 2191371130
 * models: runtime/exec/worker.c leave 2130466690
 * models: runtime/exec/worker.c bsti_suspend 1530833526
 * models: runtime/exec/worker.c bsti_suspend_for 3080433391
 * models: runtime/exec/worker.c take_over 2101940384
 * models: runtime/exec/timer.c on_limit 3302965263
 * models: runtime/exec/timer.c bsti_alarm_cancel 2155832036
 * models: runtime/exec/timer.c bsti_alarms_expire_for 3549734836
 * models: runtime/exec/timer.c bsti_timed_wait_begin 3933572833
 * models: runtime/exec/timer.c bsti_timed_wait_end 1565641528
 * models: runtime/exec/timer.c admit_waits 3550428862
 * models: runtime/exec/worker.c dismantle 3513000567
 * models: runtime/exec/worker.c run 957259924
 * models: runtime/actor/ask.c bsti_answer 3486028060
 * models: runtime/proc/wait.h bsti_waiter_give_up 79410378
 * models: runtime/actor/ask.c take_answer 415166340
 * models: runtime/actor/ask.c wait_for 617465549
 * models: runtime/actor/ask.c ask_as_process 56072255
 * models: runtime/actor/ask.c ask_child 1477446491
 * models: runtime/actor/turn.c give_answer 2272823653
 * models: runtime/actor/foreign.c bsti_foreign_acquire 3989182639
 * models: runtime/actor/foreign.c bsti_thread_wait 2998267489
 * models: runtime/exec/timer.c bsti_timed_waits_admit 4087394091
 * models: runtime/exec/rescue.c move_all 428980495
 * models: runtime/exec/rescue.c bsti_rescue 3891556320
 * models: runtime/actor/ask.c ask_as_thread 3664973863
 * models: runtime/actor/end.c drop_wait 1837320358
 * models: runtime/proc/proc.c bsti_proc_drop_wait 4071015623
 * models: runtime/actor/life.c bsti_actor_kill 2976075724
 * models: runtime/actor/turn.c abandoned 2296931619
 *
 * quick: -DWAITS=2
 * full: -DWAITS=2 -DMOVES=1
 * quick: -DTHREADS
 * full: -DWAITS=2 -DMOVES=2
 * full: -DWAITS=3 -DTHREADS
 * planted: -DPLANT_NO_RECHECK suspends without a look at the kill
 * planted: -DPLANT_ANY_WAIT an answer ends whichever wait is open
 * planted: -DPLANT_FREE_CANCEL cancels a limit without the lock
 * planted: -DWAITS=1 -DMOVES=1 -DPLANT_MOVE_LISTED moves an asker whose list is out of reach
 * planted: -DWAITS=1 -DMOVES=1 -DPLANT_MOVE_EARLY moves an asker that is looked at
 * planted: -DPLANT_LOST_COMMIT does not go on after a lost commit
 * planted: -DTHREADS -DPLANT_LATE_WOKEN says woken after ready
 */

#ifndef WAITS
#define WAITS 2
#endif
#ifndef MOVES
#define MOVES 0
#endif

#define BSTI_WAIT_IDLE 0
#define BSTI_WAIT_ARMED 1
#define BSTI_WAIT_SUSPENDED 2
#define BSTI_WAIT_CLAIMED 3
#define BSTI_WAIT_READY 4

#define bsti_wait_word(seq, phase) ((seq) * 8 + (phase))
#define bsti_wait_seq(word) ((word) / 8)
#define bsti_wait_phase(word) ((word) % 8)
#define bsti_wait_is_open(word, seq)                                           \
    (bsti_wait_seq(word) == (seq) &&                                           \
     (bsti_wait_phase(word) == BSTI_WAIT_ARMED ||                              \
      bsti_wait_phase(word) == BSTI_WAIT_SUSPENDED))

#define LOST 0
#define CLAIM_ARMED 1
#define CLAIM_SUSPENDED 2

/* What a wait ends with; an answer has its question's number. */
#define OK 1
#define TIMEOUT 2
#define DEAD 3
#define NOMEM 4

#define PROC 0
#define BLOCKED 1
#define WOKEN 2

byte word = bsti_wait_word(0, BSTI_WAIT_IDLE);
byte gift;
byte status;
byte thread;
bool asleep;    /* a foreign thread, in the kernel */

byte asked[WAITS + 1];  /* by number of the wait: 1 once it was asked */
byte ended[WAITS + 1];  /* parties that have claimed this wait */
byte answers;           /* sent */
byte taken;
byte dead;

inline bsti_waiter_arm(seq)
{
    seq = bsti_wait_seq(word) + 1;
    assert(bsti_wait_phase(word) == BSTI_WAIT_IDLE);
    gift = 0;
    word = bsti_wait_word(seq, BSTI_WAIT_ARMED)
}

/* `expected` is what was loaded before; a failed swap loads it again. */
inline bsti_waiter_try_claim(seq, expected, claim)
{
    do
    :: !bsti_wait_is_open(expected, seq) -> claim = LOST; break
    :: else ->
        atomic { /* the compare-and-swap */
            if
            :: word == expected ->
                word = bsti_wait_word(seq, BSTI_WAIT_CLAIMED);
                claim = (bsti_wait_phase(expected) == BSTI_WAIT_ARMED ->
                    CLAIM_ARMED : CLAIM_SUSPENDED);
                ended[seq]++;
                assert(ended[seq] == 1);
                break
            :: else -> expected = word
            fi
        }
    od;
    expected = 0
}

inline bsti_waiter_claim(seq, claim)
{
    expected = word;
#ifdef PLANT_ANY_WAIT
    bsti_waiter_try_claim(bsti_wait_seq(expected), expected, claim)
#else
    bsti_waiter_try_claim(seq, expected, claim)
#endif
}

inline bsti_waiter_claim_any(seq, claim)
{
    atomic { expected = word; seq = bsti_wait_seq(word) }
    bsti_waiter_try_claim(seq, expected, claim)
}

inline bsti_waiter_finish_thread(seq)
{
#ifdef PLANT_LATE_WOKEN
    word = bsti_wait_word(seq, BSTI_WAIT_READY);
    thread = WOKEN;
#else
    thread = WOKEN;
    word = bsti_wait_word(seq, BSTI_WAIT_READY);
#endif
    asleep = false /* bsti_futex_wake(), also of a later sleeper */
}

inline bsti_waiter_finish(seq, how, node)
{
    assert(word == bsti_wait_word(seq, BSTI_WAIT_CLAIMED));
    gift = node;
    status = how;
    if
    :: thread != PROC -> bsti_waiter_finish_thread(seq)
    :: else -> word = bsti_wait_word(seq, BSTI_WAIT_READY)
    fi
}

#define bsti_waiter_is_ready() (bsti_wait_phase(word) == BSTI_WAIT_READY)

/* Spins: that it stops is part of what is shown. */
inline bsti_waiter_await()
{
    bsti_waiter_is_ready()
}

/* The word that it writes has the number of the one that it has read first. */
inline bsti_waiter_take(how, node)
{
    was = word;
    if
    :: bsti_wait_phase(was) != BSTI_WAIT_READY -> bsti_waiter_await()
    :: else
    fi;
    node = gift;
    atomic {
        assert(bsti_wait_seq(was) == bsti_wait_seq(word));
        word = bsti_wait_word(bsti_wait_seq(was), BSTI_WAIT_IDLE);
        was = 0;
        how = status
    }
}

/* Gives the wait up from the asker's own side. */
inline bsti_waiter_give_up(seq, how)
{
    bsti_waiter_claim(seq, claim);
    if
    :: claim != LOST -> bsti_waiter_finish(seq, how, 0)
    :: else
    fi;
    claim = 0
}

/* A gift is the number of the question that it answers. */
inline take_answer(seq)
{
    bsti_waiter_take(how, node);
    d_step {
        assert(ended[seq] == 1);
        assert(node == (how == OK -> seq : 0));
        assert(how != TIMEOUT || limited);
        limited = false;
        taken = taken + (node != 0);
        how = 0;
        node = 0
    }
}

#ifndef THREADS

/* ---- a process ----------------------------------------------------------- */

byte ready;        /* in the inbox or the next-slot of its worker */
bool on_stack;     /* its handler runs, or its stack is being left */
bool listed;       /* its limit is in the list of its worker */
bool admitted;     /* ... or has gone from there into the wheel */
bool timed;        /* in the wheel of its worker */
bool post_proc;    /* its worker looks at it still, after the switch */
bool away;         /* it has been moved since it has asked */
bool wheel_lock;
bool kill_signal;
bool killed;       /* the supervisor has begun to kill it */
bool held = true;  /* by the supervisor */
bool finished;     /* the handler has come to its end */

inline bsti_exec_ready()
{
    atomic {
        ready++;
        assert(ready == 1 && !on_stack)
    }
}

inline bsti_proc_cancel_wait(how, must_wake)
{
    bsti_waiter_claim_any(claimed, claim);
    if
    :: claim != LOST -> bsti_waiter_finish(claimed, how, 0)
    :: else
    fi;
    must_wake = (claim == CLAIM_SUSPENDED);
    atomic { claim = 0; claimed = 0 }
}

inline on_limit()
{
    bsti_proc_cancel_wait(TIMEOUT, yes);
    if
    :: yes -> bsti_exec_ready()
    :: else
    fi;
    yes = false
}

inline bsti_waiter_commit(seq, won)
{
    atomic { /* the compare-and-swap */
        won = (word == bsti_wait_word(seq, BSTI_WAIT_ARMED));
        if
        :: won -> word = bsti_wait_word(seq, BSTI_WAIT_SUSPENDED)
        :: else
        fi
    }
}

/* Runs after the switch: the asker's stack is complete. */
inline post_commit(seq)
{
    on_stack = false;
    bsti_waiter_commit(seq, yes);
    yes = !yes;
#ifndef PLANT_NO_RECHECK
    if
    :: !yes && kill_signal -> bsti_proc_cancel_wait(DEAD, yes)
    :: else
    fi;
#endif
    atomic { assert(!away); post_proc = false }
#ifndef PLANT_LOST_COMMIT
    if
    :: yes -> bsti_exec_ready()
    :: else
    fi;
#endif
    yes = false
}

/* With bsti_proc_drop_wait(). */
inline drop_wait()
{
    if
    :: bsti_wait_phase(word) != BSTI_WAIT_IDLE ->
        bsti_proc_cancel_wait(DEAD, yes);
        yes = false;
        bsti_waiter_take(how, node);
        d_step {
            limited = false;
            dead = dead + (node != 0);
            how = 0;
            node = 0
        }
    :: else
    fi
}

/* End of the incarnation; hands it to the supervisor. */
inline abandoned()
{
    drop_wait();
    kill_signal = false;
    held = true
}

inline bsti_alarm_cancel()
{
#ifdef PLANT_FREE_CANCEL
    timed = false
#else
    atomic { !wheel_lock -> timed = false }
#endif
}

inline bsti_timed_wait_begin()
{
    atomic { listed = true; limited = true; admitted = false }
}

/* The wheel is locked; the biased lock of the worker is held. */
inline bsti_timed_waits_admit()
{
    listed = false;
    admitted = true;
    timed = true
}

inline admit_waits()
{
    atomic { listed && !wheel_lock -> bsti_timed_waits_admit() }
}

/* The alarm lies on the asker's stack: nobody may use it from now on. */
inline bsti_timed_wait_end()
{
    atomic { /* inside of the biased lock */
        yes = admitted;
        admitted = false;
        assert(!listed || !away); /* the list is another worker's */
        listed = false
    }
    if
    :: yes -> bsti_alarm_cancel()
    :: else
    fi;
    yes = false
}

inline take_over()
{
    bsti_timed_wait_end();
    abandoned()
}

inline dismantle()
{
    assert(killed);
    take_over()
}

/*
 * The worker where the asker is at home: the handler, what follows the switch,
 * and the loop, which continues the handler.
 */
active proctype home()
{
    byte seq, expected, claim, claimed, how, node, was;
    bool yes, limited;

idle: /* no turn: closed, or held by the supervisor */
end_idle:
    atomic { ready > 0 -> ready--; on_stack = true }

ask_as_process:
    if
    :: bsti_wait_seq(word) == WAITS ->
        finished = true;
        goto done
    :: else
    fi;
    if
    :: kill_signal -> on_stack = false; abandoned(); goto idle
    :: else
    fi;
    /* ask_child() is refused before it arms, and then pushes for sure. */
    away = false;
    bsti_waiter_arm(seq);
    if
    :: asked[seq] = 1 /* bsti_post() or bsti_push_here() */
    :: bsti_waiter_give_up(seq, NOMEM); goto take
    fi;

    /* wait_for(), bsti_suspend_for() */
    if
    :: bsti_timed_wait_begin()
    :: true
    fi;
    /* bsti_suspend(), leave(): there the limit may pass already. */
    if
    :: admit_waits()
    :: true
    fi;
    if
    :: true ->
        bsti_timed_wait_end();
        bsti_waiter_give_up(seq, NOMEM); /* no stack */
        goto take
    :: true
    fi;
    post_proc = true;
    post_commit(seq);

    /* run() */
loop:
end_suspended:
    if
    :: admit_waits(); goto loop
    :: atomic { ready > 0 -> ready-- }
        if
        :: kill_signal -> dismantle(); goto idle
        :: else -> on_stack = true
        fi
    fi;

    bsti_timed_wait_end();
take:
    take_answer(seq);
    goto ask_as_process;

done:
    on_stack = false
}

inline bsti_actor_kill()
{
    kill_signal = true;
    bsti_proc_cancel_wait(DEAD, yes);
    if
    :: yes -> bsti_exec_ready()
    :: else
    fi;
    yes = false
}

/* bsti_alarms_expire() of the worker, or of the monitor in its place. */
inline bsti_alarms_expire_for()
{
    atomic { timed && !wheel_lock -> timed = false; wheel_lock = true }
    on_limit();
    wheel_lock = false
}

/* What is ready is suspended, or is to begin; its worker may look at it. */
inline move_all()
{
    if
#ifdef PLANT_MOVE_EARLY
    :: ready > 0 && !on_stack -> away = true; moves++
#else
    :: ready > 0 && !on_stack && !post_proc -> away = true; moves++
#endif
    :: else
    fi
}

/* Under the lock of the wheel. While the worker is inside of its biased lock
 * its list is out of reach, and nobody is moved. */
inline bsti_rescue()
{
    if
    :: atomic {
            moves < MOVES && !wheel_lock ->
            if
            :: listed -> bsti_timed_waits_admit()
            :: else
            fi;
            move_all()
        }
#ifdef PLANT_MOVE_LISTED
    :: atomic { moves < MOVES && !wheel_lock -> move_all() }
#endif
    fi
}

active proctype monitor()
{
    byte expected, claim, claimed, moves;
    bool yes;

end:
    do
    :: bsti_alarms_expire_for()
    :: bsti_rescue()
    od
}

active proctype supervisor()
{
    byte expected, claim, claimed;
    bool yes;

    held = false;
    bsti_exec_ready();
    if
    :: true ->
        killed = true;
        bsti_actor_kill();
end_kill:
        held -> /* it has exited; bsti_actor_start() */
        kill_signal = false;
        held = false;
        bsti_exec_ready()
    :: true
    fi
}

#define ASKERS_DONE                                                            \
    (finished || (bsti_wait_phase(word) == BSTI_WAIT_SUSPENDED &&              \
                  !listed && !timed && !kill_signal &&                        \
                  asked[bsti_wait_seq(word)] == 3))

/* The number of the question that an answerer is for. */
#define QUESTION (_pid - 2)

#else

/* ---- foreign threads ----------------------------------------------------- */

bool acquired;
byte threads_done;

inline bsti_exec_ready()
{
    assert(false)
}

/* A spin lock and a list of one; sets what the futex waits on. */
inline bsti_foreign_acquire()
{
    atomic { !acquired -> acquired = true }
    thread = BLOCKED
}

/* A sleeper in the kernel: only a wake-up or the deadline ends it. */
inline bsti_futex_wait(limited)
{
    atomic {
        if
        :: thread == BLOCKED -> asleep = true
        :: else
        fi
    }
end_asleep:
    if
    :: !asleep
    :: limited -> asleep = false
    fi
}

inline bsti_thread_wait(seq, limited)
{
    do
    :: bsti_waiter_is_ready() -> break
    :: !bsti_waiter_is_ready() ->
        /* It has no reason to spin before somebody claims the wait. */
        assert(thread == BLOCKED || bsti_wait_phase(word) > BSTI_WAIT_ARMED);
        if
        :: bsti_futex_wait(limited)
        :: limited -> bsti_waiter_give_up(seq, TIMEOUT); break
        fi
    od
}

inline ask_as_thread()
{
    bsti_foreign_acquire();
    bsti_waiter_arm(seq);
    if
    :: asked[seq] = 1; /* bsti_post() */
        if
        :: limited = true
        :: true
        fi;
        bsti_thread_wait(seq, limited)
    :: bsti_waiter_give_up(seq, NOMEM)
    fi;
    take_answer(seq);
    atomic { seq = 0; acquired = false }
}

active [2] proctype asker()
{
    byte seq, expected, claim, how, node, was;
    bool limited;

    do
    :: atomic { threads_done < WAITS -> threads_done++ }
end_asks:
        ask_as_thread()
    :: threads_done == WAITS -> break
    od
}

#define ASKERS_DONE                                                            \
    (!acquired || (bsti_wait_phase(word) == BSTI_WAIT_ARMED &&                 \
                   asked[bsti_wait_seq(word)] == 3))

#define QUESTION (_pid - 1)

#endif

/* ---- those who answer ---------------------------------------------------- */

inline bsti_answer(seq)
{
    is_thread = (thread != PROC);
    bsti_waiter_claim(seq, claim);
    answers++;
    if
    :: claim == LOST -> dead++
    :: else ->
        bsti_waiter_finish(seq, OK, seq);
        if
        :: claim == CLAIM_SUSPENDED && !is_thread -> bsti_exec_ready()
        :: else
        fi
    fi
}

/* By a worker; bsti_worker_ready() there is bsti_exec_ready() here. */
inline give_answer(seq)
{
    if
    :: thread != PROC -> bsti_answer(seq)
    :: else ->
        answers++;
        bsti_waiter_claim(seq, claim);
        if
        :: claim == LOST -> dead++
        :: else ->
            bsti_waiter_finish(seq, OK, seq);
            if
            :: claim == CLAIM_SUSPENDED -> bsti_exec_ready()
            :: else
            fi
        fi
    fi
}

/* One for each question: 2 is answered, 3 will never be. */
active [WAITS] proctype answerer()
{
    byte expected, claim;
    bool is_thread;

end:
    asked[QUESTION] == 1;
    if
    :: bsti_answer(QUESTION); asked[QUESTION] = 2
    :: give_answer(QUESTION); asked[QUESTION] = 2
    :: asked[QUESTION] = 3
    fi
}

active proctype at_rest()
{
    timeout ->
        assert(ASKERS_DONE);
        assert(answers == taken + dead)
}
