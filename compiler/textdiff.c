/*
 * Patience diff: the longest rising sequence of pairs of lines that are
 * unique on both sides, extended over the equal lines around them.
 */

#include "textdiff.h"

#include <string.h>

#include "intern.h"
#include "map.h"

enum { CONTEXT = 3 };

#define NOWHERE UINT32_MAX

/* One of the texts, cut into lines; line ends belong to their lines. */
struct side {
    const char **lines; /* interned: equal lines are equal pointers */
    uint32_t *lengths;
    uint32_t *pair; /* the line of the other text, or NOWHERE */
    uint32_t count;
    bool ends_open; /* the last line has no end */
};

static uint32_t count_lines(const struct bstc_difftext *text)
{
    uint32_t count = 0;

    for (size_t i = 0; i < text->length; i++)
        count += text->text[i] == '\n' || i + 1 == text->length;
    return count;
}

static void cut(struct side *side, struct bstc_intern *names,
                const struct bstc_difftext *text)
{
    size_t at = 0;

    side->count = count_lines(text);
    side->lines =
        bstc_arena_array(names->arena, side->count + 1, sizeof *side->lines);
    side->lengths =
        bstc_arena_array(names->arena, side->count + 1, sizeof *side->lengths);
    side->pair =
        bstc_arena_array(names->arena, side->count + 1, sizeof *side->pair);
    for (uint32_t i = 0; i < side->count; i++) {
        const char *start = text->text + at;
        const char *end = memchr(start, '\n', text->length - at);
        size_t length = end ? (size_t)(end - start) + 1 : text->length - at;

        side->lines[i] = bstc_intern(names, start, length);
        side->lengths[i] = (uint32_t)length;
        side->pair[i] = NOWHERE;
        side->ends_open = !end;
        at += length;
    }
}

/* ---- pairs of equal lines ------------------------------------------------ */

/* How often a line occurs on either side, and where it was seen last. */
struct seen {
    uint32_t counts[2];
    uint32_t at[2];
};

static struct seen *count_all(struct bstc_arena *arena, struct bstc_map *map,
                              struct side *const sides[2])
{
    uint32_t total = sides[0]->count + sides[1]->count;
    struct seen *all = bstc_arena_array(arena, total + 1, sizeof *all);
    uint32_t used = 0;

    for (int s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < sides[s]->count; i++) {
            uint64_t key = bstc_map_name(sides[s]->lines[i]);
            uint32_t index = bstc_map_add(map, key, used);

            if (index == BSTC_MAP_NONE)
                index = used++;
            all[index].counts[s]++;
            all[index].at[s] = i;
        }
    }
    return all;
}

/* Pairs lines [i, ...) and [k, ...), and those above, as long as they are
 * equal and free. */
static void extend(struct side *from, struct side *to, uint32_t i, uint32_t k)
{
    for (uint32_t a = i + 1, b = k + 1;
         a < from->count && b < to->count && from->pair[a] == NOWHERE &&
         to->pair[b] == NOWHERE && from->lines[a] == to->lines[b];
         a++, b++) {
        from->pair[a] = b;
        to->pair[b] = a;
    }
    while (i > 0 && k > 0 && from->pair[i - 1] == NOWHERE &&
           to->pair[k - 1] == NOWHERE &&
           from->lines[i - 1] == to->lines[k - 1]) {
        i--;
        k--;
        from->pair[i] = k;
        to->pair[k] = i;
    }
}

/*
 * Finds the longest sequence of unique lines that is in order on both sides:
 * `tops` holds, for each length, the line of `from` that ends the sequence of
 * this length with the smallest partner; `before` links them.
 */
static void pair_unique(struct bstc_arena *arena, struct side *from,
                        struct side *to)
{
    struct side *sides[2] = {from, to};
    uint32_t *tops = bstc_arena_array(arena, from->count + 1, sizeof *tops);
    uint32_t *before = bstc_arena_array(arena, from->count + 1, sizeof *before);
    uint32_t *partner =
        bstc_arena_array(arena, from->count + 1, sizeof *partner);
    uint32_t length = 0;
    struct bstc_map map;
    struct seen *all;

    bstc_map_init(&map, arena);
    all = count_all(arena, &map, sides);
    for (uint32_t i = 0; i < from->count; i++) {
        const struct seen *seen =
            &all[bstc_map_find(&map, bstc_map_name(from->lines[i]))];
        uint32_t low = 0;
        uint32_t high = length;

        if (seen->counts[0] != 1 || seen->counts[1] != 1)
            continue;
        partner[i] = seen->at[1];
        while (low < high) {
            uint32_t middle = (low + high) / 2;

            if (partner[tops[middle]] < partner[i])
                low = middle + 1;
            else
                high = middle;
        }
        before[i] = low ? tops[low - 1] : NOWHERE;
        tops[low] = i;
        length += low == length;
    }
    for (uint32_t i = length ? tops[length - 1] : NOWHERE; i != NOWHERE;
         i = before[i]) {
        from->pair[i] = partner[i];
        to->pair[partner[i]] = i;
    }
}

