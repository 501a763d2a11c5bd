#ifndef BSTC_LSP_LSP_H
#define BSTC_LSP_LSP_H

/*
 * A language server: `bastionc lsp` speaks the Language Server Protocol on
 * its standard input and output.
 *
 * The server itself is a function from bytes to bytes: what the client sends
 * is fed to it, in pieces of any size, and what it answers goes to a
 * function. Requests wait in a queue, so that the client can cancel them, and
 * diagnostics are made when nothing else waits.
 *
 * It reads the files that documents import and the C files beside them; it
 * never writes a file.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

struct bstc_lsp;

/** Takes bytes for the client. */
typedef void bstc_lsp_write_fn(void *arg, const char *bytes, size_t size);

/** Starts a server. The options are borrowed: -I, warnings, --prefix. */
struct bstc_lsp *bstc_lsp_create(const struct bstc_options *options,
                                 bstc_lsp_write_fn *write, void *arg);

/** Ends it. */
void bstc_lsp_destroy(struct bstc_lsp *lsp);

/** Takes bytes of the client; nothing is answered yet. */
void bstc_lsp_feed(struct bstc_lsp *lsp, const char *bytes, size_t size);

/**
 * Does the next thing: answers a request, or, when none waits, sends
 * diagnostics that are due. Returns false if there was nothing to do.
 */
bool bstc_lsp_step(struct bstc_lsp *lsp);

/** Returns whether the client has sent `exit`. */
bool bstc_lsp_has_ended(const struct bstc_lsp *lsp);

/** Returns the exit status: 0 after `shutdown`, else 1. */
int bstc_lsp_status(const struct bstc_lsp *lsp);

/** Serves a whole conversation: all input at once, all answers to `write`.
 * Returns the exit status. */
int bstc_lsp_converse(const struct bstc_options *options, const char *bytes,
                      size_t size, bstc_lsp_write_fn *write, void *arg);

/** Serves the client at two descriptors until it ends. Returns the exit
 * status. */
int bstc_lsp_serve(const struct bstc_options *options, int in, int out);

#endif
