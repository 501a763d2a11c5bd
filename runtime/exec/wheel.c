/*
 * The timing wheel.
 *
 * A timer's level is the highest group of six bits in which its tick differs
 * from `elapsed`; its slot is the value of that group. So everything on level
 * 0 comes before everything on level 1, and so on; on one level slots are in
 * order of time and never wrap; and a lookup is a count of trailing zeros.
 *
 * Expiring walks from one occupied slot to the next. A slot of a higher level
 * is emptied into the levels below when time reaches its beginning. A slot of
 * level 0 is sorted by exact due time when its turn comes, which is the only
 * sorting there is.
 */

#include "exec/wheel.h"

#include <stddef.h>

#include "base/assert.h"
#include "base/attr.h"

#define SLOT_BITS 6u

/* Values of bsti_timer.slot beyond the slots: the lists of an expire. */
#define IN_BATCH (BSTI_WHEEL_LEVELS * BSTI_WHEEL_SLOTS)
#define IN_LATE (IN_BATCH + 1u)

static struct bsti_timer *timer_of(struct bsti_list *link)
{
    return bsti_container_of(link, struct bsti_timer, link);
}

static uint64_t tick_of(bst_time at)
{
    return at <= 0 ? 0 : (uint64_t)at >> BSTI_WHEEL_TICK_BITS;
}

