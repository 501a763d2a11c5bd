/* The table of words. */

#include "lsp/words.h"

#include <string.h>

static const struct bstc_word words[] = {
#define WORD(token, text, doc)                                                 \
    {BSTC_WORD_KEYWORD, BSTC_TOKEN_##token, text, doc},
#define EVENT(name, doc) {BSTC_WORD_EVENT, BSTC_TOKEN_ID, #name, doc},
#define HOOK(name, doc) {BSTC_WORD_HOOK, BSTC_TOKEN_ID, #name, doc},
#include "lsp/words.def"
#undef WORD
#undef EVENT
#undef HOOK
};

const struct bstc_word *bstc_word_at(uint32_t index)
{
    return index < sizeof words / sizeof *words ? &words[index] : NULL;
}

const struct bstc_word *bstc_word_find(enum bstc_word_kind kind,
                                       const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].kind == kind && strcmp(words[i].text, text) == 0)
            return &words[i];
    }
    return NULL;
}

const struct bstc_setting_info *bstc_word_setting(const char *name,
                                                  unsigned where)
{
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        const struct bstc_setting_info *info =
            bstc_setting_info((enum bstc_setting)i);

        if ((info->where & where) && strcmp(info->name, name) == 0)
            return info;
    }
    return NULL;
}

const char *bstc_word_setting_doc(const struct bstc_setting_info *setting,
                                  struct bstc_arena *arena)
{
    return bstc_arena_format(arena, "```bst\n%s%s%s;\n```\n%s\n\nDefault: `%s`",
                             setting->name, *setting->args ? " " : "",
                             setting->args, setting->doc, setting->fallback);
}
