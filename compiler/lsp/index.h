#ifndef BSTC_LSP_INDEX_H
#define BSTC_LSP_INDEX_H

/*
 * What every name in the files of a program stands for.
 *
 * It is made of the syntax trees alone, so it also serves files that are
 * full of mistakes. A name that nobody declares is a symbol all the same,
 * without a declaration.
 *
 * A group without `as` has the name of its actor: both are one symbol, that
 * of the actor, so that renaming it renames whatever is spelt like it.
 *
 * Invariants: marks are sorted by file and start and do not overlap.
 *
 * Threads: as the arena.
 */

#include "ast.h"
#include "map.h"
#include "scope.h"

enum bstc_symbol_kind {
    BSTC_SYMBOL_MESSAGE,
    BSTC_SYMBOL_ACTOR,
    BSTC_SYMBOL_GROUP,
    BSTC_SYMBOL_SUPERVISOR,
    BSTC_SYMBOL_CLUSTER,
    BSTC_SYMBOL_NODE,
    BSTC_SYMBOL_FUNCTION, /* of the user, in C */
    BSTC_SYMBOL_FIELD,
    BSTC_SYMBOL_KINDS
};

/** A thing with a name. */
struct bstc_symbol {
    enum bstc_symbol_kind kind;
    const char *name;           /* interned */
    struct bstc_span name_span; /* where it is declared; else nowhere */
    struct bstc_span span;      /* of the whole declaration */
    const struct bstc_doc *doc;
    union {
        const struct bstc_ast_message *message;
        const struct bstc_ast_actor *actor;
        const struct bstc_ast_group *group;
        const struct bstc_ast_supervisor *supervisor;
        const struct bstc_ast_field *field;
        const struct bstc_ast_impl *impl; /* FUNCTION: the first use */
    };
    const struct bstc_ast_actor
        *owner; /* FUNCTION, FIELD: the actor, or NULL */
    const struct bstc_ast_handler *handler; /* FUNCTION: the first, or NULL */
};

/** A place where a name stands. */
struct bstc_mark {
    struct bstc_span span;
    uint32_t symbol;
    bool declares;
};

struct bstc_index {
    struct bstc_program *program;
    struct bstc_arena *arena;
    struct bstc_symbol *symbols;
    uint32_t nsymbols, symbol_capacity;
    struct bstc_mark *marks;
    uint32_t nmarks, mark_capacity;
    /* By name; what is a group by its actor's name is an actor here. */
    struct bstc_map names[BSTC_SYMBOL_KINDS];
};

/** Makes the index of a loaded program. */
void bstc_index_init(struct bstc_index *index, struct bstc_program *program);

/** Returns the mark that holds `offset`, or ends there, or NULL. */
const struct bstc_mark *bstc_index_at(const struct bstc_index *index,
                                      uint32_t file, uint32_t offset);

/** Returns the mark that begins exactly at `offset`, or NULL. */
const struct bstc_mark *bstc_index_starting(const struct bstc_index *index,
                                            uint32_t file, uint32_t offset);

/** Returns the symbol of a kind and name, or NULL. The name need not be
 * interned. */
const struct bstc_symbol *bstc_index_find(const struct bstc_index *index,
                                          enum bstc_symbol_kind kind,
                                          const char *name);

/** Returns the actor that is meant by a name left of a dot: that of a group,
 * or else itself; or NULL. */
const struct bstc_ast_actor *bstc_index_target(const struct bstc_index *index,
                                               const char *name);

/** Returns whether a symbol has a declaration. */
bool bstc_symbol_is_declared(const struct bstc_symbol *symbol);

/** Returns the text of a doc comment that was written at the declaration of
 * a symbol, or NULL. */
const char *bstc_symbol_doc(const struct bstc_symbol *symbol);

/** Returns what people call a kind: "message". */
const char *bstc_symbol_word(enum bstc_symbol_kind kind);

#endif
