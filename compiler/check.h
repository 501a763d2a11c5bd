#ifndef BSTC_CHECK_H
#define BSTC_CHECK_H

/*
 * The checks of a resolved program. Each function looks at one matter and
 * reports to the diagnostics of the context; none changes the program.
 */

#include "scope.h"

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

/** Sends that wait for a place in a mailbox (E0601). */
void bstc_check_block(struct bstc_program *program);

/** The shape of the supervision tree (E0206, E0504). */
void bstc_check_tree(struct bstc_program *program);

/** Functions of the user in groups and supervisors (E0001, E0201, E0202, E0302). */
void bstc_check_hooks(struct bstc_program *program);

/** Significant children and the supervisors around them (E0504). */
void bstc_check_significant(struct bstc_program *program);

#endif
