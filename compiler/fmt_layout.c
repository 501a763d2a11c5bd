/*
 * Pieces to lines.
 *
 * A statement ends with `;`, with a block, or with C. It stands on one line
 * if it fits there. A block stays on one line if it was on one and fits;
 * otherwise each of its statements has a line of its own. What does not fit
 * is broken before `sends`, `asks`, `spawns` and the arrow of a handler, and
 * else at the last blank that fits. A comment that ends a line ends one in
 * the result, wherever it stands.
 */

#include "fmt_layout.h"

#include "fmt.h"

enum { INDENT = 4 };

/* The layout while it is made. */
struct maker {
    struct bstc_layout *out;
    const struct bstc_piece *pieces;
    uint32_t count;
    uint32_t at;     /* next piece */
    uint32_t depth;  /* open blocks */
    bool fresh;      /* nothing stands in this block yet */
    bool apart;      /* an empty line must come before the next statement */
    bool has_column; /* the last line has a comment behind code, */
    uint32_t last_column; /* at this column of the source */
};

/* ---- pieces -------------------------------------------------------------- */

/* Says whether a line has to end between the piece before `at` and it. */
static bool is_forced(const struct maker *m, uint32_t at)
{
    const struct bstc_piece *before = &m->pieces[at - 1];
    const struct bstc_piece *piece = &m->pieces[at];

    if (before->kind == BSTC_PIECE_LINE_COMMENT)
        return true;
    if (bstc_piece_is_comment(piece) && piece->breaks)
        return true;
    return bstc_piece_is_comment(before) &&
           (piece->breaks || before->has_break);
}

/* Says whether the pieces fit on one line, which `first` begins. */
static bool fits(const struct maker *m, uint32_t first, uint32_t last)
{
    uint32_t width = m->depth * INDENT;

    for (uint32_t i = first; i <= last; i++) {
        if (i > first) {
            if (is_forced(m, i))
                return false;
            width += bstc_pieces_space(&m->pieces[i - 1], &m->pieces[i]);
        }
        width += bstc_piece_width(&m->pieces[i]);
        if (width > BSTC_FORMAT_COLUMNS)
            return false;
        /* C that spans lines is the last piece and ends as it likes; a
         * comment that does is followed by a break. */
    }
    return true;
}

/* ---- statements ---------------------------------------------------------- */

static bool is_handler(int key)
{
    switch (key) {
    case BSTC_TOKEN_ON:
    case BSTC_TOKEN_EVERY:
    case BSTC_TOKEN_IDLE:
    case BSTC_TOKEN_RUN:
    case BSTC_TOKEN_BLOCKING:
    case BSTC_TOKEN_OUTSIDE:
        return true;
    default:
        return false;
    }
}

static bool is_arrow(int kind)
{
    return kind == BSTC_TOKEN_ARROW || kind == BSTC_TOKEN_ASKARROW;
}

/* `sends`, `asks` and `spawns`, but not a group with such a name. */
static bool begins_use(const struct maker *m, uint32_t at)
{
    int before = m->pieces[at - 1].kind;
    int kind = m->pieces[at].kind;

    return (kind == BSTC_TOKEN_SENDS || kind == BSTC_TOKEN_ASKS ||
            kind == BSTC_TOKEN_SPAWNS) &&
           before != BSTC_TOKEN_SENDS && before != BSTC_TOKEN_ASKS &&
           before != BSTC_TOKEN_SPAWNS && before != BSTC_TOKEN_COMMA &&
           before != BSTC_TOKEN_DOT && before != BSTC_TOKEN_HASH;
}

/* A statement whose head is being put. */
struct statement {
    uint32_t first;
    uint32_t head; /* its `;`, `{` or C */
    uint32_t last; /* the `}` of a block on one line, or `head` */
    int key;       /* the kind of its first token */
    bool has_uses;
    bool answers; /* an arrow stands in its head */
};

static void note_cell(struct bstc_line *line, int cell,
                      const struct bstc_piece *piece)
{
    line->cell[cell] = line->width;
    line->offset[cell] = line->length;
    line->ends[cell] =
        line->width + bstc_text_width(piece->text, piece->length);
}

