/*
 * Boxes; see box.h.
 */

#define _GNU_SOURCE
#include "unit/support/box.h"

#include <fcntl.h>

#include "actor/actor.h"
#include "actor/payload.h"
#include "base/alloc.h"
#include "sync/atomic.h"
#include "unit/unit.h"

const struct bst_owned box_line_owned[] = {
    {BST_TEXT, offsetof(struct box_line, s), 1},
    {BST_BYTES, offsetof(struct box_line, b), 1},
    {BST_FD, offsetof(struct box_line, fd), 1},
    {BST_OWNED_END, 0, 0}};
const struct bst_owned box_fetch_owned[] = {
    {BST_TEXT, offsetof(struct box_fetch, url), 1}, {BST_OWNED_END, 0, 0}};
static const struct bst_owned page_owned[] = {
    {BST_TEXT, offsetof(struct box_page, parts), 2},
    {BST_FD, offsetof(struct box_page, fd), 1},
    {BST_OWNED_END, 0, 0}};

struct bst_message box_messages[BOX_KINDS];

/* ---- a puppet that handles them ------------------------------------------ */

_Atomic uint32_t box_handled;
_Atomic uint32_t box_looked;
_Atomic uint32_t box_moved;
_Atomic uint32_t box_asleep;
struct box_line box_kept;
struct rig_gate box_gate;

static bool is_right(const struct box_line *m)
{
    return strcmp(m->s, "a line") == 0 && m->b.size == 3 &&
           memcmp(m->b.data, "abc", 3) == 0 && m->fd > 2;
}

static struct box_line take(void *self, const struct box_line *m)
{
    struct box_line own = {.number = m->number};
    const char *before = m->s;

    own.s = bst_take_text(self, m, &m->s);
    own.b = bst_take_bytes(self, m, &m->b);
    own.fd = bst_take_fd(self, m, &m->fd);
    if (own.s == before) {
        bsti_fetch_add_relaxed(&box_moved, 1u);
        assert_null(m->s);
        assert_null(m->b.data);
        assert_int_equal(m->fd, -1);
    }
    return own;
}

void box_give_back(struct box_line *own)
{
    bst_text_free(own->s);
    bst_bytes_free(own->b);
    close(own->fd);
}

static void note(bool right)
{
    /* release: pairs with box_looked_at(), which goes on with what was kept */
    if (right)
        bsti_fetch_add_release(&box_looked, 1u);
}

static bst_status on_line(void *self, const struct box_line *m)
{
    enum box_handled how = (enum box_handled)bsti_load_relaxed(&box_handled);
    struct box_line own;
    bool right;

    if (how == BOX_TAKE || how == BOX_TAKE_AND_FAIL) {
        own = take(self, m);
        right = is_right(&own);
        if (how == BOX_TAKE)
            box_give_back(&own);
        else
            box_kept = own;
        note(right);
        return how == BOX_TAKE_AND_FAIL ? BST_FAIL : BST_OK;
    }
    note(is_right(m));
    if (how == BOX_SLEEP) {
        bsti_fetch_add_release(&box_asleep, 1u);
        bst_sleep(self, BST_S(3600));
    }
    if (how == BOX_PANIC)
        bst_panic(self, "with a line");
    if (how == BOX_STOP)
        return BST_STOP;
    return how == BOX_FAIL ? BST_FAIL : BST_OK;
}

static bst_status on_fetch(void *self, const struct box_fetch *m,
                           struct box_page *answer)
{
    (void)self;
    if (m->how == BOX_ANSWER_NOTHING)
        return BST_OK;
    answer->parts[0] = bst_text_dup(m->url);
    answer->parts[1] = bst_take_text(self, m, &m->url);
    answer->fd = dup(STDERR_FILENO);
    if (m->how == BOX_ANSWER_LATE)
        rig_hold(self, &box_gate, NULL);
    if (m->how == BOX_ANSWER_STOP)
        return BST_STOP;
    return m->how == BOX_ANSWER_FAIL ? BST_FAIL : BST_OK;
}

static bst_status handle(void *state, const struct bst_msg *in, void *answer)
{
    struct puppet *self = state;

    switch (in->kind) {
    case BOX_LINE:
        return on_line(self, in->body);
    case BOX_FETCH:
        return on_fetch(self, in->body, answer);
    case BOX_PEEK:
        ((struct box_page *)answer)->parts[0] = bst_text_dup("peek");
        return BST_OK;
    case BOX_PAGE:
        rig_note(self->rig, "page %s",
                 ((const struct box_page *)in->body)->parts[0]);
        return BST_OK;
    default:
        return rig_puppet.handle(state, in, answer);
    }
}

struct bst_handler box_handlers[BOX_HANDLERS];
struct bst_actor box_actor;

static const struct bst_use uses[] = {
    {.kind = BOX_LINE, .how = BST_USE_TELL | BST_USE_CAST},
    {.kind = BOX_FETCH, .how = BST_USE_TELL},
    {.kind = BOX_FETCH, .how = BST_USE_ASK, .within = BST_S(20)},
    {.kind = BOX_PEEK, .how = BST_USE_ASK, .within = BST_S(20)},
};

