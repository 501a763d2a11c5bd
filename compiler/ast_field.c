/*
 * Builders of fields.
 *
 * The type of a field is one word of the language, a typedef name, or a tag.
 * People write C types there; these are understood, reported with the word
 * that is meant, and replaced by it.
 */

#include <string.h>

#include "ast_build.h"
#include "ast_list.h"

/* Longer types are not repeated in a message. */
enum { LONGEST_QUOTED = 40 };

#define NEW(b, type) BSTC_NEW(&(b)->context->arena, type)

struct bstc_ast_field *bstc_append_field(struct bstc_ast_field *last,
                                         struct bstc_ast_field *node)
{
    BSTC_RING_APPEND(last, node);
}

struct bstc_words *bstc_append_word(struct bstc_builder *b,
                                    struct bstc_words *last,
                                    const struct bstc_token *word)
{
    struct bstc_words *node = NEW(b, struct bstc_words);

    node->token = *word;
    BSTC_RING_APPEND(last, node);
}

/* ---- C types ------------------------------------------------------------- */

/* How often each word of a C type occurs. */
struct c_words {
    unsigned is_const, is_unsigned, is_signed, is_char, is_short, is_int;
    unsigned is_long, is_float, is_double, is_bool, is_void, other;
};

static unsigned *counter_of(struct c_words *words, const char *text)
{
    const struct {
        const char *text;
        unsigned *counter;
    } table[] = {
        {"const", &words->is_const},   {"unsigned", &words->is_unsigned},
        {"signed", &words->is_signed}, {"char", &words->is_char},
        {"short", &words->is_short},   {"int", &words->is_int},
        {"long", &words->is_long},     {"float", &words->is_float},
        {"double", &words->is_double}, {"_Bool", &words->is_bool},
        {"void", &words->is_void},
    };
    size_t i;

    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].text, text) == 0)
            return table[i].counter;
    }
    return &words->other;
}

/* Returns the word of the language for a C type, or NULL if there is none. */
static const char *meant_by(const struct c_words *words)
{
    if (words->other || words->is_void)
        return NULL;
    if (words->is_bool)
        return "bool";
    if (words->is_float || words->is_double)
        return words->is_float ? "f32" : "f64";
    if (words->is_char)
        return words->is_unsigned ? "u8" : "i8";
    if (words->is_short)
        return words->is_unsigned ? "u16" : "i16";
    if (words->is_long)
        return words->is_unsigned ? "u64" : "i64";
    if (words->is_unsigned)
        return "u32";
    return words->is_int || words->is_signed ? "i32" : NULL;
}

/* Words of C types that stdint.h or stddef.h define. */
static const char *meant_by_typedef(const char *text)
{
    static const char *const table[][2] = {
        {"int8_t", "i8"},    {"int16_t", "i16"},  {"int32_t", "i32"},
        {"int64_t", "i64"},  {"uint8_t", "u8"},   {"uint16_t", "u16"},
        {"uint32_t", "u32"}, {"uint64_t", "u64"},
    };
    size_t i;

    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i][0], text) == 0)
            return table[i][1];
    }
    return NULL;
}

/* Returns the span of all words of a type, and counts them. */
static struct bstc_span count_words(const struct bstc_words *first,
                                    struct c_words *counts, unsigned *total)
{
    struct bstc_span span = first->token.span;

    *total = 0;
    for (; first; first = first->next) {
        ++*counter_of(counts, first->token.text);
        span = bstc_span_join(span, first->token.span);
        ++*total;
    }
    return span;
}

static struct bstc_ast_type type_of_words(struct bstc_builder *b,
                                          const struct bstc_words *words,
                                          const struct bstc_token *star)
{
    struct bstc_ast_type type = {.kind = BSTC_AST_TYPE_NAME};
    struct c_words counts = {0};
    const struct bstc_words *last = words;
    const char *meant;
    unsigned total;

    while (last->next)
        last = last->next;
    type.name.text = last->token.text;
    type.name.span = last->token.span;
    type.span = count_words(words, &counts, &total);
    type.pointer = star != NULL;
    meant = meant_by(&counts);
    if (total == 1 && !meant)
        meant = meant_by_typedef(type.name.text);
    /* A pointer to one word is C in any case, and stands for itself. */
    if (total > 1 || (meant && !star)) {
        type.is_c = true;
        type.meant = meant;
        if (meant)
            type.name.text = bstc_intern_text(&b->context->names, meant);
        type.name.span = type.span;
    }
    if (star)
        type.span = bstc_span_join(type.span, star->span);
    return type;
}

/* Reports one type that is written in C. */
static void report_c_type(struct bstc_builder *b,
                          const struct bstc_ast_field *field, bool in_message)
{
    struct bstc_diags *diags = &b->context->diags;
    const struct bstc_ast_type *type = &field->type;
    const char *text = b->file->source->text + type->span.start;
    size_t length = type->span.end - type->span.start;
    bool is_text =
        type->pointer && type->meant && strcmp(type->meant, "i8") == 0;
    struct bstc_diag *diag;

    if (length <= LONGEST_QUOTED && !memchr(text, '\n', length) &&
        !memchr(text, '\r', length))
        diag = bstc_error(diags, "E0110", type->span,
                          "`%.*s` is not a type of .bst", (int)length, text);
    else
        diag = bstc_error(diags, "E0110", type->span,
                          "these words are not a type of .bst");

    if (is_text && in_message) {
        bstc_diag_fix(diags, diag, type->span, "text",
                      "text in a message has the type `text`");
    } else if (is_text) {
        bstc_diag_fix(diags, diag, type->span, "char *",
                      "a pointer is written without `const`");
    } else if (!type->pointer && type->meant) {
        bstc_diag_fix(diags, diag, type->span, type->meant,
                      "the type is called `%s`", type->meant);
    } else {
        bstc_diag_help(diags, diag,
                       "a type is one word; give it a name with typedef");
    }
}

