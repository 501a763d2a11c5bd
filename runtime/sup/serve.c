/*
 * Requests in the turn of the supervisor that they are for.
 *
 * A request that takes time is an operation like others: it starts or stops
 * some children, and `request` is answered when that is done. The others wait
 * meanwhile, as they do while the supervisor restarts or stops children.
 */

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "sup/admin.h"
#include "sync/atomic.h"

/* ---- answering ----------------------------------------------------------- */

static void answer(struct bsti_sup *sup, struct bsti_request *request,
                   bst_status status, struct bsti_node *node)
{
    bsti_answer(&sup->system->base, request->waiter, request->seq, status,
                node);
    bsti_free(request);
}

/* Answers with a copy of `body`. */
static void answer_with(struct bsti_sup *sup, struct bsti_request *request,
                        const void *body, size_t size)
{
    struct bst_system *system = &sup->system->base;
    struct bsti_node *node = NULL;

    if (size <= BSTI_NODE_MAX_SIZE)
        node = bsti_node_create(system, bsti_worker_current(), BST_KIND_NONE,
                                size);
    if (!node) {
        answer(sup, request, BST_NOMEM, NULL);
        return;
    }
    memcpy((char *)node + bsti_node_offset(size), body, size);
    answer(sup, request, BST_OK, node);
}

/* The request that an operation was for is done. */
static void finish(struct bsti_sup *sup, bst_status status)
{
    struct bsti_request *request = sup->request;

    sup->request = NULL;
    answer(sup, request, status, NULL);
}

void bsti_serve_flush(struct bsti_sup *sup)
{
    if (sup->request)
        finish(sup, BST_DEAD);
    while (sup->requests) {
        struct bsti_request *request = sup->requests;

        sup->requests = request->next;
        answer(sup, request, BST_DEAD, NULL);
    }
}

/* ---- whom it is about ---------------------------------------------------- */

/* The children [first, end) that a request names. */
struct range {
    struct bsti_span *span; /* NULL: nobody is called that */
    uint32_t first;
    uint32_t end;
};

static bool is_listed(const struct bsti_sup *sup, const struct range *range)
{
    for (uint32_t i = range->first; i < range->end; i++)
        if (bsti_child_is_listed(bsti_sup_child(sup, i)))
            return true;
    return false;
}

static struct range find(struct bsti_sup *sup, const char *name,
                         uint32_t member)
{
    for (uint32_t i = 0; i < sup->nspans; i++) {
        struct bsti_span *span = &sup->spans[i];
        struct range range = {span, span->first, span->first + span->count};

        if (strcmp(bsti_span_name(span), name) != 0)
            continue;
        if (member != BSTI_ALL_MEMBERS) {
            if (member >= span->count)
                continue;
            range.first += member;
            range.end = range.first + 1;
        }
        if (is_listed(sup, &range))
            return range;
    }
    return (struct range){NULL, 0, 0};
}

static bool runs(const struct bsti_child *child)
{
    return child->state == BSTI_CHILD_STARTING ||
           child->state == BSTI_CHILD_UP ||
           child->state == BSTI_CHILD_STOPPING ||
           child->state == BSTI_CHILD_ORPHANED;
}

static bool restarts(const struct bsti_child *child)
{
    return child->state == BSTI_CHILD_FAILED ||
           child->state == BSTI_CHILD_WAITING;
}

static bool any(struct bsti_sup *sup, const struct range *range,
                bool (*test)(const struct bsti_child *child))
{
    for (uint32_t i = range->first; i < range->end; i++)
        if (test(bsti_sup_child(sup, i)))
            return true;
    return false;
}

/* What keeps a child from being started or removed. */
static bst_status in_the_way(struct bsti_sup *sup, const struct range *range)
{
    if (any(sup, range, runs))
        return BST_RUNNING;
    return any(sup, range, restarts) ? BST_RESTARTING : BST_OK;
}

static bst_ref ref_of(const struct bsti_span *span, uint32_t member)
{
    struct bsti_group *group = span->crowd ? span->crowd->group : span->group;

    if (!group)
        return (bst_ref){0, 0};
    if (member == BSTI_ALL_MEMBERS && !group->only)
        return (bst_ref){(uintptr_t)group | BSTI_REF_GROUP, 0};
    return bsti_ref_child(
        bsti_group_member(group, member == BSTI_ALL_MEMBERS ? 0 : member));
}

/* ---- operations ---------------------------------------------------------- */

/* Nobody but a request starts it again, or a restart of all its group. */
static void hold(struct bsti_child *child)
{
    bsti_child_close(child);
    child->flags |= BSTI_CHILD_IS_HELD;
}

static void begin(struct bsti_sup *sup, struct bsti_request *request)
{
    bsti_assert(!sup->request);
    sup->request = request;
    sup->resume = (enum bsti_op)sup->op;
    sup->resume_first = sup->first;
}

/* A group that waits for its back-off goes on to do so. It does not wait for
 * a child that was terminated meanwhile, nor is that one started. */
