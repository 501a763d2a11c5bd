/*
 * Faults in words, and the last report of an OS process.
 */

#define _GNU_SOURCE

#include "plat/fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/line.h"
#include "plat/fault.h"
#include "plat/probe.h"
#include "plat/log.h"
#include "plat/report.h"
#include "sync/atomic.h"

enum {
    NULL_PAGE = 65536,
    GUARD = 65536,    /* bytes of the largest one */
    BLOCK = 4096,     /* bytes that a pipe takes as a whole */
    FRAME = 400,      /* of these, for one frame and what follows */
    PATIENCE_MS = 300 /* with reports that still wait */
};

static _Atomic int reporter; /* thread; 0: none */

/* ---- words --------------------------------------------------------------- */

BSTI_NO_SANITIZE bool bsti_fault_is_wild(const struct bsti_trap *trap)
{
    return trap->signo == SIGBUS ||
           (trap->signo == SIGSEGV && !trap->is_overflow &&
            (trap->code == SI_KERNEL || trap->address >= NULL_PAGE));
}

/* An address that no hardware could mean is not known to the kernel. */
bool bsti_fault_has_address(const struct bsti_trap *trap)
{
    return trap->signo != SIGABRT && trap->code != SI_KERNEL;
}

static const char *kind_of(const struct bsti_trap *trap)
{
    switch (trap->signo) {
    case SIGFPE:
        return trap->code == FPE_INTDIV ? "division by zero"
                                        : "arithmetic fault";
    case SIGILL:
        return bsti_probe_is_at(trap->pc) ? "longjmp() out of the handler"
                                          : "illegal instruction";
    case SIGBUS:
        return "bus error";
    case SIGABRT:
        return trap->walk.is_assert ? "failed assertion" : "abort";
    default:
        break;
    }
    if (trap->is_overflow) {
        return "stack overflow";
    }
    return bsti_fault_is_wild(trap) ? "wild pointer" : "null pointer";
}

static const char *signal_name(int signo)
{
    switch (signo) {
    case SIGFPE:
        return "SIGFPE";
    case SIGILL:
        return "SIGILL";
    case SIGBUS:
        return "SIGBUS";
    case SIGABRT:
        return "SIGABRT";
    default:
        return "SIGSEGV";
    }
}

static void describe(struct bsti_line *line, const struct bsti_trap *trap)
{
    bsti_line_put(line, kind_of(trap));
    bsti_line_put(line, ": ");
    bsti_line_put(line, signal_name(trap->signo));
    if (bsti_fault_has_address(trap)) {
        bsti_line_put(line, " at ");
        bsti_line_hex(line, trap->address);
    }
}

void bsti_fault_text(const struct bsti_trap *trap, char *text, size_t size)
{
    struct bsti_line line = {.text = text, .size = size};

    describe(&line, trap);
}

/* ---- the stack ----------------------------------------------------------- */

/* Reads "LOW-HIGH ..." lines, byte by byte. */
struct maps {
    uintptr_t number[2];
    unsigned field; /* 0 and 1: being read; 2: behind them */
};

/* Returns whether a line has both numbers. */
static bool read_byte(struct maps *maps, char byte)
{
    unsigned digit = byte >= '0' && byte <= '9'   ? (unsigned)(byte - '0')
                     : byte >= 'a' && byte <= 'f' ? (unsigned)(byte - 'a') + 10
                                                  : 16;

    if (byte == '\n') {
        *maps = (struct maps){.field = 0};
    } else if (maps->field < 2 && digit < 16) {
        maps->number[maps->field] = maps->number[maps->field] << 4 | digit;
    } else if (maps->field < 2) {
        maps->field++;
        return maps->field == 2;
    }
    return false;
}

