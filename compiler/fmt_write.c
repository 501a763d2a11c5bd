/*
 * Appending to lines.
 *
 * Text that spans lines - C and block comments - keeps its own lines. They
 * move with the line on which it begins if all of them have the margin of
 * that line in the source; else they stay as they are.
 */

#include "fmt_layout.h"

#include <string.h>

struct bstc_line *bstc_layout_add(struct bstc_layout *out, uint32_t indent)
{
    struct bstc_line *line;

    if (out->count == out->capacity) {
        size_t old = out->capacity;

        out->capacity = old ? old * 2 : 512;
        out->lines =
            bstc_arena_grow(out->arena, out->lines, old * sizeof *out->lines,
                            out->capacity * sizeof *out->lines);
    }
    line = &out->lines[out->count++];
    memset(line, 0, sizeof *line);
    line->text = out->used;
    line->indent = indent;
    return line;
}

static void put(struct bstc_layout *out, const char *text, size_t length)
{
    if (out->used + length > out->room) {
        size_t room = out->room * 2 + length + 4096;

        out->text = bstc_arena_grow(out->arena, out->text, out->used, room);
        out->room = room;
    }
    memcpy(out->text + out->used, text, length);
    out->used += length;
}

/* Appends code to the current line. */
static void put_code(struct bstc_layout *out, const char *text, size_t length)
{
    struct bstc_line *line = bstc_layout_last(out);

    put(out, text, length);
    line->length += (uint32_t)length;
    line->width += bstc_text_width(text, length);
}

/* ---- text that spans lines ----------------------------------------------- */

static size_t line_length(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && text[at] != '\n' && text[at] != '\r')
        at++;
    return at;
}

static size_t skip_break(const char *text, size_t length, size_t at)
{
    if (at + 1 < length && text[at] == '\r' && text[at + 1] == '\n')
        return at + 2;
    return at + 1;
}

static size_t blanks(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at;
}

/* The indentation, as bytes of the source, of the line where a piece is. */
struct margin {
    const char *text;
    size_t length;
};

static struct margin margin_of(const struct bstc_layout *out,
                               const struct bstc_piece *piece)
{
    uint32_t at = piece->start;
    struct margin margin;

    while (at > 0 && out->source[at - 1] != '\n' && out->source[at - 1] != '\r')
        at--;
    margin.text = out->source + at;
    margin.length = blanks(margin.text, piece->start - at);
    return margin;
}

/*
 * Says whether the lines after the first can be moved: all of them must
 * begin with the margin, and none may go on inside a string, as one may
 * after a backslash.
 */
static bool can_move(const struct bstc_piece *piece, struct margin margin)
{
    const char *text = piece->text;
    size_t at = line_length(text, piece->length);

    while (at < piece->length) {
        size_t length;

        if (at > 0 && text[at - 1] == '\\' && piece->kind == BSTC_TOKEN_RAW)
            return false;
        at = skip_break(text, piece->length, at);
        length = line_length(text + at, piece->length - at);
        if (blanks(text + at, length) < length &&
            (length < margin.length ||
             memcmp(text + at, margin.text, margin.length) != 0))
            return false;
        at += length;
    }
    return true;
}

void bstc_layout_spaces(struct bstc_layout *out, size_t count)
{
    static const char spaces[] = "                                        ";

    while (count > 0) {
        size_t some = count < sizeof spaces - 1 ? count : sizeof spaces - 1;

        put_code(out, spaces, some);
        count -= some;
    }
}

/* Puts all lines of a piece but the first. They lose their margin and get
 * `indent` for it, or stay as they are if `margin` is NULL. */
static void put_rest(struct bstc_layout *out, const struct bstc_piece *piece,
                     const struct margin *margin, uint32_t indent)
{
    bool is_comment = piece->kind != BSTC_TOKEN_RAW;
    const char *text = piece->text;
    size_t at = line_length(text, piece->length);

    while (at < piece->length) {
        size_t length;
        bool is_blank;

        at = skip_break(text, piece->length, at);
        length = line_length(text + at, piece->length - at);
        is_blank = blanks(text + at, length) == length;
        bstc_layout_add(out, 0)->verbatim = true;
        if (margin && !is_blank) {
            bstc_layout_spaces(out, indent);
            put_code(out, text + at + margin->length, length - margin->length);
        } else if (!is_blank || !is_comment) {
            put_code(out, text + at, length);
        }
        at += length;
    }
}

/* Puts a piece that spans lines; they move with the line where it begins. */
static void put_lines(struct bstc_layout *out, const struct bstc_piece *piece)
{
    struct margin margin = margin_of(out, piece);
    uint32_t indent = bstc_layout_last(out)->indent;
    bool moves = !bstc_layout_last(out)->verbatim && can_move(piece, margin);

    put_code(out, piece->text, line_length(piece->text, piece->length));
    put_rest(out, piece, moves ? &margin : NULL, indent);
}

void bstc_layout_put(struct bstc_layout *out, const struct bstc_piece *piece)
{
    if (piece->has_break)
        put_lines(out, piece);
    else
        put_code(out, piece->text, piece->length);
}

void bstc_layout_comment(struct bstc_layout *out,
                         const struct bstc_piece *piece)
{
    size_t length = line_length(piece->text, piece->length);
    struct bstc_line *line = bstc_layout_last(out);

    if (line->comment_len) {
        put(out, " ", 1);
        line->comment_len++;
    } else {
        line->comment = out->used;
    }
    put(out, piece->text, length);
    line->comment_len += (uint32_t)length;
    put_rest(out, piece, NULL, 0);
}

uint32_t bstc_piece_width(const struct bstc_piece *piece)
{
    size_t length = piece->has_break ? line_length(piece->text, piece->length)
                                     : piece->length;

    return bstc_text_width(piece->text, length);
}
