#ifndef BSTC_AST_LIST_H
#define BSTC_AST_LIST_H

/*
 * Lists while they grow: rings, represented by their last node.
 *
 * The first macro is the whole body of an append function, because C has no
 * other way to write it once for all types of nodes.
 */

#include <stddef.h>
#include <string.h>

/** Returns the ring `last` with `node` at its end; a NULL node is ignored. */
#define BSTC_RING_APPEND(last, node)                                           \
    do {                                                                       \
        if (!(node))                                                           \
            return (last);                                                     \
        (node)->next = (last) ? (last)->next : (node);                         \
        if (last)                                                              \
            (last)->next = (node);                                             \
        return (node);                                                         \
    } while (0)

/** Makes an ordinary list of the ring `last` and yields its first node. */
#define BSTC_RING_OPEN(last) ((last) ? bstc_ring_open(&(last)->next) : NULL)

/** Cuts a ring behind its last node, whose link this is. The link is some
 * pointer to a structure, hence the copies. */
static inline void *bstc_ring_open(void *link)
{
    void *nothing = NULL;
    void *first;

    memcpy(&first, link, sizeof first);
    memcpy(link, &nothing, sizeof nothing);
    return first;
}

#endif
