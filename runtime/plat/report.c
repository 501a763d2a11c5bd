/*
 * The reporter: a queue, the thread that empties it, and how reports look.
 *
 * The state belongs to the OS process, as stderr does. `unwritten` is what
 * those look at who may take no lock: a signal handler in a thread that dies.
 * One report is written at a time, so symbols are found by one thread at a
 * time.
 */

#define _GNU_SOURCE

#include "plat/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/line.h"
#include "plat/log.h"
#include "plat/symbol.h"
#include "plat/thread.h"
#include "plat/unwind.h"
#include "sync/atomic.h"

enum {
    BLOCK = 4096, /* bytes that a pipe takes as a whole */
    TAIL = 256    /* of these, for what follows the frames */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Under the lock. */
static unsigned users;
static struct bsti_report *first;
static struct bsti_report *last;
static bool is_running; /* the thread */
static bool must_stop;
static bool has_exit_hook;

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static struct bsti_thread thread;
static _Atomic uint32_t unwritten;
static _Atomic int owner; /* process whose thread it is; not a fork's */

/* ---- frames -------------------------------------------------------------- */

/* The frames of a report on their way into its text. */
struct frames {
    struct bsti_line *line;
    bool json;
    bool is_last;    /* the frame may be left out */
    uint32_t shown;  /* functions */
    uint32_t failed; /* functions that there was no room for */
    size_t before;   /* where the last one begins */
    size_t after;    /* and ends */
    uint32_t repeated;
};

static void put_place(struct bsti_line *line, const struct bsti_symbol *symbol)
{
    bsti_line_plain(line, symbol->module ? symbol->module : "?");
    bsti_line_byte(line, '+');
    bsti_line_hex(line, symbol->offset);
}

static void put_text(struct bsti_line *line, const struct bsti_symbol *symbol)
{
    bsti_line_put(line, "\nbastion:     at ");
    if (!symbol->function) {
        put_place(line, symbol);
        return;
    }
    bsti_line_plain(line, symbol->function);
    bsti_line_put(line, symbol->inlined ? " (inlined, " : " (");
    if (symbol->file) {
        bsti_line_plain(line, symbol->file);
        bsti_line_byte(line, ':');
        bsti_line_number(line, (uint64_t)BSTI_MAX(symbol->line, 0), 10);
    } else {
        put_place(line, symbol);
    }
    bsti_line_byte(line, ')');
}

static void put_json(struct bsti_line *line, const struct bsti_symbol *symbol)
{
    bsti_line_put(line, "{\"function\":");
    bsti_line_json(line, symbol->function);
    bsti_line_name(line, "file");
    bsti_line_json(line, symbol->file);
    bsti_line_name(line, "line");
    bsti_line_number(line, (uint64_t)BSTI_MAX(symbol->line, 0), 10);
    bsti_line_name(line, "inlined");
    bsti_line_put(line, symbol->inlined ? "true" : "false");
    bsti_line_name(line, "module");
    bsti_line_json(line, symbol->module);
    bsti_line_name(line, "offset");
    bsti_line_put(line, "\"");
    bsti_line_hex(line, symbol->offset);
    bsti_line_put(line, "\"}");
}

/* Says how often the last line was meant. */
static void end_repeats(struct frames *frames)
{
    struct bsti_line *line = frames->line;

    if (frames->repeated > 0) {
        bsti_line_put(line, ", ");
        bsti_line_number(line, frames->repeated + 1, 10);
        bsti_line_put(line, " times");
    }
    frames->repeated = 0;
}

/* Whether the text from `at` on is that of the function before. */
static bool is_repeated(const struct frames *frames, size_t at)
{
    const char *text = frames->line->text;
    size_t length = frames->line->used - at;

    return !frames->json && frames->shown > 0 &&
           length == frames->after - frames->before &&
           memcmp(text + at, text + frames->before, length) == 0;
}

static void take_back(struct bsti_line *line, size_t to)
{
    line->used = to;
    line->text[to] = '\0';
}

static void add_function(void *arg, const struct bsti_symbol *symbol)
{
    struct frames *frames = arg;
    struct bsti_line *line = frames->line;
    size_t at = line->used;

    if (frames->is_last && !symbol->inlined && frames->shown > 0) {
        return;
    }
    if (frames->json) {
        if (frames->shown > 0) {
            bsti_line_byte(line, ',');
        }
        put_json(line, symbol);
    } else {
        put_text(line, symbol);
    }
    if (line->used + TAIL > line->size) {
        take_back(line, at);
        frames->failed++;
        return;
    }
    if (is_repeated(frames, at)) {
        take_back(line, at);
        frames->repeated++;
        return;
    }
    if (frames->repeated > 0) {
        take_back(line, at);
        end_repeats(frames);
        at = line->used;
        put_text(line, symbol);
    }
    frames->shown++;
    frames->before = at;
    frames->after = line->used;
}

/* Returns how many functions or frames are not in the text. */
static uint32_t put_frames(struct bsti_line *line,
                           const struct bsti_report *report, bool json)
{
    const struct bsti_frames *from = &report->frames;
    struct frames frames = {.line = line, .json = json};
    uint32_t kept = bsti_frames_kept(from);
    uint32_t left_out = bsti_frames_left_out(from);

    for (uint32_t i = 0; i < kept && frames.failed == 0; i++) {
        if (i == BSTI_FRAMES_FIRST && left_out > 0 && !json) {
            end_repeats(&frames);
            bsti_line_put(line, "\nbastion:     ... ");
            bsti_line_number(line, left_out, 10);
            bsti_line_put(line, " more frames ...");
            frames.before = frames.after; /* nothing repeats this */
        }
        frames.is_last =
            i == kept - 1 && report->stop != 0 && from->last == report->stop;
        bsti_symbol_find(bsti_frames_get(from, i), i > 0 || !from->exact,
                         add_function, &frames);
        left_out += frames.failed > 0 ? kept - i : 0;
    }
    end_repeats(&frames);
    if (frames.failed > 0 && !json) {
        bsti_line_put(line, "\nbastion:     ... and others");
    }
    return left_out;
}

/* ---- what a report looks like -------------------------------------------- */

static void write_text(struct bsti_line *line, const struct bsti_report *report)
{
    bsti_line_put(line, "bastion: ");
    bsti_line_plain(line, report->path);
    bsti_line_byte(line, '#');
    bsti_line_number(line, report->incarnation, 10);
    bsti_line_byte(line, ' ');
    bsti_line_put(line, report->how);
    if (report->reason) {
        bsti_line_put(line, " in `");
        bsti_line_plain(line, report->handler ? report->handler : "a handler");
        bsti_line_put(line, "` (");
        bsti_line_plain(line, report->where ? report->where : "unknown place");
        bsti_line_put(line, "): ");
        bsti_line_put(line, report->reason);
    }
    if (report->text[0]) {
        bsti_line_put(line, ": ");
        bsti_line_plain(line, report->text);
    }
    if (report->decision) {
        bsti_line_put(line, "; ");
        bsti_line_plain(line, report->supervisor);
        bsti_line_put(line, ": ");
        bsti_line_put(line, report->decision);
    }
    (void)put_frames(line, report, false);
    if (report->suppressed > 0) {
        bsti_line_put(line, "\nbastion:     before that, ");
        bsti_line_number(line, report->suppressed, 10);
        bsti_line_put(line, " of ");
        bsti_line_plain(line, report->group);
        bsti_line_put(line, " were not shown");
    }
}

static void put_field(struct bsti_line *line, const char *name,
                      const char *value)
{
    bsti_line_name(line, name);
    bsti_line_json(line, value);
}

static void write_json(struct bsti_line *line, const struct bsti_report *report)
{
    uint32_t left_out;

    bsti_log_json_begin(line, report->time, report->level,
                        report->reason ? "crash" : "end");
    put_field(line, "path", report->path);
    bsti_line_name(line, "incarnation");
    bsti_line_number(line, report->incarnation, 10);
    put_field(line, "how", report->how);
    put_field(line, "reason", report->reason);
    put_field(line, "text", report->text[0] ? report->text : NULL);
    bsti_line_name(line, "address");
    if (report->has_address) {
        bsti_line_byte(line, '"');
        bsti_line_hex(line, report->address);
        bsti_line_byte(line, '"');
    } else {
        bsti_line_put(line, "null");
    }
    put_field(line, "kind", report->kind);
    put_field(line, "handler", report->handler);
    put_field(line, "where", report->where);
    put_field(line, "supervisor", report->decision ? report->supervisor : NULL);
    put_field(line, "decision", report->decision);
    bsti_line_name(line, "suppressed");
    bsti_line_number(line, report->suppressed, 10);
    bsti_line_name(line, "backtrace");
    bsti_line_byte(line, '[');
    left_out = put_frames(line, report, true);
    bsti_line_byte(line, ']');
    bsti_line_name(line, "left_out");
    bsti_line_number(line, left_out, 10);
    bsti_line_byte(line, '}');
}

static void write_report(const struct bsti_report *report)
{
    char room[BLOCK];
    struct bsti_line line = {.text = room, .size = sizeof room - 1};

    pthread_mutex_lock(&writing);
    if (bsti_log_is_json()) {
        write_json(&line, report);
    } else {
        write_text(&line, report);
    }
    bsti_log_write(&line);
    pthread_mutex_unlock(&writing);
}

/* ---- the thread ---------------------------------------------------------- */

static void finish(struct bsti_report *report)
{
    write_report(report);
    bsti_report_destroy(report);
    pthread_mutex_lock(&lock);
    bsti_fetch_sub_release(&unwritten, 1u);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void run(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    for (;;) {
        struct bsti_report *report = first;

        if (report) {
            first = report->next;
            pthread_mutex_unlock(&lock);
            finish(report);
            pthread_mutex_lock(&lock);
        } else if (must_stop) {
            break;
        } else {
            pthread_cond_wait(&changed, &lock);
        }
    }
    pthread_mutex_unlock(&lock);
}

static void at_exit(void)
{
    enum { PATIENCE_MS = 1000 };

    bsti_report_drain(PATIENCE_MS);
}

/* Returns whether there is a thread that serves the queue. */
static bool is_served(void)
{
    if (must_stop) {
        return false;
    }
    if (!is_running) {
        is_running = bsti_thread_start(&thread, "bst-report", run, NULL) == 0;
        bsti_store_relaxed(&owner, (int)getpid());
    }
    if (is_running && !has_exit_hook) {
        has_exit_hook = atexit(at_exit) == 0;
    }
    return is_running;
}

/* ---- from outside -------------------------------------------------------- */

void bsti_report_begin(void)
{
    pthread_mutex_lock(&lock);
    users++;
    pthread_mutex_unlock(&lock);
}

void bsti_report_end(void)
{
    bool stop;

    bsti_report_flush();
    pthread_mutex_lock(&lock);
    stop = --users == 0 && is_running;
    if (stop) {
        must_stop = true;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    if (!stop) {
        return;
    }
    bsti_thread_join(&thread);
    pthread_mutex_lock(&writing);
    bsti_symbol_end();
    pthread_mutex_unlock(&writing);
    pthread_mutex_lock(&lock);
    is_running = false;
    must_stop = false;
    pthread_mutex_unlock(&lock);
}

struct bsti_report *bsti_report_create(int level)
{
    struct bsti_report *report = bsti_alloc_apart(sizeof *report);

    if (report) {
        report->level = level;
        report->time = bsti_log_time();
    }
    return report;
}

void bsti_report_destroy(struct bsti_report *report)
{
    bsti_free_apart(report);
}

void bsti_report_send(struct bsti_report *report)
{
    bool queued = false;

    pthread_mutex_lock(&lock);
    /* Without frames it is quick, and need not wait unless others do. */
    if ((report->frames.total > 0 || bsti_load_relaxed(&unwritten) > 0) &&
        is_served()) {
        queued = true;
        report->next = NULL;
        if (first) {
            last->next = report;
        } else {
            first = report;
        }
        last = report;
        bsti_fetch_add_relaxed(&unwritten, 1u);
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    if (queued) {
        return;
    }
    write_report(report);
    bsti_report_destroy(report);
}

void bsti_report_send_count(int level, const char *path, uint64_t count)
{
    char room[BLOCK];
    struct bsti_line line = {.text = room, .size = sizeof room - 1};

    if (bsti_log_is_json()) {
        bsti_log_json_begin(&line, bsti_log_time(), level, "suppressed");
        put_field(&line, "path", path);
        bsti_line_name(&line, "suppressed");
        bsti_line_number(&line, count, 10);
        bsti_line_byte(&line, '}');
    } else {
        bsti_line_put(&line, "bastion: ");
        bsti_line_plain(&line, path);
        bsti_line_put(&line, ": ");
        bsti_line_number(&line, count, 10);
        bsti_line_put(&line, count == 1 ? " failure was not shown"
                                        : " failures were not shown");
    }
    bsti_log_write(&line);
}

void bsti_report_flush(void)
{
    pthread_mutex_lock(&lock);
    while (bsti_load_relaxed(&unwritten) > 0) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

void bsti_report_drain(unsigned ms)
{
    /* A child that was forked has no such thread. */
    if (bsti_load_relaxed(&owner) != (int)getpid()) {
        return;
    }
    /* acquire: pairs with the release in finish() */
    while (ms-- > 0 && bsti_load_acquire(&unwritten) > 0) {
        struct timespec pause = {.tv_nsec = 1000000};

        (void)nanosleep(&pause, NULL);
    }
}
