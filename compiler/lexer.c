/*
 * What stands around tokens - comments, doc comments, characters that do not
 * belong - and the words and braces that depend on what came before.
 */

#include "lexer.h"

#include <string.h>

#include "utf8.h"

/* A file whose first bytes hold more control bytes than one in this many is
 * no text at all. */
enum { SAMPLE_SIZE = 1024, BINARY_SHARE = 8, BINARY_LEAST = 8 };

struct bstc_span bstc_lex_span(const struct bstc_lexer *lexer,
                               const unsigned char *from,
                               const unsigned char *to)
{
    return (struct bstc_span){lexer->source->index,
                              (uint32_t)(from - lexer->start),
                              (uint32_t)(to - lexer->start)};
}

static bool has_prefix(const struct bstc_lexer *lexer, const char *prefix,
                       size_t length)
{
    return lexer->source->size >= length &&
           memcmp(lexer->start, prefix, length) == 0;
}

static bool looks_binary(const struct bstc_lexer *lexer)
{
    uint32_t size = lexer->source->size;
    uint32_t controls = 0;
    uint32_t i;

    if (has_prefix(lexer, "\177ELF", 4))
        return true;
    if (size > SAMPLE_SIZE)
        size = SAMPLE_SIZE;
    for (i = 0; i < size; i++)
        controls += bstc_lex_is_control(lexer->start[i]);
    return controls >= BINARY_LEAST && controls > size / BINARY_SHARE;
}

/* Reports a file that is not UTF-8 text at all, once for the whole of it. */
static void refuse_binary(struct bstc_lexer *lexer)
{
    struct bstc_diags *diags = &lexer->context->diags;
    struct bstc_span span =
        bstc_lex_span(lexer, lexer->start, lexer->start + 1);
    struct bstc_diag *diag;

    if (has_prefix(lexer, "\xff\xfe", 2) || has_prefix(lexer, "\xfe\xff", 2)) {
        diag = bstc_error(diags, "E0002", span,
                          "the file looks like UTF-16; .bst files are UTF-8");
        bstc_diag_help(diags, diag, "save it as UTF-8 in your editor");
        lexer->stopped = true;
    } else if (looks_binary(lexer)) {
        bstc_error(diags, "E0002", span, "the file is not a text file");
        lexer->stopped = true;
    }
}

void bstc_lexer_init(struct bstc_lexer *lexer, struct bstc_context *context,
                     const struct bstc_source *source)
{
    *lexer = (struct bstc_lexer){
        .context = context,
        .source = source,
        .start = (const unsigned char *)source->text,
        .previous = BSTC_TOKEN_EOF,
        .new_line = true,
    };
    lexer->cursor = lexer->start;
    lexer->limit = lexer->start + source->size;
    lexer->has_nul = memchr(source->text, 0, source->size) != NULL;
    if (has_prefix(lexer, "\xef\xbb\xbf", 3))
        lexer->cursor += 3;
    else if (source->size)
        refuse_binary(lexer);
}

/* ---- doc comments -------------------------------------------------------- */

/* Appends one `///` line, which begins at `line`, to `text`. */
static size_t copy_doc_line(const unsigned char *line, const unsigned char *end,
                            char *text, size_t used)
{
    line += 3;
    if (line < end && *line == ' ')
        line++;
    if (used)
        text[used++] = '\n';
    while (line < end && *line != '\n' && *line != '\r')
        text[used++] = (char)*line++;
    while (used && (text[used - 1] == ' ' || text[used - 1] == '\t'))
        used--;
    return used;
}

/* Makes a doc comment of the lines that begin with `///`. */
static const struct bstc_doc *take_doc(struct bstc_lexer *lexer)
{
    struct bstc_arena *arena = &lexer->context->arena;
    const unsigned char *end = lexer->doc_end;
    const unsigned char *at = lexer->doc;
    struct bstc_doc *doc = BSTC_NEW(arena, struct bstc_doc);
    char *text = bstc_arena_alloc(arena, (size_t)(end - at) + 1);
    size_t used = 0;

    doc->span = bstc_lex_span(lexer, at, end);
    while (at < end) {
        if (end - at >= 3 && memcmp(at, "///", 3) == 0 &&
            (end - at == 3 || at[3] != '/'))
            used = copy_doc_line(at, end, text, used);
        while (at < end && *at != '\n' && *at != '\r')
            at++;
        while (at < end && strchr("\r\n\t ", *at) && *at)
            at++;
    }
    text[used] = '\0';
    doc->text = text;
    lexer->doc = NULL;
    return doc;
}

/* ---- comments ------------------------------------------------------------ */

