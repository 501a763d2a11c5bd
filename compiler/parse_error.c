/*
 * What the parser says.
 *
 * The set of expected tokens is exact: each kind is tried by a simulated
 * parse. All kinds that begin a value count as one, "a value".
 */

#include "parse_error.h"

#include "parse.h"

#include <string.h>

enum { LONGEST_EXCERPT = 24, LONGEST_LINE = 72, LONGEST_LIST = 512 };

/* The words that begin statements, by the block they stand in. */
static const char *const item_words[] = {
    "message", "actor", "supervisor", "cluster", "use", "outside", "import",
};
static const char *const actor_words[] = {
    "on", "state", "every", "idle", "blocking", "run", "args",
};
static const char *const supervisor_words[] = {
    "children", "supervisor", "stream", "listen", "on",
};
static const char *const cluster_words[] = {"node"};

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

bool bstc_parse_at_start(const struct bstc_parse *p)
{
    switch (p->previous.kind) {
    case BSTC_TOKEN_EOF:
    case BSTC_TOKEN_SEMI:
    case BSTC_TOKEN_LBRACE:
    case BSTC_TOKEN_RBRACE:
    case BSTC_TOKEN_RAW:
        return true;
    default:
        return false;
    }
}

/* ---- what was found ------------------------------------------------------ */

/* Returns how a message calls a token: its text, or "end of file". */
static const char *describe(struct bstc_parse *p,
                            const struct bstc_token *token)
{
    struct bstc_arena *arena = &p->lexer.context->arena;
    const char *text = p->lexer.source->text + token->span.start;
    size_t length = token->span.end - token->span.start;
    size_t shown = length;

    if (token->kind == BSTC_TOKEN_EOF)
        return bstc_token_text(token->kind);
    if (token->kind == BSTC_TOKEN_RAW)
        return "a block of C";
    if (shown > LONGEST_EXCERPT) {
        shown = LONGEST_EXCERPT;
        while (shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
            shown--;
    }
    return bstc_arena_format(arena, "`%.*s%s`", (int)shown, text,
                             shown < length ? "..." : "");
}

/* ---- what was expected --------------------------------------------------- */

struct expected {
    bool kinds[BSTC_TOKEN_COUNT];
    bool value; /* everything that begins a value */
};

static struct expected find_expected(const struct bstc_parse *p)
{
    static const int values[] = {
        BSTC_TOKEN_ID,    BSTC_TOKEN_INT,     BSTC_TOKEN_SIZE,
        BSTC_TOKEN_FLOAT, BSTC_TOKEN_PERCENT, BSTC_TOKEN_DURATION,
        BSTC_TOKEN_RANGE, BSTC_TOKEN_STRING,  BSTC_TOKEN_MINUS,
    };
    struct expected expected = {.value = true};
    int kind;
    size_t i;

    for (kind = 0; kind < BSTC_TOKEN_COUNT; kind++)
        expected.kinds[kind] = bstc_parser_expects(p->grammar, kind);
    for (i = 0; i < COUNT(values); i++)
        expected.value = expected.value && expected.kinds[values[i]];
    for (i = 0; i < COUNT(values) && expected.value; i++)
        expected.kinds[values[i]] = false;
    if (expected.value) {
        expected.kinds[BSTC_TOKEN_GT] = false;
        expected.kinds[BSTC_TOKEN_LT] = false;
    }
    return expected;
}

static size_t add_text(char *list, size_t used, const char *text)
{
    size_t length = strlen(text);

    if (used + length >= LONGEST_LIST)
        return used;
    memcpy(list + used, text, length + 1);
    return used + length;
}

/* Writes "`,`, `;` or a value" to `list`. */
static void list_expected(const struct expected *expected, char *list)
{
    const char *texts[BSTC_TOKEN_COUNT + 1];
    size_t count = 0;
    size_t used = 0;
    size_t i;
    int kind;

    if (expected->value)
        texts[count++] = "a value";
    for (kind = 1; kind < BSTC_TOKEN_COUNT; kind++) {
        if (expected->kinds[kind])
            texts[count++] = bstc_token_text(kind);
    }
    if (expected->kinds[BSTC_TOKEN_EOF])
        texts[count++] = bstc_token_text(BSTC_TOKEN_EOF);
    list[0] = '\0';
    for (i = 0; i < count; i++) {
        if (i)
            used = add_text(list, used, i + 1 < count ? ", " : " or ");
        used = add_text(list, used, texts[i]);
    }
}

/* ---- misspelt words ------------------------------------------------------ */

/* Returns the kind of word that began the block that `token` stands in:
 * BSTC_TOKEN_EOF at the top level. */
static int current_block(const struct bstc_parse *p)
{
    uint32_t depth = p->lexer.depth;

    /* The scanner has counted the brace that did not fit. */
    if (p->lexer.previous == BSTC_TOKEN_LBRACE)
        depth--;
    else if (p->lexer.previous == BSTC_TOKEN_RBRACE)
        depth++;
    return depth ? p->blocks[depth - 1] : BSTC_TOKEN_EOF;
}

const char *bstc_nearest_statement(int block, const char *word)
{
    switch (block) {
    case BSTC_TOKEN_EOF:
        return bstc_nearest(word, item_words, COUNT(item_words));
    case BSTC_TOKEN_ACTOR:
        return bstc_nearest(word, actor_words, COUNT(actor_words));
    case BSTC_TOKEN_SUPERVISOR:
        return bstc_nearest(word, supervisor_words, COUNT(supervisor_words));
    case BSTC_TOKEN_CLUSTER:
        return bstc_nearest(word, cluster_words, COUNT(cluster_words));
    default:
        return NULL;
    }
}

/* Reports the first word of the statement if that is what is wrong. */
static bool report_statement_word(struct bstc_parse *p)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    const char *word;
    struct bstc_diag *diag;

    if (bstc_parse_at_start(p) || p->statement.kind != BSTC_TOKEN_ID)
        return false;
    word = bstc_nearest_statement(current_block(p), p->statement.text);
    if (!word || strcmp(word, p->statement.text) == 0)
        return false;
    diag = bstc_error(diags, "E0001", p->statement.span, "unknown word `%s`",
                      p->statement.text);
    bstc_diag_fix(diags, diag, p->statement.span, word,
                  "a similar word is `%s`", word);
    return true;
}