/* Notes what can be aligned; `line` is as wide as what is before the piece. */
static void note(struct maker *m, const struct statement *s, uint32_t at)
{
    const struct bstc_piece *piece = &m->pieces[at];
    struct bstc_line *line = bstc_layout_last(m->out);

    if (is_handler(s->key)) {
        if (s->has_uses && !line->cell[0] && begins_use(m, at))
            note_cell(line, 0, piece);
        else if (is_arrow(piece->kind))
            note_cell(line, s->has_uses, piece);
    } else if (at == s->head && piece->kind == BSTC_TOKEN_LBRACE &&
               s->last > s->head && !s->answers) {
        note_cell(line, 0, piece);
    }
}

static enum bstc_shape shape_of(const struct statement *s)
{
    if (s->key == BSTC_TOKEN_OUTSIDE)
        return BSTC_SHAPE_NONE;
    if (is_handler(s->key))
        return s->has_uses ? BSTC_SHAPE_USER : BSTC_SHAPE_HANDLER;
    if (s->last > s->head || s->key == BSTC_TOKEN_MESSAGE ||
        s->key == BSTC_TOKEN_ACTOR || s->key == BSTC_TOKEN_CHILDREN)
        return BSTC_SHAPE_BLOCK;
    return BSTC_SHAPE_NONE;
}

static void put_plain(struct maker *m, const struct statement *s)
{
    size_t before = m->out->count;

    for (uint32_t i = s->first; i <= s->last; i++) {
        if (i > s->first) {
            bstc_layout_spaces(
                m->out, bstc_pieces_space(&m->pieces[i - 1], &m->pieces[i]));
            if (i <= s->head)
                note(m, s, i);
        }
        bstc_layout_put(m->out, &m->pieces[i]);
    }
    if (m->out->count == before &&
        (m->pieces[s->last].kind != BSTC_TOKEN_LBRACE)) {
        bstc_layout_last(m->out)->shape = shape_of(s);
        bstc_layout_last(m->out)->key = s->key;
    }
}

/* The columns of the pieces from `at` on that hang together. */
static uint32_t run_width(const struct maker *m, const struct statement *s,
                          uint32_t at)
{
    uint32_t width = bstc_piece_width(&m->pieces[at]);

    while (at < s->last &&
           !bstc_pieces_space(&m->pieces[at], &m->pieces[at + 1]))
        width += bstc_piece_width(&m->pieces[++at]);
    return width;
}

/* Breaks a statement that does not fit on a line, or must not. */
static void put_broken(struct maker *m, const struct statement *s)
{
    uint32_t base = (m->depth + 1) * INDENT;
    uint32_t hang = base;

    for (uint32_t i = s->first; i <= s->last; i++) {
        const struct bstc_piece *piece = &m->pieces[i];
        bool is_clause;

        if (i == s->first) {
            bstc_layout_put(m->out, piece);
            continue;
        }
        is_clause = s->has_uses && (begins_use(m, i) || is_arrow(piece->kind));
        if (is_clause)
            hang = base;
        if (is_clause || is_forced(m, i) ||
            (bstc_pieces_space(piece - 1, piece) && i != s->head &&
             bstc_layout_last(m->out)->indent +
                     bstc_layout_last(m->out)->width + 1 + run_width(m, s, i) >
                 BSTC_FORMAT_COLUMNS))
            bstc_layout_add(m->out, hang);
        else
            bstc_layout_spaces(m->out, bstc_pieces_space(piece - 1, piece));
        if (is_clause)
            hang = base + bstc_piece_width(piece) + 1;
        bstc_layout_put(m->out, piece);
    }
}

/* A `{` and its `}` with nothing between them, or all on one line. */
static bool is_on_one_line(const struct maker *m, uint32_t open)
{
    uint32_t close = m->pieces[open].match;

    return close == open + 1 || m->pieces[close].ended == m->pieces[open].ended;
}

static struct statement read_statement(const struct maker *m)
{
    struct statement s = {.first = m->at, .key = BSTC_TOKEN_EOF};
    uint32_t at = m->at;

