/*
 * oom - does a little of everything; without memory for some of it it gives
 * up, and its supervisor may try again, but it always comes to an end.
 */

#include "oom.bst.h"

#include <bastion/task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bst_status counter_add(struct counter *self, const struct add *m)
{
    char *copy = bst_alloc(self, strlen(m->line) + 1);
    char *line = add_take_line(self, m);

    strcpy(copy, line);
    self->bytes += strlen(copy);
    self->n++;
    bst_text_free(line);
    bst_free(self, copy);
    return BST_OK;
}

bst_status counter_big(struct counter *self, const struct big *m)
{
    self->n += m->bytes[2999];
    return BST_OK;
}

bst_status counter_sum(struct counter *self, struct total *answer)
{
    answer->n = self->n;
    answer->bytes = self->bytes;
    return BST_OK;
}

/* The memory of the process, or that of the program. */
bst_status hog_eat(struct hog *self, const struct eat *m, struct total *answer)
{
    static void *last;

    if (m->how == 1)
        for (;;)
            memset(bst_alloc(self, 1 << 20), 1, 1 << 20);
    while (m->how == 2) {
        void **block = malloc(1 << 20);

        if (!block)
            break;
        *block = last;
        last = block;
    }
    if (m->how == 2)
        memset(bst_alloc(self, 8 << 20), 1, 8 << 20);
    while (last) {
        void **block = last;

        last = *block;
        free(block);
    }
    answer->n = bst_incarnation(self);
    return BST_OK;
}

static void nothing(void *arg)
{
    (void)arg;
}

bst_status kid_start(struct kid *self)
{
    bst_defer(self, nothing, NULL);
    memset(bst_alloc(self, 20000), 1, 20000);
    bst_sleep(self, BST_MS(1));
    return BST_OK;
}

bst_status kid_sum(struct kid *self, struct total *answer)
{
    answer->n = self->args->id + self->asked++;
    return BST_OK;
}

bst_status slowpoke_slow(struct slowpoke *self, struct total *answer)
{
    struct total total;
    bst_status status = counter_ask_sum(self->to.counters, &total);

    if (status == BST_OK)
        answer->n = total.n;
    return status == BST_NOMEM ? BST_NOMEM : BST_OK;
}

static void *twice(void *arg)
{
    bst_task_yield();
    return arg;
}

static uint64_t run_task(uint64_t n)
{
    struct bst_task *task = bst_spawn(NULL, twice, &n, NULL);
    void *result = NULL;

    return task && bst_join(task, &result) == BST_OK && result == &n ? n : 0;
}

/* Two handlers eat all there is; nobody else has to suffer from that. */
static bst_status starve(struct boss *self)
{
    struct total total = {0};
    bst_status status[2];

    for (uint8_t how = 1; how <= 2; how++)
        status[how - 1] =
            hog_ask_eat(self->to.hogs, &(struct eat){.how = how}, &total);
    if (hog_ask_eat(self->to.hogs, &(struct eat){.how = 3}, &total) == BST_OK &&
        counter_ask_sum(self->to.counters, &(struct total){0}) == BST_OK)
        printf("eaten: %s, %s, lives %u\n", bst_status_name(status[0]),
               bst_status_name(status[1]), (unsigned)total.n);
    bst_stop_system(self);
    return BST_OK;
}

bst_status boss_start(struct boss *self)
{
    static const struct big big = {.bytes = {[2999] = 1}};
    uint64_t n = 0;
    struct total total;
    char **argv;
    int argc;

    bst_args(self, &argc, &argv);
    if (argc > 0 && strcmp(argv[0], "starve") == 0)
        return starve(self);
    for (uint32_t i = 0; i < 6; i++) {
        struct kid_args args = {.id = i};
        struct kid_ref kid;

        if (kids_spawn(self, &args, &kid) == BST_OK &&
            kid_ask_sum(kid, &total) == BST_OK)
            n += total.n;
    }
    for (uint32_t i = 0; i < 20; i++) {
        struct add add = {.line = bst_text_format("line %u", i)};

        counter_tell_add(self->to.counters, &add);
        counter_cast_big(self->to.counters, &big);
    }
    counter_tell_crash(self->to.counters);
    if (counter_ask_sum(self->to.counters, &total) == BST_OK)
        n += total.n;
    if (slowpoke_ask_slow(self->to.slowpokes, &total) == BST_OK)
        n += total.n;
    n += run_task(n);
    printf("%s\n", n > 0 ? "done" : "nothing");
    bst_stop_system(self);
    return BST_OK;
}
