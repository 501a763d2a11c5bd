#include "storm.bst.h"

#include <time.h>

bst_status player_start(struct player *self)
{
    player_tell_ball(self->to.players, &(struct ball){.left = 1000000});
    return BST_OK;
}

bst_status player_ball(struct player *self, const struct ball *m)
{
    if (++self->seen % 500 == 0)
        return BST_FAIL;
    if (m->left > 0)
        player_tell_ball(self->to.players, &(struct ball){.left = m->left - 1});
    return BST_OK;
}

bst_status helper_work(struct helper *self, const struct work *m,
                       struct done *answer)
{
    struct timespec nap = {.tv_nsec = 200000};

    (void)self;
    nanosleep(&nap, NULL);
    answer->n = m->n;
    return BST_OK;
}

bst_status asker_tick(struct asker *self)
{
    struct done done;

    helper_ask_work(self->to.helpers, &(struct work){.n = ++self->n}, &done);
    return BST_OK;
}

bst_status parent_tick(struct parent *self)
{
    kids_spawn(self, &(struct kid_args){.id = ++self->n}, NULL);
    return self->n % 40 == 0 ? BST_FAIL : BST_OK;
}
