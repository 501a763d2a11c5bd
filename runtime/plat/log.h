#ifndef BST_PLAT_LOG_H
#define BST_PLAT_LOG_H

/*
 * Messages of the runtime to people, or to programs: one line each, on stderr.
 *
 * A line is one write(2), so lines of several threads never mix. As text,
 * control bytes appear as \xNN, so nothing can forge a line or drive a
 * terminal; as JSON each line is an object. Level and form belong to the OS
 * process, as stderr does.
 *
 * Thread: any; bsti_log() is not async-signal-safe, the rest is.
 */

#include <stdbool.h>

#include <bastion/attr.h>
#include <bastion/system.h>

#include "base/line.h"

/**
 * Writes "bastion: TEXT", or an object with the event "log", if `level` (of
 * enum bst_log_level) is wanted. errno is left alone. Text beyond 1000 bytes
 * is cut and ends in "...".
 */
void bsti_log(int level, const char *format, ...) BST_PRINTF(2, 3);

/** Sets the most talkative level that is still written. */
void bsti_log_set_level(int level);

/** Returns that level. */
int bsti_log_level(void);

/** Sets whether lines are JSON objects. */
void bsti_log_set_json(bool json);

/** Returns whether they are. */
bool bsti_log_is_json(void);

/** Returns the time of the day, in nanoseconds since 1970. */
int64_t bsti_log_time(void);

/** Begins an object, with its time, level and event. Others add fields with
 * bsti_line_name(), and end it with a brace. */
void bsti_log_json_begin(struct bsti_line *line, int64_t time, int level,
                         const char *event);

/** Writes a line as it is, and a newline behind it, all at once if the system
 * lets it. The line has room for that newline. */
void bsti_log_write(struct bsti_line *line);

#endif
