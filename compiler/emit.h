#ifndef BSTC_EMIT_H
#define BSTC_EMIT_H

/*
 * Printing a model as C.
 *
 * Each function below prints one output; inside, one emit_* function prints
 * one section, in the order of the output. Emitters read the model alone and
 * cannot fail: what they are given has been checked.
 *
 * The output depends on the model and the options only, never on time, place
 * or addresses.
 */

#include "emit_out.h"
#include "model.h"

#define BSTC_VERSION "0.1.0"

/** The BST_TOPOLOGY_ABI of the tables that are printed. */
#define BSTC_TOPOLOGY_ABI 6

struct bstc_emit_options {
    bool no_line;   /* no #line around the user's text */
    bool with_main; /* main() at the end of the source */
};

/** Prints X.bst.h. */
void bstc_emit_header(struct bstc_out *out, const struct bstc_model *model);

/** Prints X.bst.c. */
void bstc_emit_source(struct bstc_out *out, const struct bstc_model *model,
                      const struct bstc_emit_options *options);

/** Prints a file that holds main() alone. */
void bstc_emit_main(struct bstc_out *out, const struct bstc_model *model);

/** Prints the function main(). */
void bstc_emit_main_function(struct bstc_out *out,
                             const struct bstc_model *model);

/** Prints the bound of memory, if there is one. */
void bstc_emit_memory(struct bstc_out *out, const struct bstc_model *model);

/** Prints the supervision tree, the message table and the app. */
void bstc_emit_tables(struct bstc_out *out, const struct bstc_model *model);

/** Prints the table TAG_STEM_uses; nothing when there are no uses. */
void bstc_emit_uses(struct bstc_out *out, const struct bstc_model *model,
                    const char *tag, const char *stem,
                    const struct bstc_use *uses, uint32_t nuses);

/** Prints the user's C from its own column on, with #line around it. */
void bstc_emit_body(struct bstc_out *out, const struct bstc_model *model,
                    const struct bstc_raw *raw,
                    const struct bstc_emit_options *options);

/** Prints the prototypes of the functions for hooks. */
void bstc_emit_hook_prototypes(struct bstc_out *out,
                               const struct bstc_model *model);

/** Prints those that stand in the .bst, and the tables of all. */
void bstc_emit_hooks(struct bstc_out *out, const struct bstc_model *model,
                     const struct bstc_emit_options *options);

/** Prints the signature of the function for a hook between the two. */
void bstc_emit_hook_signature(struct bstc_out *out, const char *function,
                              enum bstc_hook_event event, const char *before,
                              const char *after);

/** Prints the prototypes of the functions that spawn from handlers. */
void bstc_emit_spawn_prototypes(struct bstc_out *out,
                                const struct bstc_model *model);

/** Prints the prototypes of the functions that spawn from elsewhere. */
void bstc_emit_spawn_outside(struct bstc_out *out,
                             const struct bstc_model *model);

/** Prints all functions that spawn. */
void bstc_emit_spawns(struct bstc_out *out, const struct bstc_model *model);

/** Prints the constant SYMBOL_args of a static group whose actor takes some. */
void bstc_emit_group_args(struct bstc_out *out, const struct bstc_model *model,
                          const struct bstc_group *group);

/** Prints a comment such as "counter.bst:7  message add". */
void bstc_emit_place(struct bstc_out *out, const struct bstc_place *place,
                     const char *what, const char *name);

/** Prints the prototypes of the functions that take what `message` owns. */
void bstc_emit_take_prototypes(struct bstc_out *out,
                               const struct bstc_message *message);

/** Prints these functions and the tables of what messages own. */
void bstc_emit_owned(struct bstc_out *out, const struct bstc_model *model);

/** Returns whether the message has a table of what can be compared. */
bool bstc_message_compares(const struct bstc_message *message);

/** Prints these tables. */
void bstc_emit_fields(struct bstc_out *out, const struct bstc_model *model);

/** Prints the prototypes of the functions that send to `actor`. */
void bstc_emit_send_prototypes(struct bstc_out *out,
                               const struct bstc_model *model,
                               const struct bstc_actor *actor);

/** Prints the prototypes of the functions that answer a sender. */
void bstc_emit_reply_prototypes(struct bstc_out *out,
                                const struct bstc_model *model,
                                const struct bstc_actor *actor);

/** Prints all functions that send. */
void bstc_emit_senders(struct bstc_out *out, const struct bstc_model *model);

/** Prints "bst_status f(struct counter *self, const struct add *m)" between
 * `before` and `after`. */
void bstc_emit_signature(struct bstc_out *out, const struct bstc_model *model,
                         const struct bstc_actor *actor,
                         const struct bstc_handler *handler, const char *before,
                         const char *after);

/** Returns whether the handler has the parameter `m` or `answer`. */
bool bstc_handler_has_body(const struct bstc_model *model,
                           const struct bstc_handler *handler);
bool bstc_handler_has_answer(const struct bstc_model *model,
                             const struct bstc_handler *handler);

/** Returns whether the actor has a complete C struct. */
bool bstc_actor_has_struct(const struct bstc_actor *actor);

/** A C source whose functions need no skeleton. */
struct bstc_defined {
    const char *text;
    size_t length;
};

/**
 * Prints skeletons of the functions that the user has to write, without
 * those that one of the `files` defines. main() is one of them unless
 * `has_main`.
 */
void bstc_emit_stubs(struct bstc_out *out, const struct bstc_model *model,
                     const struct bstc_defined *files, size_t nfiles,
                     bool has_main);

/** What a depfile says: `targets` are built from `sources`. */
struct bstc_deps {
    const char *const *targets; /* in the order in which they are printed */
    size_t ntargets;
    const char *const *sources; /* the root file first */
    size_t nsources;
    bool phony;      /* an empty rule for each source but the first, as -MP */
    bool raw_target; /* targets are printed as they are, as -MT does */
};

/** Prints a depfile for make and ninja. */
void bstc_emit_deps(struct bstc_out *out, const struct bstc_deps *deps);

#endif
