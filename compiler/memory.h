#ifndef BSTC_MEMORY_H
#define BSTC_MEMORY_H

/*
 * The memory that a program may need at most (`memory SIZE`, E0603):
 *
 *     members x (256 + state + copy of `keep` fields
 *                + mailbox x (64 + largest message that is accepted)
 *                + stack, if some handler can wait or blocks)
 *     + buffers of streams x (64 + item)
 *
 * What is in payloads (`text`, `bytes`) is not counted. Sizes of types that
 * only C knows count as 0 here and with their size in the generated C.
 *
 * Threads: as the topology.
 */

#include "topo.h"

enum {
    BSTC_BYTES_PER_PROCESS = 256,
    BSTC_BYTES_PER_MESSAGE = 64,
    BSTC_BLOCKING_STACK = 262144 /* at least, for `blocking` handlers */
};

/** Returns what each actor needs, in numbers that do not depend on C. */
struct bstc_need *bstc_memory_needs(const struct bstc_topo *topo);

/** What is known of sizes without C; all of them may be larger in C. */
struct bstc_sizes {
    const struct bstc_topo *topo;
    uint64_t *messages; /* of each message */
    uint64_t *members;  /* of each group: bytes of one member */
};

/** Fills the known sizes. */
void bstc_memory_sizes(struct bstc_sizes *sizes, const struct bstc_topo *topo);

/** Returns the known bytes of a group, or of the buffers of a stream. */
uint64_t bstc_memory_of_group(const struct bstc_sizes *sizes, uint32_t group);
uint64_t bstc_memory_of_stream(const struct bstc_sizes *sizes,
                               const struct bstc_sym_stream *stream);

/** Returns the known bytes of the whole program; UINT64_MAX: more than that. */
uint64_t bstc_memory_of_all(const struct bstc_sizes *sizes);

/** Writes a size for people: "12.3MiB", "512B". */
const char *bstc_memory_text(struct bstc_arena *arena, uint64_t bytes);

#endif
