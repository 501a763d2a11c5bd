#ifndef BSTC_JSON_H
#define BSTC_JSON_H

/*
 * What the JSON outputs share: cJSON with memory that never fails, and texts
 * that are always UTF-8, as JSON wants it.
 *
 * Threads: any, after bstc_json_init().
 */

#include <cjson/cJSON.h>
#include <stdio.h>

/** Has cJSON end the process, as an arena does, when there is no memory. */
void bstc_json_init(void);

/** Adds a text as people see it: what could upset a terminal and what is no
 * UTF-8 is escaped. */
void bstc_json_add_shown(cJSON *object, const char *name, const char *text);

/** Adds a text as programs need it; a byte that is no UTF-8 becomes U+FFFD. */
void bstc_json_add_exact(cJSON *object, const char *name, const char *text);

/** Returns a text as bstc_json_add_shown() adds it. */
cJSON *bstc_json_shown(const char *text);

/** Prints `value` on one line and deletes it. */
void bstc_json_print(cJSON *value, FILE *out);

#endif
