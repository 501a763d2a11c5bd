#ifndef BSTC_LSP_WIRE_H
#define BSTC_LSP_WIRE_H

/*
 * Reading and making the pieces of JSON that many messages share.
 *
 * Readers accept NULL and anything of another type, and say that there is
 * nothing. Makers never fail, because cJSON's memory never does.
 *
 * Threads: any.
 */

#include <stdbool.h>

#include "json.h"
#include "lsp/position.h"

/** Returns the member `name` of an object, or NULL; null counts as absent. */
const cJSON *bstc_wire_at(const cJSON *node, const char *name);

/** Returns the text of a member, or NULL. */
const char *bstc_wire_text(const cJSON *node, const char *name);

/** Returns whether a member is there and true. */
bool bstc_wire_flag(const cJSON *node, const char *name);

/** Reads a position or a range; a number out of range becomes the nearest. */
bool bstc_wire_position(const cJSON *node, struct bstc_lsp_position *out);
bool bstc_wire_range(const cJSON *node, struct bstc_lsp_range *out);

/** Makes a range. */
cJSON *bstc_wire_make_range(struct bstc_lsp_range range);

/** Makes {"uri", "range"}. */
cJSON *bstc_wire_make_location(const char *uri, struct bstc_lsp_range range);

/** Makes {"range", "newText"}. */
cJSON *bstc_wire_make_edit(struct bstc_lsp_range range, const char *text);

/** Makes {"kind": "markdown", "value"}. */
cJSON *bstc_wire_make_markdown(const char *text);

/** Has a NUL that a message escapes come out as U+0001: texts end with a NUL
 * here, and both are characters that no text may hold. */
void bstc_wire_defuse(char *message, size_t size);

#endif
