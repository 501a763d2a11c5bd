/*
 * The handlers of counter.bst.
 */

#include "counter.bst.h"

#include <inttypes.h>
#include <stdio.h>

bst_status counter_add(struct counter *self, const struct add *m)
{
    if (m->n < 0)
        return BST_FAIL; /* a failure: the supervisor restarts us */
    self->sum += m->n;
    self->served++;
    return BST_OK;
}

bst_status counter_get(struct counter *self, struct total *answer)
{
    answer->value = self->sum;
    return BST_OK;
}

bst_status driver_run(struct driver *self)
{
    struct total t;
    bst_status status;

    for (int64_t i = 1; i <= 10; i++) {
        status = counter_tell_add(self->to.tally, &(struct add){.n = i});
        if (status != BST_OK)
            return status;
    }
    status = counter_ask_get(self->to.tally, &t); /* within 1s, as declared */
    if (status != BST_OK)
        return status;
    printf("one of four counters has %" PRId64 "\n", t.value);

    status = counter_cast_reset(self->to.tally);
    if (status != BST_OK)
        return status;
    status = counter_ask_get(self->to.tally, &t);
    if (status != BST_OK)
        return status;
    printf("after the reset it has %" PRId64 "\n", t.value);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bst_main(&counter_app, argc, argv);
}
