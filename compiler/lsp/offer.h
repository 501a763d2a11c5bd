#ifndef BSTC_LSP_OFFER_H
#define BSTC_LSP_OFFER_H

/*
 * What can be written at a place.
 *
 * Threads: any.
 */

#include "lsp/atoms.h"

/** Sorts of candidates. */
enum bstc_offer {
    BSTC_OFFER_NOTHING,
    BSTC_OFFER_STATEMENT,  /* what can begin in `block` */
    BSTC_OFFER_TYPE,       /* of a field */
    BSTC_OFFER_ACTOR,      /* after `children`, `ref` */
    BSTC_OFFER_GROUP,      /* after `spawns`, `~>`, `#` */
    BSTC_OFFER_MESSAGE,    /* any */
    BSTC_OFFER_EVENT,      /* after `on`: any message, or one of the runtime */
    BSTC_OFFER_HOOK,       /* after `on` in groups and supervisors */
    BSTC_OFFER_TARGET,     /* left of a dot */
    BSTC_OFFER_UNDERSTOOD, /* right of a dot: what `who` handles */
    BSTC_OFFER_FUNCTION,   /* behind an arrow */
    BSTC_OFFER_STRATEGY,
    BSTC_OFFER_NODE,
    BSTC_OFFER_GROUP_WORD, /* after `children x`: as, dynamic, at */
    BSTC_OFFER_USE,        /* in a handler: sends, asks, spawns, arrows */
    BSTC_OFFER_ON,         /* after `blocking` */
    BSTC_OFFER_MAX,        /* after `dynamic` */
    BSTC_OFFER_VALUE       /* of a setting */
};

/** A place in a file. */
struct bstc_place_context {
    enum bstc_offer offer;
    enum bstc_block block; /* around it */
    const char *actor;     /* around it, or NULL */
    uint32_t start;        /* of the word that is being written */
    uint32_t end;
    const struct bstc_atom *first; /* of the statement; NULL: it begins here */
    const struct bstc_atom *last;  /* before the word */
    const char *who;               /* UNDERSTOOD: left of the dot */
    bool asks;                     /* in an `asks` clause */
    bool casts;                    /* behind a `#` */
};

/** Finds out what can be written at `offset`. */
void bstc_place_context_init(struct bstc_place_context *place,
                             const struct bstc_atoms *atoms, uint32_t offset);

/** Returns where a setting of a block may stand, as enum bstc_where. */
unsigned bstc_block_where(enum bstc_block block);

#endif
