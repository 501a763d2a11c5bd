/*
 * The table of what has no back end yet.
 */

#include "scope.h"

#include <string.h>

static const struct {
    const char *area;
    const char *word;
    const char *text;
} unsupported[] = {
#define X(area, word, text) {area, word, text},
#include "unsupported.def"
#undef X
};

static const char *find(const char *area, const char *word)
{
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        if (strcmp(unsupported[i].word, word) == 0 &&
            strcmp(unsupported[i].area, area) == 0)
            return unsupported[i].text;
    }
    return NULL;
}

bool bstc_unsupported(struct bstc_program *program, const char *area,
                      const char *word, struct bstc_span span)
{
    const char *text = find(area, word);

    if (!text)
        return false;
    bstc_error(&program->context->diags, "E0900", span,
               "%s is not supported yet", text);
    return true;
}