/* Finds the bounds of the memory that the stack pointer is in. */
static void find_stack(struct bsti_trap *trap)
{
    struct maps maps = {.field = 0};
    char room[1024];
    ssize_t n;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

    trap->walk.low = 0;
    trap->walk.high = 0;
    while (fd >= 0 && (n = read(fd, room, sizeof room)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            if (read_byte(&maps, room[i]) && trap->sp >= maps.number[0] &&
                trap->sp < maps.number[1]) {
                trap->walk.low = maps.number[0];
                trap->walk.high = maps.number[1];
            }
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void trace(struct bsti_trap *trap)
{
    /* Just below a stack is its guard, which must not be looked at. */
    if (trap->sp >= trap->walk.high || trap->sp + GUARD < trap->walk.low) {
        find_stack(trap);
    }
    bsti_unwind_trace(&trap->walk, false);
}

/* ---- the report ---------------------------------------------------------- */

static void put_path(struct bsti_line *line, const struct bsti_trap *trap)
{
    bsti_line_put(line, trap->where);
    if (trap->index != UINT32_MAX) {
        bsti_line_byte(line, '/');
        bsti_line_number(line, trap->index, 10);
    }
}

static void put_frame(struct bsti_line *line, uintptr_t pc, bool json)
{
    uintptr_t offset = 0;
    const char *module = bsti_unwind_module(pc, &offset);

    if (json) {
        bsti_line_put(line, "{\"module\":");
        bsti_line_json(line, module);
        bsti_line_name(line, "offset");
        bsti_line_byte(line, '"');
        bsti_line_hex(line, module ? offset : pc);
        bsti_line_put(line, "\"}");
        return;
    }
    bsti_line_put(line, "\nbastion:     at ");
    bsti_line_plain(line, module ? module : "?");
    bsti_line_byte(line, '+');
    bsti_line_hex(line, module ? offset : pc);
}

/* A return address is told as that of the call before it. */
static void put_frames(struct bsti_line *line, const struct bsti_frames *frames,
                       bool json)
{
    uint32_t kept = bsti_frames_kept(frames);

    for (uint32_t i = 0; i < kept && line->used + FRAME < line->size; i++) {
        uintptr_t pc = bsti_frames_get(frames, i);

        if (json && i > 0) {
            bsti_line_byte(line, ',');
        }
        put_frame(line, i > 0 || !frames->exact ? pc - 1 : pc, json);
    }
}

static void put_text(struct bsti_line *line, const struct bsti_trap *trap)
{
    bsti_line_put(line, "bastion: fatal: ");
    describe(line, trap);
    bsti_line_put(line, ", ");
    bsti_line_put(line, bsti_walk_text(trap->why));
    if (trap->where) {
        bsti_line_put(line, ", ");
        put_path(line, trap);
    }
    if (trap->incarnation > 0) {
        bsti_line_byte(line, '#');
        bsti_line_number(line, trap->incarnation, 10);
    }
    if (trap->handler) {
        bsti_line_put(line, ", handler `");
        bsti_line_put(line, trap->handler);
        bsti_line_put(line, "` (");
        bsti_line_put(line, trap->place ? trap->place : "unknown place");
        bsti_line_put(line, ")");
    }
    bsti_line_put(line, ", pc ");
    bsti_line_hex(line, trap->pc);
    put_frames(line, &trap->walk.frames, false);
}

static void put_field(struct bsti_line *line, const char *name,
                      const char *value)
{
    bsti_line_name(line, name);
    bsti_line_json(line, value);
}

static void put_hex(struct bsti_line *line, const char *name, uintptr_t value,
                    bool is_known)
{
    bsti_line_name(line, name);
    if (!is_known) {
        bsti_line_put(line, "null");
        return;
    }
    bsti_line_byte(line, '"');
    bsti_line_hex(line, value);
    bsti_line_byte(line, '"');
}

static void put_json(struct bsti_line *line, const struct bsti_trap *trap)
{
    char room[512];
    struct bsti_line text = {.text = room, .size = sizeof room};

    bsti_log_json_begin(line, bsti_log_time(), BST_LOG_ERROR, "fatal");
    describe(&text, trap);
    put_field(line, "text", room);
    put_field(line, "why", bsti_walk_text(trap->why));
    put_field(line, "signal", signal_name(trap->signo));
    put_hex(line, "address", trap->address, bsti_fault_has_address(trap));
    text.used = 0;
    if (trap->where) {
        put_path(&text, trap);
    }
    put_field(line, "path", trap->where ? room : NULL);
    bsti_line_name(line, "incarnation");
    bsti_line_number(line, trap->incarnation, 10);
    put_field(line, "kind", trap->kind);
    put_field(line, "handler", trap->handler);
    put_field(line, "where", trap->place);
    put_hex(line, "pc", trap->pc, true);
    bsti_line_name(line, "backtrace");
    bsti_line_byte(line, '[');
    put_frames(line, &trap->walk.frames, true);
    bsti_line_put(line, "]}");
}

void bsti_fatal_one(void)
{
    struct timespec second = {.tv_sec = 1};
    int self = (int)syscall(SYS_gettid);
    int nobody = 0;

    if (!bsti_cas_strong_seq_cst(&reporter, &nobody, self) && nobody != self) {
        (void)nanosleep(&second, NULL);
    }
}

void bsti_fatal_report(struct bsti_trap *trap)
{
    char room[BLOCK];
    struct bsti_line line = {.text = room, .size = sizeof room - 1};

    bsti_fatal_one();
    bsti_report_drain(PATIENCE_MS);
    trace(trap);
    if (bsti_log_is_json()) {
        put_json(&line, trap);
    } else {
        put_text(&line, trap);
    }
    bsti_log_write(&line);
}
