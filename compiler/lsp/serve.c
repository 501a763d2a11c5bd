/*
 * The server at two descriptors.
 *
 * What the client has sent already is read before the next request is looked
 * at, so that a cancelled one is not answered in vain.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "lsp/lsp.h"
#include "lsp/server.h"

enum { READ_STEP = 64 * 1024, MOST_WAITING = 1000 };

struct ends {
    int in;
    int out;
    bool is_over; /* the client sends no more */
    bool is_deaf; /* the client reads no more */
};

/* The descriptors are the client's, who may have made them not to block. */
static bool wait_for(int fd, short events, int timeout_ms)
{
    struct pollfd entry = {.fd = fd, .events = events};

    return poll(&entry, 1, timeout_ms) > 0;
}

static void write_all(void *arg, const char *bytes, size_t size)
{
    struct ends *ends = arg;

    while (size > 0 && !ends->is_deaf) {
        ssize_t done = write(ends->out, bytes, size);

        if (done >= 0) {
            bytes += done;
            size -= (size_t)done;
        } else if (errno == EAGAIN) {
            wait_for(ends->out, POLLOUT, -1);
        } else if (errno != EINTR) {
            ends->is_deaf = true;
        }
    }
}

static void read_some(struct ends *ends, struct bstc_lsp *lsp)
{
    char bytes[READ_STEP];
    ssize_t got = read(ends->in, bytes, sizeof bytes);

    if (got > 0)
        bstc_lsp_feed(lsp, bytes, (size_t)got);
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        ends->is_over = true;
}

int bstc_lsp_serve(const struct bstc_options *options, int in, int out)
{
    struct ends ends = {.in = in, .out = out};
    struct bstc_lsp *lsp = bstc_lsp_create(options, write_all, &ends);
    int status;

    signal(SIGPIPE, SIG_IGN);
    while (!bstc_lsp_has_ended(lsp) && !ends.is_deaf) {
        while (!ends.is_over && lsp->waiting < MOST_WAITING &&
               wait_for(in, POLLIN, 0))
            read_some(&ends, lsp);
        if (bstc_lsp_step(lsp))
            continue;
        if (ends.is_over || bstc_lsp_has_ended(lsp))
            break;
        wait_for(in, POLLIN, -1);
        read_some(&ends, lsp);
    }
    status = bstc_lsp_status(lsp);
    bstc_lsp_destroy(lsp);
    return status;
}
