/* Formatting a document by one edit, of the lines that change. */

#include <string.h>

#include "fmt.h"
#include "lsp/features.h"
#include "lsp/wire.h"

/* Returns how many bytes both texts have in common up to the end of a line. */
static uint32_t common_start(const char *a, uint32_t a_size, const char *b,
                             uint32_t b_size)
{
    uint32_t line = 0;

    for (uint32_t i = 0; i < a_size && i < b_size && a[i] == b[i]; i++) {
        if (a[i] == '\n')
            line = i + 1;
    }
    return line;
}

/* The same at their ends: whole lines that both end with. */
static uint32_t common_end(const char *a, uint32_t a_size, const char *b,
                           uint32_t b_size)
{
    uint32_t limit = a_size < b_size ? a_size : b_size;
    uint32_t common = 0;

    for (uint32_t i = 0; i < limit && a[a_size - 1 - i] == b[b_size - 1 - i];
         i++) {
        if (i > 0 && a[a_size - 1 - i] == '\n')
            common = i;
    }
    return common;
}

cJSON *bstc_lsp_format(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    const struct bstc_source *source = view->doc->source;
    cJSON *list = NULL;
    struct bstc_context scratch;
    struct bstc_out out;

    bstc_context_init(&scratch);
    bstc_out_init(&out, &scratch.arena);
    source = bstc_sources_adopt(&scratch.sources, source->name, source->text,
                                source->size);
    if (bstc_format(&scratch, source, &out) == BSTC_FORMAT_DONE) {
        char *text = bstc_out_join(&out);
        uint32_t size = (uint32_t)out.length;
        uint32_t start = common_start(source->text, source->size, text, size);
        uint32_t end = common_end(source->text + start, source->size - start,
                                  text + start, size - start);

        list = cJSON_CreateArray();
        if (start < source->size || start < size) {
            text[size - end] = '\0';
            cJSON_AddItemToArray(
                list, bstc_wire_make_edit(bstc_lsp_range(source, start,
                                                         source->size - end,
                                                         view->space->encoding),
                                          text + start));
        }
    }
    bstc_context_fini(&scratch);
    return list;
}