/* Returns the kind of block that a word begins statements in, or -1. */
static int home_of(int kind)
{
    switch (kind) {
    case BSTC_TOKEN_MESSAGE:
    case BSTC_TOKEN_ACTOR:
    case BSTC_TOKEN_CLUSTER:
    case BSTC_TOKEN_USE:
    case BSTC_TOKEN_IMPORT:
    case BSTC_TOKEN_OUTSIDE:
        return BSTC_TOKEN_EOF;
    case BSTC_TOKEN_STATE:
    case BSTC_TOKEN_ARGS:
    case BSTC_TOKEN_RUN:
    case BSTC_TOKEN_EVERY:
    case BSTC_TOKEN_IDLE:
    case BSTC_TOKEN_BLOCKING:
        return BSTC_TOKEN_ACTOR;
    case BSTC_TOKEN_CHILDREN:
    case BSTC_TOKEN_LISTEN:
    case BSTC_TOKEN_STREAM:
        return BSTC_TOKEN_SUPERVISOR;
    case BSTC_TOKEN_NODE:
        return BSTC_TOKEN_CLUSTER;
    default:
        return -1;
    }
}

/* Reports a statement of another sort of block. Its first word is `token`
 * itself, or was taken for the name of a setting before. */
static bool report_misplaced(struct bstc_parse *p,
                             const struct bstc_token *token)
{
    const struct bstc_token *word =
        bstc_parse_at_start(p) ? token : &p->statement;
    struct bstc_diags *diags = &p->lexer.context->diags;
    int home = home_of(word->kind);
    struct bstc_diag *diag;

    if (word->kind == BSTC_TOKEN_ON && current_block(p) == BSTC_TOKEN_EOF)
        home = BSTC_TOKEN_ACTOR; /* or a supervisor */
    if (home < 0 || home == current_block(p))
        return false;
    diag = bstc_error(diags, "E0001", word->span, "`%s` stands %s", word->text,
                      word->kind == BSTC_TOKEN_ON ? "in an actor or supervisor"
                      : home == BSTC_TOKEN_EOF    ? "outside of all blocks"
                      : home == BSTC_TOKEN_ACTOR  ? "in an actor only"
                      : home == BSTC_TOKEN_SUPERVISOR ? "in a supervisor only"
                                                      : "in a cluster only");
    if (current_block(p) == BSTC_TOKEN_EOF) {
        p->misplaced = true;
        if (p->closing.end)
            bstc_diag_also(diags, diag, p->closing, "the last block ends here");
    }
    return true;
}

int bstc_parse_report_misspelt(struct bstc_parse *p,
                               const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    const char *words[BSTC_TOKEN_COUNT];
    uint32_t count = 0;
    struct bstc_diag *diag;
    const char *nearest;
    int kind;

    for (kind = BSTC_TOKEN_USE; kind < BSTC_TOKEN_COUNT; kind++) {
        if (bstc_parser_expects(p->grammar, kind)) {
            const char *text = bstc_token_text(kind); /* in backquotes */

            words[count++] = bstc_intern(&p->lexer.context->names, text + 1,
                                         strlen(text) - 2);
        }
    }
    nearest = bstc_nearest(token->text, words, count);
    if (!nearest)
        return BSTC_TOKEN_ID;
    diag = bstc_error(diags, "E0001", token->span, "unknown word `%s`",
                      token->text);
    bstc_diag_fix(diags, diag, token->span, nearest, "a similar word is `%s`",
                  nearest);
    return bstc_token_keyword(nearest, strlen(nearest));
}

