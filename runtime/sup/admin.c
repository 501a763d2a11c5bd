/*
 * Requests to supervisors, as their callers see them.
 *
 * The caller finds the supervisor in the tree under its lock, and puts the
 * request into the mailbox before it lets the lock go: a supervisor that has
 * been found there is one whose block is in use. What is asked of whom is
 * looked at again in the supervisor's turn.
 */

#include "sup/admin.h"

#include <stdlib.h>
#include <string.h>

#include "actor/foreign.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "sync/atomic.h"

/** What a caller wants. */
struct call {
    struct bsti_system *system;
    struct bsti_actor *self; /* that calls; NULL: a foreign thread */
    enum bsti_request_type type;
    const char *supervisor; /* NULL: `child` is a path, or a name alone */
    const char *child;      /* NULL: the supervisor itself */
    const struct bst_child *table;
    void *result;       /* that a node with this body is copied to ... */
    size_t size;        /* ... which is that long, */
    size_t item_size;   /* or may have any number of these; 0: one */
    size_t *result_len; /* how many there are; or NULL */
};

/* ---- finding the supervisor ---------------------------------------------- */

static bool names_equal(const char *name, const char *given, size_t length)
{
    return strncmp(name, given, length) == 0 && name[length] == '\0';
}

/* Returns the supervisor with that path, or the first one of that name, from
 * `sup` down; NULL: there is none. Under the lock. */
static struct bsti_sup *find_sup(struct bsti_sup *sup, const char *given,
                                 size_t length)
{
    struct bsti_sup *found = NULL;

    if (names_equal(*given == '/' ? sup->path : sup->name, given, length))
        return sup;
    for (uint32_t i = 0; i < sup->nspans && !found; i++)
        if (sup->spans[i].inner)
            found = find_sup(sup->spans[i].inner, given, length);
    return found;
}

/* Returns the first supervisor that has children of that name, or NULL. */
static struct bsti_sup *find_keeper(struct bsti_sup *sup, const char *name,
                                    size_t length)
{
    struct bsti_sup *found = NULL;

    for (uint32_t i = 0; i < sup->nspans; i++)
        if (!sup->spans[i].inner &&
            names_equal(bsti_span_name(&sup->spans[i]), name, length))
            return sup;
    for (uint32_t i = 0; i < sup->nspans && !found; i++)
        if (sup->spans[i].inner)
            found = find_keeper(sup->spans[i].inner, name, length);
    return found;
}

/* Splits "till/3" into a name, whose length is returned, and a member. */
static size_t split_member(const char *child, uint32_t *member)
{
    const char *slash = strrchr(child, '/');
    char *end;
    unsigned long number;

    *member = BSTI_ALL_MEMBERS;
    if (!slash || slash == child || slash[1] < '0' || slash[1] > '9')
        return strlen(child);
    number = strtoul(slash + 1, &end, 10);
    if (*end != '\0' || number >= BSTI_ALL_MEMBERS)
        return strlen(child);
    *member = (uint32_t)number;
    return (size_t)(slash - child);
}

/* Whom a request goes to, and which child it is about. */
struct address {
    struct bsti_sup *sup;
    const char *name; /* of the child; NULL: the supervisor itself */
    size_t length;    /* of the name */
    uint32_t member;
};

/* The same for a path, or a name alone. Under the lock. */
static void resolve_who(struct bsti_sup *root, const char *who,
                        struct address *address)
{
    const char *slash;

    address->sup = find_sup(root, who, strlen(who));
    if (address->sup)
        return;
    address->length = split_member(who, &address->member);
    address->name = who;
    if (*who != '/') {
        address->sup = find_keeper(root, who, address->length);
        return;
    }
    slash = who + address->length - 1;
    while (*slash != '/')
        slash--;
    address->name = slash + 1;
    address->length -= (size_t)(slash + 1 - who);
    address->sup = find_sup(root, who, (size_t)(slash - who));
    if (address->member == BSTI_ALL_MEMBERS)
        return;
    /* A group with a budget of its own is a supervisor with its path. */
    root = find_sup(root, who, (size_t)(slash - who) + 1 + address->length);
    if (root && !root->table)
        address->sup = root;
}

static void resolve(const struct call *call, struct address *address)
{
    struct bsti_sup *root = call->system->root;

    *address = (struct address){.member = BSTI_ALL_MEMBERS};
    if (!call->supervisor) {
        resolve_who(root, call->child, address);
        return;
    }
    address->sup = find_sup(root, call->supervisor, strlen(call->supervisor));
    if (!call->child)
        return;
    address->name = call->child;
    address->length = split_member(call->child, &address->member);
}

/* ---- signals ------------------------------------------------------------- */

