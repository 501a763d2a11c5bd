#ifndef BST_TESTS_FRONT_H
#define BST_TESTS_FRONT_H

/*
 * What the tests of the compiler's front end share: a compilation of one
 * text, and its diagnostics as text.
 *
 * It is included first, because of open_memstream().
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "context.h"
#include "lexer.h"
#include "parse.h"

/*
 * Random rounds of a test. The sanitizers are slow, and see in a few what they
 * would see in all.
 */
#if BSTI_ASAN || BSTI_TSAN
#define FRONT_ROUNDS(n) ((n) / 8)
#else
#define FRONT_ROUNDS(n) (n)
#endif

struct front {
    struct bstc_context context;
    struct bstc_source *source;
};

/* Begins a compilation of `size` bytes under the name "t.bst". */
static inline void front_init_bytes(struct front *f, const char *text,
                                    size_t size)
{
    bstc_context_init(&f->context);
    f->source = bstc_sources_add(&f->context.sources, "t.bst", text, size);
}

static inline void front_init(struct front *f, const char *text)
{
    front_init_bytes(f, text, strlen(text));
}

static inline void front_fini(struct front *f)
{
    bstc_context_fini(&f->context);
}

/* Returns all diagnostics in a format, in the arena of the compilation. */
static inline const char *front_diags(struct front *f,
                                      enum bstc_diag_format format)
{
    struct bstc_diag_style style = {.format = format,
                                    .color = BSTC_COLOR_NEVER,
                                    .max_errors = 1000,
                                    .subject = "t.bst"};
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);
    char *text;

    assert_non_null(out);
    bstc_diags_print(&f->context.diags, out, &style);
    fclose(out);
    text = bstc_arena_copy(&f->context.arena, buffer, size);
    free(buffer);
    return text;
}

/* Parses a text and checks that the short diagnostics are exactly these
 * lines; the name of the file is left out of `expected`. */
static inline void front_expect(const char *text, const char *expected)
{
    struct front f;
    const char *got;
    char wanted[4096];
    size_t used = 0;

    while (*expected) {
        size_t length = strcspn(expected, "\n");
        int written = snprintf(wanted + used, sizeof wanted - used,
                               "t.bst:%.*s\n", (int)length, expected);

        used += (size_t)written;
        expected += length + (expected[length] == '\n');
    }
    wanted[used] = '\0';
    front_init(&f, text);
    bstc_parse(&f.context, f.source);
    got = front_diags(&f, BSTC_FORMAT_SHORT);
    assert_string_equal(got, wanted);
    front_fini(&f);
}

/* Returns the text that a span covers. */
static inline const char *front_text(struct front *f, struct bstc_span span)
{
    assert_int_equal(span.file, f->source->index);
    assert_true(span.start <= span.end && span.end <= f->source->size);
    return bstc_arena_copy(&f->context.arena, f->source->text + span.start,
                           span.end - span.start);
}

#endif
