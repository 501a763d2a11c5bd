/*
 * big: one operation is one message, a ping or the pong that answers it. Each
 * peer has one ping under way at a time, to a peer that it picks at random.
 */

#include "big.bst.h"

#include "common.h"

enum { PEERS = 512 };

struct big_peers {
    struct peer_ref at[PEERS];
};

/* ---- a peer -------------------------------------------------------------- */

bst_status peer_who(struct peer *self)
{
    return peer_reply_here(self, &(struct here){.index = bst_index(self),
                                                .self_ref = {bst_self(self)}});
}

static bst_status ping_somebody(struct peer *self)
{
    return peer_tell_ping(self->peers->at[bst_random(self) % PEERS]);
}

bst_status peer_go(struct peer *self, const struct go *m)
{
    bench_scatter();
    self->peers = m->peers;
    self->left = m->each;
    return ping_somebody(self);
}

bst_status peer_ping(struct peer *self)
{
    self->pings++;
    return peer_reply_pong(self);
}

bst_status peer_pong(struct peer *self)
{
    self->pongs++;
    if (--self->left > 0)
        return ping_somebody(self);
    return driver_tell_done(self->to.driver);
}

bst_status peer_report(struct peer *self)
{
    return peer_reply_counts(
        self, &(struct counts){.pings = self->pings, .pongs = self->pongs});
}

/* ---- the driver ---------------------------------------------------------- */

bst_status driver_begin(struct driver *self)
{
    self->each = bench_n(self, 10000000) / (2 * PEERS);
    bench_check(self->each > 0, "--n is below 1024");
    self->peers = bst_alloc(self, sizeof *self->peers);
    return peer_cast_who(self->to.peers);
}

bst_status driver_go(struct driver *self, const struct here *m)
{
    bench_check(m->index < PEERS, "a peer that does not exist");
    self->peers->at[m->index] = m->self_ref;
    if (++self->known < PEERS)
        return BST_OK;
    self->began = bst_now(self);
    return peer_cast_go(self->to.peers,
                        &(struct go){.each = self->each, .peers = self->peers});
}

bst_status driver_done(struct driver *self)
{
    if (++self->ended < PEERS)
        return BST_OK;
    self->took = bst_now(self) - self->began;
    self->ended = 0;
    return peer_cast_report(self->to.peers);
}

bst_status driver_end(struct driver *self, const struct counts *m)
{
    self->pings += m->pings;
    self->pongs += m->pongs;
    if (++self->ended < PEERS)
        return BST_OK;
    bench_check(self->pings == self->each * PEERS &&
                    self->pongs == self->each * PEERS,
                "pings or pongs are missing");
    bench_report("big", self->pings + self->pongs, self->took);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&big_app, argc, argv);
}
