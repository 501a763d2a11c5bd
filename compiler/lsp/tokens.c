/*
 * Semantic tokens: five numbers for each, relative to the one before.
 *
 * The numbers are written as text, since a large file has a hundred thousand
 * of them.
 */

#include "lsp/tokens.h"

#include <stdio.h>
#include <string.h>

#include "attrs.h"
#include "emit_out.h"
#include "fields.h"
#include "lsp/features.h"
#include "lsp/atoms.h"
#include "lsp/words.h"

enum type {
    TYPE_KEYWORD,
    TYPE_STRUCT,    /* a message */
    TYPE_CLASS,     /* an actor */
    TYPE_VARIABLE,  /* a group */
    TYPE_NAMESPACE, /* a supervisor, a cluster, a node */
    TYPE_FUNCTION,
    TYPE_PROPERTY, /* a field */
    TYPE_TYPE,
    TYPE_EVENT,     /* a message of the language itself */
    TYPE_DECORATOR, /* the name of a setting */
    TYPE_ENUM_MEMBER,
    TYPE_NUMBER,
    TYPE_STRING,
    TYPE_COMMENT,
    TYPE_OPERATOR,
    TYPE_NONE
};

const char *const bstc_token_types[] = {
    "keyword",  "struct",  "class",    "variable",  "namespace",  "function",
    "property", "type",    "event",    "decorator", "enumMember", "number",
    "string",   "comment", "operator", NULL};

enum { DECLARATION = 1, DOCUMENTATION = 2, LIBRARY = 4 };

const char *const bstc_token_modifiers[] = {"declaration", "documentation",
                                            "defaultLibrary", NULL};

/* Where the next token is relative to. */
struct writer {
    const struct bstc_view *view;
    struct bstc_out out;
    struct bstc_lsp_position last;
    bool has_any;
};

/* ---- what a atom is ----------------------------------------------------- */

static enum type type_of_symbol(enum bstc_symbol_kind kind)
{
    static const enum type types[BSTC_SYMBOL_KINDS] = {
        [BSTC_SYMBOL_MESSAGE] = TYPE_STRUCT,
        [BSTC_SYMBOL_ACTOR] = TYPE_CLASS,
        [BSTC_SYMBOL_GROUP] = TYPE_VARIABLE,
        [BSTC_SYMBOL_SUPERVISOR] = TYPE_NAMESPACE,
        [BSTC_SYMBOL_CLUSTER] = TYPE_NAMESPACE,
        [BSTC_SYMBOL_NODE] = TYPE_NAMESPACE,
        [BSTC_SYMBOL_FUNCTION] = TYPE_FUNCTION,
        [BSTC_SYMBOL_FIELD] = TYPE_PROPERTY,
    };

    return types[kind];
}

static bool holds_settings(enum bstc_block block)
{
    return block != BSTC_BLOCK_MESSAGE && block != BSTC_BLOCK_STATE &&
           block != BSTC_BLOCK_ARGS && block != BSTC_BLOCK_UNKNOWN;
}

static bool is_setting(const struct bstc_atoms *atoms,
                       const struct bstc_atom *first)
{
    return first->text && holds_settings(first->block) &&
           bstc_word_setting(first->text, ~0u) &&
           bstc_atoms_previous(atoms, first) == NULL;
}

/* A name that the index does not know. */
static enum type type_of_word(const struct bstc_atoms *atoms,
                              const struct bstc_atom *atom, unsigned *modifiers)
{
    const struct bstc_atom *first = &atoms->items[atom->statement];
    const struct bstc_atom *previous = bstc_atoms_previous(atoms, atom);

    if (is_setting(atoms, first))
        return atom == first ? TYPE_DECORATOR : TYPE_ENUM_MEMBER;
    if (atom->kind == BSTC_TOKEN_STRATEGY ||
        (previous && previous->kind == BSTC_TOKEN_COLON))
        return TYPE_ENUM_MEMBER;
    if (strcmp(atom->text, "self") == 0 || strcmp(atom->text, "sender") == 0)
        return TYPE_KEYWORD;
    *modifiers = LIBRARY;
    if (previous && previous->kind == BSTC_TOKEN_ON)
        return TYPE_EVENT;
    if (bstc_type_find(atom->text))
        return TYPE_TYPE;
    *modifiers = 0;
    if (first->block == BSTC_BLOCK_MESSAGE ||
        first->block == BSTC_BLOCK_STATE || first->block == BSTC_BLOCK_ARGS)
        return TYPE_TYPE;
    return TYPE_NONE;
}

