/*
 * Lines to text: what neighbours have in common stands below each other.
 *
 * Only lines that follow each other without an empty one are aligned, and
 * only as long as their widths are near: one long line does not push its
 * neighbours away. Groups are taken greedily from the top, by widths that do
 * not depend on padding, so formatting again changes nothing.
 */

#include "fmt_layout.h"

#include <string.h>

/* How far apart the widths in one group may be, in columns. */
enum { CELL_SPREAD = 16, COMMENT_SPREAD = 40, COMMENT_GAP = 2 };

/* ---- cells --------------------------------------------------------------- */

static bool is_same_kind(const struct bstc_line *a, const struct bstc_line *b)
{
    return a->shape == b->shape && a->indent == b->indent && !b->blank &&
           (a->shape != BSTC_SHAPE_BLOCK || a->key == b->key);
}

/* Arrows are aligned at their right end, `=!>` and `=>` alike; everything
 * else at its left. */
static bool is_right(enum bstc_shape shape, int cell)
{
    return shape == BSTC_SHAPE_HANDLER ||
           (shape == BSTC_SHAPE_USER && cell == 1);
}

static uint32_t cell_column(const struct bstc_line *line, int cell)
{
    uint32_t column =
        is_right(line->shape, cell) ? line->ends[cell] : line->cell[cell];

    return column + (cell ? line->pad[0] : 0);
}

static void pad_group(struct bstc_line *first, const struct bstc_line *end,
                      int cell, uint32_t column)
{
    for (; first < end; first++) {
        if (first->cell[cell])
            first->pad[cell] = column - cell_column(first, cell);
    }
}

/* Aligns one cell of lines that are of the same kind. */
static void align_cell(struct bstc_line *first, struct bstc_line *end, int cell)
{
    struct bstc_line *begin = first;
    uint32_t low = UINT32_MAX;
    uint32_t high = 0;

    for (struct bstc_line *line = first; line < end; line++) {
        uint32_t column;

        if (!line->cell[cell])
            continue;
        column = cell_column(line, cell);
        if ((high > column && high - column > CELL_SPREAD) ||
            (low < column && column - low > CELL_SPREAD)) {
            pad_group(begin, line, cell, high);
            begin = line;
            low = UINT32_MAX;
            high = 0;
        }
        low = column < low ? column : low;
        high = column > high ? column : high;
    }
    pad_group(begin, end, cell, high);
}

static void align_cells(struct bstc_layout *layout)
{
    size_t at = 0;

    while (at < layout->count) {
        struct bstc_line *first = &layout->lines[at];
        size_t end = at + 1;

        if (first->shape != BSTC_SHAPE_NONE) {
            while (end < layout->count &&
                   is_same_kind(first, &layout->lines[end]))
                end++;
            align_cell(first, &layout->lines[end], 0);
            align_cell(first, &layout->lines[end], 1);
        }
        at = end;
    }
}

/* ---- comments ------------------------------------------------------------ */

static uint32_t code_end(const struct bstc_line *line)
{
    return line->indent + line->width + line->pad[0] + line->pad[1];
}

/* Says whether the comment of `line` may stand below that of the one above. */
static bool follows(const struct bstc_line *above, const struct bstc_line *line)
{
    return above->comment_len && line->comment_len && !line->blank &&
           !above->verbatim && !line->verbatim;
}

static void align_comments(struct bstc_layout *layout)
{
    size_t at = 0;

    while (at < layout->count) {
        struct bstc_line *lines = layout->lines;
        uint32_t low = code_end(&lines[at]);
        uint32_t high = low;
        size_t end = at + 1;

        for (; end < layout->count; end++) {
            uint32_t column = code_end(&lines[end]);

            if (lines[end].continues)
                continue;
            if (!follows(&lines[end - 1], &lines[end]) ||
                (column > low && column - low > COMMENT_SPREAD) ||
                (column < high && high - column > COMMENT_SPREAD))
                break;
            low = column < low ? column : low;
            high = column > high ? column : high;
        }
        for (; at < end; at++)
            lines[at].comment_column = high + COMMENT_GAP;
    }
}

void bstc_layout_align(struct bstc_layout *layout)
{
    align_cells(layout);
    align_comments(layout);
}

/* ---- printing ------------------------------------------------------------ */

static void print_spaces(struct bstc_out *out, uint32_t count)
{
    static const char spaces[] = "                                        ";

    while (count > 0) {
        uint32_t some =
            count < sizeof spaces - 1 ? count : (uint32_t)sizeof spaces - 1;

        bstc_out_bytes(out, spaces, some);
        count -= some;
    }
}

static void print_code(const struct bstc_layout *layout,
                       const struct bstc_line *line, struct bstc_out *out)
{
    const char *text = layout->text + line->text;
    uint32_t at = 0;

    if (line->length && !line->verbatim)
        print_spaces(out, line->indent);
    for (int i = 0; i < 2; i++) {
        if (line->pad[i]) {
            bstc_out_bytes(out, text + at, line->offset[i] - at);
            print_spaces(out, line->pad[i]);
            at = line->offset[i];
        }
    }
    bstc_out_bytes(out, text + at, line->length - at);
}

void bstc_layout_print(const struct bstc_layout *layout, const char *line_end,
                       struct bstc_out *out)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct bstc_line *line = &layout->lines[i];

        if (line->blank)
            bstc_out_text(out, line_end);
        print_code(layout, line, out);
        if (line->comment_len) {
            uint32_t end = line->length ? code_end(line) : 0;

            print_spaces(out, line->comment_column - end);
            bstc_out_bytes(out, layout->text + line->comment,
                           line->comment_len);
        }
        bstc_out_text(out, line_end);
    }
}
