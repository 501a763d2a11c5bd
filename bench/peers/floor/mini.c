/*
 * Actors at the lowest price.
 */

#include "mini.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 256, SLAB = 1024 };

static struct note *free_notes;
static struct actor *free_actors;
static struct actor *first_ready;
static struct actor **at_ready = &first_ready;

static void *slab(size_t size)
{
    void *memory = calloc(SLAB, size);

    check(memory != NULL, "out of memory");
    return memory;
}

static struct note *note_create(void)
{
    struct note *note = free_notes;

    if (!note) {
        note = slab(sizeof *note);
        for (int i = 0; i < SLAB - 1; i++)
            note[i].next = &note[i + 1];
    }
    free_notes = note->next;
    return note;
}

static void note_destroy(struct note *note)
{
    note->next = free_notes;
    free_notes = note;
}

struct actor *actor_create(handler_fn *handle)
{
    struct actor *actor = free_actors;

    if (!actor) {
        actor = slab(sizeof *actor);
        for (int i = 0; i < SLAB - 1; i++)
            actor[i].next_ready = &actor[i + 1];
    }
    free_actors = actor->next_ready;
    memset(actor, 0, sizeof *actor);
    actor->handle = handle;
    return actor;
}

void actor_destroy(struct actor *actor)
{
    actor->handle = NULL;
}

static void ready(struct actor *actor)
{
    actor->next_ready = NULL;
    *at_ready = actor;
    at_ready = &actor->next_ready;
}

void tell(struct actor *to, struct actor *from, uint32_t kind, uint64_t value)
{
    struct note *note = note_create();

    note->next = NULL;
    note->from = from;
    note->kind = kind;
    note->value = value;
    if (to->last) {
        to->last->next = note;
        to->last = note;
        return;
    }
    to->first = note;
    to->last = note;
    ready(to);
}

void requeue(struct actor *self)
{
    ready(self);
}

/* The note stays in the mailbox while it is handled, so that a tell to
 * oneself does not make the actor ready a second time. */
static void turn(struct actor *actor)
{
    for (int i = 0; i < BATCH; i++) {
        struct note *note = actor->first;

        actor->handle(actor, note);
        actor->first = note->next;
        note_destroy(note);
        if (!actor->handle) {
            actor->next_ready = free_actors;
            free_actors = actor;
            return;
        }
        if (!actor->first) {
            actor->last = NULL;
            return;
        }
    }
    ready(actor);
}

void run_all(void)
{
    while (first_ready) {
        struct actor *actor = first_ready;

        first_ready = actor->next_ready;
        if (!first_ready)
            at_ready = &first_ready;
        if (actor->first)
            turn(actor);
        else
            actor->handle(actor, NULL);
    }
}
