/*
 * mutate SEED COUNT FILE... - damages correct .bst files and compiles them.
 *
 * A file is cut at every byte, and each of its tokens is left out, doubled,
 * and swapped with the next one. COUNT of these mutations are drawn by SEED,
 * or all are made in turn if COUNT is `all`. What must hold is the oracle's
 * matter; here each compilation has a second. Files with mistakes are passed
 * over. Imports are read once and stay as they are.
 */

#define _GNU_SOURCE

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "lexer.h"
#include "oracle.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

enum { MAX_FILES = 16, LIMIT_MS = 1000, HANG_SECONDS = 20 };

enum kind { CUT, LEFT_OUT, DOUBLED, SWAPPED, KINDS };

/* A correct program: the root file, which is damaged, and its imports. */
struct subject {
    struct oracle_file files[MAX_FILES];
    uint32_t nfiles;
    struct bstc_span *tokens; /* of the root file */
    uint32_t ntokens;
    uint64_t first; /* number of its first mutation among all */
};

struct subjects {
    struct bstc_context context; /* owns the texts */
    struct subject *items;
    uint32_t count;
    uint64_t mutations;
};

/* What is tried now; shown when a sanitizer or a signal ends the process. */
static struct {
    const char *name;
    uint64_t seed;
    uint64_t number;
    const char *text;
    size_t size;
} now;

static const char *failed_path = "failed.bst";

static void show_failure(void)
{
    FILE *out = fopen(failed_path, "wb");

    if (out) {
        fwrite(now.text, 1, now.size, out);
        fclose(out);
    }
    fprintf(stderr,
            "mutate: %s, mutation %llu of seed %llu; the text is in %s\n",
            now.name, (unsigned long long)now.number,
            (unsigned long long)now.seed, failed_path);
}

static void on_signal(int number)
{
    show_failure();
    _exit(128 + number);
}

static void watch(void)
{
    signal(SIGABRT, on_signal);
    signal(SIGALRM, on_signal);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(show_failure);
#else
    signal(SIGSEGV, on_signal);
#endif
}

/* ---- what is damaged ----------------------------------------------------- */

/* Reads a program; false if it has mistakes. */
static bool read_subject(struct subjects *all, const char *path,
                         struct subject *subject)
{
    const struct bstc_texts no_folders = {0};
    struct bstc_context context;
    struct bstc_program program;
    bool correct;

    bstc_context_init(&context);
    bstc_program_init(&program, &context);
    bstc_load(&program, path, &no_folders);
    correct = bstc_analyse(&program) && context.sources.count <= MAX_FILES;
    for (uint32_t i = 0; correct && i < context.sources.count; i++) {
        const struct bstc_source *source = context.sources.items[i];

        subject->files[subject->nfiles++] = (struct oracle_file){
            bstc_arena_copy(&all->context.arena, source->name,
                            strlen(source->name)),
            bstc_arena_copy(&all->context.arena, source->text, source->size),
            source->size};
    }
    bstc_context_fini(&context);
    return correct;
}

static void read_tokens(struct subjects *all, struct subject *subject)
{
    const struct oracle_file *file = &subject->files[0];
    struct bstc_context context;
    struct bstc_lexer *lexer;
    struct bstc_token token;

    subject->tokens = bstc_arena_array(&all->context.arena, file->size + 1,
                                       sizeof *subject->tokens);
    bstc_context_init(&context);
    lexer = BSTC_NEW(&context.arena, struct bstc_lexer);
    bstc_lexer_init(
        lexer, &context,
        bstc_sources_add(&context.sources, file->name, file->text, file->size));
    for (;;) {
        bstc_lexer_next(lexer, &token);
        if (token.kind == BSTC_TOKEN_EOF)
            break;
        subject->tokens[subject->ntokens++] = token.span;
    }
    bstc_context_fini(&context);
}

static uint64_t mutations_of(const struct subject *subject)
{
    return subject->files[0].size + (uint64_t)subject->ntokens * (KINDS - 1);
}

static void add_subject(struct subjects *all, const char *path)
{
    struct subject *subject = &all->items[all->count];

    if (!read_subject(all, path, subject))
        return;
    read_tokens(all, subject);
    subject->first = all->mutations;
    all->mutations += mutations_of(subject);
    all->count++;
}

/* ---- damage -------------------------------------------------------------- */

struct buffer {
    char *bytes;
    size_t size;
};

