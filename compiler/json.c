/*
 * JSON texts and lines.
 *
 * cJSON passes bytes through, so that a text from a file must be made valid
 * UTF-8 before.
 */

#include "json.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"

void bstc_json_init(void)
{
    cJSON_Hooks hooks = {bstc_heap_take, bstc_heap_give};

    cJSON_InitHooks(&hooks);
}

static size_t put_shown(char *to, const char *text, size_t size,
                        uint32_t character)
{
    char escape[BSTC_UTF8_ESCAPE];
    size_t length = bstc_utf8_escape(character, (unsigned char)*text, escape);

    memcpy(to, length ? escape : text, length ? length : size);
    return length ? length : size;
}

static size_t put_exact(char *to, const char *text, size_t size,
                        uint32_t character)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    bool is_bad = character == BSTC_UTF8_INVALID;

    memcpy(to, is_bad ? replacement : text, is_bad ? 3 : size);
    return is_bad ? 3 : size;
}

/* Makes a JSON string of what `put` turns each character of `text` into. */
static cJSON *convert(const char *text,
                      size_t (*put)(char *, const char *, size_t, uint32_t))
{
    size_t length = strlen(text);
    struct bstc_arena scratch;
    char *buffer;
    size_t used = 0;
    cJSON *string;

    bstc_arena_init(&scratch);
    buffer = bstc_arena_array(&scratch, length + 1, BSTC_UTF8_ESCAPE);
    for (size_t at = 0; at < length;) {
        size_t size;
        uint32_t character = bstc_utf8_decode(text + at, length - at, &size);

        used += put(buffer + used, text + at, size, character);
        at += size;
    }
    buffer[used] = '\0';
    string = cJSON_CreateString(buffer);
    bstc_arena_fini(&scratch);
    return string;
}

cJSON *bstc_json_shown(const char *text)
{
    return convert(text, put_shown);
}

void bstc_json_add_shown(cJSON *object, const char *name, const char *text)
{
    cJSON_AddItemToObject(object, name, bstc_json_shown(text));
}

void bstc_json_add_exact(cJSON *object, const char *name, const char *text)
{
    cJSON_AddItemToObject(object, name, convert(text, put_exact));
}

void bstc_json_print(cJSON *value, FILE *out)
{
    char *text = cJSON_PrintUnformatted(value);

    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(value);
}
