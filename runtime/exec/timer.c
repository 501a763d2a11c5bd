/*
 * Alarms: the timing wheel of a worker behind a lock.
 *
 * The lock is nearly always taken by the worker itself, on a line of its own
 * cache. Others take it when a process that has moved cancels its timers.
 */

#include "exec/timer.h"

#include "base/assert.h"
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

void bsti_alarm_arm(struct bsti_alarm *alarm, bst_time due)
{
    struct bsti_worker *worker = bsti_worker_current();

    bsti_check(worker, "a timer is armed outside of a worker");
    alarm->worker = worker;
    bsti_spin_lock(&worker->wheel_lock);
    bsti_wheel_arm(&worker->wheel, &alarm->timer, due);
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

void bsti_alarms_expire(struct bsti_worker *worker, bst_time now)
{
    bsti_spin_lock(&worker->wheel_lock);
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
