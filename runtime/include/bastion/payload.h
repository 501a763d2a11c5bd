#ifndef BST_PAYLOAD_H
#define BST_PAYLOAD_H

/*
 * What messages own: the values of `text`, `bytes` and `fd` fields.
 *
 * The rule for all of them: whoever holds one frees it, and sending moves it.
 *
 *   - It is made by a call below, by whoever is going to send it.
 *   - X_tell_m(to, &m) and its like move it, whatever their result: the fields
 *     of `m` are NULL or -1 afterwards, and what could not be sent is freed.
 *   - A handler borrows what is in `m`; it is freed when the handler is done,
 *     also if it failed. m_take_FIELD(self, m) moves it out for good.
 *   - In an `answer` it moves to whoever asked.
 *
 * A fd is an open file descriptor, or -1 for none; freeing it closes it. 0 is
 * a descriptor like any other: a message without one must say -1.
 *
 * A text or some bytes made in a handler live until they are freed, at the
 * latest until their system ends. Those made or received by another thread
 * belong to no system.
 *
 * Thread: any, for all functions. In a handler none of them returns NULL for
 * want of memory: the handler fails with BST_NOMEM instead.
 */

#include <stddef.h>

#include <bastion/attr.h>
#include <bastion/topology.h>

BST_BEGIN_DECLS

/** Bytes that a message owns. All zero: none. `size` may be made smaller. */
struct bst_bytes {
    unsigned char *data; /* 16-aligned */
    size_t size;
};

/**
 * Returns a copy of `text` for a `text` field; NULL for NULL.
 * Ownership: the caller, until it is sent or given to bst_text_free().
 */
BST_API BST_MUST_USE char *bst_text_dup(const char *text);

/** As bst_text_dup(), of a text made as by printf(). */
BST_API BST_MUST_USE char *bst_text_format(const char *format, ...)
    BST_PRINTF(1, 2);

/** Frees a text of these functions, or one that was taken. NULL is allowed. */
BST_API void bst_text_free(char *text);

/**
 * Returns `size` bytes to be filled in, for a `bytes` field.
 * Ownership: the caller, until they are sent or given to bst_bytes_free().
 */
BST_API BST_MUST_USE struct bst_bytes bst_bytes_new(size_t size);

/** As bst_bytes_new(), with a copy of `data`. */
BST_API BST_MUST_USE struct bst_bytes bst_bytes_dup(const void *data,
                                                    size_t size);

/** Frees bytes of these functions, or some that were taken. */
BST_API void bst_bytes_free(struct bst_bytes bytes);

/* ---- behind the generated functions -------------------------------------- */

/**
 * As bst_tell(), bst_cast(), bst_reply() and bst_ask(); the fields of `body`
 * that `owned` lists move. BST_INVALID also if that is not the table of
 * `kind` in the system that `to` leads to.
 */
BST_API bst_status bst_tell_owned(bst_ref to, uint32_t kind, void *body,
                                  size_t size, const struct bst_owned *owned);
BST_API bst_status bst_cast_owned(bst_ref to, uint32_t kind, void *body,
                                  size_t size, const struct bst_owned *owned);
BST_API bst_status bst_reply_owned(void *self, uint32_t kind, void *body,
                                   size_t size, const struct bst_owned *owned);
BST_API bst_status bst_ask_owned(bst_ref to, uint32_t kind, void *body,
                                 size_t size, const struct bst_owned *owned,
                                 void *answer, size_t answer_size,
                                 bst_time within);

/**
 * Moves a field of the message being handled to the caller, who frees it; a
 * copy if other processes handle the same message, as after a cast. `field`
 * lies in `body`. A descriptor that cannot be copied is -1. Taken a second
 * time, it is NULL or -1 where it was moved, and another copy where it was
 * copied.
 */
BST_API BST_MUST_USE char *bst_take_text(void *self, const void *body,
                                         char *const *field);
BST_API BST_MUST_USE struct bst_bytes
bst_take_bytes(void *self, const void *body, const struct bst_bytes *field);
BST_API BST_MUST_USE int bst_take_fd(void *self, const void *body,
                                     const int *field);

BST_END_DECLS

#endif
