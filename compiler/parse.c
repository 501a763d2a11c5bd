/*
 * Drives the scanner and the generated parser.
 *
 * Before a token is handed over, a simulation tells whether the parser will
 * take it; so an error is seen while the stack is as the user left it. Then,
 * in this order:
 *   1. repair: one token is put in, taken out or reread so that the parse
 *      goes on as if nothing had happened (a `;` at the end of a line, a
 *      missing `{` or `}`, a misspelt word, a number without a unit);
 *   2. recovery: the statement is given up. Tokens are skipped to its `;` or
 *      to the `}` of its block, whole `{ }` blocks at once; a word that
 *      begins a line and can begin a statement ends it as well.
 * Nothing is reported while tokens are skipped, nor about a statement of which
 * the scanner has reported something.
 */

#include "parse.h"

#include "parse_error.h"

static bool accepts(const struct bstc_parse *p, int kind)
{
    return bstc_parser_accepts(p->grammar, &kind, 1);
}

static bool accepts_two(const struct bstc_parse *p, int first, int second)
{
    int kinds[2] = {first, second};

    return bstc_parser_accepts(p->grammar, kinds, 2);
}

/* True for words that begin items of a file and nothing else. */
static bool is_item(const struct bstc_token *token)
{
    switch (token->kind) {
    case BSTC_TOKEN_USE:
    case BSTC_TOKEN_MESSAGE:
    case BSTC_TOKEN_ACTOR:
    case BSTC_TOKEN_SUPERVISOR:
    case BSTC_TOKEN_CLUSTER:
    case BSTC_TOKEN_OUTSIDE:
    case BSTC_TOKEN_IMPORT:
        return true;
    default:
        return false;
    }
}

/* Hands an acceptable token to the parser and keeps track of statements. */
static void feed(struct bstc_parse *p, const struct bstc_token *token)
{
    if (bstc_parse_at_start(p)) {
        p->statement = *token;
        p->tainted = false;
        if (is_item(token))
            p->misplaced = false;
    }
    p->tainted |= token->after_error;
    if (token->kind == BSTC_TOKEN_LBRACKET)
        p->bracket = token->span;
    if (token->kind == BSTC_TOKEN_RBRACE)
        p->closing = token->span;
    if (token->kind == BSTC_TOKEN_LBRACE && p->lexer.depth)
        p->blocks[p->lexer.depth - 1] = p->statement.kind;
    bstc_parser(p->grammar, token->kind, *token);
    p->builder.last = token->span;
    p->previous = *token;
    p->recovering = false;
}

/* Hands over a token that is not in the text, behind the previous one. */
static void feed_virtual(struct bstc_parse *p, int kind)
{
    struct bstc_token token = {.kind = kind};

    token.span = p->previous.span;
    token.span.start = token.span.end;
    feed(p, &token);
    if (kind == BSTC_TOKEN_RBRACE && p->lexer.depth)
        p->lexer.depth--;
}

/* True for words that begin statements and are unlikely to go on with one. */
static bool is_starter(const struct bstc_token *token)
{
    switch (token->kind) {
    case BSTC_TOKEN_USE:
    case BSTC_TOKEN_MESSAGE:
    case BSTC_TOKEN_ACTOR:
    case BSTC_TOKEN_SUPERVISOR:
    case BSTC_TOKEN_CHILDREN:
    case BSTC_TOKEN_STREAM:
    case BSTC_TOKEN_CLUSTER:
    case BSTC_TOKEN_ON:
    case BSTC_TOKEN_EVERY:
    case BSTC_TOKEN_IDLE:
    case BSTC_TOKEN_STATE:
    case BSTC_TOKEN_BLOCKING:
    case BSTC_TOKEN_LISTEN:
    case BSTC_TOKEN_OUTSIDE:
    case BSTC_TOKEN_IMPORT:
        return true;
    default:
        return false;
    }
}

/* ---- repair -------------------------------------------------------------- */

/* A `;` was forgotten at the end of a line or of a block. */
static bool insert_semicolon(struct bstc_parse *p,
                             const struct bstc_token *token)
{
    if (!token->starts_line && token->kind != BSTC_TOKEN_RBRACE &&
        !is_starter(token))
        return false;
    if (accepts(p, BSTC_TOKEN_ARROW) ||
        !accepts_two(p, BSTC_TOKEN_SEMI, token->kind))
        return false;
    bstc_report_missing_semicolon(&p->builder, p->previous.span);
    feed_virtual(p, BSTC_TOKEN_SEMI);
    feed(p, token);
    return true;
}

