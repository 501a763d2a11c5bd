#ifndef BSTC_LSP_ATOMS_H
#define BSTC_LSP_ATOMS_H

/*
 * A file as tokens and comments, and the blocks that they stand in.
 *
 * Blocks are followed without a parser, so that a file in which something is
 * being typed has them too: a word that can only begin a declaration of the
 * file ends whatever was open before it, and a word that begins a line and a
 * statement ends the statement before it.
 *
 * Threads: as the context.
 */

#include "context.h"
#include "token.h"

/** The kind of an atom that is no token. */
#define BSTC_ATOM_COMMENT BSTC_TOKEN_COUNT

enum bstc_block {
    BSTC_BLOCK_FILE,
    BSTC_BLOCK_MESSAGE,
    BSTC_BLOCK_ACTOR,
    BSTC_BLOCK_STATE,
    BSTC_BLOCK_ARGS,
    BSTC_BLOCK_SUPERVISOR,
    BSTC_BLOCK_GROUP, /* of children, or of a listener */
    BSTC_BLOCK_STREAM,
    BSTC_BLOCK_CLUSTER,
    BSTC_BLOCK_UNKNOWN
};

struct bstc_atom {
    int kind; /* of a token, or BSTC_ATOM_COMMENT */
    uint32_t start;
    uint32_t end;
    const char *text;      /* of words, interned; else NULL */
    enum bstc_block block; /* around it */
    uint32_t statement;    /* index of the first atom of its statement */
    /* Of the place behind it: */
    enum bstc_block after; /* the block */
    bool ends;             /* a new statement begins there */
    const char *actor;     /* the actor around, or NULL */
};

struct bstc_atoms {
    const char *text;        /* of the source */
    struct bstc_atom *items; /* in their order */
    uint32_t count;
    uint32_t capacity;
    uint32_t end; /* the text behind it makes no sense to the scanner */
};

/** Cuts a text into atoms. Mistakes go to the diagnostics of the context. */
void bstc_atoms_init(struct bstc_atoms *atoms, struct bstc_context *context,
                     const struct bstc_source *source);

/** Returns the number of atoms that begin before `offset`. */
uint32_t bstc_atoms_before(const struct bstc_atoms *atoms, uint32_t offset);

/** Returns the word that holds `offset` or ends there, or NULL. */
const struct bstc_atom *bstc_atoms_word(const struct bstc_atoms *atoms,
                                        uint32_t offset);

/** Returns the next atom of the same statement that is no comment, or NULL. */
const struct bstc_atom *bstc_atoms_next(const struct bstc_atoms *atoms,
                                        const struct bstc_atom *atom);

/** Returns the one before, or NULL. */
const struct bstc_atom *bstc_atoms_previous(const struct bstc_atoms *atoms,
                                            const struct bstc_atom *atom);

#endif
