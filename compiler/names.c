/*
 * Look-ups in the sorted lists of names.def.
 */

#include "names.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const keywords[] = {
#define BSTC_NAMES_KEYWORDS
#include "names.def"
#undef BSTC_NAMES_KEYWORDS
};

static const char *const macros[] = {
#define BSTC_NAMES_MACROS
#include "names.def"
#undef BSTC_NAMES_MACROS
};

static const char *const tags[] = {
#define BSTC_NAMES_TAGS
#include "names.def"
#undef BSTC_NAMES_TAGS
};

static const char *const types[] = {
#define BSTC_NAMES_TYPES
#include "names.def"
#undef BSTC_NAMES_TYPES
};

static const char *const functions[] = {
#define BSTC_NAMES_FUNCTIONS
#include "names.def"
#undef BSTC_NAMES_FUNCTIONS
};

static int compare(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

static bool is_in(const char *name, const char *const *list, size_t count)
{
    return bsearch(name, list, count, sizeof *list, compare) != NULL;
}

#define IS_IN(name, list) is_in(name, list, sizeof list / sizeof *list)

static bool is_reserved(const char *name)
{
    if (name[0] == '_')
        return name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z');
    return strncmp(name, "bst_", 4) == 0 || strncmp(name, "bsti_", 5) == 0 ||
           strncmp(name, "BST_", 4) == 0 || strncmp(name, "BSTI_", 5) == 0 ||
           strcmp(name, "bst") == 0;
}

enum bstc_taken bstc_name_member(const char *name)
{
    if (IS_IN(name, keywords))
        return BSTC_NAME_KEYWORD;
    if (is_reserved(name))
        return BSTC_NAME_RESERVED;
    return IS_IN(name, macros) ? BSTC_NAME_MACRO : BSTC_NAME_FREE;
}

enum bstc_taken bstc_name_tag(const char *name)
{
    enum bstc_taken taken = bstc_name_member(name);

    if (taken != BSTC_NAME_FREE)
        return taken;
    return IS_IN(name, tags) ? BSTC_NAME_TAG : BSTC_NAME_FREE;
}

enum bstc_taken bstc_name_function(const char *name)
{
    enum bstc_taken taken = bstc_name_member(name);

    if (taken != BSTC_NAME_FREE)
        return taken;
    if (IS_IN(name, functions) || IS_IN(name, types))
        return BSTC_NAME_LIBRARY;
    return BSTC_NAME_FREE;
}

bool bstc_name_is_identifier(const char *name)
{
    if (*name >= '0' && *name <= '9')
        return false;
    for (const char *at = name; *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');

        if (!letter && !(*at >= '0' && *at <= '9') && *at != '_')
            return false;
    }
    return *name != '\0';
}
