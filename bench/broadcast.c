/*
 * broadcast: one operation is one delivery; a cast is 100 of them.
 *
 * A cast that some member refuses has reached the others, so it cannot be
 * repeated: the speaker never has more casts under way than fit into a
 * mailbox. After each WINDOW of them it casts `sync` and waits for all.
 */

#include "broadcast.bst.h"

#include "common.h"

enum {
    LISTENERS = 100,
    WINDOW = 128,
    CASTS_IN_A_TURN = BENCH_TURN / LISTENERS
};

bst_status listener_sync(struct listener *self)
{
    return listener_reply_synced(
        self, &(struct synced){.count = self->count, .sum = self->sum});
}

bst_status speaker_begin(struct speaker *self)
{
    self->casts = bench_n(self, 10000000) / LISTENERS;
    bench_check(self->casts > 0, "--n is below 100");
    self->began = bst_now(self);
    return speaker_tell_more(self->to.self);
}

bst_status speaker_more(struct speaker *self)
{
    for (int i = 0; i < CASTS_IN_A_TURN; i++) {
        struct note note = {.number = self->sent + 1};
        bst_status status = listener_cast_note(self->to.listeners, &note);

        if (status != BST_OK)
            return status;
        self->sent++;
        if (self->sent % WINDOW == 0 || self->sent == self->casts)
            return listener_cast_sync(self->to.listeners);
    }
    return speaker_tell_more(self->to.self);
}

bst_status speaker_synced(struct speaker *self, const struct synced *m)
{
    bench_check(m->count == self->sent &&
                    m->sum == self->sent * (self->sent + 1) / 2,
                "a listener has missed something");
    if (++self->synced < LISTENERS)
        return BST_OK;
    self->synced = 0;
    if (self->sent < self->casts)
        return speaker_tell_more(self->to.self);
    bench_report("broadcast", self->casts * LISTENERS,
                 bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&broadcast_app, argc, argv);
}
