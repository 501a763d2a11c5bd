/* Names of tokens; everything comes from the list in token.h. */

#include "token.h"

#include <string.h>

static const char *const texts[] = {"end of file",
#define TEXT(name, text) text,
                                    BSTC_TOKEN_LIST(TEXT)
#undef TEXT
};

static const char *const names[] = {"EOF",
#define NAME(name, text) #name,
                                    BSTC_TOKEN_LIST(NAME)
#undef NAME
};

const char *bstc_token_text(int kind)
{
    return kind >= 0 && kind < BSTC_TOKEN_COUNT ? texts[kind] : "?";
}

const char *bstc_token_name(int kind)
{
    return kind >= 0 && kind < BSTC_TOKEN_COUNT ? names[kind] : "?";
}

int bstc_token_keyword(const char *text, size_t length)
{
    int kind;

    for (kind = BSTC_TOKEN_USE; kind < BSTC_TOKEN_COUNT; kind++) {
        const char *word = texts[kind] + 1; /* after the backquote */

        if (strlen(word) == length + 1 && memcmp(word, text, length) == 0)
            return kind;
    }
    return BSTC_TOKEN_ID;
}

bool bstc_token_is_reserved(int kind)
{
    return kind >= BSTC_TOKEN_USE && kind <= BSTC_TOKEN_ENUM;
}
