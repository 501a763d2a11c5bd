/* Tokens, the comments between them, and blocks. */

#include "lsp/atoms.h"

#include <string.h>

#include "lexer.h"

/* What is open while the atoms are made. */
struct cutter {
    struct bstc_atoms *atoms;
    struct bstc_arena *arena;
    enum bstc_block blocks[BSTC_MAX_NESTING + 1];
    uint32_t depth;
    uint32_t statement; /* index of its first atom */
    bool at_start;      /* the next token begins a statement */
    int first;          /* kind of the first token of the statement */
    const char *second; /* text of the second, while there are two */
    const char *actor;  /* around the next token */
};

static struct bstc_atom *add(struct cutter *c, int kind, uint32_t start,
                             uint32_t end)
{
    struct bstc_atoms *atoms = c->atoms;
    struct bstc_atom *atom;

    if (atoms->count == atoms->capacity) {
        uint32_t more = atoms->capacity ? atoms->capacity * 2 : 256;

        atoms->items = bstc_arena_grow(c->arena, atoms->items,
                                       atoms->count * sizeof *atoms->items,
                                       more * sizeof *atoms->items);
        atoms->capacity = more;
    }
    atom = &atoms->items[atoms->count++];
    atom->kind = kind;
    atom->start = start;
    atom->end = end;
    atom->block = c->blocks[c->depth];
    atom->statement = c->statement;
    atom->after = atom->block;
    atom->ends = c->at_start;
    atom->actor = c->actor;
    return atom;
}

/* ---- comments ------------------------------------------------------------ */

static uint32_t comment_end(const char *text, uint32_t at, uint32_t limit)
{
    bool is_line = text[at + 1] == '/';

    for (at += 2; at < limit; at++) {
        if (is_line ? text[at] == '\n' || text[at] == '\r'
                    : text[at] == '*' && at + 1 < limit && text[at + 1] == '/')
            return is_line ? at : at + 2;
    }
    return limit;
}

/* Between two tokens there are blanks, comments, and text that the scanner
 * has reported. */
static void add_comments(struct cutter *c, const char *text, uint32_t at,
                         uint32_t limit)
{
    while (at + 1 < limit) {
        if (text[at] == '/' && (text[at + 1] == '/' || text[at + 1] == '*')) {
            uint32_t end = comment_end(text, at, limit);

            add(c, BSTC_ATOM_COMMENT, at, end);
            at = end;
        } else {
            at++;
        }
    }
}

/* ---- blocks and statements ----------------------------------------------- */

/* Words that begin declarations of a file and nothing else. */
static bool begins_item(int kind)
{
    return kind == BSTC_TOKEN_USE || kind == BSTC_TOKEN_MESSAGE ||
           kind == BSTC_TOKEN_ACTOR || kind == BSTC_TOKEN_CLUSTER;
}

/* Words that begin statements and hardly go on with one. */
static bool begins_statement(int kind)
{
    switch (kind) {
    case BSTC_TOKEN_USE:
    case BSTC_TOKEN_MESSAGE:
    case BSTC_TOKEN_ACTOR:
    case BSTC_TOKEN_CLUSTER:
    case BSTC_TOKEN_SUPERVISOR:
    case BSTC_TOKEN_CHILDREN:
    case BSTC_TOKEN_STREAM:
    case BSTC_TOKEN_ON:
    case BSTC_TOKEN_STATE:
    case BSTC_TOKEN_EVERY:
    case BSTC_TOKEN_IDLE:
    case BSTC_TOKEN_BLOCKING:
    case BSTC_TOKEN_LISTEN:
    case BSTC_TOKEN_OUTSIDE:
    case BSTC_TOKEN_IMPORT:
        return true;
    default:
        return false;
    }
}

static enum bstc_block opened_by(enum bstc_block around, int first)
{
    switch (first) {
    case BSTC_TOKEN_MESSAGE:
        return BSTC_BLOCK_MESSAGE;
    case BSTC_TOKEN_ACTOR:
        return BSTC_BLOCK_ACTOR;
    case BSTC_TOKEN_SUPERVISOR:
        return BSTC_BLOCK_SUPERVISOR;
    case BSTC_TOKEN_CLUSTER:
        return BSTC_BLOCK_CLUSTER;
    case BSTC_TOKEN_CHILDREN:
    case BSTC_TOKEN_LISTEN:
        return BSTC_BLOCK_GROUP;
    case BSTC_TOKEN_STREAM:
        return BSTC_BLOCK_STREAM;
    case BSTC_TOKEN_STATE:
        return around == BSTC_BLOCK_ACTOR ? BSTC_BLOCK_STATE
                                          : BSTC_BLOCK_UNKNOWN;
    case BSTC_TOKEN_ARGS:
        return around == BSTC_BLOCK_ACTOR ? BSTC_BLOCK_ARGS
                                          : BSTC_BLOCK_UNKNOWN;
    default:
        return BSTC_BLOCK_UNKNOWN;
    }
}

