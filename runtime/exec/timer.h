#ifndef BST_EXEC_TIMER_H
#define BST_EXEC_TIMER_H

/*
 * Timers of processes: each lives in the wheel of the worker that armed it.
 *
 * A callback runs with that wheel locked, on that worker, or on the monitor if
 * the worker is kept by a handler. It must only push a
 * message, end a wait, make a process ready or arm its own timer again. In
 * return a cancel from any thread is final: when it returns, the callback
 * does not run and will not.
 */

#include <bastion/topology.h>

#include "base/list.h"
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

/**
 * The time limit of a suspended process's wait.
 *
 * Most waits end long before their limit, so it is not put into the wheel at
 * once: it stands in a list of its worker, behind its bias (rescue.c), and goes
 * into the wheel only if it is still there at the worker's next sample. It
 * lies on the stack of the process that waits.
 */
struct bsti_timed_wait {
    struct bsti_list link;   /* in the worker's list, until it is admitted */
    struct bsti_alarm alarm; /* made when it is admitted to the wheel */
    struct bsti_proc *proc;
    bst_time within; /* counted from the sample: never early */
    uint32_t late;   /* status of a wait that ends by it */
    bool admitted;   /* to the wheel */
};

/** Begins and ends the limit of a wait. Thread: the process's worker. */
void bsti_timed_wait_begin(struct bsti_timed_wait *wait, struct bsti_proc *proc,
                           bst_time within, uint32_t late);
void bsti_timed_wait_end(struct bsti_timed_wait *wait);

/** Fires what is due on `worker`. Thread: the worker. */
void bsti_alarms_expire(struct bsti_worker *worker, bst_time now);

/** Returns when the next alarm of `worker` may be due. Thread: the worker. */
bst_time bsti_alarms_next(struct bsti_worker *worker);

#endif
