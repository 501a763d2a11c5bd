#ifndef BST_TESTS_SEMANTIC_H
#define BST_TESTS_SEMANTIC_H

/*
 * What the tests of the compiler's middle share: a program of one text.
 */

#include "front.h"

#include "check.h"
#include "driver.h"
#include "emit.h"
#include "lower.h"

struct semantic {
    struct front front;
    struct bstc_program program;
    struct bstc_program_file file;
    uint32_t order;
};

/* Parses `text` as the root file t.bst of a program. */
static inline void semantic_init(struct semantic *s, const char *text)
{
    memset(s, 0, sizeof *s);
    front_init(&s->front, text);
    bstc_program_init(&s->program, &s->front.context);
    s->file.ast = bstc_parse(&s->front.context, s->front.source);
    s->file.name = "t.bst";
    s->file.path = "t.bst";
    s->program.unit = "t";
    s->program.unit_span.file = 0;
    s->program.unit_span.start = 0;
    s->program.unit_span.end = 0;
    s->program.files = &s->file;
    s->program.nfiles = 1;
    s->program.order = &s->order;
    s->program.norder = 1;
}

static inline void semantic_fini(struct semantic *s)
{
    front_fini(&s->front);
}

/* Runs every check, whatever the parser found. */
static inline void semantic_check(struct semantic *s)
{
    bstc_scope_declare(&s->program);
    bstc_scope_resolve(&s->program);
    bstc_check(&s->program);
}

/* Returns the model of a text that has no mistakes. */
static inline struct bstc_model *semantic_model(struct semantic *s,
                                                const char *text)
{
    struct bstc_model *model;
    const char *why = "there are mistakes";

    semantic_init(s, text);
    model = bstc_analyse(&s->program);
    if (!model || !bstc_model_is_valid(model, &why))
        fail_msg("%s: %s", why, front_diags(&s->front, BSTC_FORMAT_SHORT));
    return model;
}

#endif
