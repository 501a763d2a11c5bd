/*
 * The driver sends more than the mailboxes hold, in one go, and so do the
 * sources. Then it looks at what has arrived.
 */

#include <stdio.h>

#include "overflow.bst.h"

enum { EACH = 500, SOURCES = 16, MANY = 100000 };

bst_status sink_put(struct sink *self, const struct put *m)
{
    if (self->count++ == 0)
        self->first = m->number;
    self->disorder += m->number < self->next[m->from];
    self->next[m->from] = m->number;
    self->last = m->number;
    return BST_OK;
}

bst_status sink_level(struct sink *self, const struct level *m,
                      struct seen *answer)
{
    (void)m;
    answer->count = self->count;
    answer->first = self->first;
    answer->last = self->last;
    answer->disorder = self->disorder;
    return BST_OK;
}

bst_status source_go(struct source *self, const struct go *m)
{
    struct put put = {.from = bst_index(self)};

    for (put.number = 1; put.number <= m->each; put.number++) {
        if (sink_tell_put(self->to.patient, &put) != BST_OK)
            return BST_FAIL;
    }
    return BST_OK;
}

bst_status driver_start(struct driver *self)
{
    struct put put = {.from = 0};
    unsigned refused = 0;

    for (put.number = 1; put.number <= MANY; put.number++) {
        if (sink_tell_put(self->to.newest, &put) != BST_OK ||
            sink_tell_put(self->to.oldest, &put) != BST_OK)
            return BST_FAIL;
        refused += sink_tell_put(self->to.strict, &put) == BST_FULL;
    }
    printf("refused some: %s\n", refused > 0 ? "yes" : "no");
    if (source_cast_go(self->to.sources, &(struct go){.each = EACH}) != BST_OK)
        return BST_FAIL;
    return driver_tell_check(self->to.self);
}

static bst_status look(struct sink_ref to, struct seen *seen)
{
    return sink_ask_level(to, &(struct level){.reset = false}, seen);
}

bst_status driver_check(struct driver *self)
{
    struct seen patient;
    struct seen newest;
    struct seen oldest;
    struct bst_stats stats;

    /* `newest` refuses a question while it is full. */
    if (look(self->to.patient, &patient) != BST_OK ||
        look(self->to.newest, &newest) != BST_OK ||
        look(self->to.oldest, &oldest) != BST_OK ||
        patient.count < EACH * SOURCES) {
        bst_sleep(self, BST_MS(1));
        return driver_tell_check(self->to.self);
    }
    bst_system_stats(bst_system_of(self), &stats);
    printf("block: %u messages, %u out of order\n", patient.count,
           patient.disorder);
    printf("drop_newest: begins with %u, %u out of order\n", newest.first,
           newest.disorder);
    printf("drop_oldest: ends with %u, %u out of order\n", oldest.last,
           oldest.disorder);
    printf("dropped and handled are %s\n",
           stats.dropped + newest.count + oldest.count == 2 * MANY
               ? "all that was sent"
               : "not what was sent");
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bst_main(&overflow_app, argc, argv);
}
