/*
 * sup: handlers that fail in ways the processor or the C library finds; each
 * is a restart of that child alone, on threads and simulated.
 */

#include "unit/support/rig.h"

#include "base/attr.h"
#include "unit/unit.h"

#define SANITIZERS_KEEP_OUT                                                    \
    BSTI_NO_SANITIZE BSTI_NOINLINE __attribute__((no_sanitize("undefined")))

static volatile uintptr_t null_address;
static volatile int zero;
static volatile size_t sink;

SANITIZERS_KEEP_OUT static void null_write(void)
{
    *(volatile char *)(null_address + 16) = 1;
}

SANITIZERS_KEEP_OUT static void divide(void)
{
    volatile int numerator = 1;

    sink = (size_t)(numerator / zero);
}

SANITIZERS_KEEP_OUT static size_t deeper(size_t n)
{
    volatile char room[200];

    room[0] = (char)n;
    return n == SIZE_MAX ? 0 : deeper(n + 1) + (size_t)room[0];
}

SANITIZERS_KEEP_OUT static void overflow(void)
{
    sink = deeper(0);
}

SANITIZERS_KEEP_OUT static void trap(void)
{
    __builtin_trap();
}

static void give_up(void)
{
    abort();
}

static void (*const ways[])(void) = {null_write, divide, overflow, trap,
                                     give_up};

enum { WAYS = sizeof ways / sizeof ways[0] };

static bst_status fail_in_a_way(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)answer;
    self->count++;
    ways[*(const int *)arg]();
    rig_note(self->rig, "never");
    return BST_OK;
}

static void b91_faults_are_failures_of_their_child(void **state)
{
    static int numbers[WAYS];
    struct rig rig;
    struct bst_supervisor *top;
    uint64_t value = 77;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, WAYS, BST_S(60));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    for (int i = 0; i < WAYS; i++) {
        char lines[80];

        numbers[i] = i;
        rig_do(&rig, "a", fail_in_a_way, &numbers[i]);
        snprintf(lines, sizeof lines, "down a#%d crashed\nstart a#%d\n", i + 1,
                 i + 2);
        rig_expect(&rig, lines);
        assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
        assert_int_equal(value, 0);
    }
    rig_do(&rig, "b", rig_count, NULL);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b91_faults_are_failures_of_their_child))
