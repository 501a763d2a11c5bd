#ifndef BST_BASE_LIST_H
#define BST_BASE_LIST_H

/*
 * Intrusive, circular, doubly linked list.
 *
 * One struct is both head and link. An element that is in no list points to
 * itself, so that removing it twice is harmless and "is it in a list?" can be
 * asked of the element alone.
 *
 * Thread: one at a time; the owner of the list locks if it must.
 */

#include <stdbool.h>

#include "base/assert.h"
#include "base/attr.h"

struct bsti_list {
    struct bsti_list *prev; /* last element of a head; itself if alone */
    struct bsti_list *next; /* first element of a head; itself if alone */
};

/** Makes an empty head, or an element that is in no list. */
static inline void bsti_list_init(struct bsti_list *list)
{
    list->prev = list;
    list->next = list;
}

/** Returns whether a head has no elements, or an element is in no list. */
static inline bool bsti_list_is_empty(const struct bsti_list *list)
{
    return list->next == list;
}

/* Links `item` between two neighbours. */
static inline void bsti_list_link(struct bsti_list *prev,
                                  struct bsti_list *next,
                                  struct bsti_list *item)
{
    bsti_assert(item->next == item && item->prev == item);
    item->prev = prev;
    item->next = next;
    prev->next = item;
    next->prev = item;
}

/** Makes `item`, which is in no list, the first element. */
static inline void bsti_list_push_front(struct bsti_list *head,
                                        struct bsti_list *item)
{
    bsti_list_link(head, head->next, item);
}

/** Makes `item`, which is in no list, the last element. */
static inline void bsti_list_push_back(struct bsti_list *head,
                                       struct bsti_list *item)
{
    bsti_list_link(head->prev, head, item);
}

/** Takes `item` out of its list, if it is in one. */
static inline void bsti_list_remove(struct bsti_list *item)
{
    item->prev->next = item->next;
    item->next->prev = item->prev;
    bsti_list_init(item);
}

/** Returns the first element, or NULL. */
static inline struct bsti_list *bsti_list_first(const struct bsti_list *head)
{
    return head->next == head ? NULL : head->next;
}

/** Returns the last element, or NULL. */
static inline struct bsti_list *bsti_list_last(const struct bsti_list *head)
{
    return head->prev == head ? NULL : head->prev;
}

/** Takes the first element out and returns it, or NULL. */
static inline struct bsti_list *bsti_list_pop_front(struct bsti_list *head)
{
    struct bsti_list *item = bsti_list_first(head);

    if (item != NULL) {
        bsti_list_remove(item);
    }
    return item;
}

/** Moves all elements of `from` to the end of `to`, in their order. */
static inline void bsti_list_splice_back(struct bsti_list *to,
                                         struct bsti_list *from)
{
    if (bsti_list_is_empty(from)) {
        return;
    }
    from->next->prev = to->prev;
    from->prev->next = to;
    to->prev->next = from->next;
    to->prev = from->prev;
    bsti_list_init(from);
}

/** Returns whether all links agree; for bsti_assert_slow(). */
static inline bool bsti_list_is_valid(const struct bsti_list *head)
{
    const struct bsti_list *item = head;

    do {
        if (item->next->prev != item || item->prev->next != item) {
            return false;
        }
        item = item->next;
    } while (item != head);
    return true;
}

#endif
