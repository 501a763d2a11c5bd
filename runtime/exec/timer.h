#ifndef BST_EXEC_TIMER_H
#define BST_EXEC_TIMER_H

/*
 * Timers of processes: each lives in the wheel of the worker that armed it.
 *
 * A callback runs on that worker with its wheel locked. It must only push a
 * message, end a wait, make a process ready or arm its own timer again. In
 * return a cancel from any thread is final: when it returns, the callback
 * does not run and will not.
 */

#include <bastion/topology.h>

#include "exec/exec.h"
#include "exec/wheel.h"

struct bsti_alarm {
    struct bsti_timer timer;    /* in the wheel */
    struct bsti_worker *worker; /* whose wheel; NULL: never armed */
    void (*fire)(struct bsti_alarm *alarm, bst_time now);
};

/** Prepares an alarm. */
void bsti_alarm_init(struct bsti_alarm *alarm,
                     void (*fire)(struct bsti_alarm *alarm, bst_time now));

/** Arms an alarm that is not armed. Thread: a worker. */
void bsti_alarm_arm(struct bsti_alarm *alarm, bst_time due);

/** Arms the alarm again from its own callback. */
void bsti_alarm_rearm(struct bsti_alarm *alarm, bst_time due);

/** Makes sure that the alarm does not fire. Thread: the alarm's owner. */
void bsti_alarm_cancel(struct bsti_alarm *alarm);

/** Fires what is due on `worker`. Thread: the worker. */
void bsti_alarms_expire(struct bsti_worker *worker, bst_time now);

/** Returns when the next alarm of `worker` may be due. Thread: the worker. */
bst_time bsti_alarms_next(struct bsti_worker *worker);

#endif
