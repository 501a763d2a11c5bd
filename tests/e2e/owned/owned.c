/*
 * A driver casts notes of which some members keep the text, pours bytes into
 * a pipe whose end travels in a message, and asks for texts; main() does the
 * latter from outside. Everything is counted, and the pipe must be closed.
 */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "owned.bst.h"

/* ---- shelf --------------------------------------------------------------- */

/* Every third member keeps the newest note; one of them fails each time, with
 * the note that it was about to keep. */
bst_status shelf_note(struct shelf *self, const struct note *m)
{
    if (strncmp(m->s, "note ", 5) != 0)
        bst_panic(self, "this is no note: %s", m->s);
    if (strcmp(m->s, "note fails") == 0)
        return BST_FAIL;
    self->notes++;
    if (bst_index(self) % 3 == 0) {
        bst_text_free(self->last);
        self->last = note_take_s(self, m);
        self->taken++;
    }
    return BST_OK;
}

bst_status shelf_look(struct shelf *self, const struct look *m,
                      struct found *answer)
{
    (void)self;
    answer->value = bst_text_format("value of %s", m->key);
    answer->raw = bst_bytes_dup(m->key, strlen(m->key));
    return BST_OK;
}

bst_status shelf_counts(struct shelf *self, const struct counts *m,
                        struct sums *answer)
{
    answer->notes = self->notes;
    answer->taken = self->taken;
    if (m->reset)
        self->notes = self->taken = 0;
    return BST_OK;
}

bst_status shelf_stop(struct shelf *self)
{
    bst_text_free(self->last);
    return BST_OK;
}

/* ---- pipe_end ------------------------------------------------------------ */

/* The descriptor is closed when this returns. */
bst_status pipe_end_pour(struct pipe_end *self, const struct pour *m)
{
    (void)self;
    return write(m->to, m->what.data, m->what.size) == (ssize_t)m->what.size
               ? BST_OK
               : BST_FAIL;
}

/* ---- driver -------------------------------------------------------------- */

bst_status driver_start(struct driver *self)
{
    struct pour pour;
    int ends[2];

    for (int i = 0; i < NOTES; i++) {
        struct note note = {.s = bst_text_format("note %d", i)};
        bst_status status = shelf_cast_note(self->to.shelves, &note);

        printf("cast %d: %s, %s\n", i, bst_status_name(status),
               note.s ? "kept" : "moved");
    }
    if (pipe(ends) != 0)
        return BST_FAIL;
    self->reading = ends[0];
    pour.to = ends[1];
    pour.what = bst_bytes_new(20000);
    memset(pour.what.data, 'x', pour.what.size);
    if (pipe_end_tell_pour(self->to.ends, &pour) != BST_OK)
        return BST_FAIL;
    return driver_tell_next(self->to.self);
}

static void count_notes(struct driver *self)
{
    struct sums sums;
    unsigned notes = 0;
    unsigned taken = 0;
    int asked = 0;

    /* Round robin: each member is asked once. */
    for (int i = 0; i < MEMBERS; i++) {
        if (shelf_ask_counts(self->to.shelves, &(struct counts){.reset = false},
                             &sums) != BST_OK)
            continue;
        asked++;
        notes += sums.notes;
        taken += sums.taken;
    }
    printf("%d members: %u notes, %u taken\n", asked, notes, taken);
}

static void read_pipe(struct driver *self)
{
    char buffer[4096];
    size_t sum = 0;
    ssize_t n;

    while ((n = read(self->reading, buffer, sizeof buffer)) > 0)
        sum += (size_t)n;
    close(self->reading);
    printf("read %zu bytes to the end of the pipe\n", sum);
}

bst_status driver_next(struct driver *self)
{
    struct look look = {.key = bst_text_dup("a key")};
    struct found found;
    struct note fails = {.s = bst_text_dup("note fails")};

    count_notes(self);
    read_pipe(self);
    if (shelf_ask_look(self->to.shelves, &look, &found) != BST_OK)
        return BST_FAIL;
    printf("%s, %zu bytes, key %s\n", found.value, found.raw.size,
           look.key ? "kept" : "moved");
    bst_text_free(found.value);
    bst_bytes_free(found.raw);
    printf("one fails: %s\n",
           bst_status_name(shelf_tell_note(self->to.shelves, &fails)));
    fflush(stdout);
    return BST_OK;
}

/* ---- outside ------------------------------------------------------------- */

int main(int argc, char **argv)
{
    const struct timespec pause = {0, 1000000};
    struct bst_options options = BST_OPTIONS_DEFAULT;
    struct bst_system *system;
    struct look look = {.key = bst_text_dup("from outside")};
    struct found found;
    bst_status status;

    setvbuf(stdout, NULL, _IOLBF, 0);
    options.threads = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;
    system = bst_system_start(&owned_app, &options, NULL);
    if (!system)
        return 1;
    for (;;) {
        struct bst_stats stats;

        bst_system_stats(system, &stats);
        if (stats.failed == 1 && stats.queued == 0)
            break;
        nanosleep(&pause, NULL);
    }
    /* Only now: the driver's questions go round all members. */
    status = shelf_ask_look(shelves_ref(system), &look, &found);
    bst_system_stop(system);
    if (bst_system_wait(system) != 0 || status != BST_OK)
        return 2;
    /* It was copied out of the system, which has ended. */
    printf("%s, %.*s, key %s\n", found.value, (int)found.raw.size,
           (const char *)found.raw.data, look.key ? "kept" : "moved");
    bst_text_free(found.value);
    bst_bytes_free(found.raw);
    return 0;
}
