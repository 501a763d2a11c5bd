/*
 * Tokens and comments of a file in one list.
 *
 * The lexer skips comments, so they are found again between the tokens.
 * There is nothing else there but blanks, unless the lexer has complained.
 */

#include "fmt_layout.h"

#include <string.h>

#include "lexer.h"
#include "utf8.h"

uint32_t bstc_text_width(const char *text, size_t length)
{
    uint32_t width;
    size_t at = 0;

    while (at < length && (unsigned char)text[at] < 0x80)
        at++;
    width = (uint32_t)at;
    while (at < length) {
        size_t size;
        uint32_t character = bstc_utf8_decode(text + at, length - at, &size);

        width +=
            character == BSTC_UTF8_INVALID ? 1 : bstc_utf8_width(character);
        at += size;
    }
    return width;
}

static struct bstc_piece *add(struct bstc_pieces *pieces)
{
    if (pieces->count == pieces->capacity) {
        uint32_t old = pieces->capacity;

        pieces->capacity = old ? old * 2 : pieces->source->size / 3 + 64;
        pieces->items = bstc_arena_grow(
            pieces->arena, pieces->items, old * sizeof *pieces->items,
            pieces->capacity * sizeof *pieces->items);
    }
    return &pieces->items[pieces->count++];
}

static bool has_break(const char *text, size_t length)
{
    return memchr(text, '\n', length) || memchr(text, '\r', length);
}

/* The text between two tokens while it is read. */
struct gap {
    struct bstc_pieces *pieces;
    const char *text; /* of the source */
    uint32_t at;
    uint32_t end;
    uint32_t breaks;
    uint32_t counted; /* up to here `column` has been counted */
    uint32_t column;
};

static void take_break(struct gap *gap)
{
    if (gap->text[gap->at] == '\r' && gap->text[gap->at + 1] == '\n')
        gap->at++;
    gap->at++;
    gap->breaks += gap->breaks < 2;
    gap->counted = gap->at;
    gap->column = 0;
}

/* Returns the column of `at`, which lies on the current line. Each byte is
 * counted once, however many comments there are. */
static uint32_t column_at(struct gap *gap, uint32_t at)
{
    gap->column += bstc_text_width(gap->text + gap->counted, at - gap->counted);
    gap->counted = at;
    return gap->column;
}

static uint32_t end_of_line(const struct gap *gap)
{
    uint32_t at = gap->at;

    while (at < gap->end && gap->text[at] != '\n' && gap->text[at] != '\r')
        at++;
    return at;
}

static uint32_t end_of_block(const struct gap *gap)
{
    uint32_t at = gap->at + 2;

    while (at < gap->end && !(gap->text[at] == '*' && gap->text[at + 1] == '/'))
        at++;
    return at + 2 < gap->end ? at + 2 : gap->end;
}

/* Blanks at the end of a line comment are no part of it. */
static uint32_t trimmed(const char *text, uint32_t length)
{
    while (length && strchr(" \t\v\f", text[length - 1]))
        length--;
    return length;
}

static void take_comment(struct gap *gap)
{
    bool is_line = gap->text[gap->at + 1] == '/';
    uint32_t end = is_line ? end_of_line(gap) : end_of_block(gap);
    const char *text = gap->text + gap->at;
    struct bstc_piece *piece = add(gap->pieces);

    *piece = (struct bstc_piece){
        .kind = is_line ? BSTC_PIECE_LINE_COMMENT : BSTC_PIECE_BLOCK_COMMENT,
        .has_break = has_break(text, end - gap->at),
        .breaks = (uint8_t)gap->breaks,
        .start = gap->at,
        .length = is_line ? trimmed(text, end - gap->at) : end - gap->at,
        .column = column_at(gap, gap->at),
        .text = text,
    };
    gap->at = end;
    gap->breaks = 0;
}

