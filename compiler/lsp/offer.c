/* From the atoms before a place to what can follow them. */

#include "lsp/offer.h"

#include <string.h>

#include "attrs.h"
#include "lsp/words.h"

unsigned bstc_block_where(enum bstc_block block)
{
    switch (block) {
    case BSTC_BLOCK_FILE:
        return BSTC_IN_FILE;
    case BSTC_BLOCK_SUPERVISOR:
        return BSTC_IN_SUPERVISOR;
    case BSTC_BLOCK_GROUP:
        return BSTC_IN_GROUP;
    case BSTC_BLOCK_ACTOR:
        return BSTC_IN_ACTOR;
    case BSTC_BLOCK_STREAM:
        return BSTC_IN_STREAM;
    case BSTC_BLOCK_CLUSTER:
        return BSTC_IN_CLUSTER;
    case BSTC_BLOCK_MESSAGE:
    case BSTC_BLOCK_STATE:
    case BSTC_BLOCK_ARGS:
    case BSTC_BLOCK_UNKNOWN:
        break;
    }
    return 0;
}

/* ---- within a statement -------------------------------------------------- */

static bool is_field_block(enum bstc_block block)
{
    return block == BSTC_BLOCK_MESSAGE || block == BSTC_BLOCK_STATE ||
           block == BSTC_BLOCK_ARGS;
}

static enum bstc_offer in_field(int last)
{
    switch (last) {
    case BSTC_TOKEN_REF:
        return BSTC_OFFER_ACTOR;
    case BSTC_TOKEN_KEEP:
    case BSTC_TOKEN_PERSIST:
        return BSTC_OFFER_TYPE;
    default:
        return BSTC_OFFER_NOTHING;
    }
}

/* Returns the word that began the clause of the last atom: `sends`, `asks`,
 * `spawns`, or whatever else a handler has. */
static int clause_of(const struct bstc_atoms *atoms,
                     const struct bstc_atom *last)
{
    const struct bstc_atom *atom = last;

    for (; atom; atom = bstc_atoms_previous(atoms, atom)) {
        switch (atom->kind) {
        case BSTC_TOKEN_SENDS:
        case BSTC_TOKEN_ASKS:
        case BSTC_TOKEN_SPAWNS:
        case BSTC_TOKEN_WITHIN:
        case BSTC_TOKEN_ON:
        case BSTC_TOKEN_EVERY:
        case BSTC_TOKEN_IDLE:
        case BSTC_TOKEN_RUN:
        case BSTC_TOKEN_OUTSIDE:
            return atom->kind;
        default:
            break;
        }
    }
    return BSTC_TOKEN_EOF;
}

static enum bstc_offer after_on(const struct bstc_place_context *place)
{
    return place->block == BSTC_BLOCK_ACTOR ? BSTC_OFFER_EVENT
                                            : BSTC_OFFER_HOOK;
}

/* Behind `sends`, `asks`, a comma or a `#`. */
static enum bstc_offer in_list(int clause)
{
    switch (clause) {
    case BSTC_TOKEN_SENDS:
    case BSTC_TOKEN_ASKS:
        return BSTC_OFFER_TARGET;
    case BSTC_TOKEN_SPAWNS:
        return BSTC_OFFER_GROUP;
    case BSTC_TOKEN_ON:
        return BSTC_OFFER_MESSAGE;
    default:
        return BSTC_OFFER_NOTHING;
    }
}

static enum bstc_offer behind_dot(struct bstc_place_context *place,
                                  const struct bstc_atoms *atoms)
{
    const struct bstc_atom *who = bstc_atoms_previous(atoms, place->last);
    const struct bstc_atom *before =
        who ? bstc_atoms_previous(atoms, who) : NULL;

    if (!who || !who->text)
        return BSTC_OFFER_NOTHING;
    place->who = who->text;
    place->casts = before && before->kind == BSTC_TOKEN_HASH;
    return BSTC_OFFER_UNDERSTOOD;
}

static enum bstc_offer in_handler(struct bstc_place_context *place,
                                  const struct bstc_atoms *atoms)
{
    int clause = clause_of(atoms, place->last);

    place->asks = clause == BSTC_TOKEN_ASKS;
    switch (place->last->kind) {
    case BSTC_TOKEN_BLOCKING:
        return BSTC_OFFER_ON;
    case BSTC_TOKEN_ON:
        return after_on(place);
    case BSTC_TOKEN_DOT:
        return behind_dot(place, atoms);
    case BSTC_TOKEN_HASH:
        place->casts = true;
        return clause == BSTC_TOKEN_SENDS ? BSTC_OFFER_GROUP : in_list(clause);
    case BSTC_TOKEN_SENDS:
    case BSTC_TOKEN_ASKS:
    case BSTC_TOKEN_SPAWNS:
    case BSTC_TOKEN_COMMA:
        return in_list(clause);
    case BSTC_TOKEN_TILDEARROW:
        return BSTC_OFFER_MESSAGE;
    case BSTC_TOKEN_ARROW:
    case BSTC_TOKEN_ASKARROW:
        return BSTC_OFFER_FUNCTION;
    case BSTC_TOKEN_WITHIN:
    case BSTC_TOKEN_EVERY:
    case BSTC_TOKEN_IDLE:
        return BSTC_OFFER_NOTHING;
    default:
        return BSTC_OFFER_USE;
    }
}