/* True for a token on a line of its own, further in than the statement. */
static bool is_indented(const struct bstc_parse *p,
                        const struct bstc_token *token)
{
    const struct bstc_source *source = p->lexer.source;

    return token->starts_line &&
           bstc_source_position(source, token->span.start).column >
               bstc_source_position(source, p->statement.span.start).column;
}

/* The arrow before a block of C was forgotten: the block is read again, as C. */
static bool insert_arrow(struct bstc_parse *p, const struct bstc_token *token)
{
    if (token->kind != BSTC_TOKEN_LBRACE ||
        !accepts_two(p, BSTC_TOKEN_ARROW, BSTC_TOKEN_RAW))
        return false;
    bstc_parse_report_no_arrow(p, token);
    feed_virtual(p, BSTC_TOKEN_ARROW);
    p->lexer.cursor = p->lexer.start + token->span.start;
    p->lexer.previous = BSTC_TOKEN_ARROW;
    p->lexer.depth--;
    return true;
}

/* True if the line closes a brace that it does not open. */
static bool closes_brace(const struct bstc_parse *p,
                         const struct bstc_token *token)
{
    const struct bstc_source *source = p->lexer.source;
    size_t length;
    const char *line = bstc_source_line(
        source, bstc_source_position(source, token->span.start).line, &length);
    int depth = 0;

    for (size_t i = 0; i < length && depth >= 0; i++)
        depth += (line[i] == '{') - (line[i] == '}');
    return depth < 0;
}

/*
 * A `{` was forgotten: what follows can stand in the block that it opens, and
 * is further in on a line of its own, or followed by the `}`.
 */
static bool insert_open_brace(struct bstc_parse *p,
                              const struct bstc_token *token)
{
    if (token->kind == BSTC_TOKEN_RBRACE ||
        p->lexer.depth == BSTC_MAX_NESTING ||
        !accepts_two(p, BSTC_TOKEN_LBRACE, token->kind) ||
        !(token->starts_line ? is_indented(p, token) : closes_brace(p, token)))
        return false;
    bstc_parse_report_no_brace(p);
    p->lexer.open[p->lexer.depth] = p->previous.span;
    p->lexer.open[p->lexer.depth++].start = p->previous.span.end;
    feed_virtual(p, BSTC_TOKEN_LBRACE);
    feed(p, token);
    return true;
}

/* Column of the first word on the line where the innermost block opens. */
static uint32_t block_column(const struct bstc_parse *p)
{
    const struct bstc_source *source = p->lexer.source;
    struct bstc_position open =
        bstc_source_position(source, p->lexer.open[p->lexer.depth - 1].start);
    size_t length;
    const char *line = bstc_source_line(source, open.line, &length);
    uint32_t column = 0;

    while (column < length && (line[column] == ' ' || line[column] == '\t'))
        column++;
    return column + 1;
}

/*
 * Returns how many `}` have to be put in before `token` for it to fit, where
 * its column says that they were forgotten; 0 if that does not help.
 */
static unsigned missing_braces(const struct bstc_parse *p,
                               const struct bstc_token *token)
{
    enum { MOST = 3 };
    int kinds[MOST + 1];
    unsigned count;

    if (!token->starts_line || !is_starter(token) || p->lexer.depth == 0 ||
        bstc_source_position(p->lexer.source, token->span.start).column >
            block_column(p))
        return 0;
    for (count = 1; count <= MOST && count <= p->lexer.depth; count++) {
        kinds[count - 1] = BSTC_TOKEN_RBRACE;
        kinds[count] = token->kind;
        if (bstc_parser_accepts(p->grammar, kinds, count + 1))
            return count;
    }
    return 0;
}

static bool insert_braces(struct bstc_parse *p, const struct bstc_token *token)
{
    unsigned count = missing_braces(p, token);

    if (count == 0)
        return false;
    if (!p->recovering)
        bstc_parse_report_missing_brace(p, token);
    while (count--)
        feed_virtual(p, BSTC_TOKEN_RBRACE);
    feed(p, token);
    return true;
}

