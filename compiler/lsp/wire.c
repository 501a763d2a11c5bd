/* Pieces of the protocol. */

#include "lsp/wire.h"

#include <string.h>

const cJSON *bstc_wire_at(const cJSON *node, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(node, name);

    return cJSON_IsNull(member) ? NULL : member;
}

const char *bstc_wire_text(const cJSON *node, const char *name)
{
    return cJSON_GetStringValue(bstc_wire_at(node, name));
}

bool bstc_wire_flag(const cJSON *node, const char *name)
{
    return cJSON_IsTrue(bstc_wire_at(node, name));
}

/* Reads a line or a character. */
static bool read_count(const cJSON *node, const char *name, uint32_t *out)
{
    const cJSON *member = bstc_wire_at(node, name);
    double value;

    if (!cJSON_IsNumber(member))
        return false;
    value = member->valuedouble;
    if (value >= 0 && value < (double)UINT32_MAX)
        *out = (uint32_t)value;
    else
        *out = value < 0 ? 0 : UINT32_MAX;
    return true;
}

bool bstc_wire_position(const cJSON *node, struct bstc_lsp_position *out)
{
    return read_count(node, "line", &out->line) &&
           read_count(node, "character", &out->character);
}

bool bstc_wire_range(const cJSON *node, struct bstc_lsp_range *out)
{
    return bstc_wire_position(bstc_wire_at(node, "start"), &out->start) &&
           bstc_wire_position(bstc_wire_at(node, "end"), &out->end);
}

static void add_position(cJSON *range, const char *name,
                         struct bstc_lsp_position position)
{
    cJSON *node = cJSON_AddObjectToObject(range, name);

    cJSON_AddNumberToObject(node, "line", position.line);
    cJSON_AddNumberToObject(node, "character", position.character);
}

cJSON *bstc_wire_make_range(struct bstc_lsp_range range)
{
    cJSON *node = cJSON_CreateObject();

    add_position(node, "start", range.start);
    add_position(node, "end", range.end);
    return node;
}

cJSON *bstc_wire_make_location(const char *uri, struct bstc_lsp_range range)
{
    cJSON *node = cJSON_CreateObject();

    bstc_json_add_exact(node, "uri", uri);
    cJSON_AddItemToObject(node, "range", bstc_wire_make_range(range));
    return node;
}

cJSON *bstc_wire_make_edit(struct bstc_lsp_range range, const char *text)
{
    cJSON *node = cJSON_CreateObject();

    cJSON_AddItemToObject(node, "range", bstc_wire_make_range(range));
    bstc_json_add_exact(node, "newText", text);
    return node;
}

cJSON *bstc_wire_make_markdown(const char *text)
{
    cJSON *node = cJSON_CreateObject();

    cJSON_AddStringToObject(node, "kind", "markdown");
    bstc_json_add_exact(node, "value", text);
    return node;
}

void bstc_wire_defuse(char *message, size_t size)
{
    char *end = message + size;
    char *at = memchr(message, '\\', size);

    while (at && end - at >= 6) {
        if (memcmp(at + 1, "u0000", 5) == 0)
            at[5] = '1';
        at = memchr(at + 2, '\\', (size_t)(end - at - 2));
    }
}
