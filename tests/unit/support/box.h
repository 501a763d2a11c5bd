#ifndef BST_TESTS_SUPPORT_BOX_H
#define BST_TESTS_SUPPORT_BOX_H

/*
 * Boxes: puppets whose messages own something.
 *
 * A line carries a text, bytes and a writing end of a pipe; a test sends some
 * through one of the ways a message can end, and then looks for texts and
 * bytes that live, and for the pipe that is still open somewhere.
 */

#include "unit/support/rig.h"

enum {
    BOX_LINE = BST_KIND_USER + RIG_KINDS,
    BOX_FETCH, /* a question */
    BOX_PAGE,  /* its answer */
    BOX_PEEK,  /* a question that owns nothing; answered by a page as well */
    BOX_KINDS = RIG_KINDS + 4
};

struct box_line {
    uint32_t number;
    char *s;
    struct bst_bytes b;
    int fd;
};

struct box_fetch {
    char *url;
    uint64_t how; /* of enum box_fetched */
};

struct box_page {
    char *parts[2];
    int fd;
};

extern const struct bst_owned box_line_owned[];
extern const struct bst_owned box_fetch_owned[];

/** The tables, which a test may change between box_init() and the start. */
enum { BOX_HANDLERS = 16 };
extern struct bst_message box_messages[BOX_KINDS];
extern struct bst_handler box_handlers[BOX_HANDLERS];
extern struct bst_actor box_actor;

/* What the handler of a line does. */
enum box_handled {
    BOX_LOOK,
    BOX_TAKE,
    BOX_FAIL,
    BOX_PANIC,
    BOX_TAKE_AND_FAIL, /* what was taken is left in box_kept */
    BOX_STOP,
    BOX_SLEEP /* for an hour */
};

/* What the handler of a question does. */
enum box_fetched {
    BOX_ANSWER,
    BOX_ANSWER_NOTHING,
    BOX_ANSWER_FAIL,
    BOX_ANSWER_STOP,
    BOX_ANSWER_LATE /* when box_gate is opened */
};

extern _Atomic uint32_t box_handled; /* of enum box_handled */
extern _Atomic uint32_t box_looked;  /* lines that were as they should be */
extern _Atomic uint32_t box_moved;   /* lines whose own text was taken */
extern _Atomic uint32_t box_asleep;  /* handlers in BOX_SLEEP */
extern struct box_line box_kept;
extern struct rig_gate box_gate;
extern struct rig box_rig;
extern int box_pipes[2];

/** Prepares box_rig with a root supervisor, and the pipe. */
void box_init(void);

/** Adds a group of one box. */
struct rig_part *box_add(const char *name);

/** Starts a system of two boxes, "a" and "b". */
void box_start(void);

/** Makes a line; its descriptor is one more writing end of the pipe. */
struct box_line box_new_line(void);

/** Frees what a line holds. */
void box_give_back(struct box_line *own);

/** Sends a new line and checks that it has moved. */
bst_status box_tell_line(bst_ref to);

/** In a handler: sends a line to "b", which must have the result `*arg`. */
rig_fn box_send_line;

/** Waits until `n` lines were looked at, and all messages are settled. */
void box_looked_at(uint32_t n);

/** Returns whether a descriptor of box_new_line() is still open. */
bool box_pipe_is_open(void);

/** Waits until nothing that a message owned is left, and stops the system. */
void box_stop_when_freed(void);

/** As box_stop_when_freed(); nor may other memory be left. */
void box_nothing_is_left(void);

#endif
