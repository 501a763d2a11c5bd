/*
 * Names and texts of the one result type, from its one list.
 */

#include <bastion/status.h>

#include "base/attr.h"

static const char *const names[] = {
#define NAME(name, text) "BST_" #name,
    BST_STATUS_LIST(NAME)
#undef NAME
};

static const char *const texts[] = {
#define TEXT(name, text) text,
    BST_STATUS_LIST(TEXT)
#undef TEXT
};

const char *bst_status_name(bst_status status)
{
    return (unsigned)status < BSTI_ARRAY_LEN(names) ? names[status]
                                                    : "BST_UNKNOWN";
}

const char *bst_status_text(bst_status status)
{
    return (unsigned)status < BSTI_ARRAY_LEN(texts) ? texts[status]
                                                    : "an unknown status";
}
