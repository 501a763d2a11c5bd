#ifndef BST_ACTOR_PAYLOAD_H
#define BST_ACTOR_PAYLOAD_H

/*
 * Texts, bytes and descriptors that messages own.
 *
 * Ownership is a flag of a node (BSTI_NODE_OWNED), or a table in a shared
 * body: whoever recycles such a node or body frees what its fields hold. A
 * field that was moved out holds nothing (NULL, -1), so there is no other
 * state to keep: what is in a field is owned by it, and freeing is safe to
 * repeat.
 *
 * The memory is a block of the message pools with a header in front, or a
 * piece of the heap if it is larger than the pools have, or made by a thread
 * that belongs to no system. A block of a pool ends with its executor, so what
 * goes to another system, or to a thread outside, is copied to the heap.
 *
 * Threads: a field belongs to whoever owns what it lies in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/payload.h>

#include "actor/node.h"

struct bsti_exec;

/* ---- memory (payload.c) -------------------------------------------------- */

/** Returns memory of the current handler's system. NULL: there is none. */
void *bsti_payload_alloc(size_t size);

/** Frees it. NULL is allowed; ends the OS process for other memory. */
void bsti_payload_free(void *payload);

/** Looks at a payload as at any pointer of a user's. */
void bsti_payload_probe(const void *payload);

/**
 * Returns memory that may be used where `exec` is, NULL: outside of every
 * system. That is `payload` itself or a copy for which it was freed; NULL
 * without memory, then `payload` is as it was.
 */
void *bsti_payload_adopt(void *payload, struct bsti_exec *exec);

/** Returns how many payloads of its pools have not been freed. */
int64_t bsti_payloads_live(struct bst_system *system);

/* ---- fields (owned.c) ---------------------------------------------------- */

/** Returns what messages of this kind own, or NULL. */
const struct bst_owned *bsti_owned_of(const struct bst_system *system,
                                      uint32_t kind);

/** Makes the owned fields of `body` hold nothing; what they held has moved. */
void bsti_owned_clear(void *body, const struct bst_owned *owned);

/** Frees what the fields of `body` hold; they hold nothing then. */
void bsti_owned_drop(void *body, const struct bst_owned *owned);

/** bsti_payload_adopt() for all fields. Returns false without memory. */
bool bsti_owned_adopt(void *body, const struct bst_owned *owned,
                      struct bsti_exec *exec);

#endif