/* True where the grammar wants a name because of the token before. */
static bool wants_name(const struct bstc_parse *p)
{
    switch (p->previous.kind) {
    case BSTC_TOKEN_MESSAGE:
    case BSTC_TOKEN_ACTOR:
    case BSTC_TOKEN_SUPERVISOR:
    case BSTC_TOKEN_CHILDREN:
    case BSTC_TOKEN_CLUSTER:
    case BSTC_TOKEN_STREAM:
    case BSTC_TOKEN_ON:
    case BSTC_TOKEN_NODE:
    case BSTC_TOKEN_AS:
    case BSTC_TOKEN_DOT:
    case BSTC_TOKEN_HASH:
    case BSTC_TOKEN_ARROW:
    case BSTC_TOKEN_ASKARROW:
    case BSTC_TOKEN_TILDEARROW:
        return accepts(p, BSTC_TOKEN_ID);
    default:
        return false;
    }
}

/* Takes `token` for another kind if that is what the user meant. */
static bool reread(struct bstc_parse *p, const struct bstc_token *token)
{
    struct bstc_token other = *token;

    if (token->kind == BSTC_TOKEN_RBRACE && !p->stray_brace &&
        accepts(p, BSTC_TOKEN_RBRACKET)) {
        bstc_parse_report_bracket(p, token);
        other.kind = BSTC_TOKEN_RBRACKET;
        p->lexer.depth++; /* the scanner took it for the end of the block */
    } else if (token->kind == BSTC_TOKEN_INT &&
               accepts(p, BSTC_TOKEN_DURATION)) {
        bstc_parse_report_no_unit(p, token);
        other.kind = BSTC_TOKEN_DURATION;
        other.duration = 1;
    } else if (token->kind == BSTC_TOKEN_ID &&
               p->statement.kind != BSTC_TOKEN_ID) {
        other.kind = bstc_parse_report_misspelt(p, token);
        if (other.kind == BSTC_TOKEN_ID)
            return false;
    } else if (bstc_token_is_reserved(token->kind) && wants_name(p) &&
               !token->starts_line) {
        bstc_parse_report_reserved(p, token);
        other.kind = BSTC_TOKEN_ID;
    } else {
        return false;
    }
    feed(p, &other);
    return true;
}

/* ---- recovery ------------------------------------------------------------ */

/* Skips to the `}` that matches the `{` just read. What stands in it is C as
 * likely as not, so nothing is said about its characters. */
static void skip_block(struct bstc_parse *p)
{
    uint32_t depth = p->lexer.depth - 1;
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_diags before = *diags;
    struct bstc_token token;

    do
        bstc_lexer_next(&p->lexer, &token);
    while (token.kind != BSTC_TOKEN_EOF &&
           !(token.kind == BSTC_TOKEN_RBRACE && p->lexer.depth == depth));
    diags->count = before.count;
    diags->errors = before.errors;
    diags->warnings = before.warnings;
    p->previous = token;
}

/* Looks at a token in the error state and goes on or drops it. */
static void recover(struct bstc_parse *p, const struct bstc_token *token)
{
    if (accepts(p, token->kind)) {
        feed(p, token);
    } else if (token->kind == BSTC_TOKEN_LBRACE) {
        skip_block(p);
        if (accepts(p, BSTC_TOKEN_SEMI))
            feed_virtual(p, BSTC_TOKEN_SEMI);
    } else if (token->starts_line && is_starter(token) &&
               accepts_two(p, BSTC_TOKEN_SEMI, token->kind)) {
        feed_virtual(p, BSTC_TOKEN_SEMI);
        feed(p, token);
    } else {
        insert_braces(p, token);
    }
}

static void panic(struct bstc_parse *p, const struct bstc_token *token)
{
    if (!p->recovering && !bstc_parser_panic(p->grammar, token))
        p->ended = true;
    p->recovering = true;
}