/* Reports a character that no text may hold; true if it was not UTF-8. */
static bool report_character(struct bstc_lexer *lexer, struct bstc_span span,
                             uint32_t character, bool in_comment)
{
    struct bstc_diags *diags = &lexer->context->diags;
    unsigned byte = lexer->start[span.start];

    if (character == 0)
        bstc_error(diags, "E0002", span, "NUL byte at offset %u",
                   (unsigned)span.start);
    else if (bstc_utf8_is_bidi(character))
        bstc_error(diags, "E0002", span,
                   "U+%04X makes text read in another order than it runs",
                   (unsigned)character);
    else if (character == BSTC_UTF8_INVALID && in_comment)
        bstc_warning(diags, "W0002", span, "byte 0x%02X is not UTF-8", byte);
    else if (character == BSTC_UTF8_INVALID)
        bstc_error(diags, "E0002", span, "byte 0x%02X is not UTF-8", byte);
    return character == BSTC_UTF8_INVALID;
}

/* Goes through all bytes of a text. A text in another encoding is one
 * mistake, but what is worse may still stand behind it. */
void bstc_lex_check(struct bstc_lexer *lexer, const unsigned char *from,
                    const unsigned char *to, bool in_comment)
{
    bool is_foreign = false;

    if (!lexer->source->has_high_bytes && !lexer->has_nul)
        return;
    while (from < to) {
        size_t size;
        uint32_t character =
            bstc_utf8_decode((const char *)from, (size_t)(to - from), &size);

        if (character != BSTC_UTF8_INVALID || !is_foreign)
            is_foreign |=
                report_character(lexer, bstc_lex_span(lexer, from, from + size),
                                 character, in_comment);
        from += size;
    }
}

void bstc_lex_line_comment(struct bstc_lexer *lexer)
{
    const unsigned char *at = lexer->cursor;
    bool is_doc = at[0] == '/' && at[1] != '/';

    while (*at != '\n' && *at != '\r' && (*at || at < lexer->limit))
        at++;
    if (is_doc) {
        if (!lexer->doc)
            lexer->doc = lexer->token;
        lexer->doc_end = at;
    }
    bstc_lex_check(lexer, lexer->token, at, true);
    lexer->cursor = at;
}

/* Returns the end of a block comment whose opening was read, or NULL. */
static const unsigned char *end_of_comment(const struct bstc_lexer *lexer,
                                           const unsigned char *at)
{
    while (at < lexer->limit) {
        const unsigned char *star =
            memchr(at, '*', (size_t)(lexer->limit - at));

        if (!star)
            return NULL;
        if (star[1] == '/')
            return star + 2;
        at = star + 1;
    }
    return NULL;
}

/* Remembers the last `/` and `*` inside a comment: what it was to open ends at a
 * later end of a comment, which closes nothing. */
static void note_nested(struct bstc_lexer *lexer, const unsigned char *from,
                        const unsigned char *to)
{
    const unsigned char *slash;

    while (from < to && (slash = memchr(from, '/', (size_t)(to - from)))) {
        if (slash[1] == '*')
            lexer->nested = slash;
        from = slash + 1;
    }
}

void bstc_lex_block_comment(struct bstc_lexer *lexer)
{
    struct bstc_diags *diags = &lexer->context->diags;
    const unsigned char *end = end_of_comment(lexer, lexer->cursor);
    struct bstc_diag *diag;

    if (!end) {
        diag = bstc_error(diags, "E0002",
                          bstc_lex_span(lexer, lexer->token, lexer->cursor),
                          "this comment is never closed");
        bstc_diag_label(diags, diag, "opened here");
        lexer->cursor = lexer->limit;
        lexer->stopped = true;
        return;
    }
    if (memchr(lexer->token, '\n', (size_t)(end - lexer->token)) ||
        memchr(lexer->token, '\r', (size_t)(end - lexer->token)))
        lexer->new_line = true;
    bstc_lex_check(lexer, lexer->token, end, true);
    note_nested(lexer, lexer->cursor, end - 2);
    lexer->cursor = end;
}

/* What ends a statement. */
static bool is_end(int kind)
{
    return kind == BSTC_TOKEN_SEMI || kind == BSTC_TOKEN_LBRACE ||
           kind == BSTC_TOKEN_RBRACE || kind == BSTC_TOKEN_RAW;
}

/* Returns the next byte that is neither blank nor inside a comment. */
static unsigned char peek(const struct bstc_lexer *lexer)
{
    const unsigned char *at = lexer->cursor;

    for (;;) {
        while (*at && strchr(" \t\v\f\r\n", *at))
            at++;
        if (at[0] == '/' && at[1] == '/') {
            while (at < lexer->limit && *at != '\n' && *at != '\r')
                at++;
        } else if (at[0] == '/' && at[1] == '*') {
            at = end_of_comment(lexer, at + 2);
            if (!at)
                return 0;
        } else {
            return *at;
        }
    }
}

