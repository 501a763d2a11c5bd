#ifndef BSTC_ATTRS_ARGS_H
#define BSTC_ATTRS_ARGS_H

/*
 * A cursor over the arguments of one setting.
 *
 * Each function takes one argument, or reports what is wrong with it and
 * returns false or NULL. Nothing is reported after that.
 */

#include "attrs.h"

struct bstc_args {
    struct bstc_program *program;
    const struct bstc_ast_setting *setting;
    const struct bstc_ast_value *at;   /* next argument; NULL: no more */
    const struct bstc_ast_value *last; /* that was taken */
};

/** Returns whether there is another argument. */
bool bstc_args_more(const struct bstc_args *args);

/** Returns whether the next argument is a name. */
bool bstc_args_is_name(const struct bstc_args *args);

/** Takes one of the `words`, a list ended by NULL. */
const char *bstc_args_word(struct bstc_args *args, const char *const *words,
                           const char *what);

/** Takes any name. */
const char *bstc_args_name(struct bstc_args *args);

/** Takes a whole number from `low` to `high`. */
bool bstc_args_number(struct bstc_args *args, int64_t low, int64_t high,
                      int64_t *out);

/** Takes a duration above zero, in nanoseconds. */
bool bstc_args_duration(struct bstc_args *args, int64_t *out);

/** Takes a size in bytes from `low` to `high`. */
bool bstc_args_size(struct bstc_args *args, int64_t low, int64_t high,
                    int64_t *out);

/** Takes a percentage from 0 to 100. */
bool bstc_args_percent(struct bstc_args *args, uint32_t *out);

/** Takes a range; its bounds may be reversed. */
bool bstc_args_range(struct bstc_args *args, uint64_t *low, uint64_t *high);

/** Takes all arguments of `restart` or of `backoff`. */
bool bstc_args_restart(struct bstc_args *args, struct bstc_restart *out);
bool bstc_args_backoff(struct bstc_args *args, struct bstc_restart *out);

/** Reports E0900 at the last argument if its word is not supported. */
void bstc_args_unsupported(struct bstc_args *args, const char *area,
                           const char *word);

/**
 * Reports E0205 if `*flag` is set already: the word that was taken last stands
 * there twice; sets it otherwise.
 */
bool bstc_args_once(struct bstc_args *args, bool *flag);

/** Leaves out all further arguments. */
void bstc_args_skip(struct bstc_args *args);

/** Returns whether nothing is left; reports it if there is. */
bool bstc_args_end(struct bstc_args *args);

#endif
