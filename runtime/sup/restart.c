/*
 * What the end of a child leads to.
 *
 * The order of the questions: is it to be restarted at all (the user, who is
 * asked about failures, or its lifetime), is
 * there budget left (the window of the supervisor, or the count of the child),
 * how long to wait (its back-off), and who is restarted with it (strategy).
 *
 * A failing start on the way back is one more failure: it is counted and
 * judged like any other. Ends that arrive while a group is being stopped or
 * started wait until that is done, as in OTP. A one-for-one supervisor has no
 * such operation after its boot and serves each child at once.
 */

#include "plat/log.h"
#include "sup/backoff.h"
#include "sup/plant.h"
#include "sup/sup.h"
#include "sync/atomic.h"

/* What is remembered of a child; without memory for that: nothing. */
static struct bsti_record *record_of(struct bsti_sup *sup,
                                     struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_remember(child);
    char path[256];

    if (!record)
        bsti_log(BST_LOG_ERROR,
                 "%s: no memory to count the restarts of %s; it is restarted "
                 "as if for the first time",
                 sup->path, bsti_child_path(child, path, sizeof path));
    return record;
}

static enum bsti_verdict judge(struct bsti_sup *sup,
                               const struct bsti_record *record)
{
    bool within = true;

    if (sup->restart->mode == BST_RESTART_LIMITED && sup->restart->in > 0)
        within = bsti_window_add(&sup->window, bsti_sup_now(sup));
    return bsti_strategy_judge(sup->restart, within,
                               record ? record->restarts : 0);
}

static bst_time next_delay(struct bsti_sup *sup, struct bsti_record *record)
{
    const struct bst_restart *restart = sup->restart;
    bst_time up;

    if (restart->backoff == BST_BACKOFF_NONE)
        return 0;
    if (!record)
        return bsti_backoff_delay(restart, 0, &sup->rand);
    up = record->up_since ? bsti_sup_now(sup) - record->up_since : 0;
    if (up >= bsti_strategy_quiet_time(restart, record->last_delay))
        record->failures = 0;
    record->last_delay =
        bsti_backoff_delay(restart, record->failures++, &sup->rand);
    return record->last_delay;
}

static void report(struct bsti_sup *sup, struct bsti_child *child,
                   enum bsti_verdict verdict)
{
    static const char *const then[] = {"restarting", "removed", "giving up",
                                       "stopping the system"};

    if (bsti_log_level() < BST_LOG_WARN ||
        (bsti_child_exit(child) == BSTI_EXIT_NORMAL &&
         verdict == BSTI_VERDICT_RESTART))
        return;
    bsti_child_tell(sup, child, then[verdict]);
}

static void give_up(struct bsti_sup *sup, struct bsti_child *child)
{
    child->state = BSTI_CHILD_DOWN;
    bsti_call_settle(child, false);
    bsti_child_fault(child, sup->fault, sizeof sup->fault);
    sup->gave_up = 1;
    sup->failed_child = bsti_child_name(child);
    bsti_op_end(sup,
                sup->announced ? BSTI_EXIT_SHUTDOWN : BSTI_EXIT_START_FAILED);
}

static void restart_one(struct bsti_child *child, bst_time delay)
{
    if (delay > 0 && bsti_child_delay(child, delay))
        child->state = BSTI_CHILD_WAITING;
    else
        bsti_child_start(child);
}

static void restart_group(struct bsti_sup *sup, struct bsti_child *child,
                          enum bst_strategy strategy, bst_time delay)
{
    uint32_t first =
        bsti_strategy_first(strategy, bsti_child_unit(child)->index);

    child->state = BSTI_CHILD_DOWN;
    if (sup->op == BSTI_OP_DELAY) {
        /* Another one failed while a group waits: they wait together. */
        bsti_child_cancel_delay(sup->culprit);
        first = BSTI_MIN(first, sup->first);
        delay = BSTI_MAX(delay, sup->group_delay);
    }
    sup->culprit = child;
    sup->group_delay = delay;
    sup->op = BSTI_OP_NONE;
    bsti_op_stop(sup, first, BSTI_AFTER_RESTART);
}

/* ---- auto-shutdown ------------------------------------------------------- */

