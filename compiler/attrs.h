#ifndef BSTC_ATTRS_H
#define BSTC_ATTRS_H

/*
 * Settings: the table attrs.def, and the values written in one block.
 *
 * Reading a block checks that each setting is known, stands where it may and
 * once, and that its arguments make sense. Defaults are resolved later, in
 * lower.c, because a setting of a supervisor counts for what is below it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ast.h"
#include "model.h"

struct bstc_program;

/** Where a setting may stand. */
enum bstc_where {
    BSTC_IN_FILE = 1,
    BSTC_IN_SUPERVISOR = 2,
    BSTC_IN_GROUP = 4,
    BSTC_IN_ACTOR = 8,
    BSTC_IN_STREAM = 16,
    BSTC_IN_CLUSTER = 32
};

enum bstc_setting {
#define X(id, name, where, args, fallback, doc) BSTC_SETTING_##id,
#include "attrs.def"
#undef X
    BSTC_SETTING_COUNT
};

/** A row of the table. */
struct bstc_setting_info {
    const char *name;
    unsigned where; /* of enum bstc_where */
    const char *args;
    const char *fallback; /* the default, as text */
    const char *doc;
};

/** The settings written in one block. */
struct bstc_settings {
    const struct bstc_ast_setting *written[BSTC_SETTING_COUNT]; /* or NULL */
    bool is_valid[BSTC_SETTING_COUNT]; /* the value below may be used */
    struct bstc_restart restart;       /* with the back-off in it */
    int64_t mailbox;
    enum bstc_overflow overflow; /* of the mailbox */
    int64_t block;               /* ns; 0: not written */
    int64_t redundancy;
    int64_t max;
    int64_t dispatch; /* enum bstc_dispatch */
    int64_t stack;    /* bytes */
    int64_t shutdown; /* ns, BSTC_SHUTDOWN_KILL or BSTC_INFINITE */
    int64_t lifetime; /* enum bstc_lifetime */
    enum bstc_auto_shutdown auto_shutdown;
    const char *prefix;
    enum bstc_faults faults;
    int64_t memory;      /* bytes */
    int64_t buffer;      /* items between two stages of a stream */
    int64_t suspect;     /* ns */
    uint64_t resize_low; /* bounds as written */
    uint64_t resize_high;
};

/** Returns the row of a setting. */
const struct bstc_setting_info *bstc_setting_info(enum bstc_setting setting);

/** Reads one setting of a block into `out`. */
void bstc_setting_read(struct bstc_program *program,
                       const struct bstc_ast_setting *setting,
                       enum bstc_where where, struct bstc_settings *out);

/** Reads the settings of one block into `out`, which it clears first. */
void bstc_settings_read(struct bstc_program *program,
                        const struct bstc_ast_setting *list,
                        enum bstc_where where, struct bstc_settings *out);

#endif
