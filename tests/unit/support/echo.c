/*
 * The echoes; see echo.h. The tables are filled by echo_rig() and constant
 * while a system runs.
 */

#include "unit/support/echo.h"

#include "sync/atomic.h"
#include "unit/unit.h"

_Atomic uint32_t echo_begun;
_Atomic uint32_t echo_bad;

static struct bst_message messages[ECHO_KINDS];
static struct bst_use uses[2 * ECHO_KINDS];
static struct bst_handler handlers[2];
static struct bst_actor actor;

/* ---- the actor ----------------------------------------------------------- */

static unsigned char byte_of(size_t size, size_t i)
{
    return (unsigned char)(size * 31 + i * 7 + 1);
}

void echo_fill(void *body, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)body)[i] = byte_of(size, i);
}

bool echo_is_filled(const void *body, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)body)[i] != byte_of(size, i))
            return false;
    return true;
}

static bool is_aligned(const void *body, size_t size)
{
    return size % 16 != 0 || (uintptr_t)body % 16 == 0;
}

/* What holds for every message, whatever it says. */
static bool is_sound(void *self, const struct bst_msg *in)
{
    return (in->body == NULL) == (in->size == 0) &&
           is_aligned(in->body, in->size) &&
           bst_ref_equal(in->sender, bst_sender(self));
}

/* An answer is zero before the handler writes it. */
static bool is_clear(const void *answer, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)answer)[i] != 0)
            return false;
    return is_aligned(answer, size);
}

static bst_status handle(void *state, const struct bst_msg *in, void *answer)
{
    bool is_ours = in->kind >= ECHO_TELL && in->kind < ECHO_ANSWER;

    if (in->kind >= BST_KIND_USER && !is_sound(state, in))
        bsti_fetch_add_relaxed(&echo_bad, 1u);
    if (in->kind > RIG_DO)
        bsti_fetch_add_relaxed(&echo_begun, 1u);
    if (!is_ours)
        return rig_puppet_short.handle(state, in, answer);
    if (!echo_is_filled(in->body, in->size))
        bsti_fetch_add_relaxed(&echo_bad, 1u);
    if (in->kind >= ECHO_ASK) {
        if (!is_clear(answer, in->kind - ECHO_ASK))
            bsti_fetch_add_relaxed(&echo_bad, 1u);
        echo_fill(answer, in->kind - ECHO_ASK);
    } else if (answer) {
        bsti_fetch_add_relaxed(&echo_bad, 1u);
    }
    return BST_OK;
}

/* ---- the rig ------------------------------------------------------------- */

static void fill_tables(const struct bst_app *app)
{
    memcpy(messages, app->messages, RIG_KINDS * sizeof messages[0]);
    messages[ECHO_TELL - BST_KIND_USER].name = "tell";
    for (uint32_t n = 0; n < ECHO_SIZES; n++) {
        messages[ECHO_ASK + n - BST_KIND_USER] =
            (struct bst_message){.name = "ask",
                                 .size = n,
                                 .hash = 100 + n,
                                 .answer = ECHO_ANSWER + n};
        messages[ECHO_ANSWER + n - BST_KIND_USER] =
            (struct bst_message){.name = "answer", .size = n, .hash = 200 + n};
    }
    for (uint32_t i = 0; i < ECHO_KINDS; i++) {
        uses[i] = (struct bst_use){.kind = BST_KIND_USER + i,
                                   .how = BST_USE_TELL | BST_USE_CAST};
        uses[ECHO_KINDS + i] = (struct bst_use){
            .kind = BST_KIND_USER + i, .how = BST_USE_ASK, .within = BST_S(30)};
    }
    for (uint32_t i = 0; i < 2; i++)
        handlers[i] = (struct bst_handler){.kind = i ? RIG_ASK : RIG_DO,
                                           .name = "on order",
                                           .where = "echo.bst:1",
                                           .uses = uses,
                                           .nuses = 2 * ECHO_KINDS};
    actor = rig_puppet_short;
    actor.handle = handle;
    actor.handlers = handlers;
    actor.nhandlers = 2;
}

struct rig_part *echo_child(struct rig *rig, struct bst_supervisor *parent,
                            const char *name)
{
    struct rig_part *part = rig_child(rig, parent, name);

    part->group.actor = &actor;
    return part;
}

struct bst_supervisor *echo_rig(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    fill_tables(&rig->app);
    rig->app.messages = messages;
    rig->app.nmessages = ECHO_KINDS;
    rig->app.outside = uses;
    rig->app.noutside = 2 * ECHO_KINDS;
    bsti_store_relaxed(&echo_begun, 0u);
    bsti_store_relaxed(&echo_bad, 0u);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    echo_child(rig, top, "a");
    echo_child(rig, top, "b");
    return top;
}

void echo_start(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

/* ---- questions ----------------------------------------------------------- */

bst_status echo_ask(const struct echo_question *question, uint64_t *value)
{
    struct rig_order order = {question->fn, question->arg};
    struct rig_answer answer = {77};
    bst_status status = bst_ask(
        question->to, RIG_ASK, &order, sizeof order, &answer, sizeof answer,
        question->within ? question->within : BST_DECLARED);

    *value = answer.value;
    return status;
}

bst_status echo_pose(struct puppet *self, void *arg, struct rig_answer *answer)
{
    uint64_t value;
    bst_status status = echo_ask(arg, &value);

    if (answer)
        answer->value = value;
    rig_note(self->rig, "%s %llu", bst_status_name(status),
             (unsigned long long)value);
    return BST_OK;
}

/* ---- single messages ---------------------------------------------------- */

bst_status echo_tell_bytes(bst_ref to, size_t size)
{
    unsigned char body[64];

    echo_fill(body, size);
    return bst_tell(to, ECHO_TELL, body, size);
}

bst_status echo_cast_bytes(bst_ref to, size_t size)
{
    unsigned char body[64];

    echo_fill(body, size);
    return bst_cast(to, ECHO_TELL, body, size);
}

bst_status echo_ask_bytes(bst_ref to, size_t size)
{
    unsigned char body[64];
    uint64_t answer;

    echo_fill(body, size);
    return bst_ask(to, ECHO_ASK + 8, body, size, &answer, 8, BST_DECLARED);
}
