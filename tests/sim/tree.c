/*
 * The driver of tree.bst, and a main() that lets a handler block or compute.
 */

#include "tree.bst.h"

#include <string.h>
#include <unistd.h>

bst_status driver_drive(struct driver *self)
{
    struct query query = {.n = self->round};
    struct result result;
    char **argv;
    int argc;

    bst_args(self, &argc, &argv);
    if (argc > 0 && strcmp(argv[0], "block") == 0)
        (void)sleep(60);
    self->round++;
    (void)worker_tell_work(self->to.alls, &(struct work){.n = self->round});
    (void)worker_tell_work(self->to.rests, &(struct work){.n = self->round});
    (void)worker_tell_work(self->to.ones, &(struct work){.n = self->round});
    (void)worker_ask_query(self->to.alls, &query, &result);
    (void)worker_ask_query(self->to.rests, &query, &result);
    return BST_OK;
}
