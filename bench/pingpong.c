/*
 * pingpong: one operation is a round trip, which is two messages.
 */

#include "pingpong.bst.h"

#include "common.h"

bst_status ping_serve(struct ping *self)
{
    self->n = bench_n(self, 5000000);
    self->left = self->n;
    self->began = bst_now(self);
    return pong_tell_ball(self->to.right, &(struct ball){.left = self->left});
}

bst_status ping_hit(struct ping *self, const struct ball *m)
{
    bench_check(m->left == self->left, "the ball is not the one that was hit");
    if (--self->left > 0)
        return pong_tell_ball(self->to.right,
                              &(struct ball){.left = self->left});
    bench_report("pingpong", self->n, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&pingpong_app, argc, argv);
}
