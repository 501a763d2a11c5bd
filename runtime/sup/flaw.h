#ifndef BST_SUP_FLAW_H
#define BST_SUP_FLAW_H

/*
 * What is wrong with a table, found before anything of it is started. The
 * compiler refuses all of this; tables made by hand are checked here.
 */

#include <stdbool.h>
#include <stddef.h>

#include <bastion/topology.h>

/* X(name, word): the words are those of OTP's supervisor. */
#define BSTI_FLAW_LIST(X)                                                      \
    X(NONE, "none")                                                            \
    X(STRATEGY, "invalid_strategy")                                            \
    X(INTENSITY, "invalid_intensity")                                          \
    X(PERIOD, "invalid_period")                                                \
    X(AUTO_SHUTDOWN, "invalid_auto_shutdown")                                  \
    X(CHILD, "invalid_child_spec")                                             \
    X(LIFETIME, "invalid_restart_type")                                        \
    X(COMBINATION, "bad_combination")                                          \
    X(SHUTDOWN, "invalid_shutdown")                                            \
    X(DUPLICATE, "duplicate_child_name")

enum bsti_flaw {
#define BSTI_FLAW_ENUM(name, word) BSTI_FLAW_##name,
    BSTI_FLAW_LIST(BSTI_FLAW_ENUM)
#undef BSTI_FLAW_ENUM
};

/** Returns the flaw as a word; static. */
const char *bsti_flaw_word(enum bsti_flaw flaw);

/** Looks at how a group, or a supervisor, restarts its children. */
enum bsti_flaw bsti_flaw_of_restart(const struct bst_restart *restart);

/** Looks at a child as such, below a supervisor with that `auto_shutdown`. */
enum bsti_flaw bsti_flaw_of_child(const struct bst_child *child,
                                  enum bst_auto_shutdown auto_shutdown);

/**
 * Looks at a supervisor and at the list of its children, but not below them.
 * `*child` is the name of the child with the flaw, or NULL.
 */
enum bsti_flaw bsti_flaw_of_supervisor(const struct bst_supervisor *table,
                                       const char **child);

#endif
