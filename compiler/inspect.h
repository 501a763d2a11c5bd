#ifndef BSTC_INSPECT_H
#define BSTC_INSPECT_H

/*
 * What can be seen of a program without compiling it: pictures, the plan,
 * and models for checkers of models.
 *
 * Threads: one.
 */

#include "cli/options.h"
#include "emit_out.h"
#include "scope.h"

/** Returns what the options ask to be shown, as bits of enum bstc_want, or 0
 * if C is to be made. */
unsigned bstc_inspect_wants(const struct bstc_options *options);

/** Returns whether this can be shown of a program with mistakes. */
bool bstc_inspect_is_lenient(unsigned wants);

/**
 * Appends one of these bits, of a program whose names are resolved. For all
 * but pictures the program must be free of mistakes.
 */
void bstc_inspect(const struct bstc_program *program,
                  const struct bstc_options *options, enum bstc_want want,
                  struct bstc_out *out);

/** Returns why it cannot be shown of a program without mistakes, or NULL. */
const char *bstc_inspect_refuses(const struct bstc_program *program,
                                 unsigned wants);

/** Returns the ending of the file that holds it: ".dot". */
const char *bstc_inspect_ending(enum bstc_want want);

#endif
