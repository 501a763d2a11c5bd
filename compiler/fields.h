#ifndef BSTC_FIELDS_H
#define BSTC_FIELDS_H

/*
 * The types of fields, and their spelling in C.
 */

#include "scope.h"

/** Larger arrays are surely a mistake; the memory of a program would not hold
 * one mailbox of them. */
#define BSTC_MAX_ARRAY ((uint64_t)1 << 30)

enum bstc_type_class {
    BSTC_TYPE_BOOL,
    BSTC_TYPE_UNSIGNED,
    BSTC_TYPE_SIGNED,
    BSTC_TYPE_FLOAT,
    BSTC_TYPE_OWNED, /* text, bytes, fd */
    BSTC_TYPE_OTHER  /* known to the C compiler alone */
};

struct bstc_type {
    const char *name; /* in a .bst */
    const char *c;    /* in C */
    enum bstc_type_class class;
    unsigned bits;
};

/** Returns a type of the language, or NULL for any other name. */
const struct bstc_type *bstc_type_find(const char *name);

/** Returns type `index` of the language, or NULL behind the last one. */
const struct bstc_type *bstc_type_at(uint32_t index);

/** Returns how the type of a field is classed; pointers are "other". */
const struct bstc_type *bstc_field_type(const struct bstc_ast_field *field);

/** Returns what a field of this type owns. */
enum bstc_owns bstc_field_owns(const struct bstc_ast_field *field);

/** Returns what of a field of this type can be compared between runs. */
enum bstc_compares bstc_field_compares(const struct bstc_ast_field *field);

/** Returns whether a message has fields that own something. */
bool bstc_message_owns(const struct bstc_ast_message *message);

/** Returns the C spelling of a field's type: "uint32_t", "struct map *". */
const char *bstc_field_c_type(const struct bstc_program *program,
                              const struct bstc_ast_field *field);

/** Returns its spelling in the .bst, with one blank between words. */
const char *bstc_field_spelling(const struct bstc_program *program,
                                const struct bstc_ast_field *field);

/** Returns the C expression of a value of the field; NULL for NULL. */
const char *bstc_field_value(const struct bstc_program *program,
                             const struct bstc_ast_field *field,
                             const struct bstc_ast_value *value);

/**
 * Writes the messages in an order in which C accepts them: what a message
 * holds by value comes before it. Returns BSTC_NONE; or a message that holds
 * itself, and `order`, which has room for one more than there are messages,
 * begins with it, those by way of which it does, and it again.
 */
uint32_t bstc_fields_order(const struct bstc_program *program, uint32_t *order);

#endif
