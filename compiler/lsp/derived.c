/*
 * The rules by which the emitters make names, read backwards. What begins
 * like such a name and goes on otherwise, as `counter_add` does, is a name
 * that the user has made.
 */

#include "lsp/derived.h"

#include <string.h>

#include "c_scan.h"
#include "lsp/atoms.h"

struct finder {
    const struct bstc_index *index;
    const struct bstc_symbol *symbol;
    const char *prefix; /* of the names in C that its file declares */
    bool is_group;      /* an actor that is a group of its own name */
    bstc_derived_fn *found;
    void *arg;
    struct bstc_span raw; /* the C that is being looked through */
    const char *text;     /* of it */
};

/* A word of C while parts are taken off its front. */
struct rest {
    const char *text;
    size_t length;
};

static bool take(struct rest *rest, const char *part)
{
    size_t length = strlen(part);

    if (rest->length < length || memcmp(rest->text, part, length) != 0)
        return false;
    rest->text += length;
    rest->length -= length;
    return true;
}

static bool is(struct rest rest, const char *text)
{
    return take(&rest, text) && rest.length == 0;
}

/* Takes `_tell_` and the like. */
static bool take_verb(struct rest *rest, bool *asks)
{
    *asks = take(rest, "_ask_");
    return *asks || take(rest, "_tell_") || take(rest, "_cast_") ||
           take(rest, "_reply_");
}

/* ---- what stands before a word ------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* Takes a text off the end of what is before `*at`; blanks do not count. */
static bool take_back(const struct finder *f, const char **at, const char *text)
{
    size_t length = strlen(text);
    const char *end = *at;

    while (end > f->text && (end[-1] == ' ' || end[-1] == '\t' ||
                             end[-1] == '\n' || end[-1] == '\r'))
        end--;
    if ((size_t)(end - f->text) < length ||
        memcmp(end - length, text, length) != 0)
        return false;
    if (is_word(*text) && end - length > f->text &&
        is_word(end[-1 - (int)length]))
        return false;
    *at = end - length;
    return true;
}

static bool follows_struct(const struct finder *f, const char *word)
{
    return take_back(f, &word, "struct");
}

/* `self->to.tally` */
static bool follows_to(const struct finder *f, const char *word)
{
    return take_back(f, &word, ".") && take_back(f, &word, "to");
}

/* ---- names --------------------------------------------------------------- */

/* Each of these returns where in the word the name begins, or NULL. */

static const char *in_name_of_actor(const struct finder *f, const char *word,
                                    size_t length)
{
    struct rest rest = {word, length};
    const char *at;
    bool asks;

    if (!take(&rest, f->prefix))
        return NULL;
    at = rest.text;
    if (!take(&rest, f->symbol->name))
        return NULL;
    if (follows_struct(f, word))
        return rest.length == 0 || is(rest, "_ref") || is(rest, "_args") ? at
                                                                         : NULL;
    return take_verb(&rest, &asks) || is(rest, "_is_group") ? at : NULL;
}

static const char *in_name_of_group(const struct finder *f, const char *word,
                                    size_t length)
{
    struct rest rest = {word, length};
    const char *at;

    if (follows_to(f, word))
        return is(rest, f->symbol->name) ? word : NULL;
    if (follows_struct(f, word) || !take(&rest, f->prefix))
        return NULL;
    at = rest.text;
    if (!take(&rest, f->symbol->name))
        return NULL;
    return is(rest, "_ref") || is(rest, "_spawn") || is(rest, "_spawn_outside")
               ? at
               : NULL;
}

/* `counter_tell_add`, `counter_ask_get_within`: any actor may come first. */
static const char *behind_actor(const struct finder *f, const char *word,
                                size_t length)
{
    for (uint32_t i = 0; i < f->index->nsymbols; i++) {
        const struct bstc_symbol *actor = &f->index->symbols[i];
        struct rest rest = {word, length};
        const char *at;
        bool asks;

        if (actor->kind != BSTC_SYMBOL_ACTOR ||
            !take(&rest, bstc_program_prefix(f->index->program, actor->span)) ||
            !take(&rest, actor->name) || !take_verb(&rest, &asks))
            continue;
        at = rest.text;
        if (take(&rest, f->symbol->name) &&
            (rest.length == 0 || (asks && is(rest, "_within"))))
            return at;
    }
    return NULL;
}

static const char *in_name_of_message(const struct finder *f, const char *word,
                                      size_t length)
{
    struct rest rest = {word, length};
    const char *at;

    if (take(&rest, f->prefix)) {
        at = rest.text;
        if (take(&rest, f->symbol->name) &&
            (follows_struct(f, word) ? rest.length == 0
                                     : take(&rest, "_take_")))
            return at;
    }
    return follows_struct(f, word) ? NULL : behind_actor(f, word, length);
}

static void look(void *arg, const char *word, size_t length)
{
    const struct finder *f = arg;
    const char *at = NULL;
    struct bstc_span span = f->raw;

    if (f->symbol->kind == BSTC_SYMBOL_MESSAGE)
        at = in_name_of_message(f, word, length);
    if (f->symbol->kind == BSTC_SYMBOL_ACTOR)
        at = in_name_of_actor(f, word, length);
    if (!at && (f->symbol->kind == BSTC_SYMBOL_GROUP || f->is_group))
        at = in_name_of_group(f, word, length);
    if (!at)
        return;
    span.start += (uint32_t)(at - f->text);
    span.end = span.start + (uint32_t)strlen(f->symbol->name);
    f->found(f->arg, span);
}

/* ---- the C of a unit ----------------------------------------------------- */

static void look_through(struct finder *f, const struct bstc_source *source)
{
    struct bstc_context scratch;
    struct bstc_atoms atoms;

    bstc_context_init(&scratch);
    bstc_atoms_init(&atoms, &scratch, source);
    for (uint32_t i = 0; i < atoms.count; i++) {
        const struct bstc_atom *atom = &atoms.items[i];

        if (atom->kind != BSTC_TOKEN_RAW)
            continue;
        f->raw = (struct bstc_span){source->index, atom->start, atom->end};
        f->text = source->text + atom->start;
        bstc_c_words(f->text, atom->end - atom->start, look, f);
    }
    bstc_context_fini(&scratch);
}

static bool has_group_of_its_name(const struct bstc_program *program,
                                  const char *name)
{
    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].ast->name.text == name)
            return true;
    }
    return false;
}

void bstc_derived_each(struct bstc_unit *unit, const struct bstc_symbol *symbol,
                       bstc_derived_fn *found, void *arg)
{
    struct bstc_program *program = &unit->program;
    struct finder f = {.index = bstc_unit_index(unit),
                       .symbol = symbol,
                       .prefix = bstc_program_prefix(program, symbol->span),
                       .is_group = symbol->kind == BSTC_SYMBOL_ACTOR &&
                                   has_group_of_its_name(program, symbol->name),
                       .found = found,
                       .arg = arg};

    if (symbol->kind != BSTC_SYMBOL_MESSAGE &&
        symbol->kind != BSTC_SYMBOL_ACTOR && symbol->kind != BSTC_SYMBOL_GROUP)
        return;
    for (uint32_t i = 0; i < program->norder; i++)
        look_through(&f, unit->context.sources.items[program->order[i]]);
}
