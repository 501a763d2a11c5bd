/* Compares the generated table with the fields of the structure. */

#include "fields.bst.h"

#include <stdio.h>
#include <string.h>

/* What the table has to say about a field. */
struct wanted {
    const char *name;
    struct bst_field row;
};

#define MEMBER(f) ((struct all *)NULL)->f
#define WANTED(type_, f)                                                       \
    {                                                                          \
#f,                                                                    \
        {                                                                      \
            BST_FIELD_##type_, offsetof(struct all, f), sizeof(MEMBER(f)), 1   \
        }                                                                      \
    }
#define WANTED_ARRAY(type_, f)                                                 \
    {                                                                          \
#f,                                                                    \
        {                                                                      \
            BST_FIELD_##type_, offsetof(struct all, f), sizeof(MEMBER(f)[0]),  \
                sizeof(MEMBER(f)) / sizeof(MEMBER(f)[0])                       \
        }                                                                      \
    }

static const struct wanted wanted[] = {
    WANTED(INT, flag),        WANTED(INT, a),
    WANTED(INT, b),           WANTED(INT, c),
    WANTED(INT, d),           WANTED(INT, e),
    WANTED(INT, f),           WANTED(INT, g),
    WANTED(INT, h),           WANTED(INT, tint),
    WANTED(TEXT, name),       WANTED(BYTES, data),
    WANTED(REF, who),         WANTED_ARRAY(INT, flags),
    WANTED_ARRAY(INT, sides), WANTED_ARRAY(TEXT, names),
    WANTED_ARRAY(REF, peers), WANTED(INT, last),
};

static const struct bst_message *find(const char *name)
{
    for (uint32_t i = 0; i < fields_app.nmessages; i++) {
        if (strcmp(fields_app.messages[i].name, name) == 0)
            return &fields_app.messages[i];
    }
    return NULL;
}

static int differs(const struct bst_field *a, const struct bst_field *b)
{
    return a->type != b->type || a->offset != b->offset || a->size != b->size ||
           a->count != b->count;
}

bst_status checker_run(struct checker *self)
{
    const struct bst_field *row = find("all")->fields;
    size_t count = sizeof wanted / sizeof wanted[0];

    for (size_t i = 0; i < count; i++) {
        if (differs(row++, &wanted[i].row))
            printf("%s is wrong\n", wanted[i].name);
    }
    printf("%d rows, then %s\n", (int)count,
           row->type == BST_FIELD_END ? "the end" : "more");
    printf("part: %s, empty: %s\n", find("part")->fields ? "a table" : "none",
           find("empty")->fields ? "a table" : "none");
    bst_stop_system(self);
    return BST_OK;
}

bst_status checker_all(struct checker *self, const struct all *m)
{
    (void)self;
    (void)m;
    return BST_OK;
}

bst_status checker_part(struct checker *self, const struct part *m)
{
    (void)self;
    (void)m;
    return BST_OK;
}

bst_status checker_empty(struct checker *self)
{
    (void)self;
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bst_main(&fields_app, argc, argv);
}