/* Whether a significant child still lives, or is to live again. */
static bool matters(const struct bsti_sup *sup, struct bsti_child *child,
                    const struct bsti_child *ended)
{
    struct bsti_crowd *crowd = bsti_child_crowd(child);

    if (!bsti_child_is_significant(child))
        return false;
    if (crowd)
        return bsti_crowd_has_others(crowd, ended);
    switch ((enum bsti_child_state)child->state) {
    case BSTI_CHILD_STARTING:
    case BSTI_CHILD_UP:
    case BSTI_CHILD_STOPPING:
    case BSTI_CHILD_FAILED:
    case BSTI_CHILD_WAITING:
        return true;
    case BSTI_CHILD_DOWN: /* it comes back with its group */
        return sup->op == BSTI_OP_DELAY && child->index >= sup->first;
    case BSTI_CHILD_ENDED:
    case BSTI_CHILD_ORPHANED:
        break;
    }
    return false;
}

/* A child has ended for good by itself, which may end its supervisor too. */
static void consider_shutdown(struct bsti_sup *sup, struct bsti_child *ended)
{
    if (sup->auto_shutdown == BST_AUTO_NEVER ||
        !bsti_child_is_significant(ended))
        return;
    if (sup->auto_shutdown == BST_AUTO_ALL)
        for (BSTI_EACH_CHILD(child, sup))
            if (child != ended && matters(sup, child, ended))
                return;
    bsti_op_end(sup, BSTI_EXIT_SHUTDOWN);
}

/* ---- restarting ---------------------------------------------------------- */

/* A member of a dynamic group is not waited for when it starts. */
static bool is_at_cursor(const struct bsti_sup *sup, struct bsti_child *child)
{
    return bsti_child_unit(child) == child && sup->cursor == child->index;
}

static void remove_child(struct bsti_sup *sup, struct bsti_child *child)
{
    child->flags |= BSTI_CHILD_IS_REMOVED;
    bsti_child_close(child);
    if (sup->op == BSTI_OP_RESTART && is_at_cursor(sup, child))
        bsti_op_started(sup);
    consider_shutdown(sup, child);
}

/* The child may be restarted: there is budget. */
static void do_restart(struct bsti_sup *sup, struct bsti_child *child,
                       struct bsti_record *record, enum bst_strategy strategy)
{
    bool is_group = bsti_strategy_is_group(strategy);
    /* In a group, the temporary ones are forgotten whoever has failed. */
    bool returns = !is_group || bsti_child_lifetime(child) != BST_TEMPORARY;
    bst_time delay;

    bsti_call_settle(child, returns);
    delay = next_delay(sup, record);
    if (record) {
        record->restarts++;
        record->up_since = 0;
    }
    if (is_group)
        restart_group(sup, child, strategy, returns ? delay : 0);
    else
        restart_one(child, delay);
}

/* Does what was decided about a child; a restart if there is budget. */
static void carry_out(struct bsti_sup *sup, struct bsti_child *child,
                      enum bsti_verdict verdict, enum bst_strategy strategy)
{
    struct bsti_record *record = NULL;

    if (verdict == BSTI_VERDICT_RESTART) {
        record = record_of(sup, child);
        verdict = judge(sup, record);
    }
    report(sup, child, verdict);
    switch (verdict) {
    case BSTI_VERDICT_ESCALATE:
        give_up(sup, child);
        return;
    case BSTI_VERDICT_STOP:
        bst_system_stop(&sup->system->base);
        remove_child(sup, child);
        return;
    case BSTI_VERDICT_REMOVE:
        remove_child(sup, child);
        return;
    case BSTI_VERDICT_RESTART:
        break;
    }
    do_restart(sup, child, record, strategy);
}

/*
 * The list goes through the links of the notes: a child that has ended has
 * nothing to tell until it is started again, and by then it is not in the
 * list any more.
 */
static struct bsti_mpscq_node *next_of(const struct bsti_mpscq_node *link)
{
    /* relaxed: all of it happens in the supervisor's turn */
    return bsti_load_relaxed(&link->next);
}

static struct bsti_child *child_of(struct bsti_mpscq_node *link)
{
    return bsti_container_of(link, struct bsti_child, link);
}

