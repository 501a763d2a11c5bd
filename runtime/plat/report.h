#ifndef BST_PLAT_REPORT_H
#define BST_PLAT_REPORT_H

/*
 * Reports of failures, with the place in the source of each frame.
 *
 * Finding these takes milliseconds, so a thread does it that is started with
 * the first report that has frames. A report is one block of lines, or one
 * JSON object, in one write(2) of at most 4096 bytes, which a pipe takes as a
 * whole; frames that do not fit are counted.
 *
 * Thread: any, but in a signal handler only bsti_report_drain().
 */

#include <stdbool.h>
#include <stdint.h>

#include "plat/frames.h"

enum { BSTI_REPORT_PATH = 256, BSTI_REPORT_TEXT = 512 };

/** What is said of a failure. Strings that are pointed to are constant, or
 * live until the next bsti_report_flush() has returned; NULL: unknown. */
struct bsti_report {
    struct bsti_report *next; /* in the queue */
    int level;                /* of enum bst_log_level */
    int64_t time;             /* of bsti_log_time(), when it was made */
    char path[BSTI_REPORT_PATH];
    uint64_t incarnation;
    const char *how; /* such as "failed" */
    const char *kind;
    const char *handler;
    const char *where;  /* the handler was declared */
    const char *reason; /* NULL: nothing failed, only `how` is told */
    char text[BSTI_REPORT_TEXT];
    bool has_address;
    uintptr_t address; /* that was not to be accessed */
    char supervisor[BSTI_REPORT_PATH];
    const char *decision; /* of it */
    const char *group;    /* of which were not shown before this one: */
    uint64_t suppressed;
    struct bsti_frames frames;
    uintptr_t stop; /* a frame of the function that begins here is left out, if
                     * it is the last of several */
};

/** Prepares for reports, and gives all back again: the last of those who have
 * called the first waits until everything is written. */
void bsti_report_begin(void);
void bsti_report_end(void);

/** Makes a report with all of it empty, or NULL: there is no memory. */
struct bsti_report *bsti_report_create(int level);

/** Throws one away. NULL is allowed. */
void bsti_report_destroy(struct bsti_report *report);

/** Writes it, in order, now or soon. Ownership: it moves. */
void bsti_report_send(struct bsti_report *report);

/** Writes that so many failures at `path` were not shown. */
void bsti_report_send_count(int level, const char *path, uint64_t count);

/** Waits until everything is written that was sent before. */
void bsti_report_flush(void);

/** As bsti_report_flush(), for so many milliseconds at most;
 * async-signal-safe. */
void bsti_report_drain(unsigned ms);

#endif
