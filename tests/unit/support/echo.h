#ifndef BST_TESTS_SUPPORT_ECHO_H
#define BST_TESTS_SUPPORT_ECHO_H

/*
 * Echoes: puppets that also look at every message they are given, with bodies
 * and answers of every size around the largest small one.
 *
 * They have no `keep` fields, no `idle` and nothing `blocking`, so whatever is
 * small takes the short way through their turns, orders of a puppet included.
 */

#include "unit/support/rig.h"

/* A question of kind ECHO_ASK + n has an answer of n bytes. */
enum {
    ECHO_SIZES = 26,
    ECHO_TELL = RIG_DO + RIG_KINDS,
    ECHO_ASK,
    ECHO_ANSWER = ECHO_ASK + ECHO_SIZES,
    ECHO_KINDS = RIG_KINDS + 1 + 2 * ECHO_SIZES
};

/* Messages of all echoes since echo_rig(); handlers count as they begin. */
extern _Atomic uint32_t echo_begun; /* without RIG_DO and the built-in ones */
extern _Atomic uint32_t echo_bad;   /* not as they were sent */

/** As rig_init(), with a supervisor "top" and echoes "a" and "b". */
struct bst_supervisor *echo_rig(struct rig *rig);

/** Starts that rig. */
void echo_start(struct rig *rig);

/** As rig_child(), for an echo. */
struct rig_part *echo_child(struct rig *rig, struct bst_supervisor *parent,
                            const char *name);

/** The body of every message, and of every answer, with that many bytes. */
void echo_fill(void *body, size_t size);
bool echo_is_filled(const void *body, size_t size);

/** What an echo is to ask, and what came back; see echo_pose(). */
struct echo_question {
    bst_ref to;
    rig_fn *fn; /* that whoever is asked calls */
    void *arg;
    bst_time within; /* 0: as declared */
};

/** Asks and notes "STATUS VALUE"; VALUE is 77 if no answer came. */
rig_fn echo_pose;

/** As echo_pose(), from the thread of the test, without a note. */
bst_status echo_ask(const struct echo_question *question, uint64_t *value);

/** Send, or ask for 8 bytes with, a body of up to 64 bytes. */
bst_status echo_tell_bytes(bst_ref to, size_t size);
bst_status echo_cast_bytes(bst_ref to, size_t size);
bst_status echo_ask_bytes(bst_ref to, size_t size);

/** Ends the handler, and so the test, with the line that is not true. */
#define ECHO_CHECK(self, what)                                                 \
    do {                                                                       \
        if (!(what)) {                                                         \
            rig_note((self)->rig, "%d: %s", __LINE__, #what);                  \
            return BST_OK;                                                     \
        }                                                                      \
    } while (0)

#endif