static void append(struct bsti_mpscq_node *list, struct bsti_mpscq_node **last,
                   struct bsti_child *child)
{
    bsti_store_relaxed(&child->link.next, NULL);
    bsti_store_relaxed(next_of(list) ? &(*last)->next : &list->next,
                       &child->link);
    *last = &child->link;
}

static void forget(struct bsti_mpscq_node *list, struct bsti_mpscq_node **last)
{
    struct bsti_mpscq_node *link = next_of(list);

    bsti_store_relaxed(&list->next, NULL);
    while (link) {
        struct bsti_child *child = child_of(link);

        link = next_of(link);
        if (child->state == BSTI_CHILD_FAILED)
            append(list, last, child);
        else
            child->flags &= (uint8_t)~BSTI_CHILD_IS_PENDING;
    }
}

void bsti_restart_forget(struct bsti_sup *sup)
{
    forget(&sup->pending, &sup->pending_last);
    forget(&sup->retries, &sup->retries_last);
}

static bool is_first_time(struct bsti_child *child)
{
    bool first = !(child->flags & BSTI_CHILD_IS_PENDING);

    child->state = BSTI_CHILD_FAILED;
    child->flags |= BSTI_CHILD_IS_PENDING;
    return first;
}

static void pend(struct bsti_sup *sup, struct bsti_child *child)
{
    if (bsti_is_planted(BSTI_PLANT_LOST_END) && sup->op == BSTI_OP_RESTART)
        child->state = BSTI_CHILD_FAILED;
    else if (is_first_time(child))
        append(&sup->pending, &sup->pending_last, child);
}

/* Takes the first child off a list; NULL: it is empty. */
static struct bsti_child *take(struct bsti_mpscq_node *list)
{
    struct bsti_mpscq_node *link = next_of(list);

    if (!link)
        return NULL;
    bsti_store_relaxed(&list->next, next_of(link));
    child_of(link)->flags &= (uint8_t)~BSTI_CHILD_IS_PENDING;
    return child_of(link);
}

/* Ends while a group is on its way have to wait. */
static bool must_wait(const struct bsti_sup *sup, struct bsti_child *child,
                      bool starting)
{
    switch ((enum bsti_op)sup->op) {
    case BSTI_OP_STOP:
        return true;
    case BSTI_OP_BOOT:
        return bsti_strategy_is_group(sup->strategy);
    case BSTI_OP_RESTART:
    case BSTI_OP_SERVE:
        return !(starting && is_at_cursor(sup, child));
    case BSTI_OP_NONE:
    case BSTI_OP_DELAY:
    case BSTI_OP_KILL:
        break;
    }
    return false;
}

/* A supervisor that has given up ends as one that was asked to. */
static bool is_failure(struct bsti_child *child)
{
    struct bsti_sup *inner = bsti_child_inner(child);

    return bsti_strategy_is_failure(bsti_child_exit(child)) ||
           (inner && inner->gave_up);
}

static void look_at(struct bsti_sup *sup, struct bsti_child *child)
{
    enum bsti_exit how = bsti_child_exit(child);
    enum bst_decision decision = BST_DECIDE_DEFAULT;
    enum bsti_verdict verdict;

    child->state = BSTI_CHILD_DOWN;
    if (BSTI_UNLIKELY(sup->deciding || bsti_child_callbacks(child)) &&
        is_failure(child))
        decision = bsti_call_decide(sup, child);
    verdict = bsti_strategy_decide(decision, bsti_child_lifetime(child), how);
    if (decision != BST_DECIDE_DEFAULT || verdict == BSTI_VERDICT_RESTART) {
        carry_out(sup, child, verdict,
                  bsti_strategy_decided(sup->strategy, decision));
        return;
    }
    if (bsti_strategy_is_failure(how))
        report(sup, child, BSTI_VERDICT_REMOVE);
    bsti_child_close(child);
    if (how != BSTI_EXIT_DECLINED)
        consider_shutdown(sup, child);
}

