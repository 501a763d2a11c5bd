#ifndef BSTC_LSP_WORDS_H
#define BSTC_LSP_WORDS_H

/*
 * What is said about the words of the language.
 *
 * Threads: any.
 */

#include "attrs.h"
#include "token.h"

/** What a documented word is. */
enum bstc_word_kind { BSTC_WORD_KEYWORD, BSTC_WORD_EVENT, BSTC_WORD_HOOK };

struct bstc_word {
    enum bstc_word_kind kind;
    int token; /* KEYWORD: its kind */
    const char *text;
    const char *doc; /* Markdown */
};

/** Returns word `index`, or NULL behind the last one. */
const struct bstc_word *bstc_word_at(uint32_t index);

/** Returns the word of a kind and text, or NULL. */
const struct bstc_word *bstc_word_find(enum bstc_word_kind kind,
                                       const char *text);

/** Returns the setting of a name that may stand in one of these places (of
 * enum bstc_where), or NULL. */
const struct bstc_setting_info *bstc_word_setting(const char *name,
                                                  unsigned where);

/** Returns what is said about a setting, as Markdown. */
const char *bstc_word_setting_doc(const struct bstc_setting_info *setting,
                                  struct bstc_arena *arena);

#endif