/* Returns whether `a` fires before `b`. */
static bool is_before(const struct bsti_timer *a, const struct bsti_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

void bsti_wheel_init(struct bsti_wheel *wheel, bst_time now)
{
    wheel->elapsed = tick_of(now);
    wheel->order = 0;
    wheel->count = 0;
    wheel->firing = 0;
    wheel->expiring = false;
    for (size_t level = 0; level < BSTI_WHEEL_LEVELS; level++) {
        wheel->occupied[level] = 0;
        for (size_t slot = 0; slot < BSTI_WHEEL_SLOTS; slot++) {
            bsti_list_init(&wheel->slots[level][slot]);
            wheel->earliest[level][slot] = BST_INFINITE;
        }
    }
    bsti_list_init(&wheel->batch);
    bsti_list_init(&wheel->late);
}

void bsti_timer_init(struct bsti_timer *timer)
{
    bsti_list_init(&timer->link);
    timer->due = 0;
    timer->order = 0;
    timer->slot = 0;
}

/* Puts a timer that is in no list into the slot its due time asks for. */
static void place(struct bsti_wheel *wheel, struct bsti_timer *timer)
{
    uint64_t tick = BSTI_MAX(tick_of(timer->due), wheel->elapsed);
    /* The low group is set so that a difference of 0 means level 0. */
    uint64_t differs = (tick ^ wheel->elapsed) | (BSTI_WHEEL_SLOTS - 1);
    unsigned level = (63u - (unsigned)__builtin_clzll(differs)) / SLOT_BITS;
    unsigned slot = (unsigned)(tick >> (level * SLOT_BITS)) % BSTI_WHEEL_SLOTS;

    bsti_assert(level < BSTI_WHEEL_LEVELS);
    timer->slot = level * BSTI_WHEEL_SLOTS + slot;
    bsti_list_push_back(&wheel->slots[level][slot], &timer->link);
    wheel->occupied[level] |= UINT64_C(1) << slot;
    if (timer->due < wheel->earliest[level][slot]) {
        wheel->earliest[level][slot] = timer->due;
    }
}

/* Puts the timers of a list back into slots. */
static void place_all(struct bsti_wheel *wheel, struct bsti_list *timers)
{
    struct bsti_list *link;

    while ((link = bsti_list_pop_front(timers)) != NULL) {
        place(wheel, timer_of(link));
    }
}

/* Notes that a slot has become empty. */
static void vacate(struct bsti_wheel *wheel, unsigned level, unsigned slot)
{
    wheel->occupied[level] &= ~(UINT64_C(1) << slot);
    wheel->earliest[level][slot] = BST_INFINITE;
}

void bsti_wheel_arm(struct bsti_wheel *wheel, struct bsti_timer *timer,
                    bst_time due)
{
    bsti_wheel_cancel(wheel, timer);
    timer->due = due;
    timer->order = wheel->order++;
    wheel->count++;
    if (wheel->expiring && due <= wheel->firing) {
        timer->slot = IN_LATE;
        bsti_list_push_back(&wheel->late, &timer->link);
        return;
    }
    place(wheel, timer);
}

void bsti_wheel_cancel(struct bsti_wheel *wheel, struct bsti_timer *timer)
{
    unsigned level = timer->slot / BSTI_WHEEL_SLOTS;
    unsigned slot = timer->slot % BSTI_WHEEL_SLOTS;

    if (!bsti_timer_is_armed(timer)) {
        return;
    }
    bsti_list_remove(&timer->link);
    wheel->count--;
    if (timer->slot < IN_BATCH &&
        bsti_list_is_empty(&wheel->slots[level][slot])) {
        vacate(wheel, level, slot);
    }
}

bst_time bsti_wheel_next_due(const struct bsti_wheel *wheel)
{
    for (size_t level = 0; level < BSTI_WHEEL_LEVELS; level++) {
        if (wheel->occupied[level] != 0) {
            int slot = __builtin_ctzll(wheel->occupied[level]);

            return wheel->earliest[level][slot];
        }
    }
    return BST_INFINITE;
}

/* Merges two sorted chains linked by `next` alone and ended by NULL. */
static struct bsti_list *merge(struct bsti_list *a, struct bsti_list *b)
{
    struct bsti_list *first = NULL;
    struct bsti_list **end = &first;

    while (a != NULL && b != NULL) {
        struct bsti_list **from = is_before(timer_of(b), timer_of(a)) ? &b : &a;

        *end = *from;
        end = &(*from)->next;
        *from = *end;
    }
    *end = a != NULL ? a : b;
    return first;
}

/*
 * Sorts a list of timers: runs of 1, 2, 4 ... are merged as they come, like
 * the carries of a binary counter.
 */
static void sort(struct bsti_list *list)
{
    struct bsti_list *runs[64] = {NULL};
    struct bsti_list *sorted = NULL;
    struct bsti_list *item = list->next;
    size_t used = 0;

    list->prev->next = NULL;
    while (item != list && item != NULL) {
        struct bsti_list *next = item->next;
        size_t i = 0;

        item->next = NULL;
        for (; i < used && runs[i] != NULL; i++) {
            /* The run in the counter is the older one and goes first. */
            item = merge(runs[i], item);
            runs[i] = NULL;
        }
        used = BSTI_MAX(used, i + 1);
        runs[i] = item;
        item = next;
    }
    for (size_t i = 0; i < used; i++) {
        sorted = merge(runs[i], sorted);
    }
    bsti_list_init(list);
    while (sorted != NULL) {
        item = sorted;
        sorted = sorted->next;
        bsti_list_init(item);
        bsti_list_push_back(list, item);
    }
}

/* The tick at which an occupied slot begins. */
static uint64_t slot_begin(const struct bsti_wheel *wheel, unsigned level,
                           unsigned slot)
{
    unsigned shift = level * SLOT_BITS;
    uint64_t block = wheel->elapsed >> (shift + SLOT_BITS);

    return (block << SLOT_BITS | slot) << shift;
}

/* Finds the first occupied slot; false if it begins after tick `until`. */
static bool find_slot(const struct bsti_wheel *wheel, uint64_t until,
                      unsigned *level, unsigned *slot)
{
    for (unsigned l = 0; l < BSTI_WHEEL_LEVELS; l++) {
        if (wheel->occupied[l] != 0) {
            *level = l;
            *slot = (unsigned)__builtin_ctzll(wheel->occupied[l]);
            return slot_begin(wheel, *level, *slot) <= until;
        }
    }
    return false;
}

/* Empties a slot into `to` and moves time to the slot's beginning. */
static void take_slot(struct bsti_wheel *wheel, unsigned level, unsigned slot,
                      struct bsti_list *to)
{
    bsti_list_splice_back(to, &wheel->slots[level][slot]);
    vacate(wheel, level, slot);
    wheel->elapsed = BSTI_MAX(wheel->elapsed, slot_begin(wheel, level, slot));
}

/* Moves the timers of a higher slot down. */
static void cascade(struct bsti_wheel *wheel, unsigned level, unsigned slot)
{
    struct bsti_list timers;

    bsti_list_init(&timers);
    take_slot(wheel, level, slot, &timers);
    place_all(wheel, &timers);
}

/* Adds a slot of level 0 to the batch. */
static void open_slot(struct bsti_wheel *wheel, unsigned slot)
{
    struct bsti_list *batch = &wheel->batch;

    take_slot(wheel, 0, slot, batch);
    for (struct bsti_list *link = batch->next; link != batch;
         link = link->next) {
        timer_of(link)->slot = IN_BATCH;
    }
    sort(batch);
}

/*
 * Gets every timer that may be the next to fire into the sorted batch.
 *
 * Slots are opened only up to the time of the batch's first timer, because
 * nothing beyond can be earlier; what a callback has armed meanwhile lies in a
 * slot as well and is found the same way.
 *
 * Returns the next timer to fire, or NULL if none is due by `now`.
 */
static struct bsti_timer *next_timer(struct bsti_wheel *wheel, bst_time now)
{
    for (;;) {
        struct bsti_list *link = bsti_list_first(&wheel->batch);
        struct bsti_timer *first = link != NULL ? timer_of(link) : NULL;
        bool is_due = first != NULL && first->due <= now;
        bst_time limit = is_due ? first->due : now;
        unsigned level;
        unsigned slot;

        /* Timers armed for the past lie in the slot of `elapsed`. */
        if (!find_slot(wheel, BSTI_MAX(tick_of(limit), wheel->elapsed), &level,
                       &slot)) {
            return is_due ? first : NULL;
        }
        if (level > 0) {
            cascade(wheel, level, slot);
        } else if (wheel->earliest[0][slot] > limit) {
            return is_due ? first : NULL;
        } else {
            open_slot(wheel, slot);
        }
    }
}

uint64_t bsti_wheel_expire(struct bsti_wheel *wheel, bst_time now,
                           void (*fn)(struct bsti_timer *timer, void *arg),
                           void *arg)
{
    struct bsti_timer *timer;
    uint64_t fired = 0;

    bsti_assert(!wheel->expiring);
    wheel->expiring = true;
    while ((timer = next_timer(wheel, now)) != NULL) {
        bsti_list_remove(&timer->link);
        wheel->count--;
        wheel->firing = timer->due;
        fn(timer, arg);
        fired++;
    }
    wheel->expiring = false;
    wheel->elapsed = BSTI_MAX(wheel->elapsed, tick_of(now));
    /* Due later in the tick that `now` is in, or armed too late for now. */
    place_all(wheel, &wheel->batch);
    place_all(wheel, &wheel->late);
    bsti_assert_slow(bsti_wheel_is_valid(wheel));
    return fired;
}

/* Checks one slot and counts its timers. */
static bool slot_is_valid(const struct bsti_wheel *wheel, unsigned level,
                          unsigned slot, uint64_t *count)
{
    const struct bsti_list *head = &wheel->slots[level][slot];
    unsigned shift = level * SLOT_BITS;
    unsigned current = (unsigned)(wheel->elapsed >> shift) % BSTI_WHEEL_SLOTS;
    bool occupied = (wheel->occupied[level] >> slot & 1) != 0;

    if (!bsti_list_is_valid(head) || occupied == bsti_list_is_empty(head) ||
        (occupied && (slot < current || (slot == current && level > 0)))) {
        return false;
    }
    for (struct bsti_list *link = head->next; link != head; link = link->next) {
        const struct bsti_timer *timer = timer_of(link);
        uint64_t tick = BSTI_MAX(tick_of(timer->due), wheel->elapsed);

        if (timer->slot != level * BSTI_WHEEL_SLOTS + slot ||
            timer->due < wheel->earliest[level][slot] ||
            (tick >> shift) % BSTI_WHEEL_SLOTS != slot ||
            ((tick ^ wheel->elapsed) >> (shift + SLOT_BITS)) != 0) {
            return false;
        }
        (*count)++;
    }
    return true;
}

bool bsti_wheel_is_valid(const struct bsti_wheel *wheel)
{
    uint64_t count = 0;

    for (unsigned level = 0; level < BSTI_WHEEL_LEVELS; level++) {
        for (unsigned slot = 0; slot < BSTI_WHEEL_SLOTS; slot++) {
            if (!slot_is_valid(wheel, level, slot, &count)) {
                return false;
            }
        }
    }
    return wheel->expiring || count == wheel->count;
}
