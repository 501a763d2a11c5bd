/*
 * Stress: all threads push single links and lists into one injector and pop
 * single links and chains.
 *
 * Checks: every link comes out exactly once; a thread takes the links of one
 * producer in the order in which they were pushed.
 */

#include "sync/injector.h"

#include "stress.h"

struct item {
    struct bsti_link link;
    uint32_t from;
    uint64_t number;
    bool taken;
};

struct shared {
    struct bsti_injector injector;
    _Atomic uint64_t left;
    _Atomic uint32_t met;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    struct item *items;
    uint32_t me;
    uint64_t rand;
    uint64_t next[STRESS_THREADS_MAX]; /* least number still to come */
};

static void take(struct worker *w, struct bsti_link *link)
{
    struct item *item = bsti_container_of(link, struct item, link);

    stress_check(!item->taken);
    item->taken = true;
    stress_check(item->number >= w->next[item->from]);
    w->next[item->from] = item->number + 1;
    bsti_fetch_sub_relaxed(&w->shared->left, 1u);
}

/* Pushes up to `most` links from `first` on; returns how many. */
static uint64_t put(struct worker *w, uint64_t first, uint64_t most)
{
    struct bsti_injector *injector = &w->shared->injector;
    uint64_t n = 1 + bsti_rand_below(&w->rand, 20);

    n = BSTI_MIN(n, most);
    if (n == 1) {
        bsti_injector_push(injector, &w->items[first].link);
        return 1;
    }
    for (uint64_t i = 0; i + 1 < n; i++) {
        w->items[first + i].link.next = &w->items[first + i + 1].link;
    }
    bsti_injector_push_list(injector, &w->items[first].link,
                            &w->items[first + n - 1].link, (size_t)n);
    return n;
}

static void pop_some(struct worker *w)
{
    struct bsti_injector *injector = &w->shared->injector;
    struct bsti_link *link;
    size_t count = 0;
    size_t max = (size_t)bsti_rand_below(&w->rand, 30);

    if (bsti_rand_below(&w->rand, 2) == 0) {
        link = bsti_injector_pop(injector);
        if (link != NULL) {
            take(w, link);
        }
        return;
    }
    link = bsti_injector_pop_up_to(injector, max, &count);
    stress_check(count <= max);
    while (link != NULL) {
        struct bsti_link *next = link->next;

        take(w, link);
        stress_check(count-- > 0);
        link = next;
    }
    stress_check(count == 0);
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;
    uint64_t pushed = 0;

    stress_meet(&s->met, s->threads);
    while (pushed < s->rounds || bsti_load_relaxed(&s->left) > 0) {
        if (pushed < s->rounds) {
            pushed += put(w, pushed, s->rounds - pushed);
        }
        pop_some(w);
    }
    stress_check(bsti_injector_length(&s->injector) == 0);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 50000 : 200000);

    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    bsti_injector_init(&shared.injector);
    bsti_store_relaxed(&shared.left, stress.threads * stress.rounds);
    for (uint32_t i = 0; i < stress.threads; i++) {
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
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint32_t i = 0; i < stress.threads; i++) {
        for (uint64_t n = 0; n < stress.rounds; n++) {
            stress_check(workers[i].items[n].taken);
        }
        free(workers[i].items);
    }
    return 0;
}