/* ---- words and braces ---------------------------------------------------- */

/* The word `c` begins raw C where only an item can begin: no brace is open,
 * and the token before does not ask for a name. */
static bool begins_raw(const struct bstc_lexer *lexer)
{
    switch (lexer->previous) {
    case BSTC_TOKEN_MESSAGE:
    case BSTC_TOKEN_ACTOR:
    case BSTC_TOKEN_SUPERVISOR:
    case BSTC_TOKEN_CLUSTER:
    case BSTC_TOKEN_ASKARROW:
        return false;
    default:
        return lexer->depth == 0 && peek(lexer) == '{';
    }
}

/* Takes in the hyphens of a strategy and returns the word with all of them
 * as hyphens, whichever way it was written. */
static const char *strategy_word(struct bstc_lexer *lexer)
{
    const unsigned char *at = lexer->cursor;
    char word[BSTC_MAX_NAME + 1];
    size_t length = 0;

    while (*at == '-' && bstc_lex_is_word(at[1])) {
        do
            at++;
        while (bstc_lex_is_word(*at));
    }
    lexer->cursor = at;
    for (at = lexer->token; at < lexer->cursor; at++) {
        if (length < BSTC_MAX_NAME)
            word[length++] = *at == '_' ? '-' : (char)*at;
    }
    return bstc_intern(&lexer->context->names, word, length);
}

void bstc_lex_word(struct bstc_lexer *lexer, struct bstc_token *token, int kind)
{
    size_t length = (size_t)(lexer->cursor - lexer->token);

    if (lexer->previous == BSTC_TOKEN_COLON) {
        token->kind = BSTC_TOKEN_STRATEGY;
        token->text = strategy_word(lexer);
        return;
    }
    if (length > BSTC_MAX_NAME) {
        bstc_error(&lexer->context->diags, "E0002",
                   bstc_lex_span(lexer, lexer->token, lexer->cursor),
                   "this name is longer than %d bytes", BSTC_MAX_NAME);
        length = BSTC_MAX_NAME;
    }
    if (kind == BSTC_TOKEN_C && !begins_raw(lexer))
        kind = BSTC_TOKEN_ID;
    token->kind = kind;
    token->text =
        bstc_intern(&lexer->context->names, (const char *)lexer->token, length);
}

/* Takes the block of C that begins with the `{` just read. */
static void read_raw(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct bstc_diags *diags = &lexer->context->diags;
    struct bstc_diag *diag;

    token->kind = BSTC_TOKEN_RAW;
    lexer->cursor = lexer->token;
    if (!bstc_lex_raw(lexer)) {
        diag = bstc_error(diags, "E0003",
                          bstc_lex_span(lexer, lexer->token, lexer->token + 1),
                          "this block of C is never closed");
        bstc_diag_label(diags, diag, "begins here");
        lexer->stopped = true;
        return;
    }
    bstc_lex_check(lexer, lexer->token, lexer->cursor, true);
}

void bstc_lex_open(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct bstc_span span = bstc_lex_span(lexer, lexer->token, lexer->cursor);

    if (lexer->previous == BSTC_TOKEN_ARROW ||
        lexer->previous == BSTC_TOKEN_ASKARROW ||
        lexer->previous == BSTC_TOKEN_C) {
        read_raw(lexer, token);
        return;
    }
    token->kind = BSTC_TOKEN_LBRACE;
    if (lexer->depth == BSTC_MAX_NESTING) {
        bstc_error(&lexer->context->diags, "E0001", span,
                   "braces are nested deeper than %d", BSTC_MAX_NESTING);
        lexer->stopped = true;
        token->kind = BSTC_TOKEN_EOF;
        return;
    }
    lexer->open[lexer->depth++] = span;
}

/* ---- the next token ------------------------------------------------------ */

void bstc_lexer_next(struct bstc_lexer *lexer, struct bstc_token *token)
{
    uint32_t errors = lexer->context->diags.errors;

    *token = (struct bstc_token){.kind = BSTC_TOKEN_EOF};
    if (lexer->stopped) {
        lexer->token = lexer->cursor;
    } else {
        bstc_lex_scan(lexer, token);
        if (token->kind == BSTC_TOKEN_RBRACE && lexer->depth)
            lexer->depth--;
    }
    token->span = bstc_lex_span(lexer, lexer->token, lexer->cursor);
    token->starts_line = lexer->new_line;
    token->after_error =
        lexer->skipped_bad || lexer->context->diags.errors > errors;
    if (lexer->doc)
        token->doc = take_doc(lexer);
    lexer->new_line = false;
    lexer->reported = lexer->reported && !is_end(token->kind);
    lexer->skipped_bad = lexer->unclosed;
    lexer->unclosed = false;
    lexer->previous = token->kind;
}
