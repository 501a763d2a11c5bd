/*
 * The trace and the expected one.
 *
 * They have to be equal. Only what follows stimuli that are given together is
 * compared as a partial order on threads, as nobody knows which of them comes
 * first there: the same lines, the same order of those about a process, and of
 * what a supervisor does to a group of children. Under one-for-one children are
 * restarted independently.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/** Lines of a text; it is not changed. */
struct lines {
    const char **line;
    size_t *length;
    size_t n;
};

static struct lines lines_of(const char *text)
{
    struct lines lines = {NULL, NULL, 0};

    while (*text) {
        size_t length = strcspn(text, "\n");

        lines.line = realloc(lines.line, (lines.n + 1) * sizeof *lines.line);
        lines.length =
            realloc(lines.length, (lines.n + 1) * sizeof *lines.length);
        lines.line[lines.n] = text;
        lines.length[lines.n++] = length;
        text += length + (text[length] == '\n');
    }
    return lines;
}

static void lines_free(struct lines *lines)
{
    free(lines->line);
    free(lines->length);
}

static bool are_equal(const struct lines *a, size_t i, const struct lines *b,
                      size_t j)
{
    return a->length[i] == b->length[j] &&
           memcmp(a->line[i], b->line[j], a->length[i]) == 0;
}

/* ---- partial orders ------------------------------------------------------ */

static bool begins_with(const struct lines *lines, size_t i, const char *text)
{
    size_t length = strlen(text);

    return lines->length[i] >= length &&
           memcmp(lines->line[i], text, length) == 0;
}

/* Returns the end of the section that begins at line `i`. */
static size_t section_end(const struct lines *lines, size_t i)
{
    for (i++; i < lines->n; i++)
        if (begins_with(lines, i, "-- "))
            break;
    return i;
}

/* Whether a line is about that process: its second word is "NAME#n". */
static bool is_about(const struct lines *lines, size_t i, const char *name)
{
    const char *end = lines->line[i] + lines->length[i];
    const char *word = memchr(lines->line[i], ' ', lines->length[i]);
    size_t length = strlen(name);

    return word && (size_t)(end - word) > length + 1 &&
           memcmp(word + 1, name, length) == 0 && word[length + 1] == '#';
}

/* Whom a comparison is about. */
struct scope {
    const struct run *run;
    const char *process;    /* NULL: ... */
    const char *supervisor; /* ... what it does; NULL: nobody in particular */
};

static bool is_in_scope(const struct scope *scope, const struct lines *lines,
                        size_t i)
{
    if (scope->process)
        return is_about(lines, i, scope->process);
    for (const struct role *role = scope->run->roles; role; role = role->next)
        if (is_about(lines, i, role->node.name) &&
            (!scope->supervisor ||
             strcmp(role->parent, scope->supervisor) == 0))
            return scope->supervisor && !begins_with(lines, i, "down ");
    return scope->supervisor == NULL;
}

/* Compares the lines of both sections that are in the scope, in order. */
static bool scope_is_equal(const struct scope *scope, const struct lines *a,
                           const size_t *from_a, const struct lines *b,
                           const size_t *from_b)
{
    size_t i = from_a[0];
    size_t j = from_b[0];

    for (;;) {
        while (i < from_a[1] && !is_in_scope(scope, a, i))
            i++;
        while (j < from_b[1] && !is_in_scope(scope, b, j))
            j++;
        if (i == from_a[1] || j == from_b[1])
            return i == from_a[1] && j == from_b[1];
        if (!are_equal(a, i++, b, j++))
            return false;
    }
}

/* Every line is in the scope of its process, or in that of nobody: so these
 * have the same lines, too. */
static bool sections_are_equal(const struct run *run, const struct lines *a,
                               const size_t *from_a, const struct lines *b,
                               const size_t *from_b)
{
    struct scope scope = {.run = run};

    if (from_a[1] - from_a[0] != from_b[1] - from_b[0] ||
        !scope_is_equal(&scope, a, from_a, b, from_b))
        return false;
    for (const struct role *role = run->roles; role; role = role->next) {
        scope = (struct scope){.run = run, .process = role->node.name};
        if (!scope_is_equal(&scope, a, from_a, b, from_b))
            return false;
        scope = (struct scope){.run = run, .supervisor = role->parent};
        if (role->in_a_row && !scope_is_equal(&scope, a, from_a, b, from_b))
            return false;
    }
    return true;
}

bool compare_traces(const struct run *run)
{
    struct lines found = lines_of(run->lines);
    struct lines expected = lines_of(run->scn.expected);
    size_t a[2] = {0, 0};
    size_t b[2] = {0, 0};
    bool equal = true;

    while (equal && a[1] < found.n && b[1] < expected.n) {
        bool loose = run->clock->hangs_thread &&
                     begins_with(&found, a[0], "-- together ");

        a[1] = section_end(&found, a[0]);
        b[1] = section_end(&expected, b[0]);
        if (loose) {
            equal = are_equal(&found, a[0], &expected, b[0]) &&
                    sections_are_equal(run, &found, a, &expected, b);
        } else {
            equal = a[1] - a[0] == b[1] - b[0];
            for (size_t i = 0; equal && i < a[1] - a[0]; i++)
                equal = are_equal(&found, a[0] + i, &expected, b[0] + i);
        }
        a[0] = a[1];
        b[0] = b[1];
    }
    equal = equal && a[0] == found.n && b[0] == expected.n;
    lines_free(&found);
    lines_free(&expected);
    return equal;
}

/* ---- differences --------------------------------------------------------- */

/* Fills in the lengths of the longest common parts of all ends of the two. */
static size_t *common_parts(const struct lines *a, const struct lines *b)
{
    size_t width = b->n + 1;
    size_t *common = calloc((a->n + 1) * width, sizeof *common);

    for (size_t i = a->n; i-- > 0;)
        for (size_t j = b->n; j-- > 0;) {
            size_t down = common[(i + 1) * width + j];
            size_t right = common[i * width + j + 1];

            common[i * width + j] = are_equal(a, i, b, j)
                                        ? common[(i + 1) * width + j + 1] + 1
                                    : down > right ? down
                                                   : right;
        }
    return common;
}

static void print(char mark, const struct lines *lines, size_t i)
{
    printf("  %c %.*s\n", mark, (int)lines->length[i], lines->line[i]);
}

void compare_print(const struct run *run)
{
    struct lines found = lines_of(run->lines);
    struct lines expected = lines_of(run->scn.expected);
    size_t *common = common_parts(&found, &expected);
    size_t width = expected.n + 1;
    size_t i = 0;
    size_t j = 0;

    while (i < found.n || j < expected.n) {
        if (i < found.n && j < expected.n &&
            are_equal(&found, i, &expected, j)) {
            print(' ', &found, i);
            i++;
            j++;
        } else if (j < expected.n &&
                   (i == found.n ||
                    common[i * width + j + 1] >= common[(i + 1) * width + j])) {
            print('-', &expected, j++);
        } else {
            print('+', &found, i++);
        }
    }
    free(common);
    lines_free(&found);
    lines_free(&expected);
}
