#ifndef BSTC_CHECK_H
#define BSTC_CHECK_H

/*
 * The checks of a resolved program. Each function looks at one matter and
 * reports to the diagnostics of the context; none changes the program.
 */

#include "waits.h"

/** Runs all checks on a program whose names have been resolved. */
void bstc_check(struct bstc_program *program);

/** Names that C, C++ or the C library have taken (E0104, E0107). */
void bstc_check_names(struct bstc_program *program);

/** Names that are generated twice (E0108). */
void bstc_check_collisions(struct bstc_program *program);

/** Types, array sizes and defaults of fields (E0103, E0109, E0110, E0202). */
void bstc_check_fields(struct bstc_program *program);

/** Names that differ by case only (W0208). */
void bstc_check_case(struct bstc_program *program);

/** Messages that are too large to be sent (E0111). */
void bstc_check_sizes(struct bstc_program *program);

/** Whether what is sent is understood (E0301, E0302, E0407). */
void bstc_check_messages(struct bstc_program *program);

/** Whether `value` can be that of a field; reports E0103 if not. */
void bstc_check_value(struct bstc_program *program,
                      const struct bstc_ast_field *field,
                      const struct bstc_ast_value *value);

/** Dynamic groups, spawns and arguments (E0103, E0205, E0301, E0504). */
void bstc_check_dynamic(struct bstc_program *program);

/** The shape of the supervision tree (E0206, E0504). */
void bstc_check_tree(struct bstc_program *program);

/** Functions of the user in groups and supervisors (E0001, E0201, E0202, E0302). */
void bstc_check_hooks(struct bstc_program *program);

/** Significant children and the supervisors around them (E0504). */
void bstc_check_significant(struct bstc_program *program);

/* ---- of the topology as a whole ------------------------------------------ */

/*
 * These begin when the program has no mistake in names, settings and messages.
 */

/** Asks that wait for each other (E0401, W0403). */
void bstc_check_asks(const struct bstc_topo *topo);

/** Sends that wait for a place in a mailbox, and streams (E0601). */
void bstc_check_block(const struct bstc_topo *topo);

/** Deadlines within deadlines (W0402). */
void bstc_check_deadlines(const struct bstc_waits *waits);

/** What `on start` waits for (E0404). */
void bstc_check_boot(const struct bstc_waits *waits);

/** The order of children under rest-for-one (W0405). */
void bstc_check_order(const struct bstc_topo *topo);

/** Asks of what may be restarted meanwhile (W0406). */
void bstc_check_border(const struct bstc_topo *topo);

/** Budgets of restarts (W0501, W0502, W0503). */
void bstc_check_budgets(const struct bstc_topo *topo);

/** Handlers, messages and groups that nothing reaches (W0303, W0304). */
void bstc_check_reach(const struct bstc_waits *waits);

/** Stages of streams (E0602). */
void bstc_check_streams(const struct bstc_topo *topo);

/** The bound of `memory` (E0603). */
void bstc_check_memory(const struct bstc_topo *topo);

/** What crosses from node to node (E0801, W0802). */
void bstc_check_cluster(const struct bstc_topo *topo);

#endif
