/*
 * Stress: producers push into one inbox and wake its owner when they found it
 * empty; the owner sleeps on a parker whenever it is empty.
 *
 * Checks: no link is lost, each producer's links come in order, and no wake-up
 * is lost (the program would not end).
 */

#include "sync/inbox.h"
#include "sync/parker.h"

#include "stress.h"

struct item {
    struct bsti_link link;
    uint32_t from;
    uint64_t number;
};

struct shared {
    struct bsti_inbox inbox;
    struct bsti_parker parker;
    _Atomic uint32_t met;
    uint32_t threads; /* the last one is the owner */
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    struct item *items;
    uint32_t me;
    uint64_t rand;
    uint64_t woke;
};

static void produce(struct worker *w)
{
    struct shared *s = w->shared;

    for (uint64_t i = 0; i < s->rounds; i++) {
        if (bsti_inbox_push(&s->inbox, &w->items[i].link)) {
            w->woke++;
            (void)bsti_parker_unpark(&s->parker);
        }
        if (bsti_rand_below(&w->rand, 64) == 0) {
            bsti_thread_yield();
        }
    }
}

static void own(struct shared *s)
{
    uint64_t seen[STRESS_THREADS_MAX] = {0};
    uint64_t left = (s->threads - 1) * s->rounds;

    while (left > 0) {
        struct bsti_link *link = bsti_inbox_take_all(&s->inbox);

        if (link == NULL) {
            (void)bsti_parker_park(&s->parker, BST_INFINITE);
        }
        for (; link != NULL; link = link->next) {
            struct item *item = bsti_container_of(link, struct item, link);

            stress_check(item->number == seen[item->from]);
            seen[item->from]++;
            left--;
        }
    }
    stress_check(bsti_inbox_is_empty(&s->inbox));
}

static void work(void *arg)
{
    struct worker *w = arg;

    stress_meet(&w->shared->met, w->shared->threads);
    if (w->me == w->shared->threads - 1) {
        own(w->shared);
    } else {
        produce(w);
    }
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 50000 : 300000);
    uint64_t woke = 0;

    shared.threads = BSTI_MAX(stress.threads, 2u);
    shared.rounds = stress.rounds;
    bsti_inbox_init(&shared.inbox);
    bsti_parker_init(&shared.parker);
    for (uint32_t i = 0; i < shared.threads; i++) {
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
        workers[i].items = calloc(stress.rounds, sizeof(struct item));
        stress_check(workers[i].items != NULL);
        for (uint64_t n = 0; n < stress.rounds; n++) {
            workers[i].items[n].from = i;
            workers[i].items[n].number = n;
        }
    }
    stress_run(shared.threads, work, workers, sizeof(workers[0]));
    for (uint32_t i = 0; i < shared.threads; i++) {
        woke += workers[i].woke;
        free(workers[i].items);
    }
    printf("%llu wake-ups\n", (unsigned long long)woke);
    return 0;
}