    for (;; at++) {
        int kind = m->pieces[at].kind;

        if (s.key == BSTC_TOKEN_EOF && !bstc_piece_is_comment(&m->pieces[at]))
            s.key = kind;
        if (at > s.first && is_handler(s.key) && begins_use(m, at))
            s.has_uses = true;
        s.answers = s.answers || is_arrow(kind);
        if (kind == BSTC_TOKEN_SEMI || kind == BSTC_TOKEN_LBRACE ||
            kind == BSTC_TOKEN_RAW || kind == BSTC_TOKEN_RBRACE ||
            at + 1 == m->count)
            break;
    }
    s.head = at;
    s.last = at;
    return s;
}

/* ---- comments ------------------------------------------------------------ */

/* Takes the comments behind a statement, up to the end of their line. */
static void take_trailing(struct maker *m)
{
    m->has_column = false;
    while (m->at < m->count && bstc_piece_is_comment(&m->pieces[m->at]) &&
           !m->pieces[m->at].breaks) {
        const struct bstc_piece *piece = &m->pieces[m->at++];

        if (!bstc_layout_last(m->out)->comment_len)
            m->last_column = piece->column;
        bstc_layout_comment(m->out, piece);
        m->has_column = !piece->has_break;
    }
}

/* Says whether the comment at `at` has its line, or lines, to itself. */
static bool stands_alone(const struct maker *m, uint32_t at)
{
    const struct bstc_piece *piece = &m->pieces[at];

    return bstc_piece_is_comment(piece) &&
           (piece->kind == BSTC_PIECE_LINE_COMMENT || at + 1 == m->count ||
            m->pieces[at + 1].breaks > 0 || piece->has_break ||
            m->pieces[at + 1].kind == BSTC_TOKEN_RBRACE);
}

static bool wants_blank(const struct maker *m)
{
    return !m->fresh && (m->apart || m->pieces[m->at].breaks > 1);
}

/* A comment right below one behind code, at the same column, goes on with
 * what that one says. */
static bool goes_on(const struct maker *m, const struct bstc_piece *piece)
{
    return m->has_column && piece->kind == BSTC_PIECE_LINE_COMMENT &&
           piece->breaks == 1 && piece->column == m->last_column;
}

static void comment(struct maker *m)
{
    const struct bstc_piece *piece = &m->pieces[m->at];
    struct bstc_line *line = bstc_layout_add(m->out, m->depth * INDENT);

    if (goes_on(m, piece)) {
        line->continues = true;
        bstc_layout_comment(m->out, piece);
    } else {
        line->blank = wants_blank(m);
        m->fresh = false;
        m->apart = false;
        m->has_column = false;
        bstc_layout_put(m->out, piece);
    }
    m->at++;
}

/* ---- the whole ----------------------------------------------------------- */

static void statement(struct maker *m)
{
    struct statement s = read_statement(m);
    const struct bstc_piece *head = &m->pieces[s.head];
    bool opens = head->kind == BSTC_TOKEN_LBRACE;
    size_t lines = m->out->count;

    bstc_layout_add(m->out, m->depth * INDENT)->blank = wants_blank(m);
    m->fresh = false;
    m->apart = false;
    if (opens && is_on_one_line(m, s.head) && fits(m, s.first, head->match)) {
        s.last = head->match;
        opens = false;
    }
    if (fits(m, s.first, s.last))
        put_plain(m, &s);
    else
        put_broken(m, &s);
    m->at = s.last + 1;
    if (opens) {
        m->depth++;
        m->fresh = true;
    }
    take_trailing(m);
    m->apart = m->depth == 0 && m->out->count > lines + 1;
}

static void close_block(struct maker *m)
{
    if (m->depth > 0)
        m->depth--;
    bstc_layout_add(m->out, m->depth * INDENT);
    bstc_layout_put(m->out, &m->pieces[m->at++]);
    m->fresh = false;
    m->apart = m->depth == 0;
    take_trailing(m);
}

void bstc_layout_make(struct bstc_layout *layout,
                      const struct bstc_pieces *pieces)
{
    struct maker m = {
        .out = layout,
        .pieces = pieces->items,
        .count = pieces->count,
        .fresh = true,
    };

    *layout = (struct bstc_layout){.arena = pieces->arena,
                                   .source = pieces->source->text};
    while (m.at < m.count) {
        if (m.pieces[m.at].kind == BSTC_TOKEN_RBRACE)
            close_block(&m);
        else if (stands_alone(&m, m.at))
            comment(&m);
        else
            statement(&m);
    }
}