/* In fields, the words of the language are names behind a type. */
static bool holds_fields(enum bstc_block block)
{
    return block == BSTC_BLOCK_MESSAGE || block == BSTC_BLOCK_STATE ||
           block == BSTC_BLOCK_ARGS;
}

/* Decides whether a token begins a statement, before it becomes an atom. */
static void begin(struct cutter *c, const struct bstc_token *token)
{
    bool cuts = token->starts_line && begins_statement(token->kind) &&
                !(holds_fields(c->blocks[c->depth]) && !c->at_start);

    if (!c->at_start && !cuts)
        return;
    if (token->starts_line && begins_item(token->kind)) {
        c->depth = 0;
        c->actor = NULL;
    }
    c->statement = c->atoms->count;
    c->second = NULL;
    c->first = token->kind;
    c->at_start = false;
}

/* Follows the blocks behind a token. */
static void follow(struct cutter *c, int kind)
{
    switch (kind) {
    case BSTC_TOKEN_LBRACE:
        if (c->depth < BSTC_MAX_NESTING) {
            enum bstc_block around = c->blocks[c->depth];

            c->blocks[++c->depth] = opened_by(around, c->first);
            if (c->first == BSTC_TOKEN_ACTOR)
                c->actor = c->second;
        }
        c->at_start = true;
        break;
    case BSTC_TOKEN_RBRACE:
        if (c->depth > 0)
            c->depth--;
        if (c->depth == 0)
            c->actor = NULL;
        c->at_start = true;
        break;
    case BSTC_TOKEN_SEMI:
    case BSTC_TOKEN_RAW:
        c->at_start = true;
        break;
    default:
        break;
    }
}

static bool is_word(int kind)
{
    return kind == BSTC_TOKEN_ID || kind == BSTC_TOKEN_STRATEGY ||
           (kind >= BSTC_TOKEN_USE && kind < BSTC_TOKEN_COUNT);
}

void bstc_atoms_init(struct bstc_atoms *atoms, struct bstc_context *context,
                     const struct bstc_source *source)
{
    struct bstc_lexer *lexer = BSTC_NEW(&context->arena, struct bstc_lexer);
    struct cutter *c = BSTC_NEW(&context->arena, struct cutter);
    struct bstc_token token;
    uint32_t at = 0;

    *atoms = (struct bstc_atoms){.text = source->text};
    c->atoms = atoms;
    c->arena = &context->arena;
    c->at_start = true;
    bstc_lexer_init(lexer, context, source);
    for (;;) {
        struct bstc_atom *atom;

        bstc_lexer_next(lexer, &token);
        add_comments(c, source->text, at, token.span.start);
        if (token.kind == BSTC_TOKEN_EOF)
            break;
        begin(c, &token);
        atom = add(c, token.kind, token.span.start, token.span.end);
        atom->text = is_word(token.kind) ? token.text : NULL;
        if (!c->second && c->statement + 1 < atoms->count)
            c->second = atom->text;
        at = token.span.end;
        follow(c, token.kind);
        atom->after = c->blocks[c->depth];
        atom->ends = c->at_start;
        atom->actor = c->actor;
    }
    atoms->end = lexer->stopped ? token.span.start : source->size;
}

/* ---- looking around ------------------------------------------------------ */

uint32_t bstc_atoms_before(const struct bstc_atoms *atoms, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = atoms->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (atoms->items[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct bstc_atom *bstc_atoms_word(const struct bstc_atoms *atoms,
                                        uint32_t offset)
{
    uint32_t before = bstc_atoms_before(atoms, offset);
    const struct bstc_atom *atom;

    if (before < atoms->count && atoms->items[before].start == offset &&
        atoms->items[before].text)
        return &atoms->items[before];
    if (before == 0)
        return NULL;
    atom = &atoms->items[before - 1];
    return atom->text && atom->end >= offset ? atom : NULL;
}

const struct bstc_atom *bstc_atoms_next(const struct bstc_atoms *atoms,
                                        const struct bstc_atom *atom)
{
    uint32_t statement = atom->statement;

    for (atom++; atom < atoms->items + atoms->count; atom++) {
        if (atom->kind != BSTC_ATOM_COMMENT)
            return atom->statement == statement ? atom : NULL;
    }
    return NULL;
}

const struct bstc_atom *bstc_atoms_previous(const struct bstc_atoms *atoms,
                                            const struct bstc_atom *atom)
{
    uint32_t statement = atom->statement;

    while (atom-- > atoms->items) {
        if (atom->kind != BSTC_ATOM_COMMENT)
            return atom->statement == statement ? atom : NULL;
    }
    return NULL;
}
