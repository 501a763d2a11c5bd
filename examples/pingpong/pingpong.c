/*
 * The handlers of pingpong.bst.
 *
 * A game is one incarnation of the court: it ends when pong gets tired and
 * fails, and the supervisor starts both players again. After three games
 * ping stops the system.
 */

#include "pingpong.bst.h"

#include <stdio.h>

#define GAMES 3

bst_status ping_serve(struct ping *self)
{
    uint64_t lost = bst_incarnation(self);

    if (lost == GAMES) {
        printf("%d games lost, the longest rally had %u hits\n", GAMES,
               (unsigned)self->best);
        bst_stop_system(self);
        return BST_OK;
    }
    printf("game %u: ping serves\n", (unsigned)lost + 1);
    return pong_tell_ball(self->to.right, &(struct ball){.hits = 1});
}

bst_status ping_hit(struct ping *self, const struct ball *m)
{
    if (m->hits > self->best)
        self->best = m->hits;
    return pong_tell_ball(self->to.right, &(struct ball){.hits = m->hits + 1});
}

int main(int argc, char **argv)
{
    return bst_main(&pingpong_app, argc, argv);
}
