#ifndef BST_TESTS_FUZZ_ORACLE_H
#define BST_TESTS_FUZZ_ORACLE_H

/*
 * Runs a stage of the compiler over bytes that may be anything, and checks
 * what must hold whatever they are. What does not hold ends the process with
 * abort(), so that a fuzzer and a sanitizer see it alike.
 *
 * Nothing is read from or written to a disk, and all memory is given back.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A text that takes part in a compilation. */
struct oracle_file {
    const char *name; /* as diagnostics show it */
    const char *text;
    size_t size;
};

/** All tokens: they lie in the text, one behind the other, and end. */
void oracle_lex(const char *text, size_t size);

/** A syntax tree and its dump; returns the number of errors. */
uint32_t oracle_parse(const char *text, size_t size);

/**
 * A compilation of files[0], to which the others belong whether it imports
 * them or not. Without errors, everything that can be generated is.
 * Returns whether there were no errors.
 */
bool oracle_compile(const struct oracle_file *files, uint32_t nfiles);

#endif
