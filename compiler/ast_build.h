#ifndef BSTC_AST_BUILD_H
#define BSTC_AST_BUILD_H

/*
 * Builders of the syntax tree: all that the actions of bst.y call.
 *
 * While a list grows, it is represented by its last node, whose `next` is
 * the first one; so appending takes no second pointer. The builder of the
 * node that owns the list opens the ring. NULL is the empty list, and a NULL
 * node (a statement that could not be understood) is not appended.
 *
 * Tokens are passed by pointer and are not kept.
 */

#include "ast.h"
#include "context.h"
#include "token.h"

/** What the actions know besides their operands. */
struct bstc_builder {
    struct bstc_context *context;
    struct bstc_ast_file *file;
    struct bstc_ast_item **tail; /* where the next item goes */
    struct bstc_span last;       /* the last token that was shifted */
};

/** The words of the type of a field, before they are judged. */
struct bstc_words {
    struct bstc_token token;
    struct bstc_words *next;
};

enum bstc_part_kind {
    BSTC_PART_STATE,
    BSTC_PART_ARGS,
    BSTC_PART_HANDLER,
    BSTC_PART_SETTING,
    BSTC_PART_HOOK,
    BSTC_PART_MEMBER,
    BSTC_PART_NODE
};

/** Something inside the braces of an actor, a tree or a cluster. */
struct bstc_part {
    enum bstc_part_kind kind;
    struct bstc_span span; /* of the word that begins a STATE or ARGS */
    union {
        struct bstc_ast_field *fields;
        struct bstc_ast_handler *handler;
        struct bstc_ast_setting *setting;
        struct bstc_ast_hook *hook;
        struct bstc_ast_member *member;
        struct bstc_ast_node *node;
    };
    struct bstc_part *next;
};

/** Where the parts of a block go; a NULL entry takes none of its kind. */
struct bstc_slots {
    struct bstc_ast_setting **settings;
    struct bstc_ast_hook **hooks;
    struct bstc_ast_member **members;
    struct bstc_ast_handler **handlers;
    struct bstc_ast_node **nodes;
};

/** Appends the parts of the ring `last`, each to the list of its kind. */
void bstc_distribute(struct bstc_part *last, struct bstc_slots to);

/** Reports a missing `;` behind `span`, with the insertion as its fix. */
void bstc_report_missing_semicolon(struct bstc_builder *b,
                                   struct bstc_span span);

/** Reports the types of `fields` that are written in C. */
void bstc_check_types(struct bstc_builder *b,
                      const struct bstc_ast_field *fields, bool in_message);

/* ---- lists --------------------------------------------------------------- */

struct bstc_ast_field *bstc_append_field(struct bstc_ast_field *last,
                                         struct bstc_ast_field *node);
struct bstc_ast_use *bstc_append_use(struct bstc_ast_use *last,
                                     struct bstc_ast_use *node);
struct bstc_ast_target *bstc_append_target(struct bstc_ast_target *last,
                                           struct bstc_ast_target *node);
struct bstc_ast_value *bstc_append_value(struct bstc_ast_value *last,
                                         struct bstc_ast_value *node);
struct bstc_ast_ident *bstc_append_ident(struct bstc_builder *b,
                                         struct bstc_ast_ident *last,
                                         const struct bstc_token *name);
struct bstc_part *bstc_append_part(struct bstc_part *last,
                                   struct bstc_part *node);
struct bstc_words *bstc_append_word(struct bstc_builder *b,
                                    struct bstc_words *last,
                                    const struct bstc_token *word);

/* ---- items --------------------------------------------------------------- */

/** Adds an item to the file; NULL is ignored. */
void bstc_build_item(struct bstc_builder *b, struct bstc_ast_item *item);

struct bstc_ast_item *bstc_build_include(struct bstc_builder *b,
                                         const struct bstc_token *use,
                                         const struct bstc_token *name);
struct bstc_ast_item *bstc_build_import(struct bstc_builder *b,
                                        const struct bstc_token *import,
                                        const struct bstc_token *name);
struct bstc_ast_item *bstc_build_raw_item(struct bstc_builder *b,
                                          const struct bstc_token *c,
                                          const struct bstc_token *raw);
/** `answer` is NULL or the name behind `=!>`. */
struct bstc_ast_item *bstc_build_message(struct bstc_builder *b,
                                         const struct bstc_token *message,
                                         const struct bstc_token *name,
                                         const struct bstc_ast_name *answer,
                                         struct bstc_ast_field *fields);
struct bstc_ast_item *bstc_build_actor(struct bstc_builder *b,
                                       const struct bstc_token *actor,
                                       const struct bstc_token *name,
                                       struct bstc_part *parts);
struct bstc_ast_item *bstc_build_cluster(struct bstc_builder *b,
                                         const struct bstc_token *cluster,
                                         const struct bstc_token *name,
                                         struct bstc_part *parts);
struct bstc_ast_item *bstc_build_outside(struct bstc_builder *b,
                                         const struct bstc_token *outside,
                                         struct bstc_ast_use *uses);
struct bstc_ast_item *
bstc_build_supervisor_item(struct bstc_builder *b,
                           struct bstc_ast_member *member);
struct bstc_ast_item *bstc_build_setting_item(struct bstc_builder *b,
                                              struct bstc_part *part);

/* ---- fields -------------------------------------------------------------- */

