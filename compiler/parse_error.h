#ifndef BSTC_PARSE_ERROR_H
#define BSTC_PARSE_ERROR_H

/*
 * The parser's state, and what it says about a token that does not fit.
 *
 * parse.c decides how the parse goes on; the functions here decide what the
 * user is told, and change nothing but the diagnostics.
 */

#include "ast_build.h"
#include "lexer.h"
#include "parse_grammar.h"
#include "token.h"

struct bstc_parse {
    struct bstc_lexer lexer;
    struct bstc_builder builder;
    void *grammar;               /* the generated parser */
    bool recovering;             /* skipping to the end of a statement */
    bool stray_brace;            /* the token is a `}` without a `{` */
    bool misplaced;              /* statements without their block follow */
    bool tainted;                /* the scanner reported of this statement */
    bool ended;                  /* the parser has accepted or given up */
    struct bstc_token previous;  /* last token that was taken */
    struct bstc_token statement; /* first token of the current statement */
    struct bstc_span bracket;    /* the `[` that was taken last */
    struct bstc_span closing;    /* the `}` that was taken last */
    /* The kind of word that began the statement that opened each brace. */
    int blocks[BSTC_MAX_NESTING + 1];
};

/** Returns whether the token after the previous one begins a statement. */
bool bstc_parse_at_start(const struct bstc_parse *p);

/** Reports `token`, which nothing could repair. */
void bstc_parse_report(struct bstc_parse *p, const struct bstc_token *token);

/** Reports the end of the file inside a block. */
void bstc_parse_report_unclosed(struct bstc_parse *p,
                                const struct bstc_token *token);

/** Reports that the block opened last is not closed before `token`. */
void bstc_parse_report_missing_brace(struct bstc_parse *p,
                                     const struct bstc_token *token);

/** Reports that a block of C lacks the arrow before it. */
void bstc_parse_report_no_arrow(struct bstc_parse *p,
                                const struct bstc_token *token);

/** Reports that a block lacks its `{` behind the previous token. */
void bstc_parse_report_no_brace(struct bstc_parse *p);

/**
 * Looks for the keyword that a name in the middle of a statement was meant to
 * be; reports it and returns its kind, or BSTC_TOKEN_ID without a report.
 */
int bstc_parse_report_misspelt(struct bstc_parse *p,
                               const struct bstc_token *token);

/** Reports a number where only a duration can stand. */
void bstc_parse_report_no_unit(struct bstc_parse *p,
                               const struct bstc_token *token);

/** Reports a `}` where a `]` has to stand. */
void bstc_parse_report_bracket(struct bstc_parse *p,
                               const struct bstc_token *token);

/** Reports a reserved word where a name has to stand. */
void bstc_parse_report_reserved(struct bstc_parse *p,
                                const struct bstc_token *token);

#endif