void bstc_check_types(struct bstc_builder *b,
                      const struct bstc_ast_field *fields, bool in_message)
{
    for (; fields; fields = fields->next) {
        if (fields->type.is_c)
            report_c_type(b, fields, in_message);
    }
}

/* ---- fields -------------------------------------------------------------- */

static struct bstc_ast_field *new_field(struct bstc_builder *b,
                                        const struct bstc_ast_type *type,
                                        const struct bstc_token *name,
                                        const struct bstc_doc *doc)
{
    struct bstc_ast_field *field = NEW(b, struct bstc_ast_field);

    field->type = *type;
    field->name.text = name->text;
    field->name.span = name->span;
    field->span = bstc_span_join(type->span, name->span);
    field->doc = doc;
    return field;
}

/*
 * A forgotten `;` makes the next field part of this one: a word that begins
 * a line gives it away. Leaves the words after the last such line break.
 */
static struct bstc_words *split_lines(struct bstc_builder *b,
                                      struct bstc_words *first)
{
    struct bstc_words *word = first;

    while (word && word->next) {
        if (word->next->token.starts_line && word != first) {
            bstc_report_missing_semicolon(b, word->token.span);
            first = word->next;
        }
        word = word->next;
    }
    return first;
}

/* Reports a field that is one word, after a split: its type or its name is
 * missing. */
static struct bstc_ast_field *report_lone_word(struct bstc_builder *b,
                                               const struct bstc_words *word)
{
    struct bstc_span after = word->token.span;

    after.start = after.end;
    bstc_error(&b->context->diags, "E0001", after,
               "expected a name for this field");
    return NULL;
}

struct bstc_ast_field *bstc_build_worded(struct bstc_builder *b,
                                         struct bstc_words *words,
                                         const struct bstc_token *star,
                                         const struct bstc_token *name)
{
    struct bstc_words *first = split_lines(b, BSTC_RING_OPEN(words));
    struct bstc_token last = {0};
    struct bstc_ast_type type;

    if (!name) {
        struct bstc_words *word = first;

        if (!word->next)
            return report_lone_word(b, word);
        while (word->next->next)
            word = word->next;
        last = word->next->token;
        name = &last;
        word->next = NULL;
    }
    type = type_of_words(b, first, star);
    return new_field(b, &type, name, first->token.doc);
}

struct bstc_ast_field *bstc_build_tagged(struct bstc_builder *b,
                                         const struct bstc_token *tag,
                                         const struct bstc_token *type,
                                         const struct bstc_token *star,
                                         const struct bstc_token *name)
{
    struct bstc_ast_type node = {.pointer = star != NULL};

    node.kind = tag->kind == BSTC_TOKEN_STRUCT  ? BSTC_AST_TYPE_STRUCT
                : tag->kind == BSTC_TOKEN_UNION ? BSTC_AST_TYPE_UNION
                : tag->kind == BSTC_TOKEN_ENUM  ? BSTC_AST_TYPE_ENUM
                                                : BSTC_AST_TYPE_REF;
    node.name.text = type->text;
    node.name.span = type->span;
    node.span = bstc_span_join(tag->span, star ? star->span : type->span);
    return new_field(b, &node, name, tag->doc);
}

struct bstc_ast_field *bstc_build_array(struct bstc_builder *b,
                                        struct bstc_ast_field *field,
                                        const struct bstc_token *size)
{
    if (!field)
        return NULL;
    if (size->kind == BSTC_TOKEN_INT || size->kind == BSTC_TOKEN_SIZE) {
        field->array = BSTC_AST_ARRAY_NUMBER;
        field->array_count = size->number;
    } else {
        field->array = BSTC_AST_ARRAY_NAME;
        field->array_name.text = size->text;
        field->array_name.span = size->span;
    }
    field->array_span = size->span;
    field->span = bstc_span_join(field->span, b->last);
    return field;
}

struct bstc_ast_field *bstc_build_init(struct bstc_ast_field *field,
                                       struct bstc_ast_value *init)
{
    if (field && init) {
        field->init = init;
        field->span = bstc_span_join(field->span, init->span);
    }
    return field;
}

struct bstc_ast_field *bstc_build_keep(struct bstc_ast_field *field,
                                       const struct bstc_token *word)
{
    if (!field)
        return NULL;
    field->keep = word->kind == BSTC_TOKEN_KEEP ? BSTC_AST_KEEP_RESTART
                                                : BSTC_AST_KEEP_PERSIST;
    field->keep_span = word->span;
    field->span = bstc_span_join(field->span, word->span);
    if (!field->doc)
        field->doc = word->doc;
    return field;
}

struct bstc_part *bstc_build_fields(struct bstc_builder *b,
                                    const struct bstc_token *word,
                                    struct bstc_ast_field *fields)
{
    struct bstc_part *part = NEW(b, struct bstc_part);

    part->kind =
        word->kind == BSTC_TOKEN_STATE ? BSTC_PART_STATE : BSTC_PART_ARGS;
    part->span = word->span;
    part->fields = fields;
    return part;
}