/**
 * A field whose type is plain words. Without `name` the last word is it; more
 * than one word before it is a mistake.
 */
struct bstc_ast_field *bstc_build_worded(struct bstc_builder *b,
                                         struct bstc_words *words,
                                         const struct bstc_token *star,
                                         const struct bstc_token *name);
/** `tag` is `struct`, `union`, `enum` or `ref`. */
struct bstc_ast_field *bstc_build_tagged(struct bstc_builder *b,
                                         const struct bstc_token *tag,
                                         const struct bstc_token *type,
                                         const struct bstc_token *star,
                                         const struct bstc_token *name);
/** Sets the size of `field`; returns it. */
struct bstc_ast_field *bstc_build_array(struct bstc_builder *b,
                                        struct bstc_ast_field *field,
                                        const struct bstc_token *size);
struct bstc_ast_field *bstc_build_init(struct bstc_ast_field *field,
                                       struct bstc_ast_value *init);
struct bstc_ast_field *bstc_build_keep(struct bstc_ast_field *field,
                                       const struct bstc_token *word);

/* ---- inside actors ------------------------------------------------------- */

/** `word` is `state` or `args`. */
struct bstc_part *bstc_build_fields(struct bstc_builder *b,
                                    const struct bstc_token *word,
                                    struct bstc_ast_field *fields);
/** Begins a handler with its head: `on m`, `on #m`, `on _`. */
struct bstc_ast_handler *bstc_build_on(struct bstc_builder *b,
                                       const struct bstc_token *on,
                                       const struct bstc_token *hash,
                                       const struct bstc_token *name);
/** `every`, `idle`; for `run` there is no period. */
struct bstc_ast_handler *bstc_build_timer(struct bstc_builder *b,
                                          const struct bstc_token *word,
                                          const struct bstc_token *period);
struct bstc_ast_handler *bstc_build_blocking(struct bstc_ast_handler *handler,
                                             const struct bstc_token *word);
struct bstc_ast_handler *bstc_build_emits(struct bstc_ast_handler *handler,
                                          const struct bstc_token *message);
struct bstc_part *bstc_build_handler(struct bstc_builder *b,
                                     struct bstc_ast_handler *handler,
                                     struct bstc_ast_use *uses,
                                     const struct bstc_ast_impl *impl);
struct bstc_ast_impl *bstc_build_impl(struct bstc_builder *b,
                                      const struct bstc_token *arrow,
                                      const struct bstc_token *what);
/** `within` is NULL or a duration. */
struct bstc_ast_use *bstc_build_use(struct bstc_builder *b,
                                    const struct bstc_token *word,
                                    struct bstc_ast_target *targets,
                                    const struct bstc_ast_value *within);
struct bstc_ast_use *bstc_build_spawns(struct bstc_builder *b,
                                       const struct bstc_token *word,
                                       struct bstc_ast_ident *names);
struct bstc_ast_target *bstc_build_target(struct bstc_builder *b,
                                          const struct bstc_token *hash,
                                          const struct bstc_token *who,
                                          const struct bstc_token *what);

/* ---- trees --------------------------------------------------------------- */

struct bstc_part *bstc_build_member(struct bstc_builder *b,
                                    struct bstc_ast_member *member);
struct bstc_ast_member *bstc_build_supervisor(
    struct bstc_builder *b, const struct bstc_token *supervisor,
    const struct bstc_token *name, const struct bstc_ast_name *strategy,
    struct bstc_part *parts);
struct bstc_ast_member *bstc_build_group(struct bstc_builder *b,
                                         const struct bstc_token *children,
                                         const struct bstc_token *actor,
                                         const struct bstc_ast_name *alias,
                                         struct bstc_ast_group *extras,
                                         struct bstc_part *parts);
/** What stands between the name and the settings of a group. */
struct bstc_ast_group *bstc_build_extras(struct bstc_builder *b,
                                         const struct bstc_token *dynamic,
                                         const struct bstc_token *word,
                                         const struct bstc_token *max,
                                         struct bstc_ast_ident *at);
struct bstc_ast_member *bstc_build_listen(struct bstc_builder *b,
                                          const struct bstc_token *listen,
                                          const struct bstc_token *address,
                                          const struct bstc_token *target,
                                          struct bstc_part *parts);
struct bstc_ast_member *bstc_build_stream(struct bstc_builder *b,
                                          const struct bstc_token *stream,
                                          struct bstc_ast_ident *stages,
                                          struct bstc_part *parts);
struct bstc_part *bstc_build_hook(struct bstc_builder *b,
                                  const struct bstc_token *on,
                                  const struct bstc_token *event,
                                  const struct bstc_ast_impl *impl);
struct bstc_part *bstc_build_node(struct bstc_builder *b,
                                  const struct bstc_token *node,
                                  const struct bstc_token *name,
                                  const struct bstc_token *address);

/* ---- settings and values ------------------------------------------------- */

struct bstc_part *bstc_build_setting(struct bstc_builder *b,
                                     const struct bstc_token *name,
                                     struct bstc_ast_value *args);
struct bstc_ast_value *bstc_build_value(struct bstc_builder *b,
                                        const struct bstc_token *minus,
                                        const struct bstc_token *token);
struct bstc_ast_name *bstc_build_name(struct bstc_builder *b,
                                      const struct bstc_token *token);

#endif