/* Reads the text before a token; returns the line ends right before it. */
static uint32_t read_gap(struct gap *gap, uint32_t end)
{
    gap->end = end;
    gap->breaks = 0;
    while (gap->at < end) {
        char c = gap->text[gap->at];

        if (c == '\n' || c == '\r')
            take_break(gap);
        else if (c == '/' && gap->at + 1 < end)
            take_comment(gap);
        else
            gap->at++;
    }
    return gap->breaks;
}

static void add_token(struct bstc_pieces *pieces,
                      const struct bstc_token *token, uint32_t breaks)
{
    const char *text = pieces->source->text + token->span.start;
    uint32_t length = token->span.end - token->span.start;
    struct bstc_piece *piece = add(pieces);

    *piece = (struct bstc_piece){
        .kind = (uint8_t)token->kind,
        .has_break = token->kind == BSTC_TOKEN_RAW && has_break(text, length),
        .breaks = (uint8_t)breaks,
        .start = token->span.start,
        .length = length,
        .text = text,
    };
    if (token->kind == BSTC_TOKEN_STRATEGY) {
        piece->text = token->text;
        piece->length = (uint32_t)strlen(token->text);
    }
}

/* Finds the `}` of each `{`, and counts lines. */
static void match_braces(struct bstc_pieces *pieces)
{
    uint32_t open[BSTC_MAX_NESTING + 1];
    uint32_t depth = 0;
    uint32_t ended = 0;

    for (uint32_t i = 0; i < pieces->count; i++) {
        struct bstc_piece *piece = &pieces->items[i];

        ended += piece->breaks > 0 ? 1 : 0;
        ended += piece->has_break ? 1 : 0;
        piece->ended = ended;
        piece->match = i;
        if (piece->kind == BSTC_TOKEN_LBRACE && depth <= BSTC_MAX_NESTING)
            open[depth++] = i;
        else if (piece->kind == BSTC_TOKEN_RBRACE && depth > 0)
            pieces->items[open[--depth]].match = i;
    }
}

void bstc_pieces_read(struct bstc_pieces *pieces, struct bstc_context *context,
                      const struct bstc_source *source)
{
    struct bstc_lexer *lexer = BSTC_NEW(&context->arena, struct bstc_lexer);
    struct gap gap = {.pieces = pieces, .text = source->text};
    struct bstc_token token;

    *pieces = (struct bstc_pieces){.arena = &context->arena, .source = source};
    bstc_lexer_init(lexer, context, source);
    gap.at = (uint32_t)(lexer->cursor - lexer->start);
    for (;;) {
        uint32_t breaks;

        bstc_lexer_next(lexer, &token);
        breaks = read_gap(&gap, token.span.start);
        if (token.kind == BSTC_TOKEN_EOF)
            break;
        add_token(pieces, &token, breaks);
        gap.at = token.span.end;
        /* Columns count from the last line of a block of C, too. */
        if (pieces->items[pieces->count - 1].has_break) {
            gap.counted = gap.at;
            gap.column = 0;
            while (!strchr("\r\n", source->text[gap.counted - 1]))
                gap.counted--;
        }
    }
    match_braces(pieces);
}

uint32_t bstc_pieces_space(const struct bstc_piece *before,
                           const struct bstc_piece *after)
{
    if (bstc_piece_is_comment(after))
        return after->kind == BSTC_PIECE_LINE_COMMENT ? 2 : 1;
    switch (after->kind) {
    case BSTC_TOKEN_SEMI:
    case BSTC_TOKEN_COMMA:
    case BSTC_TOKEN_DOT:
    case BSTC_TOKEN_LBRACKET:
    case BSTC_TOKEN_RBRACKET:
        return 0;
    case BSTC_TOKEN_RBRACE:
        return before->kind != BSTC_TOKEN_LBRACE;
    default:
        break;
    }
    switch (before->kind) {
    case BSTC_TOKEN_DOT:
    case BSTC_TOKEN_HASH:
    case BSTC_TOKEN_LBRACKET:
    case BSTC_TOKEN_MINUS:
    case BSTC_TOKEN_STAR:
        return 0;
    default:
        return 1;
    }
}
