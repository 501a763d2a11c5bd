/*
 * Formatting one source, and looking again at the result.
 *
 * The result is read as a new file and compared piece by piece. That costs as
 * much as reading the source did, and is what lets an editor format on every
 * save.
 */

#include "fmt.h"

#include <string.h>

#include "fmt_layout.h"
#include "parse.h"

/* Mistakes of these codes mean that the text was not understood; all others
 * leave the tokens as they are. */
static bool is_syntax(const struct bstc_diag *diag)
{
    return diag->severity == BSTC_ERROR && (strcmp(diag->code, "E0001") == 0 ||
                                            strcmp(diag->code, "E0002") == 0 ||
                                            strcmp(diag->code, "E0003") == 0);
}

static bool is_understood(const struct bstc_diags *diags, uint32_t from)
{
    for (uint32_t i = from; i < diags->count; i++) {
        if (is_syntax(diags->items[i]))
            return false;
    }
    /* Of more mistakes than these it is not known what they are. */
    return diags->count < BSTC_DIAG_MAX_KEPT;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' ||
           c == '\f';
}

/* Compares texts that may differ in their indentation. */
static bool is_same_text(const struct bstc_piece *a, const struct bstc_piece *b)
{
    const char *at = a->text;
    const char *other = b->text;
    const char *end = at + a->length;
    const char *other_end = other + b->length;

    if (a->length == b->length && memcmp(at, other, a->length) == 0)
        return true;
    if (a->kind != BSTC_TOKEN_RAW && !bstc_piece_is_comment(a))
        return false;
    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        while (other < other_end && is_blank(*other))
            other++;
        if (at == end || other == other_end)
            return at == end && other == other_end;
        if (*at++ != *other++)
            return false;
    }
}

static bool is_same_program(const struct bstc_pieces *pieces, const char *text,
                            size_t size)
{
    struct bstc_context context;
    struct bstc_pieces others;
    bool same;

    bstc_context_init(&context);
    bstc_pieces_read(&others, &context,
                     bstc_sources_add(&context.sources, "", text, size));
    same = others.count == pieces->count;
    for (uint32_t i = 0; same && i < others.count; i++)
        same = others.items[i].kind == pieces->items[i].kind &&
               is_same_text(&pieces->items[i], &others.items[i]);
    bstc_context_fini(&context);
    return same;
}

static const char *line_end_of(const struct bstc_source *source)
{
    uint32_t second = source->nlines > 1 ? source->lines[1] : 0;

    return second > 1 && source->text[second - 1] == '\n' &&
                   source->text[second - 2] == '\r'
               ? "\r\n"
               : "\n";
}

enum bstc_format_result bstc_format(struct bstc_context *context,
                                    const struct bstc_source *source,
                                    struct bstc_out *out)
{
    uint32_t known = context->diags.count;
    struct bstc_context quiet;
    struct bstc_pieces pieces;
    struct bstc_layout layout;
    struct bstc_out text;
    enum bstc_format_result result = BSTC_FORMAT_BROKEN;
    const char *joined;

    bstc_parse(context, source);
    if (!is_understood(&context->diags, known))
        return BSTC_FORMAT_REFUSED;
    /* What the lexer says has been said by the parser's lexer. */
    bstc_context_init(&quiet);
    bstc_pieces_read(&pieces, &quiet, source);
    bstc_layout_make(&layout, &pieces);
    bstc_layout_align(&layout);
    bstc_out_init(&text, &quiet.arena);
    if (source->size >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0)
        bstc_out_text(&text, "\xef\xbb\xbf");
    bstc_layout_print(&layout, line_end_of(source), &text);
    joined = bstc_out_join(&text);
    if (is_same_program(&pieces, joined, text.length)) {
        bstc_out_bytes(out, joined, text.length);
        result = BSTC_FORMAT_DONE;
    }
    bstc_context_fini(&quiet);
    return result;
}