/* The child at the cursor of a boot did not come up. */
static void boot_failed(struct bsti_sup *sup, struct bsti_child *child)
{
    child->state = BSTI_CHILD_DOWN;
    bsti_child_tell_failure(sup, child, "not started");
    bsti_call_settle(child, false);
    bsti_child_fault(child, sup->fault, sizeof sup->fault);
    sup->failed_child = bsti_child_name(child);
    bsti_op_end(sup, BSTI_EXIT_START_FAILED);
}

/* A child that ends by itself while its supervisor comes to its end. */
static void ended_too_early(struct bsti_sup *sup, struct bsti_child *child)
{
    pend(sup, child);
    if (bsti_child_exit(child) != BSTI_EXIT_NORMAL)
        bsti_child_tell(sup, child, "stopping");
    bsti_call_settle(child, false);
    /* Whoever asks it something now is told at once that nobody is there. */
    if (bsti_load_relaxed(&sup->system->ending))
        bsti_child_close(child);
}

/*
 * A child that fails to start again is tried again behind all that the
 * supervisor has been told meanwhile, as in OTP. Children that would have come
 * after it in a group stay down until then.
 */
static bool others_come_first(const struct bsti_sup *sup,
                              const struct bsti_child *child)
{
    return child->type != BSTI_NOTE_MEMBER && sup->op != BSTI_OP_BOOT &&
           (sup->requests || next_of(&sup->pending));
}

static void retry_later(struct bsti_sup *sup, struct bsti_child *child)
{
    if (is_first_time(child))
        append(&sup->retries, &sup->retries_last, child);
    if (sup->op == BSTI_OP_RESTART)
        sup->op = BSTI_OP_NONE;
    bsti_restart_pending(sup);
}

void bsti_restart_ended(struct bsti_sup *sup, struct bsti_child *child)
{
    bool starting = child->state == BSTI_CHILD_STARTING;
    bool at_cursor = (sup->op == BSTI_OP_BOOT || sup->op == BSTI_OP_RESTART ||
                      sup->op == BSTI_OP_SERVE) &&
                     starting && is_at_cursor(sup, child);

    if (at_cursor && bsti_child_exit(child) == BSTI_EXIT_DECLINED) {
        bsti_child_close(child);
        bsti_op_started(sup);
        return;
    }
    if (at_cursor && sup->op == BSTI_OP_BOOT) {
        boot_failed(sup, child);
        return;
    }
    if (at_cursor && sup->op == BSTI_OP_SERVE) {
        bsti_serve_failed(sup, child);
        return;
    }
    if (sup->op == BSTI_OP_STOP && sup->after == BSTI_AFTER_END)
        ended_too_early(sup, child);
    else if (must_wait(sup, child, starting))
        pend(sup, child);
    else if (starting && others_come_first(sup, child))
        retry_later(sup, child);
    else
        look_at(sup, child);
}

/* Whether children may be looked at. */
static bool is_free(const struct bsti_sup *sup)
{
    return sup->alive && !sup->request &&
           (sup->op == BSTI_OP_NONE || sup->op == BSTI_OP_DELAY);
}

void bsti_restart_pending(struct bsti_sup *sup)
{
    struct bsti_child *child;

    /* One that was stopped with its group needs no more. */
    while (is_free(sup) && (child = take(&sup->pending)))
        if (child->state == BSTI_CHILD_FAILED)
            look_at(sup, child);
}

bool bsti_restart_retry(struct bsti_sup *sup)
{
    struct bsti_child *child = is_free(sup) ? take(&sup->retries) : NULL;

    if (child && child->state == BSTI_CHILD_FAILED)
        look_at(sup, child);
    return child != NULL;
}

void bsti_restart_delayed(struct bsti_sup *sup, struct bsti_child *child)
{
    if (child->state != BSTI_CHILD_WAITING)
        return;
    if (sup->op == BSTI_OP_DELAY && child == sup->culprit)
        bsti_op_start(sup, BSTI_OP_RESTART, sup->first);
    else if ((bsti_serve_holds(sup) && child == sup->culprit) ||
             (sup->op == BSTI_OP_STOP && sup->after != BSTI_AFTER_SERVE &&
              bsti_child_unit(child)->index >= sup->first))
        child->state = BSTI_CHILD_DOWN; /* what is on has not come to it yet */
    else
        bsti_child_start(child);
}
