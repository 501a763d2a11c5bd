#ifndef BST_STATUS_H
#define BST_STATUS_H

/*
 * The one result type of Bastion.
 *
 * Handlers return it, and so do the calls that send messages. A handler that
 * returns anything but BST_OK or BST_STOP has failed, with that status as the
 * reason its supervisor sees.
 */

#include <bastion/attr.h>

/* X(name, text): the order is the numeric order and never changes. */
#define BST_STATUS_LIST(X)                                                     \
    X(OK, "done")                                                              \
    X(STOP, "the process ends normally")                                       \
    X(FAIL, "the handler failed")                                              \
    X(FULL, "the mailbox is full")                                             \
    X(DEAD, "nobody is there to receive this")                                 \
    X(TIMEOUT, "the deadline passed")                                          \
    X(FAILED, "the process failed while handling this")                        \
    X(NO_ANSWER, "the question was handled without an answer")                 \
    X(STOPPING, "the process is asked to stop")                                \
    X(REFUSED, "the receiver does not handle this message")                    \
    X(NOMEM, "out of memory")                                                  \
    X(INVALID, "a bad argument")                                               \
    X(NOT_FOUND, "there is no child of that name")                             \
    X(RUNNING, "the child is running")                                         \
    X(RESTARTING, "the child is about to be restarted")                        \
    X(ALREADY_PRESENT, "a child of that name is there, and not running")       \
    X(ALREADY_STARTED, "a child of that name is running")                      \
    X(BAD_COMBINATION, "settings that contradict each other")

enum bst_status {
#define BST_STATUS_ENUM(name, text) BST_##name,
    BST_STATUS_LIST(BST_STATUS_ENUM)
#undef BST_STATUS_ENUM
};
typedef enum bst_status bst_status;

BST_BEGIN_DECLS

/** Returns the constant's name, such as "BST_FULL"; static, never NULL. */
BST_API const char *bst_status_name(bst_status status);

/** Returns a short English sentence for `status`; static, never NULL. */
BST_API const char *bst_status_text(bst_status status);

BST_END_DECLS

#endif
