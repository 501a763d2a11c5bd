#ifndef BST_PLAT_LOG_H
#define BST_PLAT_LOG_H

/*
 * Messages of the runtime to people: one line each, on stderr.
 *
 * A line is one write(2), so lines of several threads never mix. Control
 * bytes in the text appear as \xNN, so no text can forge a line or drive a
 * terminal. The level belongs to the OS process, as stderr does.
 *
 * Thread: any; not async-signal-safe.
 */

#include <bastion/attr.h>
#include <bastion/system.h>

/**
 * Writes "bastion: TEXT" if `level` (of enum bst_log_level) is wanted. errno
 * is left alone. Text beyond 1000 bytes is cut and ends in "...".
 */
void bsti_log(int level, const char *format, ...) BST_PRINTF(2, 3);

/** Sets the most talkative level that is still written. */
void bsti_log_set_level(int level);

/** Returns that level. */
int bsti_log_level(void);

#endif
