#ifndef BSTC_C_SCAN_H
#define BSTC_C_SCAN_H

/*
 * Functions and names in a C text, found by a light scan.
 *
 * Threads: any.
 */

#include <stddef.h>

/** Is told of each function or name; `name` lies in the scanned text. */
typedef void bstc_c_found_fn(void *arg, const char *name, size_t length);

/** Looks for all functions that `text` defines. */
void bstc_c_functions(const char *text, size_t length, bstc_c_found_fn *found,
                      void *arg);

/** Tells of every name in `text` outside of comments, literals and
 * directives. */
void bstc_c_words(const char *text, size_t length, bstc_c_found_fn *found,
                  void *arg);

#endif
