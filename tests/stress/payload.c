/*
 * Texts travel from foreign threads and actors to children that fail all the
 * time, are passed on, taken, shared by casts and answered: each is freed
 * exactly once.
 *
 *     payload THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

#include <string.h>

#include "actor/actor.h"
#include "actor/payload.h"

enum { SINKS = 6, LINE = BST_KIND_USER, FETCH, PAGE };

struct line {
    uint64_t hops;
    char *s;
};

struct page {
    char *s;
};

static const struct bst_owned line_owned[] = {
    {BST_TEXT, offsetof(struct line, s), 1}, {BST_OWNED_END, 0, 0}};
static const struct bst_owned page_owned[] = {
    {BST_TEXT, offsetof(struct page, s), 1}, {BST_OWNED_END, 0, 0}};

static const struct bst_message messages[] = {
    {.name = "line",
     .size = sizeof(struct line),
     .hash = 1,
     .owned = line_owned},
    {.name = "fetch",
     .size = sizeof(struct line),
     .hash = 2,
     .answer = PAGE,
     .owned = line_owned},
    {.name = "page",
     .size = sizeof(struct page),
     .hash = 3,
     .owned = page_owned},
};

static const struct bst_use uses[] = {
    {.kind = LINE, .how = BST_USE_TELL | BST_USE_CAST},
    {.kind = FETCH, .how = BST_USE_TELL},
};

static const struct bst_use outside[] = {
    {.kind = FETCH, .how = BST_USE_ASK, .within = BST_MS(2)},
};

static struct bst_system *system_;
static struct stress stress;
static const struct bst_group sinks;

struct sink {
    uint64_t seen;
};

static void check_text(const char *text)
{
    size_t length = strlen(text);

    stress_check(length > 4 && strncmp(text, "text", 4) == 0);
    stress_check(text[length - 1] == '.');
}

/* Any size of block, and larger than all of them. */
static char *new_text(uint64_t chance)
{
    return bst_text_format("text%*d.", 1 << (chance % 14), 7);
}

/* Passes the text itself on, to one or to all. */
static void pass_on(void *self, const struct line *m)
{
    bst_ref to = bst_group_ref(bst_system_of(self), &sinks);
    struct line next = {.hops = m->hops - 1,
                        .s = bst_take_text(self, m, &m->s)};

    if (m->hops % 4 == 1)
        (void)bst_cast_owned(to, LINE, &next, sizeof next, line_owned);
    else
        (void)bst_tell_owned(to, LINE, &next, sizeof next, line_owned);
    stress_check(next.s == NULL);
}

static bst_status on_line(void *self, const struct line *m)
{
    uint64_t chance = bst_random(self) % 40;
    char *mine;

    check_text(m->s);
    ((struct sink *)self)->seen++;
    switch (chance) {
    case 0:
        bst_panic(self, "chance");
    case 1:
        return BST_FAIL;
    case 2:
        return BST_STOP;
    case 3:
        bst_yield(self);
        check_text(m->s);
        break;
    case 4:
    case 5:
    case 6:
        mine = bst_take_text(self, m, &m->s);
        check_text(mine);
        bst_text_free(mine);
        return BST_OK;
    default:
        break;
    }
    if (m->hops > 0)
        pass_on(self, m);
    return BST_OK;
}

static bst_status on_fetch(void *self, const struct line *m,
                           struct page *answer)
{
    uint64_t chance = bst_random(self) % 10;

    answer->s = chance < 5 ? bst_take_text(self, m, &m->s) : bst_text_dup(m->s);
    if (chance == 0)
        bst_panic(self, "chance");
    if (chance == 1)
        bst_sleep(self, BST_MS(3));
    return chance == 2 ? BST_STOP : BST_OK;
}

static bst_status handle(void *self, const struct bst_msg *in, void *answer)
{
    switch (in->kind) {
    case LINE:
        return on_line(self, in->body);
    case FETCH:
        return on_fetch(self, in->body, answer);
    default:
        return bst_unhandled(self, in);
    }
}

static const struct bst_handler handlers[] = {
    {.kind = LINE,
     .name = "on line",
     .where = "stress",
     .uses = uses,
     .nuses = BSTI_ARRAY_LEN(uses)},
    {.kind = FETCH, .name = "on fetch", .where = "stress"},
};

static const struct bst_actor sink = {.name = "sink",
                                      .state_size = sizeof(struct sink),
                                      .handle = handle,
                                      .handlers = handlers,
                                      .nhandlers = BSTI_ARRAY_LEN(handlers)};

static const struct bst_group sinks = {.name = "sinks",
                                       .actor = &sink,
                                       .index = 0,
                                       .redundancy = SINKS,
                                       .mailbox = 64};

static const struct bst_child children[] = {{.group = &sinks}};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};
static const struct bst_group *const groups[] = {&sinks};
static const struct bst_app app = {.abi = BST_TOPOLOGY_ABI,
                                   .name = "stress",
                                   .root = &root,
                                   .groups = groups,
                                   .ngroups = BSTI_ARRAY_LEN(groups),
                                   .messages = messages,
                                   .nmessages = BSTI_ARRAY_LEN(messages),
                                   .outside = outside,
                                   .noutside = BSTI_ARRAY_LEN(outside)};

struct sender {
    uint64_t rand;
    uint64_t answers;
};

static void ask(struct sender *self, bst_ref to, struct line *m)
{
    struct page page;
    bst_status status = bst_ask_owned(to, FETCH, m, sizeof *m, line_owned,
                                      &page, sizeof page, BST_DECLARED);

    if (status != BST_OK)
        return;
    check_text(page.s);
    bst_text_free(page.s);
    self->answers++;
}

static void send(void *arg)
{
    struct sender *self = arg;
    bst_ref to = bst_group_ref(system_, &sinks);

    for (uint64_t i = 0; i < stress.rounds; i++) {
        uint64_t chance = bsti_rand_below(&self->rand, 1000);
        struct line m = {.hops = chance % 6, .s = new_text(chance)};

        if (chance < 100)
            ask(self, to, &m);
        else if (chance < 200)
            (void)bst_cast_owned(to, LINE, &m, sizeof m, line_owned);
        else if (bst_tell_owned(to, LINE, &m, sizeof m, line_owned) != BST_OK)
            bsti_thread_yield();
        stress_check(m.s == NULL);
    }
}

int main(int argc, char **argv)
{
    struct sender senders[STRESS_THREADS_MAX] = {{0}};
    struct bst_stats stats;
    uint64_t answers = 0;

    stress = stress_begin(argc, argv, 4, 10000);
    system_ = tree_start(&app, stress.threads, stress.seed);
    for (uint32_t i = 0; i < stress.threads; i++)
        senders[i].rand = bsti_rand_mix(stress.seed, i);
    stress_run(stress.threads, send, senders, sizeof senders[0]);
    tree_settle(system_, &stats);
    for (uint32_t i = 0; i < stress.threads; i++)
        answers += senders[i].answers;
    stress_check(answers > 0);
    for (int i = 0; i < 10000 && bsti_payloads_live(system_) != 0; i++)
        tree_nap(1000000);
    stress_check(bsti_payloads_live(system_) == 0);
    tree_end(system_);
    return 0;
}
