#ifndef BSTC_NAMES_H
#define BSTC_NAMES_H

/*
 * Which names C, C++ and the C library have taken.
 */

#include <stdbool.h>

/** Why a name is not free. */
enum bstc_taken {
    BSTC_NAME_FREE,
    BSTC_NAME_KEYWORD,  /* of C11, C23 or C++ */
    BSTC_NAME_RESERVED, /* _X, __x, bst_... */
    BSTC_NAME_MACRO,    /* of the C library */
    BSTC_NAME_TAG,      /* struct or union of the C library */
    BSTC_NAME_LIBRARY   /* type, function or variable of the C library */
};

/** Returns whether `name` can be the name of a member of a structure. */
enum bstc_taken bstc_name_member(const char *name);

/** Returns whether `name` can be the tag of a structure. */
enum bstc_taken bstc_name_tag(const char *name);

/** Returns whether `name` can be the name of a function. */
enum bstc_taken bstc_name_function(const char *name);

/** Returns whether `name` is written as C identifiers are. */
bool bstc_name_is_identifier(const char *name);

#endif
