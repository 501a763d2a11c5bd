#ifndef BSTC_FMT_LAYOUT_H
#define BSTC_FMT_LAYOUT_H

/*
 * What the steps of formatting hand to each other: pieces, which are tokens
 * and comments in the order of the source, and lines made of them.
 *
 * Lines hold their text without indentation and without the blanks that
 * align them with their neighbours; both are added when they are printed. So
 * no width depends on how the file was laid out before.
 */

#include "context.h"
#include "emit_out.h"
#include "token.h"

/** Kinds of pieces that are no tokens. */
enum { BSTC_PIECE_LINE_COMMENT = BSTC_TOKEN_COUNT, BSTC_PIECE_BLOCK_COMMENT };

/** A token or a comment. */
struct bstc_piece {
    uint8_t kind;     /* enum bstc_token_kind, or a comment */
    bool has_break;   /* its text spans lines */
    uint8_t breaks;   /* line ends before it: 0, 1, or 2 for more */
    uint32_t start;   /* offset in the source */
    uint32_t length;  /* of `text` */
    uint32_t column;  /* of a comment in the source, from 0 */
    uint32_t match;   /* of a `{`: the piece that closes it */
    uint32_t ended;   /* lines that ended up to here, for comparing */
    const char *text; /* in the source, or a strategy with hyphens */
};

struct bstc_pieces {
    struct bstc_arena *arena;
    const struct bstc_source *source;
    struct bstc_piece *items;
    uint32_t count;
    uint32_t capacity;
};

/** Reads a source; what the lexer finds is reported to the context. */
void bstc_pieces_read(struct bstc_pieces *pieces, struct bstc_context *context,
                      const struct bstc_source *source);

/** Returns the columns that a text takes; a tab counts as one. */
uint32_t bstc_text_width(const char *text, size_t length);

static inline bool bstc_piece_is_comment(const struct bstc_piece *piece)
{
    return piece->kind >= BSTC_TOKEN_COUNT;
}

/** The blanks between two pieces on one line. */
uint32_t bstc_pieces_space(const struct bstc_piece *before,
                           const struct bstc_piece *after);

/** What neighbouring lines have in common, so that they can be aligned. */
enum bstc_shape {
    BSTC_SHAPE_NONE,
    BSTC_SHAPE_BLOCK,   /* a block on one line: cell 0 is its `{` */
    BSTC_SHAPE_HANDLER, /* cell 0 is the arrow */
    BSTC_SHAPE_USER     /* a handler that uses: cell 0 uses, cell 1 arrow */
};

struct bstc_line {
    size_t text;          /* offset of the code in the text of the layout */
    uint32_t length;      /* of the code */
    uint32_t width;       /* in columns */
    uint32_t indent;      /* in columns */
    size_t comment;       /* offset of the comment behind the code */
    uint32_t comment_len; /* 0: there is none */
    bool blank;           /* an empty line before it */
    bool verbatim;        /* text of the user, printed as it is */
    bool continues;       /* the comment goes on from the line above */
    enum bstc_shape shape;
    int key;            /* the kind of the token that begins the statement */
    uint32_t cell[2];   /* column in the code of what is aligned; 0: nothing */
    uint32_t offset[2]; /* the same in bytes */
    uint32_t ends[2];   /* columns of what is aligned, for its right end */
    uint32_t pad[2];    /* blanks to put before it */
    uint32_t comment_column;
};

struct bstc_layout {
    struct bstc_arena *arena;
    const char *source; /* where the pieces come from */
    struct bstc_line *lines;
    size_t count;
    size_t capacity;
    char *text;
    size_t used;
    size_t room;
};

/** Appends an empty line and returns it; valid until the next one. */
struct bstc_line *bstc_layout_add(struct bstc_layout *layout, uint32_t indent);

/** Returns the last line. */
static inline struct bstc_line *
bstc_layout_last(const struct bstc_layout *layout)
{
    return &layout->lines[layout->count - 1];
}

/** Appends a piece to the code of the last line; it may add lines. */
void bstc_layout_put(struct bstc_layout *layout,
                     const struct bstc_piece *piece);

/** Appends blanks to the code of the last line. */
void bstc_layout_spaces(struct bstc_layout *layout, size_t count);

/** Appends a comment behind the code of the last line. */
void bstc_layout_comment(struct bstc_layout *layout,
                         const struct bstc_piece *piece);

/** The columns of a piece on the line where it begins. */
uint32_t bstc_piece_width(const struct bstc_piece *piece);

/** Makes lines of pieces that are syntactically right. */
void bstc_layout_make(struct bstc_layout *layout,
                      const struct bstc_pieces *pieces);

/** Aligns neighbouring lines. */
void bstc_layout_align(struct bstc_layout *layout);

/** Prints all lines, each ended by `line_end`. */
void bstc_layout_print(const struct bstc_layout *layout, const char *line_end,
                       struct bstc_out *out);

#endif
