#ifndef BST_BASE_ASSERT_H
#define BST_BASE_ASSERT_H

/*
 * Three tiers of assertions.
 *
 *   bsti_check        always on: cheap, and going on would do damage
 *   bsti_assert       debug builds (BST_DEBUG)
 *   bsti_assert_slow  CHECK=full builds: may walk lists and trees
 *
 * None of them may have side effects. A failure writes one line and aborts.
 */

#include <bastion/attr.h>

#include "base/attr.h"

/**
 * Writes "bastion: FILE:LINE: TEXT" and aborts the OS process.
 *
 * Thread: any; async-signal-safe with the default writer.
 */
BST_NORETURN void bsti_fatal(const char *file, int line, const char *text);

/** Writes `length` bytes somewhere a person will see them. */
typedef void bsti_fatal_writer_fn(const char *text, size_t length);

/** Replaces the writer of bsti_fatal(); NULL: the default, to stderr. */
void bsti_fatal_set_writer(bsti_fatal_writer_fn *writer);

#define bsti_check(cond, text)                                                 \
    (BSTI_LIKELY(cond) ? (void)0 : bsti_fatal(__FILE__, __LINE__, text))

#if BST_DEBUG
#define bsti_assert(cond) bsti_check(cond, "assertion failed: " #cond)
#else
#define bsti_assert(cond) ((void)sizeof(!(cond)))
#endif

#if BST_CHECK_FULL
#define bsti_assert_slow(cond) bsti_check(cond, "assertion failed: " #cond)
#else
#define bsti_assert_slow(cond) ((void)sizeof(!(cond)))
#endif

#endif