static enum bstc_offer in_children(int last)
{
    switch (last) {
    case BSTC_TOKEN_CHILDREN:
        return BSTC_OFFER_ACTOR;
    case BSTC_TOKEN_AT:
    case BSTC_TOKEN_COMMA:
        return BSTC_OFFER_NODE;
    case BSTC_TOKEN_DYNAMIC:
        return BSTC_OFFER_MAX;
    case BSTC_TOKEN_AS:
        return BSTC_OFFER_NOTHING;
    default:
        return BSTC_OFFER_GROUP_WORD;
    }
}

static bool is_setting(const struct bstc_atom *first)
{
    return first->text &&
           bstc_word_setting(first->text, bstc_block_where(first->block));
}

static enum bstc_offer in_statement(struct bstc_place_context *place,
                                    const struct bstc_atoms *atoms)
{
    int last = place->last->kind;

    if (is_field_block(place->block))
        return in_field(last);
    switch (place->first->kind) {
    case BSTC_TOKEN_ON:
    case BSTC_TOKEN_EVERY:
    case BSTC_TOKEN_IDLE:
    case BSTC_TOKEN_RUN:
    case BSTC_TOKEN_BLOCKING:
    case BSTC_TOKEN_OUTSIDE:
        return in_handler(place, atoms);
    case BSTC_TOKEN_MESSAGE:
        return last == BSTC_TOKEN_ASKARROW ? BSTC_OFFER_MESSAGE
                                           : BSTC_OFFER_NOTHING;
    case BSTC_TOKEN_SUPERVISOR:
        return last == BSTC_TOKEN_COLON ? BSTC_OFFER_STRATEGY
                                        : BSTC_OFFER_NOTHING;
    case BSTC_TOKEN_CHILDREN:
        return in_children(last);
    case BSTC_TOKEN_LISTEN:
        return last == BSTC_TOKEN_ARROW ? BSTC_OFFER_GROUP : BSTC_OFFER_NOTHING;
    case BSTC_TOKEN_STREAM:
        return last == BSTC_TOKEN_STREAM || last == BSTC_TOKEN_TILDEARROW
                   ? BSTC_OFFER_GROUP
                   : BSTC_OFFER_NOTHING;
    default:
        return is_setting(place->first) ? BSTC_OFFER_VALUE : BSTC_OFFER_NOTHING;
    }
}

/* ---- the place ----------------------------------------------------------- */

/* Returns whether `offset` lies within something that is text to us. */
static bool is_inside(const struct bstc_atom *atom,
                      const struct bstc_atoms *all, uint32_t offset)
{
    switch (atom->kind) {
    case BSTC_TOKEN_RAW:
    case BSTC_TOKEN_STRING:
    case BSTC_TOKEN_ANGLE:
        return offset < atom->end;
    case BSTC_ATOM_COMMENT:
        return offset < atom->end || all->text[atom->start + 1] == '/';
    default:
        return false;
    }
}

void bstc_place_context_init(struct bstc_place_context *place,
                             const struct bstc_atoms *atoms, uint32_t offset)
{
    uint32_t before = bstc_atoms_before(atoms, offset);
    const struct bstc_atom *atom = before ? &atoms->items[before - 1] : NULL;
    const struct bstc_atom *word = NULL; /* that is being written */

    *place = (struct bstc_place_context){.start = offset, .end = offset};
    if (offset > atoms->end ||
        (atom && offset <= atom->end && is_inside(atom, atoms, offset)))
        return;
    if (atom && atom->text && offset <= atom->end) {
        word = atom;
        place->start = atom->start;
        place->end = atom->end;
        atom = atom > atoms->items ? atom - 1 : NULL;
    }
    while (atom && atom->kind == BSTC_ATOM_COMMENT)
        atom = atom > atoms->items ? atom - 1 : NULL;
    place->last = atom;
    place->actor = atom ? atom->actor : NULL;
    place->block = atom ? atom->after : BSTC_BLOCK_FILE;
    place->offer = BSTC_OFFER_STATEMENT;
    if (word && &atoms->items[word->statement] == word) {
        place->block = word->block;
    } else if (atom && !atom->ends) {
        place->first = &atoms->items[atom->statement];
        place->block = place->first->block;
        place->offer = in_statement(place, atoms);
    }
    if (place->offer == BSTC_OFFER_STATEMENT && is_field_block(place->block))
        place->offer = BSTC_OFFER_TYPE;
}