/* ---- reports ------------------------------------------------------------- */

/* True if one of the last reports is of the line on which `span` ends, such as
 * of a string that is not closed on it and has swallowed the `;`. */
static bool is_reported(const struct bstc_builder *b, struct bstc_span span)
{
    enum { LOOKED_AT = 4 };
    const struct bstc_diags *diags = &b->context->diags;
    const struct bstc_source *source = b->file->source;
    uint32_t line = bstc_source_position(source, span.end).line;

    for (uint32_t i = 0; i < LOOKED_AT && i < diags->count; i++) {
        struct bstc_span other =
            diags->items[diags->count - 1 - i]->primary.span;

        if (other.file == span.file &&
            bstc_source_position(source, other.start).line == line)
            return true;
    }
    return false;
}

void bstc_report_missing_semicolon(struct bstc_builder *b,
                                   struct bstc_span span)
{
    struct bstc_diags *diags = &b->context->diags;
    struct bstc_span after = {span.file, span.end, span.end};
    struct bstc_diag *diag;

    if (is_reported(b, span))
        return;
    diag = bstc_error(diags, "E0001", after, "expected `;`");
    bstc_diag_fix(diags, diag, after, ";", "end the statement with `;`");
}

void bstc_parse_report(struct bstc_parse *p, const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct expected expected;
    struct bstc_diag *diag;
    const char *found;
    char list[LONGEST_LIST];

    if (diags->errors > BSTC_DIAG_MAX_KEPT) {
        bstc_error(diags, "E0001", token->span, "syntax error");
        return;
    }
    if (p->misplaced && (p->stray_brace || current_block(p) == BSTC_TOKEN_EOF))
        return; /* it follows from what was reported */
    if (p->stray_brace) {
        bstc_error(diags, "E0001", token->span, "this `}` closes no block");
        return;
    }
    if (report_statement_word(p) || report_misplaced(p, token))
        return;
    found = describe(p, token);
    expected = find_expected(p);
    list_expected(&expected, list);
    if (strlen(list) + strlen(found) + sizeof "expected , found " <=
        LONGEST_LINE) {
        bstc_error(diags, "E0001", token->span, "expected %s, found %s", list,
                   found);
        return;
    }
    diag = bstc_error(diags, "E0001", token->span, "unexpected %s", found);
    bstc_diag_label(diags, diag, "expected %s", list);
}

void bstc_parse_report_unclosed(struct bstc_parse *p,
                                const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0001", p->lexer.open[p->lexer.depth - 1],
                   "this `{` is never closed");

    bstc_diag_also(diags, diag, token->span, "the file ends here");
}

void bstc_parse_report_missing_brace(struct bstc_parse *p,
                                     const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0001", token->span, "expected `}` before %s",
                   describe(p, token));

    bstc_diag_also(diags, diag, p->lexer.open[p->lexer.depth - 1],
                   "this `{` is still open");
}

void bstc_parse_report_no_brace(struct bstc_parse *p)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_span after = p->previous.span;
    struct bstc_diag *diag;

    after.start = after.end;
    diag = bstc_error(diags, "E0001", after, "expected `{`");
    bstc_diag_fix(diags, diag, after, " {", "begin the block with `{`");
}

void bstc_parse_report_no_arrow(struct bstc_parse *p,
                                const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_span before = token->span;
    struct bstc_diag *diag =
        bstc_error(diags, "E0001", token->span, "expected `=>` before `{`");

    before.end = before.start;
    bstc_diag_fix(diags, diag, before, "=> ", "an arrow leads to what is done");
}

void bstc_parse_report_no_unit(struct bstc_parse *p,
                               const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    const char *text = p->lexer.source->text + token->span.start;
    int length = (int)(token->span.end - token->span.start);
    struct bstc_diag *diag =
        bstc_error(diags, "E0102", token->span, "a duration needs a unit");

    if (length < LONGEST_EXCERPT)
        bstc_diag_help(diags, diag,
                       "`%.*ss` are seconds, `%.*sms` are "
                       "milliseconds",
                       length, text, length, text);
}

void bstc_parse_report_bracket(struct bstc_parse *p,
                               const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0001", token->span, "expected `]`, found `}`");

    bstc_diag_also(diags, diag, p->bracket, "to close this `[`");
    bstc_diag_fix(diags, diag, token->span, "]", "close it with `]`");
}

void bstc_parse_report_reserved(struct bstc_parse *p,
                                const struct bstc_token *token)
{
    struct bstc_diags *diags = &p->lexer.context->diags;
    struct bstc_diag *diag = bstc_error(
        diags, "E0001", token->span,
        "%s is a reserved word and cannot be a name", describe(p, token));

    bstc_diag_help(diags, diag, "another name, such as `%s_`, will do",
                   token->text);
}
