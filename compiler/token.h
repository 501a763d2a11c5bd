#ifndef BSTC_TOKEN_H
#define BSTC_TOKEN_H

/*
 * Tokens of the .bst language.
 *
 * The one list below gives the enumeration, the names in diagnostics and the
 * numbers of the grammar: bst.y declares the same tokens in the same order,
 * and the parser does not compile if they differ.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"

/* X(NAME, how diagnostics call it) */
#define BSTC_TOKEN_LIST(X)                                                     \
    X(ID, "a name")                                                            \
    X(STRATEGY, "a strategy")                                                  \
    X(INT, "a number")                                                         \
    X(SIZE, "a size")                                                          \
    X(DURATION, "a duration")                                                  \
    X(PERCENT, "a percentage")                                                 \
    X(RANGE, "a range")                                                        \
    X(FLOAT, "a decimal number")                                               \
    X(STRING, "a string")                                                      \
    X(ANGLE, "a header in angle brackets")                                     \
    X(RAW, "a block of C")                                                     \
    X(LBRACE, "`{`")                                                           \
    X(RBRACE, "`}`")                                                           \
    X(LBRACKET, "`[`")                                                         \
    X(RBRACKET, "`]`")                                                         \
    X(SEMI, "`;`")                                                             \
    X(COMMA, "`,`")                                                            \
    X(DOT, "`.`")                                                              \
    X(COLON, "`:`")                                                            \
    X(EQ, "`=`")                                                               \
    X(STAR, "`*`")                                                             \
    X(HASH, "`#`")                                                             \
    X(MINUS, "`-`")                                                            \
    X(LT, "`<`")                                                               \
    X(GT, "`>`")                                                               \
    X(UNDERSCORE, "`_`")                                                       \
    X(ARROW, "`=>`")                                                           \
    X(ASKARROW, "`=!>`")                                                       \
    X(TILDEARROW, "`~>`")                                                      \
    X(USE, "`use`")                                                            \
    X(MESSAGE, "`message`")                                                    \
    X(ACTOR, "`actor`")                                                        \
    X(ON, "`on`")                                                              \
    X(SENDS, "`sends`")                                                        \
    X(ASKS, "`asks`")                                                          \
    X(SUPERVISOR, "`supervisor`")                                              \
    X(CHILDREN, "`children`")                                                  \
    X(STREAM, "`stream`")                                                      \
    X(CLUSTER, "`cluster`")                                                    \
    X(REF, "`ref`")                                                            \
    X(STRUCT, "`struct`")                                                      \
    X(UNION, "`union`")                                                        \
    X(ENUM, "`enum`")                                                          \
    X(STATE, "`state`")                                                        \
    X(KEEP, "`keep`")                                                          \
    X(PERSIST, "`persist`")                                                    \
    X(ARGS, "`args`")                                                          \
    X(RUN, "`run`")                                                            \
    X(DYNAMIC, "`dynamic`")                                                    \
    X(LISTEN, "`listen`")                                                      \
    X(SPAWNS, "`spawns`")                                                      \
    X(EVERY, "`every`")                                                        \
    X(IDLE, "`idle`")                                                          \
    X(BLOCKING, "`blocking`")                                                  \
    X(WITHIN, "`within`")                                                      \
    X(AS, "`as`")                                                              \
    X(AT, "`at`")                                                              \
    X(NODE, "`node`")                                                          \
    X(OUTSIDE, "`outside`")                                                    \
    X(IMPORT, "`import`")                                                      \
    X(C, "`c`")

enum bstc_token_kind {
    BSTC_TOKEN_EOF = 0,
#define BSTC_TOKEN_ENUM(name, text) BSTC_TOKEN_##name,
    BSTC_TOKEN_LIST(BSTC_TOKEN_ENUM)
#undef BSTC_TOKEN_ENUM
        BSTC_TOKEN_COUNT
};

/** The `///` lines before a declaration, without slashes, joined by LF. */
struct bstc_doc {
    const char *text;
    struct bstc_span span;
};

struct bstc_token {
    int kind;         /* enum bstc_token_kind; lemon wants an int */
    bool starts_line; /* nothing but blanks and comments before it */
    bool after_error; /* text right before it was reported and skipped */
    struct bstc_span span;
    const struct bstc_doc *doc; /* doc comment right before it, or NULL */
    union {
        const char *text; /* words (interned), STRING and ANGLE decoded */
        uint64_t number;  /* INT, SIZE in bytes, PERCENT */
        int64_t duration; /* DURATION in ns */
        double real;      /* FLOAT */
        uint64_t low;     /* RANGE, with `high` */
    };
    union {
        size_t length; /* of `text`; a STRING may hold NUL bytes */
        uint64_t high; /* RANGE */
    };
};

/** Returns how diagnostics call a kind of token: "`;`", "a name". */
const char *bstc_token_text(int kind);

/** Returns the name of a kind of token in dumps: "SEMI", "ID". */
const char *bstc_token_name(int kind);

/** Returns the kind of the word `length` bytes at `text`: a keyword, else
 * BSTC_TOKEN_ID. Words that are keywords only in places are included. */
int bstc_token_keyword(const char *text, size_t length);

/** Returns true for the keywords that never are names. */
bool bstc_token_is_reserved(int kind);

#endif