/* Kills the children of a span that are meant. Under the lock. */
static bst_status kill_span(struct bsti_span *span, uint32_t member)
{
    bst_status status = BST_DEAD;

    if (span->crowd) {
        bsti_crowd_strike(span->crowd);
        return BST_OK;
    }
    for (uint32_t i = 0; i < span->count; i++) {
        struct bsti_actor *actor = bsti_group_member(span->group, i);

        if ((member != BSTI_ALL_MEMBERS && member != i) ||
            !bsti_actor_is_open(actor))
            continue;
        bsti_actor_kill(actor);
        status = BST_OK;
    }
    return status;
}

/* Some of that name may be gone: then it is the others that are meant. */
static bst_status kill_named(const struct address *address)
{
    struct bsti_sup *sup = address->sup;
    bst_status status = BST_NOT_FOUND;

    for (uint32_t i = 0; i < sup->nspans && status != BST_OK; i++)
        if (!sup->spans[i].inner && names_equal(bsti_span_name(&sup->spans[i]),
                                                address->name, address->length))
            status = kill_span(&sup->spans[i], address->member);
    return status;
}

static bst_status signal_it(const struct call *call)
{
    struct address address;
    bst_status status = BST_OK;

    bsti_spin_lock(&call->system->tree);
    resolve(call, &address);
    if (!address.sup)
        status = BST_NOT_FOUND;
    else if (address.name)
        status = kill_named(&address);
    else if (call->type == BSTI_REQUEST_KILL)
        bsti_sup_kill(address.sup);
    else
        bsti_sup_stop(address.sup);
    bsti_spin_unlock(&call->system->tree);
    return status;
}

/* ---- the request --------------------------------------------------------- */

/* Puts the request into the mailbox of its supervisor. */
static bst_status post(const struct call *call, struct bsti_request *request)
{
    struct address address;
    bst_status status = BST_OK;

    bsti_spin_lock(&call->system->tree);
    resolve(call, &address);
    if (!address.sup) {
        status = BST_NOT_FOUND;
    } else {
        request->type = call->type;
        if (call->type == BSTI_REQUEST_ALIVE && !address.name)
            request->type = BSTI_REQUEST_SUP_ALIVE;
        if (address.name)
            memcpy(request->name, address.name, address.length);
        request->member = address.member;
        if (request->type == BSTI_REQUEST_FIND && !address.name)
            status = BST_NOT_FOUND;
        else if (bsti_mpscq_push(&address.sup->proc.mailbox,
                                 &request->note.link))
            bsti_exec_ready(call->system->base.exec, &address.sup->proc);
    }
    bsti_spin_unlock(&call->system->tree);
    return status;
}

static const char *name_of(const struct call *call)
{
    const struct bst_child *table = call->table;

    if (!table)
        return call->child ? call->child : "";
    return table->group ? table->group->name : table->supervisor->name;
}

static struct bsti_request *make(const struct call *call,
                                 struct bsti_waiter *waiter, uint64_t seq)
{
    const char *name = name_of(call);
    size_t size = strlen(name) + 1;
    struct bsti_request *request = bsti_alloc(sizeof *request + size);

    if (!request)
        return NULL;
    request->note.type = BSTI_NOTE_REQUEST;
    request->waiter = waiter;
    request->seq = seq;
    if (call->table) {
        request->copy = *call->table;
        request->table = &request->copy;
        memcpy(request->name, name, size);
    }
    return request;
}

/* Sends it; if that fails nobody else ends the wait. */
static bool send(const struct call *call, struct bsti_waiter *waiter,
                 uint64_t seq)
{
    struct bsti_request *request = make(call, waiter, seq);
    bst_status status = request ? post(call, request) : BST_NOMEM;

    if (status == BST_OK)
        return true;
    bsti_free(request);
    bsti_waiter_give_up(waiter, seq, status);
    return false;
}

/* ---- the answer ---------------------------------------------------------- */

static bst_status take_body(const struct call *call, struct bsti_node *node)
{
    size_t size = node->size;

    bsti_count(&call->system->base, bsti_worker_current(), BSTI_COUNT_HANDLED);
    if (call->result_len)
        *call->result_len = size / call->item_size;
    if (call->result && size > 0)
        memcpy(call->result, bsti_node_body(node), BSTI_MIN(size, call->size));
    bsti_node_destroy(&call->system->base, bsti_worker_current(), node);
    return BST_OK;
}

static bst_status take(const struct call *call, struct bsti_waiter *waiter)
{
    void *node;
    bst_status status = (bst_status)bsti_waiter_take(waiter, &node);

    return node ? take_body(call, node) : status;
}

static bst_status ask_as_process(const struct call *call)
{
    struct bsti_waiter *waiter = &call->self->proc.waiter;
    bst_status status;
    uint64_t seq;

    bsti_blocked_prepare(call->self);
    seq = bsti_waiter_arm(waiter);
    if (send(call, waiter, seq))
        bsti_blocked_await(call->self, seq);
    status = take(call, waiter);
    /* The pool's thread marked it as one that is waited for by a thread. */
    if (!bsti_worker_current())
        bsti_store_relaxed(&waiter->thread, (uint32_t)BSTI_WAITER_PROC);
    return status;
}

