/*
 * threadring: one operation is one hop of the token. The members of the ring
 * tell the driver who they are, and the driver tells each who is next.
 */

#include "threadring.bst.h"

#include "common.h"

enum { NODES = 503 };

bst_status node_who(struct node *self)
{
    return node_reply_here(self, &(struct here){.index = bst_index(self),
                                                .self_ref = {bst_self(self)}});
}

bst_status node_pass(struct node *self, const struct token *m)
{
    if (m->left == 0)
        return driver_tell_done(self->to.driver,
                                &(struct done){.index = bst_index(self)});
    return node_tell_token(self->next, &(struct token){.left = m->left - 1});
}

bst_status driver_begin(struct driver *self)
{
    self->n = bench_n(self, 10000000);
    return node_cast_who(self->to.ring);
}

bst_status driver_link(struct driver *self, const struct here *m)
{
    bench_check(m->index < NODES, "a member that does not exist");
    self->nodes[m->index] = m->self_ref;
    if (++self->known < NODES)
        return BST_OK;
    for (uint32_t i = 0; i < NODES; i++) {
        struct link link = {.next = self->nodes[(i + 1) % NODES]};
        bst_status status = node_tell_link(self->nodes[i], &link);

        if (status != BST_OK)
            return status;
    }
    self->began = bst_now(self);
    return node_tell_token(self->nodes[0], &(struct token){.left = self->n});
}

bst_status driver_end(struct driver *self, const struct done *m)
{
    bench_check(m->index == self->n % NODES, "the token ends elsewhere");
    bench_report("threadring", self->n, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&threadring_app, argc, argv);
}
