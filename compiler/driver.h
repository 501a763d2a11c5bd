#ifndef BSTC_DRIVER_H
#define BSTC_DRIVER_H

/*
 * One compilation from the command line to its outputs:
 * read -> parse -> check -> lower -> emit.
 *
 * It stops at the first stage that finds mistakes. Nothing is written unless
 * every output could be produced.
 *
 * Threads: one.
 */

#include "cli/options.h"
#include "scope.h"

/** Exit statuses of bastionc. */
enum bstc_exit {
    BSTC_EXIT_OK = 0,
    BSTC_EXIT_MISTAKES = 1,
    BSTC_EXIT_USAGE = 2,
    BSTC_EXIT_INTERNAL = 70
};

/**
 * Runs `compile`, `check`, `stubs`, or what shows a program, on what the
 * options name; diagnostics go to stderr. Returns the exit status.
 */
int bstc_drive(const struct bstc_options *options);

/** Applies fixes to what the options name. Returns the exit status. */
int bstc_fix(const struct bstc_options *options);

/** Formats what the options name. Returns the exit status. */
int bstc_fmt(const struct bstc_options *options);

/** Makes the project that `new` or `init` was asked for. Returns the exit
 * status. */
int bstc_new(const struct bstc_options *options);

/**
 * Reads and parses the root file `path` and all that it imports. Mistakes are
 * reported to the diagnostics of the context.
 */
void bstc_load(struct bstc_program *program, const char *path,
               const struct bstc_texts *include_dirs);

/**
 * Checks a loaded program and returns its model, or NULL if there are errors.
 */
struct bstc_model *bstc_analyse(struct bstc_program *program);

#endif
