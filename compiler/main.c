/*
 * bastionc: the command line, and the only exits of the compiler.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag_report.h"
#include "driver.h"
#include "explain.h"
#include "lsp/lsp.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BSTC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BSTC_SANITIZED 1
#endif
#endif
#ifndef BSTC_SANITIZED
#define BSTC_SANITIZED 0
#endif

/* Only async-signal-safe calls. */
static void on_crash(int number)
{
    static const char text[] =
        "bastionc: internal error: the compiler crashed\n"
        "bastionc: please report this with the file it was given\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

    (void)ignored;
    (void)number;
    _exit(BSTC_EXIT_INTERNAL);
}

/* A crash is our mistake and has its own exit status. Sanitizers report
 * crashes better, so they keep the signals. */
static void catch_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction action = {.sa_handler = on_crash};

    if (BSTC_SANITIZED)
        return;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

/* A file that is opened must not become standard output or error by getting
 * the number of a closed one. What takes that number fails when it is used the
 * way it is meant to be, as the closed one would. */
static void hold_closed_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

static int run(const struct bstc_options *options)
{
    switch (options->verb) {
    case BSTC_VERB_EXPLAIN:
        return bstc_explain(options);
    case BSTC_VERB_FIX:
        return bstc_fix(options);
    case BSTC_VERB_FMT:
        return bstc_fmt(options);
    case BSTC_VERB_LSP:
        return bstc_lsp_serve(options, STDIN_FILENO, STDOUT_FILENO);
    case BSTC_VERB_NEW:
    case BSTC_VERB_INIT:
        return bstc_new(options);
    case BSTC_VERB_COMPLETIONS:
        bstc_completions_print(options->inputs.items[0], stdout);
        return BSTC_EXIT_OK;
    default:
        return bstc_drive(options);
    }
}

/* A file that may not grow is a full disk: the write fails, and what is
 * temporary goes away. */
static void survive_limits(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    sigaction(SIGXFSZ, &action, NULL);
}

int main(int argc, char **argv)
{
    struct bstc_options options;
    struct bstc_arena arena;
    int status;

    catch_crashes();
    hold_closed_files();
    survive_limits();
    bstc_arena_init(&arena);
    switch (bstc_options_read(&options, &arena, argc, argv)) {
    case BSTC_DONE:
        status = BSTC_EXIT_OK;
        break;
    case BSTC_MISUSED:
        status = BSTC_EXIT_USAGE;
        break;
    case BSTC_RUN:
    default:
        status = run(&options);
        break;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        struct bstc_diag_style style = bstc_style_of_line(argc, argv);

        bstc_report_failure(&style, "E0911", NULL,
                            "cannot write to standard output");
        status = status > BSTC_EXIT_MISTAKES ? status : BSTC_EXIT_MISTAKES;
    }
    bstc_arena_fini(&arena);
    return status;
}