static void resume(struct bsti_sup *sup)
{
    struct bsti_child *unit;

    if (sup->resume != BSTI_OP_DELAY)
        return;
    unit = bsti_child_unit(sup->culprit);
    sup->resume = BSTI_OP_NONE;
    sup->op = BSTI_OP_DELAY;
    sup->first = sup->resume_first;
    if (unit->state == BSTI_CHILD_ENDED)
        sup->excluded = unit;
    if (sup->culprit->state != BSTI_CHILD_WAITING)
        bsti_op_start(sup, BSTI_OP_RESTART, sup->first);
}

bool bsti_serve_holds(const struct bsti_sup *sup)
{
    return sup->request && sup->resume == BSTI_OP_DELAY;
}

void bsti_serve_started(struct bsti_sup *sup)
{
    struct bsti_request *request = sup->request;
    struct bsti_span *span;
    bst_ref ref = {0, 0};

    if (request->type == BSTI_REQUEST_ADD) {
        span = bsti_sup_span(sup, sup->first);
        if (any(sup,
                &(struct range){span, span->first, span->first + span->count},
                runs))
            ref = ref_of(span, BSTI_ALL_MEMBERS);
        sup->request = NULL;
        answer_with(sup, request, &ref, sizeof ref);
    } else {
        finish(sup, BST_OK);
    }
    resume(sup);
}

void bsti_serve_failed(struct bsti_sup *sup, struct bsti_child *child)
{
    hold(child);
    if (sup->request->type == BSTI_REQUEST_ADD) {
        /* Members that were started before it go with it. */
        bsti_op_stop_some(sup, sup->first, sup->cursor);
        return;
    }
    sup->op = BSTI_OP_NONE;
    finish(sup, BST_FAILED);
    resume(sup);
    bsti_restart_pending(sup);
}

void bsti_serve_stopped(struct bsti_sup *sup)
{
    if (sup->request->type == BSTI_REQUEST_ADD) {
        bsti_prune(sup, bsti_sup_span(sup, sup->first));
        finish(sup, BST_FAILED);
    } else {
        for (uint32_t i = sup->first; i < sup->end; i++)
            hold(bsti_sup_child(sup, i));
        finish(sup, BST_OK);
    }
    resume(sup);
}

/* ---- one by one ---------------------------------------------------------- */

static void add(struct bsti_sup *sup, struct bsti_request *request)
{
    struct range range = find(sup, request->name, BSTI_ALL_MEMBERS);
    enum bsti_flaw flaw =
        bsti_flaw_of_child(request->table, sup->auto_shutdown);
    const struct bsti_span *span;
    bst_status status;

    if (flaw != BSTI_FLAW_NONE) {
        answer(sup, request,
               flaw == BSTI_FLAW_COMBINATION ? BST_BAD_COMBINATION
                                             : BST_INVALID,
               NULL);
        return;
    }
    if (range.span) {
        answer(sup, request,
               any(sup, &range, runs) ? BST_ALREADY_STARTED
                                      : BST_ALREADY_PRESENT,
               NULL);
        return;
    }
    status = bsti_graft(sup, request->table);
    if (status != BST_OK) {
        answer(sup, request, status, NULL);
        return;
    }
    span = &sup->spans[sup->nspans - 1];
    begin(sup, request);
    bsti_op_start_some(sup, span->first, span->first + span->count);
}

static void terminate(struct bsti_sup *sup, struct bsti_request *request)
{
    struct range range = find(sup, request->name, request->member);

    if (!range.span) {
        answer(sup, request, BST_NOT_FOUND, NULL);
        return;
    }
    begin(sup, request);
    bsti_op_stop_some(sup, range.first, range.end);
}

static void restart(struct bsti_sup *sup, struct bsti_request *request)
{
    struct range range = find(sup, request->name, request->member);
    bool is_down = false;

    if (!range.span) {
        answer(sup, request, BST_NOT_FOUND, NULL);
        return;
    }
    for (uint32_t i = range.first; i < range.end; i++) {
        struct bsti_child *child = bsti_sup_child(sup, i);

        is_down |= !runs(child) && !restarts(child);
    }
    if (!is_down) {
        answer(sup, request, in_the_way(sup, &range), NULL);
        return;
    }
    begin(sup, request);
    bsti_op_start_some(sup, range.first, range.end);
}

/* Takes a child that does not run off the list. */
static void remove_child(struct bsti_sup *sup, struct bsti_request *request)
{
    struct range range = find(sup, request->name, request->member);
    bst_status status = BST_NOT_FOUND;

    if (range.span) {
        status = in_the_way(sup, &range);
        if (range.end - range.first < range.span->count)
            status = BST_INVALID;
    }
    if (status == BST_OK && range.span->is_added)
        bsti_prune(sup, range.span);
    else if (status == BST_OK)
        for (uint32_t i = range.first; i < range.end; i++) {
            struct bsti_child *child = bsti_sup_child(sup, i);

            bsti_child_close(child);
            child->flags |= BSTI_CHILD_IS_REMOVED;
        }
    answer(sup, request, status, NULL);
}