static void append(struct buffer *buffer, const char *text, size_t from,
                   size_t to)
{
    memcpy(buffer->bytes + buffer->size, text + from, to - from);
    buffer->size += to - from;
}

static void damage_token(const struct subject *subject, enum kind kind,
                         uint32_t at, struct buffer *out)
{
    const struct oracle_file *file = &subject->files[0];
    struct bstc_span token = subject->tokens[at];
    size_t end = token.end;

    append(out, file->text, 0, token.start);
    if (kind == DOUBLED) {
        append(out, file->text, token.start, token.end);
        append(out, " ", 0, 1);
        append(out, file->text, token.start, token.end);
    } else if (kind == SWAPPED && at + 1 < subject->ntokens) {
        struct bstc_span next = subject->tokens[at + 1];

        append(out, file->text, next.start, next.end);
        append(out, file->text, token.end, next.start);
        append(out, file->text, token.start, token.end);
        end = next.end;
    }
    append(out, file->text, end, file->size);
}

/* Makes mutation `number` of the subject; the buffer has room for a doubled
 * token and a blank. */
static void damage(const struct subject *subject, uint64_t number,
                   struct buffer *out)
{
    const struct oracle_file *file = &subject->files[0];

    out->size = 0;
    if (number < file->size) {
        append(out, file->text, 0, (size_t)number);
        return;
    }
    number -= file->size;
    damage_token(subject,
                 (enum kind)(LEFT_OUT + (int)(number / subject->ntokens)),
                 (uint32_t)(number % subject->ntokens), out);
}

/* ---- trying -------------------------------------------------------------- */

static int64_t cpu_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static const struct subject *subject_of(const struct subjects *all,
                                        uint64_t number)
{
    uint32_t low = 0;
    uint32_t high = all->count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (all->items[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return &all->items[low];
}

/* Compiles one damaged program; returns how long it took. */
static int64_t try_one(const struct subjects *all, uint64_t number)
{
    const struct subject *subject = subject_of(all, number);
    struct oracle_file files[MAX_FILES];
    struct buffer buffer = {malloc(2 * subject->files[0].size + 1), 0};
    int64_t begin = cpu_ms();
    int64_t took;
    char *exact;

    if (!buffer.bytes)
        abort();
    damage(subject, number - subject->first, &buffer);
    /* Of its exact size, so that a sanitizer sees a read behind it. */
    exact = malloc(buffer.size + 1);
    if (!exact)
        abort();
    memcpy(exact, buffer.bytes, buffer.size);
    memcpy(files, subject->files, sizeof files);
    files[0].text = now.text = exact;
    files[0].size = now.size = buffer.size;
    now.name = files[0].name;
    now.number = number;
    alarm(HANG_SECONDS);
    oracle_compile(files, subject->nfiles);
    alarm(0);
    took = cpu_ms() - begin;
    if (took > LIMIT_MS) {
        show_failure();
        fprintf(stderr, "mutate: this took %lld ms\n", (long long)took);
        exit(1);
    }
    free(exact);
    free(buffer.bytes);
    return took;
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int main(int argc, char **argv)
{
    static struct subjects all;
    uint64_t random;
    uint64_t count;
    int64_t slowest = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: mutate SEED COUNT|all FILE...\n");
        return 2;
    }
    now.seed = random = strtoull(argv[1], NULL, 10);
    bstc_context_init(&all.context);
    all.items =
        bstc_arena_array(&all.context.arena, (size_t)argc, sizeof *all.items);
    if (getenv("MUTATE_FAILED"))
        failed_path = getenv("MUTATE_FAILED");
    for (int i = 3; i < argc; i++)
        add_subject(&all, argv[i]);
    if (all.count == 0) {
        fprintf(stderr, "mutate: no correct file\n");
        return 1;
    }
    watch();
    count = strcmp(argv[2], "all") == 0 ? all.mutations
                                        : strtoull(argv[2], NULL, 10);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t number =
            count == all.mutations ? i : next_random(&random) % all.mutations;
        int64_t took = try_one(&all, number);

        slowest = took > slowest ? took : slowest;
    }
    printf("seed %s: %llu of %llu mutations of %u files, the slowest %lld ms\n",
           argv[1], (unsigned long long)count,
           (unsigned long long)all.mutations, all.count, (long long)slowest);
    bstc_context_fini(&all.context);
    return 0;
}