/* The file ends: closes the blocks that are open and ends the parse. */
static void finish(struct bstc_parse *p, const struct bstc_token *token)
{
    p->ended = true;
    if (!accepts(p, BSTC_TOKEN_EOF)) {
        bool silent = p->recovering || p->lexer.stopped || token->after_error ||
                      p->tainted;

        if (p->lexer.depth && !p->lexer.stopped)
            bstc_parse_report_unclosed(p, token);
        else if (!silent)
            bstc_parse_report(p, token);
        panic(p, token);
        while (p->lexer.depth && accepts(p, BSTC_TOKEN_RBRACE))
            feed_virtual(p, BSTC_TOKEN_RBRACE);
        if (accepts(p, BSTC_TOKEN_SEMI))
            feed_virtual(p, BSTC_TOKEN_SEMI);
    }
    if (accepts(p, BSTC_TOKEN_EOF))
        bstc_parser(p->grammar, BSTC_TOKEN_EOF, *token);
    else
        bstc_parserFinalize(p->grammar);
}

static void take(struct bstc_parse *p, const struct bstc_token *token)
{
    if (token->kind == BSTC_TOKEN_EOF) {
        finish(p, token);
        return;
    }
    if (!p->recovering) {
        if (accepts(p, token->kind)) {
            feed(p, token);
            return;
        }
        if (!token->after_error && (!p->tainted || bstc_parse_at_start(p))) {
            if (insert_arrow(p, token) || insert_open_brace(p, token) ||
                insert_semicolon(p, token) || insert_braces(p, token) ||
                reread(p, token))
                return;
            bstc_parse_report(p, token);
        }
        panic(p, token);
        if (p->ended) {
            bstc_parserFinalize(p->grammar);
            return;
        }
    }
    recover(p, token);
}

struct bstc_ast_file *bstc_parse(struct bstc_context *context,
                                 const struct bstc_source *source)
{
    struct bstc_parse *p = BSTC_NEW(&context->arena, struct bstc_parse);
    struct bstc_token token;

    p->builder.context = context;
    p->builder.file = BSTC_NEW(&context->arena, struct bstc_ast_file);
    p->builder.file->source = source;
    p->builder.tail = &p->builder.file->items;
    p->builder.last.file = source->index;
    p->previous.span.file = source->index;
    p->grammar = bstc_arena_alloc(&context->arena, bstc_parser_size());
    bstc_parserInit(p->grammar, &p->builder);
    bstc_lexer_init(&p->lexer, context, source);
    while (!p->ended) {
        uint32_t depth = p->lexer.depth;

        bstc_lexer_next(&p->lexer, &token);
        p->stray_brace = token.kind == BSTC_TOKEN_RBRACE && depth == 0;
        take(p, &token);
    }
    return p->builder.file;
}

/* ---- tokens as text ------------------------------------------------------ */

static void print_value(const struct bstc_token *token, FILE *out)
{
    switch (token->kind) {
    case BSTC_TOKEN_INT:
    case BSTC_TOKEN_SIZE:
    case BSTC_TOKEN_PERCENT:
        fprintf(out, " %llu", (unsigned long long)token->number);
        break;
    case BSTC_TOKEN_DURATION:
        fprintf(out, " %lldns", (long long)token->duration);
        break;
    case BSTC_TOKEN_RANGE:
        fprintf(out, " %llu..%llu", (unsigned long long)token->low,
                (unsigned long long)token->high);
        break;
    case BSTC_TOKEN_FLOAT:
        fprintf(out, " %g", token->real);
        break;
    case BSTC_TOKEN_ID:
    case BSTC_TOKEN_STRATEGY:
        fprintf(out, " %s", token->text);
        break;
    case BSTC_TOKEN_STRING:
    case BSTC_TOKEN_ANGLE:
        fprintf(out, " %zu bytes", token->length);
        break;
    default:
        break;
    }
}

void bstc_tokens_print(struct bstc_context *context,
                       const struct bstc_source *source, FILE *out)
{
    struct bstc_lexer *lexer = BSTC_NEW(&context->arena, struct bstc_lexer);
    struct bstc_token token;

    bstc_lexer_init(lexer, context, source);
    do {
        struct bstc_position at;

        bstc_lexer_next(lexer, &token);
        at = bstc_source_position(source, token.span.start);
        fprintf(out, "%u:%u %s", at.line, at.column,
                bstc_token_name(token.kind));
        print_value(&token, out);
        fputc('\n', out);
    } while (token.kind != BSTC_TOKEN_EOF);
}
