/*
 * Alarms: the timing wheel of a worker behind a lock.
 *
 * The lock is nearly always taken by the worker itself, on a line of its own
 * cache. Others take it when a process that has moved cancels its timers.
 */

#include "exec/timer.h"

#include "base/assert.h"
#include "base/duration.h"
#include "exec/worker.h"
#include "sync/atomic.h"
#include "sync/spin.h"

void bsti_alarm_init(struct bsti_alarm *alarm,
                     void (*fire)(struct bsti_alarm *alarm, bst_time now))
{
    bsti_timer_init(&alarm->timer);
    alarm->worker = NULL;
    alarm->fire = fire;
}

/* The wheel is locked. */
static void arm(struct bsti_worker *worker, struct bsti_alarm *alarm,
                bst_time due)
{
    alarm->worker = worker;
    bsti_wheel_arm(&worker->wheel, &alarm->timer, due);
    /* relaxed: the worker looks at it without the lock, as a hint */
    if (due < bsti_load_relaxed(&worker->next_alarm))
        bsti_store_relaxed(&worker->next_alarm, due);
}

void bsti_alarm_arm(struct bsti_alarm *alarm, bst_time due)
{
    struct bsti_worker *worker = bsti_worker_current();

    bsti_check(worker, "a timer is armed outside of a worker");
    bsti_spin_lock(&worker->wheel_lock);
    arm(worker, alarm, due);
    bsti_spin_unlock(&worker->wheel_lock);
}

void bsti_alarm_rearm(struct bsti_alarm *alarm, bst_time due)
{
    bsti_wheel_arm(&alarm->worker->wheel, &alarm->timer, due);
}

void bsti_alarm_cancel(struct bsti_alarm *alarm)
{
    struct bsti_worker *worker = alarm->worker;

    if (!worker)
        return;
    bsti_spin_lock(&worker->wheel_lock);
    bsti_wheel_cancel(&worker->wheel, &alarm->timer);
    bsti_spin_unlock(&worker->wheel_lock);
    alarm->worker = NULL;
}

static void fire(struct bsti_timer *timer, void *arg)
{
    struct bsti_alarm *alarm =
        bsti_container_of(timer, struct bsti_alarm, timer);
    const bst_time *now = arg;

    alarm->fire(alarm, *now);
}

/* ---- time limits of waits ------------------------------------------------ */

static void on_limit(struct bsti_alarm *alarm, bst_time now)
{
    struct bsti_timed_wait *wait =
        bsti_container_of(alarm, struct bsti_timed_wait, alarm);
    struct bsti_proc *proc = wait->proc;
    struct bsti_exec *exec = alarm->worker->exec;

    (void)now;
    if (bsti_proc_cancel_wait(proc, wait->late))
        bsti_exec_ready(exec, proc);
}

void bsti_timed_wait_begin(struct bsti_timed_wait *wait, struct bsti_proc *proc,
                           bst_time within, uint32_t late)
{
    struct bsti_worker *worker = bsti_worker_of(proc);

    bsti_list_init(&wait->link);
    wait->proc = proc;
    wait->within = within;
    wait->late = late;
    wait->admitted = false;
    bsti_bias_enter(&worker->bias);
    bsti_list_push_back(&worker->waits, &wait->link);
    bsti_bias_leave(&worker->bias);
    proc->timed = wait;
}

void bsti_timed_wait_end(struct bsti_timed_wait *wait)
{
    /* If the process has moved, its wait is in the wheel of where it was. */
    struct bsti_worker *worker = bsti_worker_of(wait->proc);
    bool admitted;

    wait->proc->timed = NULL;
    bsti_bias_enter(&worker->bias);
    admitted = wait->admitted;
    if (BSTI_LIKELY(!admitted))
        bsti_list_remove(&wait->link);
    bsti_bias_leave(&worker->bias);
    if (BSTI_UNLIKELY(admitted))
        bsti_alarm_cancel(&wait->alarm);
}

void bsti_timed_waits_admit(struct bsti_worker *worker, bst_time now)
{
    while (!bsti_list_is_empty(&worker->waits)) {
        struct bsti_timed_wait *wait = bsti_container_of(
            bsti_list_first(&worker->waits), struct bsti_timed_wait, link);

        bsti_list_remove(&wait->link);
        wait->admitted = true;
        bsti_alarm_init(&wait->alarm, on_limit);
        arm(worker, &wait->alarm, bsti_time_after(now, wait->within));
    }
}

static void admit_waits(struct bsti_worker *worker, bst_time now)
{
    bsti_bias_enter(&worker->bias);
    if (!bsti_list_is_empty(&worker->waits)) {
        bsti_spin_lock(&worker->wheel_lock);
        bsti_timed_waits_admit(worker, now);
        bsti_spin_unlock(&worker->wheel_lock);
    }
    bsti_bias_leave(&worker->bias);
}

void bsti_alarms_expire(struct bsti_worker *worker, bst_time now)
{
    admit_waits(worker, now);
    /* relaxed: what a monitor arms just now is seen by the next look */
    if (now < bsti_load_relaxed(&worker->next_alarm))
        return;
    worker->in_alarms = true;
    bsti_spin_lock(&worker->wheel_lock);
    bsti_wheel_expire(&worker->wheel, now, fire, &now);
    bsti_store_relaxed(&worker->next_alarm,
                       bsti_wheel_next_due(&worker->wheel));
    bsti_spin_unlock(&worker->wheel_lock);
    worker->in_alarms = false;
}

void bsti_alarms_expire_for(struct bsti_worker *worker, bst_time now)
{
    bsti_spin_lock(&worker->wheel_lock);
    if (bsti_wheel_next_due(&worker->wheel) <= now)
        bsti_wheel_expire(&worker->wheel, now, fire, &now);
    bsti_spin_unlock(&worker->wheel_lock);
}

bst_time bsti_alarms_next(struct bsti_worker *worker)
{
    bst_time due;

    bsti_spin_lock(&worker->wheel_lock);
    due = bsti_wheel_next_due(&worker->wheel);
    bsti_spin_unlock(&worker->wheel_lock);
    return due;
}
