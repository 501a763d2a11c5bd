#ifndef BSTC_LSP_PUBLISH_H
#define BSTC_LSP_PUBLISH_H

/*
 * Diagnostics for an editor.
 *
 * A file that belongs to several programs has the diagnostics of all of
 * them. What was said about a file is taken back when no program says it any
 * more.
 *
 * Threads: one.
 */

#include "lsp/client.h"
#include "lsp/space.h"

/** A file about which something was said. */
struct bstc_published {
    struct bstc_arena arena; /* of the texts */
    const char *uri;
    const char *real;
    bool is_empty; /* of diagnostics */
    bool is_done;  /* in this round */
    struct bstc_published *next;
};

/** Sends one notification; takes over `params`. */
typedef void bstc_notify_fn(void *arg, const char *method, cJSON *params);

/** Sends the diagnostics of all units that have not been published. */
void bstc_publish(struct bstc_space *space, const struct bstc_client *client,
                  struct bstc_published **published, bstc_notify_fn *notify,
                  void *arg);

/** Releases the list. */
void bstc_published_fini(struct bstc_published **published);

/** Makes a diagnostic of file `file`; `arena` is for texts on the way. */
cJSON *bstc_publish_one(const struct bstc_space *space,
                        const struct bstc_unit *unit,
                        const struct bstc_client *client,
                        const struct bstc_diag *diag, struct bstc_arena *arena);

#endif
