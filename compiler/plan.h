#ifndef BSTC_PLAN_H
#define BSTC_PLAN_H

/*
 * What a program will be when it runs: its tree, what holds for each group
 * and where that comes from, and the bounds that follow.
 *
 * Threads: as the context.
 */

#include "emit_out.h"
#include "look.h"

#define BSTC_UNBOUNDED UINT64_MAX

/** What follows from the whole. */
struct bstc_plan {
    const struct bstc_look *look;
    uint64_t low; /* processes at the start, and at most */
    uint64_t high;
    uint64_t memory;     /* bytes, as far as they are known without C */
    bool memory_is_open; /* there are types that only C knows */
    uint64_t restarts;   /* before the root stops; BSTC_UNBOUNDED */
    uint64_t *of_group;  /* restarts of one child of each group, likewise */
    uint32_t ask_depth;  /* BSTC_NONE: asks wait for each other */
    uint32_t warnings;
};

/** Works it out. */
void bstc_plan_init(struct bstc_plan *plan, const struct bstc_look *look);

/** A setting that holds somewhere. */
struct bstc_holds {
    const char *name;
    const char *value;
    enum bstc_from from;
    struct bstc_place place; /* unless it is the default */
};

/** Returns the setting that holds for a group; false: none does, and there is
 * no default that would mean anything. */
bool bstc_plan_of_group(const struct bstc_plan *plan, uint32_t group,
                        enum bstc_setting setting, struct bstc_holds *holds);

/** The same for what a supervisor does itself. */
bool bstc_plan_of_supervisor(const struct bstc_plan *plan, uint32_t supervisor,
                             enum bstc_setting setting,
                             struct bstc_holds *holds);

/** Returns the arguments of a setting as they are written, with one blank
 * between them. */
const char *bstc_setting_text(const struct bstc_program *program,
                              const struct bstc_ast_setting *setting);

/** Prints the plan for people. */
void bstc_plan_text(struct bstc_out *out, const struct bstc_plan *plan);

/** Prints it as JSON on one line. */
void bstc_plan_json(struct bstc_out *out, const struct bstc_plan *plan);

#endif
