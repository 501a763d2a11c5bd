#ifndef BSTC_LSP_VALUES_H
#define BSTC_LSP_VALUES_H

/*
 * Which words can stand next in a setting.
 *
 * The third column of attrs.def says how the arguments of a setting are
 * written, such as `N [keep|drop] [overflow reject|block [DURATION]]`: first
 * what has to be there, then clauses in any order. Words in small letters
 * stand for themselves.
 *
 * Threads: any.
 */

#include <stddef.h>

#include "attrs.h"

/** Is told of each word. */
typedef void bstc_value_fn(void *arg, const char *word, size_t length);

/**
 * Finds the words that can follow `written`, the arguments so far; NULL among
 * them stands for what is no word, such as a number.
 */
void bstc_values_next(const struct bstc_setting_info *setting,
                      const char *const *written, size_t count,
                      bstc_value_fn *found, void *arg);

#endif
