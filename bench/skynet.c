/*
 * skynet: a tree of actors, each of which makes ten until there are `--n`
 * leaves, a power of ten; a leaf tells its parent its number, and others the
 * sum of what they are told. One operation is one actor.
 */

#include "skynet.bst.h"

#include "common.h"

enum { CHILDREN = 10 };

static uint64_t leaves;
static bst_time began;

/* The number of nodes of the tree. */
static uint64_t nodes(void)
{
    uint64_t count = 0;

    for (uint64_t size = leaves; size > 0; size /= CHILDREN)
        count += leaves / size;
    return count;
}

/* The first one has no parent. */
static bst_status end(struct node *self, struct node_ref parent, uint64_t value)
{
    bst_status status = BST_OK;

    if (parent.ref.target) {
        status = node_tell_sum(parent, &(struct sum){.value = value});
    } else {
        bench_check(value == leaves * (leaves - 1) / 2, "a wrong sum");
        bench_report("skynet", nodes(), bst_now(self) - began);
        bst_stop_system(self);
    }
    return status == BST_OK ? BST_STOP : status;
}

bst_status node_grow(struct node *self, const struct grow *m)
{
    struct grow grow = {.parent = {bst_self(self)},
                        .number = m->number,
                        .size = m->size / CHILDREN};
    struct node_ref child;
    bst_status status;

    if (m->size == 1)
        return end(self, m->parent, m->number);
    self->parent = m->parent;
    for (self->missing = 0; self->missing < CHILDREN; self->missing++) {
        status = nodes_spawn(self, &child);
        if (status == BST_OK)
            status = node_tell_grow(child, &grow);
        if (status != BST_OK)
            return status;
        grow.number += grow.size;
    }
    return BST_OK;
}

bst_status node_sum(struct node *self, const struct sum *m)
{
    self->sum += m->value;
    return --self->missing > 0 ? BST_OK : end(self, self->parent, self->sum);
}

bst_status driver_start(struct driver *self)
{
    struct grow grow = {.size = (uint32_t)bench_n(self, 1000000)};
    struct node_ref top;
    bst_status status = nodes_spawn(self, &top);

    leaves = grow.size;
    began = bst_now(self);
    return status == BST_OK ? node_tell_grow(top, &grow) : status;
}

int main(int argc, char **argv)
{
    return bench_main(&skynet_app, argc, argv);
}
