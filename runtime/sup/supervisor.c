/*
 * A supervisor's turn: signals and notes in, operations on the children out.
 */

#include <stdio.h>

#include "base/assert.h"
#include "plat/log.h"
#include "sup/sup.h"
#include "sync/atomic.h"

static void signal_sup(struct bsti_sup *sup, uint32_t bits)
{
    if (bsti_proc_signal(&sup->proc, bits))
        bsti_exec_ready(sup->system->base.exec, &sup->proc);
}

void bsti_sup_start(struct bsti_sup *sup)
{
    /* What was meant for the incarnation before, and came too late. */
    bsti_proc_take_signals(&sup->proc, BSTI_SIGNAL_KILL | BSTI_SIGNAL_STOP);
    signal_sup(sup, BSTI_SIGNAL_START);
}

void bsti_sup_stop(struct bsti_sup *sup)
{
    signal_sup(sup, BSTI_SIGNAL_STOP);
}

void bsti_sup_kill(struct bsti_sup *sup)
{
    signal_sup(sup, BSTI_SIGNAL_KILL);
}

void bsti_sup_close(struct bsti_sup *sup)
{
    signal_sup(sup, BSTI_SIGNAL_CLOSE);
}

/* ---- life ---------------------------------------------------------------- */

/* Ends a supervisor to whose start a callback has said no. */
static void refuse_start(struct bsti_sup *sup, bst_status status)
{
    bsti_op_end(sup, status == BST_STOP ? BSTI_EXIT_DECLINED
                                        : BSTI_EXIT_START_FAILED);
}

/* Whether its table can be lived by; looked at once. */
static bool is_sound(struct bsti_sup *sup)
{
    const char *child = NULL;
    enum bsti_flaw flaw = sup->table
                              ? bsti_flaw_of_supervisor(sup->table, &child)
                              : bsti_flaw_of_restart(sup->restart);

    if (flaw == BSTI_FLAW_NONE) {
        sup->is_checked = 1;
        return true;
    }
    sup->reason = bsti_flaw_word(flaw);
    snprintf(sup->fault, sizeof sup->fault, "%s: %s%s%s", sup->path,
             sup->reason, child ? ": child " : "", child ? child : "");
    return false;
}

static void begin(struct bsti_sup *sup)
{
    bst_status status;

    bsti_assert(!sup->alive);
    sup->alive = 1;
    sup->announced = 0;
    sup->rewind = 0;
    sup->is_lenient = 0;
    sup->excluded = NULL;
    sup->reason = NULL;
    sup->failed_child = NULL;
    bsti_store_relaxed(&sup->pending.next, NULL);
    bsti_store_relaxed(&sup->retries.next, NULL);
    sup->starts = sup->is_new ? 1 : sup->starts + 1;
    bsti_window_clear(&sup->window);
    for (BSTI_EACH_CHILD(child, sup)) {
        struct bsti_record *record = bsti_child_record(child);

        child->flags &= BSTI_CHILD_AGAIN;
        if (sup->is_new)
            bsti_child_renew(child);
        if (!record)
            continue;
        record->failures = 0;
        record->up_since = 0;
    }
    sup->is_new = 0;
    bsti_sup_trace(sup, BSTI_TRACE_START);
    if (!sup->is_checked && !is_sound(sup)) {
        sup->gave_up = 0;
        bsti_op_end(sup, BSTI_EXIT_START_FAILED);
        return;
    }
    /* The last end is told of before it is forgotten. */
    status = bsti_call_begin(sup);
    sup->gave_up = 0;
    sup->ending = BSTI_EXIT_NORMAL;
    if (status != BST_OK) {
        refuse_start(sup, status);
        return;
    }
    sup->fault[0] = '\0';
    bsti_op_start(sup, BSTI_OP_BOOT, 0);
}

bool bsti_sup_announce(struct bsti_sup *sup)
{
    bst_status status = bsti_call_up(sup);

    if (status != BST_OK) {
        refuse_start(sup, status);
        return false;
    }
    sup->announced = 1;
    if (sup->parent)
        bsti_child_notify(&sup->child, BSTI_EVENT_STARTED);
    else
        bsti_system_root_up(sup->system);
    return true;
}

static void trace_end(struct bsti_child *child)
{
    switch (bsti_child_exit(child)) {
    case BSTI_EXIT_DECLINED:
        bsti_child_trace(child, BSTI_TRACE_DECLINED);
        return;
    case BSTI_EXIT_START_FAILED:
        bsti_child_trace(child, BSTI_TRACE_START_FAILED);
        return;
    case BSTI_EXIT_NORMAL:
    case BSTI_EXIT_SHUTDOWN:
    case BSTI_EXIT_FAILED:
    case BSTI_EXIT_KILLED:
        break;
    }
    bsti_child_trace(child, BSTI_TRACE_DOWN);
}