static bst_status ask_as_thread(const struct call *call)
{
    struct bst_system *system = &call->system->base;
    struct bsti_foreign *foreign = bsti_foreign_acquire(system);
    bst_status status;
    uint64_t seq;

    if (!foreign)
        return BST_NOMEM;
    seq = bsti_waiter_arm(&foreign->waiter);
    if (send(call, &foreign->waiter, seq))
        bsti_thread_wait(system, &foreign->waiter, seq, BST_INFINITE,
                         BST_TIMEOUT);
    status = take(call, &foreign->waiter);
    bsti_foreign_release(system, foreign);
    return status;
}

static bool is_complete(const struct call *call)
{
    const struct bst_child *table = call->table;

    if (call->type == BSTI_REQUEST_ADD)
        return table && !table->group != !table->supervisor && name_of(call);
    return call->supervisor || call->child;
}

static bst_status ask(const struct call *call)
{
    bool is_signal =
        call->type == BSTI_REQUEST_KILL || call->type == BSTI_REQUEST_STOP;
    bst_status status;

    if (!is_complete(call))
        return BST_INVALID;
    if (call->self && is_signal)
        return signal_it(call);
    if (call->self) {
        if (bsti_actor_phase(call->self) == BSTI_PHASE_ENDING)
            return BST_INVALID;
        return ask_as_process(call);
    }
    if (bsti_actor_current(bsti_worker_current()))
        return BST_INVALID;
    if (!bsti_foreign_enter(&call->system->base))
        return BST_DEAD;
    status = is_signal ? signal_it(call) : ask_as_thread(call);
    bsti_foreign_leave(&call->system->base);
    return status;
}

/* ---- the calls ----------------------------------------------------------- */

static struct bsti_system *system_of(struct bst_system *system)
{
    return bsti_container_of(system, struct bsti_system, base);
}

static bst_status ask_inside(void *self, const char *name, struct call call)
{
    call.self = bsti_actor_of(self);
    if (!bsti_must_be_current(call.self, name))
        return BST_DEAD;
    call.system = system_of(call.self->group->system);
    return ask(&call);
}

static bst_status ask_outside(struct bst_system *system, struct call call)
{
    call.system = system_of(system);
    return ask(&call);
}

/* Both calls of a kind: their parameters, and what they ask for. */
#define CALLS(name, parameters, ...)                                           \
    bst_status bst_child_##name(void *self, BSTI_UNPACK parameters)            \
    {                                                                          \
        return ask_inside(self, "bst_child_" #name,                            \
                          (struct call){__VA_ARGS__});                         \
    }                                                                          \
    bst_status bst_system_child_##name(struct bst_system *system,              \
                                       BSTI_UNPACK parameters)                 \
    {                                                                          \
        return ask_outside(system, (struct call){__VA_ARGS__});                \
    }
#define BSTI_UNPACK(...) __VA_ARGS__

CALLS(add,
      (const char *supervisor, const struct bst_child *child, bst_ref *ref),
      .type = BSTI_REQUEST_ADD, .supervisor = supervisor, .table = child,
      .result = ref, .size = sizeof *ref)
CALLS(terminate, (const char *supervisor, const char *child),
      .type = BSTI_REQUEST_TERMINATE, .supervisor = supervisor, .child = child)
CALLS(restart, (const char *supervisor, const char *child),
      .type = BSTI_REQUEST_RESTART, .supervisor = supervisor, .child = child)
CALLS(delete, (const char *supervisor, const char *child),
      .type = BSTI_REQUEST_DELETE, .supervisor = supervisor, .child = child)
CALLS(count, (const char *supervisor, struct bst_child_counts *counts),
      .type = BSTI_REQUEST_COUNT, .supervisor = supervisor, .result = counts,
      .size = sizeof *counts)
CALLS(list,
      (const char *supervisor, struct bst_child_info *list, size_t room,
       size_t *length),
      .type = BSTI_REQUEST_LIST, .supervisor = supervisor, .result = list,
      .size = room * sizeof *list, .item_size = sizeof *list,
      .result_len = length)
CALLS(find, (const char *who, bst_ref *ref), .type = BSTI_REQUEST_FIND,
      .child = who, .result = ref, .size = sizeof *ref)
CALLS(alive, (const char *who), .type = BSTI_REQUEST_ALIVE, .child = who)
CALLS(kill, (const char *who), .type = BSTI_REQUEST_KILL, .child = who)
CALLS(stop, (const char *supervisor), .type = BSTI_REQUEST_STOP,
      .supervisor = supervisor)
