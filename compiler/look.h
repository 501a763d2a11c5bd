#ifndef BSTC_LOOK_H
#define BSTC_LOOK_H

/*
 * A program without mistakes as plans and models see it: the topology, and
 * the tree with all settings resolved. Constructs without a back end are in
 * it, too.
 *
 * Threads: as the context.
 */

#include "model.h"
#include "topo.h"

struct bstc_look {
    const struct bstc_program *program;
    struct bstc_topo topo;
    struct bstc_model model; /* groups, numbered as in the program, and
                                supervisors; nothing else */
    uint32_t *supervisors;   /* of the model, by number in the program */
};

/** Looks at a program in which the checks have found no error. */
void bstc_look_init(struct bstc_look *look, const struct bstc_program *program);

/** Returns the resolved form of a supervisor of the program. */
const struct bstc_supervisor *bstc_look_supervisor(const struct bstc_look *look,
                                                   uint32_t supervisor);

#endif