void bsti_sup_finish(struct bsti_sup *sup)
{
    bool was_killed = sup->op == BSTI_OP_KILL;

    bsti_op_cancel_deadline(sup);
    for (BSTI_EACH_CHILD(child, sup)) {
        bsti_child_cancel_delay(child);
        bsti_call_settle(child, false);
        if (child->flags & BSTI_CHILD_WAS_KILLED)
            trace_end(child);
        /* Members are forgotten, and messages to them are dead. */
        if (bsti_child_crowd(child))
            bsti_child_close(child);
    }
    bsti_store_relaxed(&sup->pending.next, NULL);
    bsti_store_relaxed(&sup->retries.next, NULL);
    bsti_prune_all(sup);
    sup->op = BSTI_OP_NONE;
    sup->alive = 0;
    if (!was_killed)
        bsti_sup_trace(sup, BSTI_TRACE_DOWN);
    bsti_serve_flush(sup);
    if (sup->parent) {
        bsti_child_notify(&sup->child, BSTI_EVENT_EXITED);
        return;
    }
    bsti_call_owe(&sup->child);
    bsti_call_settle(&sup->child, false);
    bsti_system_root_ended(sup->system);
}

/* ---- notes --------------------------------------------------------------- */

static void tell_log(struct bsti_child *child, const char *what)
{
    char path[256];

    if (bsti_log_level() < BST_LOG_INFO || bsti_child_crowd(child))
        return;
    bsti_log(BST_LOG_INFO, "%s#%llu %s",
             bsti_child_path(child, path, sizeof path),
             (unsigned long long)bsti_child_number(child), what);
}

static void child_started(struct bsti_sup *sup, struct bsti_child *child)
{
    bool at_cursor = sup->cursor == child->index &&
                     child->type != BSTI_NOTE_MEMBER &&
                     (sup->op == BSTI_OP_BOOT || sup->op == BSTI_OP_RESTART ||
                      sup->op == BSTI_OP_SERVE);
    struct bsti_record *record = bsti_child_record(child);

    bsti_child_trace(child, BSTI_TRACE_START);
    tell_log(child, "started");
    /* One that was asked to stop meanwhile goes on stopping. */
    if (child->state != BSTI_CHILD_STARTING)
        return;
    child->state = BSTI_CHILD_UP;
    if (record)
        record->up_since = bsti_sup_now(sup);
    if (at_cursor)
        bsti_op_started(sup);
}

/*
 * One that was left behind has ended after all. During an operation it waits:
 * a start that has not come to it yet takes it along, one that has passed it
 * starts it at the end, and after a stop for good nothing starts.
 */
static void orphan_ended(struct bsti_sup *sup, struct bsti_child *child)
{
    for (struct bsti_sup *over = sup; over; over = over->parent)
        bsti_fetch_sub_relaxed(&over->orphans, 1u);
    /* What was torn off runs still; its thread tells when it has come back. */
    if (!(child->flags & BSTI_CHILD_IS_TORN))
        bsti_fetch_sub_relaxed(&sup->system->base.orphans, 1u);
    child->flags &= (uint8_t)~BSTI_CHILD_IS_TORN;
    child->state = BSTI_CHILD_DOWN;
    if (!sup->alive || child->type == BSTI_NOTE_MEMBER ||
        child->flags & BSTI_CHILD_IS_REMOVED ||
        bsti_child_lifetime(child) == BST_TEMPORARY)
        bsti_child_close(child);
    else if (sup->op == BSTI_OP_NONE)
        bsti_child_start(child);
}

/* Whether one that was asked to stop is to be started again. */
static bool comes_back(const struct bsti_sup *sup, struct bsti_child *child)
{
    return sup->op == BSTI_OP_STOP && sup->after == BSTI_AFTER_RESTART &&
           bsti_child_lifetime(child) != BST_TEMPORARY;
}

static void child_ended(struct bsti_sup *sup, struct bsti_child *child)
{
    /* Those that are killed together are told of in order, at the end. */
    if (!(child->flags & BSTI_CHILD_WAS_KILLED))
        trace_end(child);
    tell_log(child, "ended");
    bsti_call_owe(child);
    if (child->state == BSTI_CHILD_ORPHANED) {
        orphan_ended(sup, child);
        return;
    }
    if (child->state != BSTI_CHILD_STOPPING) {
        bsti_restart_ended(sup, child);
        return;
    }
    bsti_child_tell_failure(sup, child, "stopping");
    bsti_op_untear(child);
    if (child->type == BSTI_NOTE_MEMBER) {
        bsti_crowd_left(sup, child);
        return;
    }
    child->state = BSTI_CHILD_DOWN;
    bsti_call_settle(child, comes_back(sup, child));
    /* Whoever asks it something now is told at once that nobody is there. */
    if (bsti_load_relaxed(&sup->system->ending))
        bsti_child_close(child);
    if (sup->op == BSTI_OP_STOP && sup->cursor == child->index)
        bsti_op_stopped(sup);
    else if (sup->op == BSTI_OP_KILL && --sup->outstanding == 0)
        bsti_sup_finish(sup);
}