static void pair_lines(struct bstc_arena *arena, struct side *from,
                       struct side *to)
{
    pair_unique(arena, from, to);
    /* The ends of the texts hold, too. */
    for (uint32_t i = 0;
         i < from->count && i < to->count && from->lines[i] == to->lines[i] &&
         from->pair[i] == NOWHERE && to->pair[i] == NOWHERE;
         i++) {
        from->pair[i] = i;
        to->pair[i] = i;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        if (from->pair[i] != NOWHERE)
            extend(from, to, i, from->pair[i]);
    }
    for (uint32_t i = from->count, k = to->count;
         i > 0 && k > 0 && from->lines[i - 1] == to->lines[k - 1] &&
         from->pair[i - 1] == NOWHERE && to->pair[k - 1] == NOWHERE;
         i--, k--) {
        from->pair[i - 1] = k - 1;
        to->pair[k - 1] = i - 1;
    }
}

/* ---- printing ------------------------------------------------------------ */

/* A walk over both texts at once. */
struct walk {
    const struct side *from;
    const struct side *to;
    uint32_t i; /* next line of `from` */
    uint32_t k; /* next line of `to` */
};

static bool at_end(const struct walk *w)
{
    return w->i == w->from->count && w->k == w->to->count;
}

/* The next line stands on both sides. */
static bool is_equal(const struct walk *w)
{
    return w->i < w->from->count && w->k < w->to->count &&
           w->from->pair[w->i] == w->k;
}

/* Moves on by one line; returns how it is marked. */
static char step(struct walk *w)
{
    if (is_equal(w)) {
        w->i++;
        w->k++;
        return ' ';
    }
    if (w->i < w->from->count && w->from->pair[w->i] == NOWHERE) {
        w->i++;
        return '-';
    }
    w->k++;
    return '+';
}

static void print_line(struct bstc_out *out, char mark, const struct side *side,
                       uint32_t line)
{
    bstc_out_bytes(out, &mark, 1);
    bstc_out_bytes(out, side->lines[line], side->lengths[line]);
    if (line + 1 == side->count && side->ends_open)
        bstc_out_text(out, "\n\\ No newline at end of file\n");
}

static void print_range(struct bstc_out *out, uint32_t begin, uint32_t end)
{
    if (end - begin == 1)
        bstc_out_format(out, "%u", begin + 1);
    else
        bstc_out_format(out, "%u,%u", begin + (end > begin), end - begin);
}

static void print_hunk(struct bstc_out *out, const struct walk *begin,
                       const struct walk *end)
{
    struct walk w = *begin;

    bstc_out_text(out, "@@ -");
    print_range(out, begin->i, end->i);
    bstc_out_text(out, " +");
    print_range(out, begin->k, end->k);
    bstc_out_text(out, " @@\n");
    while (w.i < end->i || w.k < end->k) {
        struct walk old = w;
        char mark = step(&w);

        if (mark == '+')
            print_line(out, mark, w.to, old.k);
        else
            print_line(out, mark, w.from, old.i);
    }
}

static void print_hunks(struct bstc_out *out, struct walk w)
{
    while (!at_end(&w)) {
        struct walk begin;
        struct walk end;
        uint32_t equal = 0;

        while (!at_end(&w) && is_equal(&w))
            step(&w);
        if (at_end(&w))
            break;
        begin = w;
        for (int n = 0; n < CONTEXT && begin.i && begin.k &&
                        begin.from->pair[begin.i - 1] == begin.k - 1;
             n++) {
            begin.i--;
            begin.k--;
        }
        end = w;
        while (!at_end(&w) && equal <= 2 * CONTEXT) {
            equal = step(&w) == ' ' ? equal + 1 : 0;
            if (equal <= CONTEXT)
                end = w;
        }
        print_hunk(out, &begin, &end);
    }
}

void bstc_textdiff(struct bstc_out *out, const struct bstc_difftext *from,
                   const struct bstc_difftext *to)
{
    struct bstc_intern names;
    struct side sides[2] = {{0}, {0}};

    if (from->length == to->length &&
        memcmp(from->text, to->text, from->length) == 0)
        return;
    bstc_intern_init(&names, out->arena);
    cut(&sides[0], &names, from);
    cut(&sides[1], &names, to);
    pair_lines(out->arena, &sides[0], &sides[1]);
    bstc_out_format(out, "--- %s\n+++ %s\n", from->name, to->name);
    print_hunks(out, (struct walk){&sides[0], &sides[1], 0, 0});
}