static void count(struct bsti_sup *sup, struct bsti_request *request)
{
    struct bst_child_counts counts = {0, 0, 0, 0};

    for (BSTI_EACH_CHILD(child, sup)) {
        if (!bsti_child_is_listed(child))
            continue;
        counts.specs++;
        counts.active += runs(child);
        counts.supervisors += bsti_child_inner(child) != NULL;
        counts.workers += bsti_child_inner(child) == NULL;
    }
    answer_with(sup, request, &counts, sizeof counts);
}

static struct bst_child_info info_of(struct bsti_sup *sup,
                                     struct bsti_child *child)
{
    const struct bsti_span *span = bsti_sup_span(sup, child->index);
    struct bst_child_info info = {
        .name = bsti_span_name(span),
        .index = child->index - span->first,
        .condition = runs(child)       ? BST_CHILD_UP
                     : restarts(child) ? BST_CHILD_RESTARTING
                                       : BST_CHILD_DOWN,
        .is_supervisor = bsti_child_inner(child) != NULL,
        .lifetime = bsti_child_lifetime(child),
        .number = bsti_child_number(child)};

    info.ref =
        ref_of(span, bsti_child_crowd(child) ? BSTI_ALL_MEMBERS : info.index);
    return info;
}

static void list(struct bsti_sup *sup, struct bsti_request *request)
{
    struct bst_child_info *infos;
    size_t n = 0;

    for (BSTI_EACH_CHILD(child, sup))
        n += bsti_child_is_listed(child);
    infos = bsti_alloc((n + 1) * sizeof *infos);
    if (!infos) {
        answer(sup, request, BST_NOMEM, NULL);
        return;
    }
    n = 0;
    for (BSTI_EACH_CHILD(one, sup))
        if (bsti_child_is_listed(one))
            infos[n++] = info_of(sup, one);
    answer_with(sup, request, infos, n * sizeof *infos);
    bsti_free(infos);
}

static void serve_one(struct bsti_sup *sup, struct bsti_request *request)
{
    switch (request->type) {
    case BSTI_REQUEST_ADD:
        add(sup, request);
        return;
    case BSTI_REQUEST_TERMINATE:
        terminate(sup, request);
        return;
    case BSTI_REQUEST_RESTART:
        restart(sup, request);
        return;
    case BSTI_REQUEST_DELETE:
        remove_child(sup, request);
        return;
    case BSTI_REQUEST_COUNT:
        count(sup, request);
        return;
    case BSTI_REQUEST_LIST:
        list(sup, request);
        return;
    case BSTI_REQUEST_KILL:
    case BSTI_REQUEST_STOP:
    case BSTI_REQUEST_SUP_ALIVE:
    case BSTI_REQUEST_ALIVE:
    case BSTI_REQUEST_FIND:
        break;
    }
    bsti_check(false, "a request that does not wait");
}

/* Serves the next request. Returns false if there is none. */
static bool serve_next(struct bsti_sup *sup)
{
    struct bsti_request *request = sup->requests;

    if (sup->is_untidy)
        bsti_prune_forgotten(sup);
    if (!request)
        return false;
    sup->requests = request->next;
    serve_one(sup, request);
    return true;
}

void bsti_serve(struct bsti_sup *sup)
{
    while (sup->alive && !sup->request &&
           (sup->op == BSTI_OP_NONE || sup->op == BSTI_OP_DELAY) &&
           (serve_next(sup) || bsti_restart_retry(sup)))
        ;
}

/* ---- at once ------------------------------------------------------------- */

static void do_about_child(struct bsti_sup *sup, struct bsti_request *request)
{
    struct range range = find(sup, request->name, request->member);
    bst_ref ref;

    if (!range.span) {
        /* Whoever is not listed is as dead as can be. */
        answer(sup, request,
               request->type == BSTI_REQUEST_FIND ? BST_NOT_FOUND : BST_DEAD,
               NULL);
    } else if (request->type == BSTI_REQUEST_ALIVE) {
        answer(sup, request, any(sup, &range, runs) ? BST_OK : BST_DEAD, NULL);
    } else {
        ref = ref_of(range.span, request->member);
        if (ref.target)
            answer_with(sup, request, &ref, sizeof ref);
        else
            answer(sup, request, BST_NOT_FOUND, NULL);
    }
}

/* What does not wait. Returns false if it is something that does. */
static bool do_now(struct bsti_sup *sup, struct bsti_request *request)
{
    switch (request->type) {
    case BSTI_REQUEST_SUP_ALIVE:
        answer(sup, request, BST_OK, NULL);
        return true;
    case BSTI_REQUEST_ALIVE:
    case BSTI_REQUEST_FIND:
        do_about_child(sup, request);
        return true;
    default:
        return false;
    }
}

void bsti_serve_note(struct bsti_sup *sup, struct bsti_note *note)
{
    struct bsti_request *request =
        bsti_container_of(note, struct bsti_request, note);

    if (!sup->alive) {
        answer(sup, request, BST_DEAD, NULL);
        return;
    }
    if (do_now(sup, request))
        return;
    request->next = NULL;
    if (sup->requests)
        sup->last_request->next = request;
    else
        sup->requests = request;
    sup->last_request = request;
}