static const struct bst_use outside[] = {
    {.kind = RIG_ASK, .how = BST_USE_ASK, .within = BST_S(30)},
    {.kind = BOX_FETCH, .how = BST_USE_ASK, .within = BST_S(30)},
    {.kind = BOX_PEEK, .how = BST_USE_ASK, .within = BST_S(30)},
};

static void add_handler(uint32_t kind, const char *name)
{
    box_handlers[box_actor.nhandlers++] =
        (struct bst_handler){.kind = kind, .name = name, .where = "box.bst:1"};
}

static void make_box(void)
{
    box_actor = rig_puppet;
    memcpy(box_handlers, rig_puppet.handlers,
           rig_puppet.nhandlers * sizeof box_handlers[0]);
    add_handler(BOX_LINE, "on line");
    add_handler(BOX_FETCH, "on fetch");
    add_handler(BOX_PAGE, "on page");
    add_handler(BOX_PEEK, "on peek");
    for (uint32_t i = 0; i < box_actor.nhandlers; i++) {
        box_handlers[i].uses = uses;
        box_handlers[i].nuses = sizeof uses / sizeof uses[0];
    }
    box_actor.handlers = box_handlers;
    box_actor.handle = handle;
}

static void make_messages(const struct rig *rig)
{
    memcpy(box_messages, rig->app.messages, RIG_KINDS * sizeof box_messages[0]);
    box_messages[BOX_LINE - BST_KIND_USER] =
        (struct bst_message){.name = "line",
                             .size = sizeof(struct box_line),
                             .hash = 6,
                             .owned = box_line_owned};
    box_messages[BOX_FETCH - BST_KIND_USER] =
        (struct bst_message){.name = "fetch",
                             .size = sizeof(struct box_fetch),
                             .hash = 7,
                             .answer = BOX_PAGE,
                             .owned = box_fetch_owned};
    box_messages[BOX_PAGE - BST_KIND_USER] =
        (struct bst_message){.name = "page",
                             .size = sizeof(struct box_page),
                             .hash = 8,
                             .owned = page_owned};
    box_messages[BOX_PEEK - BST_KIND_USER] =
        (struct bst_message){.name = "peek", .hash = 9, .answer = BOX_PAGE};
}

/* ---- a system of two of them, or a group --------------------------------- */

struct rig box_rig;
int box_pipes[2];

void box_init(void)
{
    rig_init(&box_rig);
    make_box();
    make_messages(&box_rig);
    box_rig.app.messages = box_messages;
    box_rig.app.nmessages = BOX_KINDS;
    box_rig.app.outside = outside;
    box_rig.app.noutside = sizeof outside / sizeof outside[0];
    rig_sup(&box_rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_LOOK);
    bsti_store_relaxed(&box_looked, 0u);
    bsti_store_relaxed(&box_moved, 0u);
    bsti_store_relaxed(&box_asleep, 0u);
    memset(&box_gate, 0, sizeof box_gate);
    assert_int_equal(pipe(box_pipes), 0);
    assert_int_equal(fcntl(box_pipes[0], F_SETFL, O_NONBLOCK), 0);
}

struct rig_part *box_add(const char *name)
{
    struct rig_part *part = rig_child(&box_rig, &box_rig.sups[0].table, name);

    part->group.actor = &box_actor;
    return part;
}

void box_start(void)
{
    box_init();
    box_add("a");
    box_add("b");
    rig_start(&box_rig);
    rig_expect(&box_rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

struct box_line box_new_line(void)
{
    return (struct box_line){.s = bst_text_dup("a line"),
                             .b = bst_bytes_dup("abc", 3),
                             .fd = dup(box_pipes[1])};
}

bst_status box_tell_line(bst_ref to)
{
    struct box_line m = box_new_line();
    bst_status status =
        bst_tell_owned(to, BOX_LINE, &m, sizeof m, box_line_owned);

    assert_null(m.s);
    assert_null(m.b.data);
    assert_int_equal(m.b.size, 0);
    assert_int_equal(m.fd, -1);
    return status;
}

bst_status box_send_line(struct puppet *self, void *arg,
                         struct rig_answer *answer)
{
    bst_status expected = *(const bst_status *)arg;

    (void)answer;
    assert_int_equal(box_tell_line(rig_ref(self->rig, "b")), expected);
    return BST_OK;
}

bool box_pipe_is_open(void)
{
    char byte;

    return read(box_pipes[0], &byte, 1) < 0;
}

void box_stop_when_freed(void)
{
    struct bst_stats stats;

    rig_settle(&box_rig, &stats);
    close(box_pipes[1]);
    for (int i = 0; i < 300000; i++) {
        if (bsti_payloads_live(box_rig.system) == 0 && !box_pipe_is_open())
            break;
        rig_wait(&box_rig, BST_US(100));
    }
    assert_int_equal(bsti_payloads_live(box_rig.system), 0);
    assert_false(box_pipe_is_open());
    close(box_pipes[0]);
    rig_stop_quietly(&box_rig);
}

void box_nothing_is_left(void)
{
    box_stop_when_freed();
    assert_int_equal(bsti_alloc_balance(), 0);
}

void box_looked_at(uint32_t n)
{
    struct bst_stats stats;

    rig_settle(&box_rig, &stats);
    assert_int_equal(bsti_load_acquire(&box_looked), n);
}