static void child_note(struct bsti_sup *sup, struct bsti_child *child)
{
    /* acq_rel: pairs with bsti_child_notify(); gives the note back. */
    uint32_t events =
        bsti_fetch_and_acq_rel(&child->events, (uint8_t)~BSTI_EVENT_NOTES);

    if (events & BSTI_EVENT_STARTED)
        child_started(sup, child);
    if (events & BSTI_EVENT_EXITED)
        child_ended(sup, child);
}

static void delay_note(struct bsti_sup *sup, struct bsti_note *note)
{
    struct bsti_delay *delay = bsti_container_of(note, struct bsti_delay, note);

    bsti_xchg_acq_rel(&delay->queued, 0u);
    /* A note of a back-off that was cancelled since is stale. */
    if (delay->due == 0 || bsti_sup_now(sup) < delay->due)
        return;
    bsti_child_cancel_delay(delay->child);
    bsti_restart_delayed(sup, delay->child);
}

static void deadline_note(struct bsti_sup *sup)
{
    bsti_xchg_acq_rel(&sup->deadline_queued, 0u);
    if (sup->deadline_due == 0 || bsti_sup_now(sup) < sup->deadline_due)
        return;
    bsti_op_cancel_deadline(sup);
    bsti_op_deadline(sup);
}

static void handle(struct bsti_sup *sup, struct bsti_mpscq_node *link)
{
    struct bsti_note *note = bsti_container_of(link, struct bsti_note, link);

    switch ((enum bsti_note_type)note->type) {
    case BSTI_NOTE_ACTOR:
    case BSTI_NOTE_SUP:
    case BSTI_NOTE_CROWD:
    case BSTI_NOTE_MEMBER:
        child_note(sup, bsti_container_of(link, struct bsti_child, link));
        break;
    case BSTI_NOTE_DELAY:
        delay_note(sup, note);
        break;
    case BSTI_NOTE_DEADLINE:
        deadline_note(sup);
        break;
    case BSTI_NOTE_REQUEST:
        bsti_serve_note(sup, note);
        break;
    }
    bsti_serve(sup);
}

static void close_children(struct bsti_sup *sup)
{
    bsti_assert(!sup->alive);
    for (BSTI_EACH_CHILD(child, sup))
        bsti_child_close(child);
}

static void heed_signals(struct bsti_sup *sup)
{
    uint32_t signals = bsti_proc_take_signals(
        &sup->proc, BSTI_SIGNAL_START | BSTI_SIGNAL_STOP | BSTI_SIGNAL_KILL |
                        BSTI_SIGNAL_CLOSE);

    /* It is for the incarnation before the one that a start begins. */
    if (signals & BSTI_SIGNAL_CLOSE)
        close_children(sup);
    if (signals & BSTI_SIGNAL_START)
        begin(sup);
    if (!sup->alive)
        return;
    if (signals & BSTI_SIGNAL_KILL)
        bsti_op_kill(sup);
    else if (signals & BSTI_SIGNAL_STOP)
        bsti_op_end(sup, BSTI_EXIT_SHUTDOWN);
}

/*
 * A note leaves the mailbox before it is handled, because handling it gives
 * it back to its owner, who may send it again at once.
 */
static void turn(struct bsti_proc *proc)
{
    struct bsti_sup *sup = bsti_container_of(proc, struct bsti_sup, proc);
    struct bsti_mpscq_node *link = NULL;
    bool busy;

    for (;;) {
        if (bsti_proc_signals(proc) != 0)
            heed_signals(sup);
        if (!bsti_mpscq_is_spent(&proc->mailbox) &&
            !bsti_mpscq_front(&proc->mailbox, &busy)) {
            if (busy)
                break;
            if (bsti_mpscq_try_idle(&proc->mailbox) && !bsti_proc_reclaim(proc))
                return;
            continue;
        }
        if (bsti_mpscq_pop(&proc->mailbox, false, &link) != BSTI_MPSCQ_POPPED)
            break;
        /* A signal that was set before the note was sent comes before it. */
        if (bsti_proc_signals(proc) != 0)
            heed_signals(sup);
        handle(sup, link);
    }
    bsti_exec_requeue(sup->system->base.exec, proc);
}

static void describe(struct bsti_proc *proc, char *text, size_t size)
{
    struct bsti_sup *sup = bsti_container_of(proc, struct bsti_sup, proc);

    snprintf(text, size, "%s", sup->path);
}

/* What is not the user's is told apart by its frames; see plat/unwind.h. */
static void blame(struct bsti_proc *proc, struct bsti_blame *blame)
{
    blame->path = bsti_container_of(proc, struct bsti_sup, proc)->path;
}

static void faulted(struct bsti_proc *proc, const char *text)
{
    bsti_call_faulted(bsti_container_of(proc, struct bsti_sup, proc), text);
}

/* Nothing in a supervisor's turn panics or suspends. */
static void abandoned(struct bsti_proc *proc)
{
    (void)proc;
    bsti_check(false, "a supervisor's turn was abandoned");
}

const struct bsti_proc_class bsti_sup_class = {
    .name = "supervisor",
    .turn = turn,
    .abandoned = abandoned,
    .describe = describe,
    .blame = blame,
    .faulted = faulted,
    .stays = true,
};
