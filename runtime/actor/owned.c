/*
 * The fields of messages that own something: moving, freeing, taking, and the
 * calls that send them.
 *
 * A send moves the fields from the sender's structure into a node, or into
 * the body that the members of a cast share, before others can see it. What
 * is still in the structure when the send is over was not sent, and is freed.
 */

#include <string.h>

#include "actor/actor.h"
#include "actor/foreign.h"
#include "actor/payload.h"
#include "actor/uses.h"
#include "base/assert.h"
#include "plat/fd.h"
#include "plat/probe.h"
#include "sync/atomic.h"

/* ---- the fields of a body ------------------------------------------------ */

const struct bst_owned *bsti_owned_of(const struct bst_system *system,
                                      uint32_t kind)
{
    uint32_t index = kind - BST_KIND_USER;

    if (kind < BST_KIND_USER || index >= system->app->nmessages)
        return NULL;
    return system->app->messages[index].owned;
}

static void *field_of(void *body, const struct bst_owned *owned, size_t index)
{
    static const size_t sizes[] = {[BST_TEXT] = sizeof(char *),
                                   [BST_BYTES] = sizeof(struct bst_bytes),
                                   [BST_FD] = sizeof(int)};

    return (char *)body + owned->offset + index * sizes[owned->type];
}

static void clear_field(void *field, enum bst_owned_type type)
{
    if (type == BST_TEXT)
        *(char **)field = NULL;
    else if (type == BST_BYTES)
        *(struct bst_bytes *)field = (struct bst_bytes){NULL, 0};
    else
        *(int *)field = -1;
}

static void free_field(void *field, enum bst_owned_type type)
{
    if (type == BST_TEXT)
        bst_text_free(*(char **)field);
    else if (type == BST_BYTES)
        bst_bytes_free(*(struct bst_bytes *)field);
    else
        bsti_fd_close(*(int *)field);
}

void bsti_owned_clear(void *body, const struct bst_owned *owned)
{
    for (; owned->type != BST_OWNED_END; owned++)
        for (size_t i = 0; i < owned->count; i++)
            clear_field(field_of(body, owned, i), owned->type);
}

void bsti_owned_drop(void *body, const struct bst_owned *owned)
{
    for (; owned->type != BST_OWNED_END; owned++) {
        for (size_t i = 0; i < owned->count; i++) {
            void *field = field_of(body, owned, i);

            free_field(field, owned->type);
            clear_field(field, owned->type);
        }
    }
}

static bool adopt_field(void *field, enum bst_owned_type type,
                        struct bsti_exec *exec)
{
    void *payload;

    if (type == BST_FD)
        return true;
    payload =
        type == BST_TEXT ? *(void **)field : ((struct bst_bytes *)field)->data;
    if (!payload)
        return true;
    payload = bsti_payload_adopt(payload, exec);
    if (!payload)
        return false;
    if (type == BST_TEXT)
        *(void **)field = payload;
    else
        ((struct bst_bytes *)field)->data = payload;
    return true;
}

bool bsti_owned_adopt(void *body, const struct bst_owned *owned,
                      struct bsti_exec *exec)
{
    bsti_assert(owned);
    for (; owned->type != BST_OWNED_END; owned++)
        for (size_t i = 0; i < owned->count; i++)
            if (!adopt_field(field_of(body, owned, i), owned->type, exec))
                return false;
    return true;
}

/* ---- sending ------------------------------------------------------------- */

/* Makes a message ready to be moved to the system of `to`. */
static bst_status prepare(bst_ref to, uint32_t kind, void *body,
                          const struct bst_owned *owned)
{
    const struct bst_system *system = bsti_ref_system(to);

    if (!system)
        return BST_OK; /* the send itself says what that means */
    if (bsti_owned_of(system, kind) != owned)
        return BST_INVALID;
    return bsti_owned_adopt(body, owned, system->exec) ? BST_OK : BST_NOMEM;
}

/* A handler that fails because of what it sends has given it away before. */
static void check_use(bst_ref to, uint32_t kind, void *body,
                      const struct bst_owned *owned, enum bst_use_how how)
{
    struct bsti_actor *sender = bsti_actor_current(bsti_worker_current());

    if (!sender || bsti_uses_allow(sender, to, kind, how))
        return;
    bsti_owned_drop(body, owned);
    bsti_uses_check(sender, to, kind, how);
}

static bst_status refuse(bst_ref to, bst_status status)
{
    bsti_count(bsti_ref_system(to), bsti_worker_current(), BSTI_COUNT_REFUSED);
    return status;
}

/* A thread that belongs to no system keeps `to`'s alive for all of a call.
 * False: it must not touch it. */
static bool enter(bst_ref to)
{
    struct bst_system *system = bsti_ref_system(to);

    return !system || bsti_worker_current() || bsti_foreign_enter(system);
}

static void leave(bst_ref to)
{
    struct bst_system *system = bsti_ref_system(to);

    if (system && !bsti_worker_current())
        bsti_foreign_leave(system);
}

