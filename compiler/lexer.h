#ifndef BSTC_LEXER_H
#define BSTC_LEXER_H

/*
 * The scanner of .bst files.
 *
 * grammar/bst.re recognises tokens; lexer.c, lexer_number.c and
 * lexer_text.c give them their values and report what is wrong. A mistake is
 * reported once and a token of the intended kind is returned wherever that
 * is possible, so that the parser does not stumble over it again.
 *
 * Invariants:
 *   - The source text ends with a NUL byte, at `limit`; a NUL elsewhere is a
 *     mistake of the user.
 *   - `cursor` never passes `limit`, and every token but EOF moves it.
 *
 * The state that decides how text is read is small, and all of it is here:
 *   - after `=>` and `=!>`, a `{` begins raw C;
 *   - the word `c` before a `{` begins raw C unless braces are open or the
 *     previous token asks for a name (`message c {`, `actor c {`, ...): at
 *     that place only a new item can begin;
 *   - after `:` a word may hold hyphens (strategies);
 *   - after `use`, a `<` begins a header name.
 *
 * Threads: as the context.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "context.h"
#include "source.h"
#include "token.h"

/** Deeper nesting of braces is refused. */
#define BSTC_MAX_NESTING 256

/** Longer names are refused. */
#define BSTC_MAX_NAME 255

struct bstc_lexer {
    struct bstc_context *context;
    const struct bstc_source *source;
    const unsigned char *start;  /* first byte of the text */
    const unsigned char *cursor; /* next byte to read */
    const unsigned char *limit;  /* the NUL at the end */
    const unsigned char *token;  /* first byte of the token being read */
    const unsigned char *marker; /* for re2c: where to go back to */
    int previous;                /* kind of the last token */
    bool new_line;               /* a line ended since the last token */
    bool skipped_bad;            /* bad text was skipped since then */
    bool reported;  /* a character of this statement was reported */
    bool unclosed;  /* the token just read swallowed what follows it */
    bool stopped;   /* the rest of the file makes no sense */
    bool has_nul;   /* the text holds NUL bytes */
    uint32_t depth; /* open braces, raw C not counted */
    const unsigned char *nested;  /* the last opening inside a comment */
    const unsigned char *doc;     /* first `///` line of a doc comment */
    const unsigned char *doc_end; /* end of its last line */
    struct bstc_span open[BSTC_MAX_NESTING + 1]; /* the open `{` */
};

/** Prepares to read `source`; skips a byte order mark. */
void bstc_lexer_init(struct bstc_lexer *lexer, struct bstc_context *context,
                     const struct bstc_source *source);

/**
 * Reads the next token. At the end of the file, or where it makes no sense
 * to go on, this is EOF, again and again; `stopped` tells them apart.
 */
void bstc_lexer_next(struct bstc_lexer *lexer, struct bstc_token *token);

/* ---- between bst.re and its helpers -------------------------------------- */

/** Recognises one token; in bst.re. Fills kind and value of `token`. */
void bstc_lex_scan(struct bstc_lexer *lexer, struct bstc_token *token);

/**
 * Reads raw C, from its `{` at the cursor to the matching `}`; in bst.re.
 * Returns false when the file ends before it.
 */
bool bstc_lex_raw(struct bstc_lexer *lexer);

/** Skips a comment whose opening two characters were read. */
void bstc_lex_line_comment(struct bstc_lexer *lexer);
void bstc_lex_block_comment(struct bstc_lexer *lexer);

/** Completes a word of the given kind: names, strategies, `c`. */
void bstc_lex_word(struct bstc_lexer *lexer, struct bstc_token *token,
                   int kind);

/** Counts a `{`; a too deep one ends the file. */
void bstc_lex_open(struct bstc_lexer *lexer, struct bstc_token *token);

/** Completes a number of any sort, whose text was read. */
void bstc_lex_number(struct bstc_lexer *lexer, struct bstc_token *token);
void bstc_lex_range(struct bstc_lexer *lexer, struct bstc_token *token);
void bstc_lex_percent(struct bstc_lexer *lexer, struct bstc_token *token);

/** Reads a string whose opening quote was read. */
void bstc_lex_string(struct bstc_lexer *lexer, struct bstc_token *token);

/** Reads the header name after `use <`; the `<` was read. */
void bstc_lex_angle(struct bstc_lexer *lexer, struct bstc_token *token);

/** Reports text that is no part of the language and skips it. */
void bstc_lex_bad(struct bstc_lexer *lexer);

/** Reports bytes in [from, to) that no text may hold: bidirectional marks
 * anywhere, and what is not UTF-8 (in comments a warning). */
void bstc_lex_check(struct bstc_lexer *lexer, const unsigned char *from,
                    const unsigned char *to, bool in_comment);

/** Returns the span from `from` to `to`. */
struct bstc_span bstc_lex_span(const struct bstc_lexer *lexer,
                               const unsigned char *from,
                               const unsigned char *to);

/** True for bytes that no text holds. */
static inline bool bstc_lex_is_control(unsigned char byte)
{
    return byte < 0x20 ? !strchr("\t\n\v\f\r\033", byte) || byte == 0
                       : byte == 0x7f;
}

/** True for bytes of a name. */
static inline bool bstc_lex_is_word(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

#endif