static enum type type_of_token(int kind)
{
    switch (kind) {
    case BSTC_TOKEN_INT:
    case BSTC_TOKEN_SIZE:
    case BSTC_TOKEN_DURATION:
    case BSTC_TOKEN_PERCENT:
    case BSTC_TOKEN_RANGE:
    case BSTC_TOKEN_FLOAT:
        return TYPE_NUMBER;
    case BSTC_TOKEN_STRING:
    case BSTC_TOKEN_ANGLE:
        return TYPE_STRING;
    case BSTC_TOKEN_ARROW:
    case BSTC_TOKEN_ASKARROW:
    case BSTC_TOKEN_TILDEARROW:
    case BSTC_TOKEN_HASH:
    case BSTC_TOKEN_STAR:
    case BSTC_TOKEN_EQ:
    case BSTC_TOKEN_MINUS:
    case BSTC_TOKEN_LT:
    case BSTC_TOKEN_GT:
    case BSTC_TOKEN_UNDERSCORE:
        return TYPE_OPERATOR;
    default:
        return kind >= BSTC_TOKEN_USE ? TYPE_KEYWORD : TYPE_NONE;
    }
}

static enum type type_of(const struct bstc_view *view,
                         const struct bstc_atoms *atoms,
                         const struct bstc_atom *atom, unsigned *modifiers)
{
    const struct bstc_mark *mark;

    *modifiers = 0;
    if (atom->kind == BSTC_ATOM_COMMENT) {
        const char *text = view->source->text + atom->start;

        if (strncmp(text, "///", 3) == 0 && text[3] != '/')
            *modifiers = DOCUMENTATION;
        return TYPE_COMMENT;
    }
    mark = atom->text
               ? bstc_index_starting(view->index, view->file, atom->start)
               : NULL;
    if (mark) {
        *modifiers = mark->declares ? DECLARATION : 0;
        return type_of_symbol(view->index->symbols[mark->symbol].kind);
    }
    if (atom->text &&
        (atom->kind == BSTC_TOKEN_ID || atom->kind == BSTC_TOKEN_STRATEGY ||
         is_setting(atoms, &atoms->items[atom->statement])))
        return type_of_word(atoms, atom, modifiers);
    return type_of_token(atom->kind);
}

/* ---- numbers ------------------------------------------------------------- */

static void write_one(struct writer *w, uint32_t start, uint32_t end,
                      enum type type, unsigned modifiers)
{
    const struct bstc_source *source = w->view->source;
    enum bstc_units units = w->view->space->encoding;
    struct bstc_lsp_position at = bstc_lsp_position(source, start, units);
    uint32_t lines = at.line - w->last.line;
    uint32_t length =
        source->has_high_bytes
            ? bstc_lsp_length(source->text + start, end - start, units)
            : end - start;

    if (length == 0)
        return;
    bstc_out_format(&w->out, "%s%u,%u,%u,%u,%u", w->has_any ? "," : "", lines,
                    at.character - (lines ? 0 : w->last.character), length,
                    (unsigned)type, modifiers);
    w->last = at;
    w->has_any = true;
}

/* A token stays on its line; a comment of several lines is several tokens. */
static void write_lines(struct writer *w, const struct bstc_atom *atom,
                        enum type type, unsigned modifiers)
{
    const char *text = w->view->source->text;
    uint32_t at = atom->start;

    while (at < atom->end) {
        uint32_t end = at;

        while (end < atom->end && text[end] != '\n' && text[end] != '\r')
            end++;
        write_one(w, at, end, type, modifiers);
        at = end;
        while (at < atom->end && (text[at] == '\n' || text[at] == '\r'))
            at++;
    }
}

cJSON *bstc_lsp_tokens(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    struct writer w = {.view = view};
    cJSON *result = cJSON_CreateObject();
    struct bstc_context scratch;
    struct bstc_atoms atoms;

    bstc_context_init(&scratch);
    bstc_atoms_init(&atoms, &scratch, view->source);
    bstc_out_init(&w.out, &scratch.arena);
    bstc_out_text(&w.out, "[");
    for (uint32_t i = 0; i < atoms.count; i++) {
        unsigned modifiers;
        enum type type = type_of(view, &atoms, &atoms.items[i], &modifiers);

        if (type != TYPE_NONE)
            write_lines(&w, &atoms.items[i], type, modifiers);
    }
    bstc_out_text(&w.out, "]");
    cJSON_AddItemToObject(result, "data",
                          cJSON_CreateRaw(bstc_out_join(&w.out)));
    bstc_context_fini(&scratch);
    return result;
}