/* Looks at what a field owns. */
static void probe_field(const void *field, enum bst_owned_type type)
{
    const void *payload = NULL;

    if (type == BST_TEXT)
        payload = *(char *const *)field;
    else if (type == BST_BYTES)
        payload = ((const struct bst_bytes *)field)->data;
    if (payload)
        bsti_payload_probe(payload);
}

/*
 * Looks at all that is given to a send, before anything is done. Fields are
 * cleared as they are moved, so the body must be writable; what they own has to
 * be there if the table is the right one.
 */
static void probe(bst_ref to, uint32_t kind, void *body, size_t size,
                  const struct bst_owned *owned)
{
    struct bst_system *system = bsti_ref_system(to);

    bsti_probe_small(owned, sizeof *owned);
    if (size <= BSTI_NODE_MAX_SIZE)
        bsti_probe_out(body, size);
    /* The system of another thread may be about to end. */
    if (!system || !bsti_actor_current(bsti_worker_current()) ||
        bsti_owned_of(system, kind) != owned)
        return;
    for (; owned->type != BST_OWNED_END; owned++)
        for (size_t i = 0; i < owned->count; i++)
            probe_field(field_of(body, owned, i), owned->type);
}

static bst_status send(bst_ref to, uint32_t kind, void *body, size_t size,
                       const struct bst_owned *owned, enum bst_use_how how)
{
    struct bsti_outgoing message = {
        .kind = kind, .body = body, .size = size, .owned = owned};
    bst_status status;

    probe(to, kind, body, size, owned);
    if (!enter(to))
        return BST_DEAD;
    status = prepare(to, kind, body, owned);
    status =
        status == BST_OK ? bsti_tell(to, &message, how) : refuse(to, status);
    leave(to);
    bsti_owned_drop(body, owned);
    return status;
}

bst_status bst_tell_owned(bst_ref to, uint32_t kind, void *body, size_t size,
                          const struct bst_owned *owned)
{
    return send(to, kind, body, size, owned, BST_USE_TELL);
}

bst_status bst_cast_owned(bst_ref to, uint32_t kind, void *body, size_t size,
                          const struct bst_owned *owned)
{
    return send(to, kind, body, size, owned, BST_USE_CAST);
}

bst_status bst_reply_owned(void *self, uint32_t kind, void *body, size_t size,
                           const struct bst_owned *owned)
{
    return send(bst_sender(self), kind, body, size, owned, BST_USE_TELL);
}

bst_status bst_ask_owned(bst_ref to, uint32_t kind, void *body, size_t size,
                         const struct bst_owned *owned, void *answer,
                         size_t answer_size, bst_time within)
{
    struct bsti_outgoing message = {
        .kind = kind, .body = body, .size = size, .owned = owned};
    bst_status status;

    probe(to, kind, body, size, owned);
    bsti_probe_out(answer, answer_size);
    check_use(to, kind, body, owned, BST_USE_ASK);
    if (!enter(to))
        return BST_DEAD;
    status = prepare(to, kind, body, owned);
    status = status == BST_OK
                 ? bsti_ask(to, &message, answer, answer_size, within)
                 : refuse(to, status);
    leave(to);
    bsti_owned_drop(body, owned);
    return status;
}

/* ---- taking -------------------------------------------------------------- */

/* Whether a field of `body` may be moved out. False: others read it too, or
 * it came by an untyped send, which moves nothing; then it is copied. */
static bool may_move(const struct bsti_actor *actor, const void *body)
{
    const struct bsti_node *node = actor->node;
    const struct bsti_shared *shared;

    if (!node || bsti_node_body(node) != body)
        return true; /* a structure of the handler's own, such as an answer */
    if (!(node->flags & BSTI_NODE_SHARED))
        return (node->flags & BSTI_NODE_OWNED) != 0;
    shared = bsti_node_shared(node);
    /* acquire: pairs with the release of those who have let go of it; nobody
     * can come back to a body that one node is left of. */
    return shared->owned && bsti_load_acquire(&shared->refs) == 1;
}

char *bst_take_text(void *self, const void *body, char *const *field)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    char *text = (char *)bsti_probe_word(field);

    if (!bsti_must_be_current(actor, "bst_take_text"))
        return NULL;
    if (!may_move(actor, body))
        return bst_text_dup(text);
    *(char **)(uintptr_t)field = NULL;
    return text;
}

struct bst_bytes bst_take_bytes(void *self, const void *body,
                                const struct bst_bytes *field)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    struct bst_bytes bytes;

    bsti_probe_small(field, sizeof *field);
    bytes = *field;
    if (!bsti_must_be_current(actor, "bst_take_bytes"))
        return (struct bst_bytes){NULL, 0};
    if (!bytes.data)
        return bytes;
    if (!may_move(actor, body))
        return bst_bytes_dup(bytes.data, bytes.size);
    *(struct bst_bytes *)(uintptr_t)field = (struct bst_bytes){NULL, 0};
    return bytes;
}

int bst_take_fd(void *self, const void *body, const int *field)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    int fd;

    bsti_probe_small(field, sizeof *field);
    fd = *field;
    if (!bsti_must_be_current(actor, "bst_take_fd"))
        return -1;
    if (!may_move(actor, body))
        return bsti_fd_copy(fd);
    *(int *)(uintptr_t)field = -1;
    return fd;
}
