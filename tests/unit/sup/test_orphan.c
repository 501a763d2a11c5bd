/*
 * sup: children that are left behind and end after all, and what is closed.
 *
 * An orphan takes a second, the time that a killed child is given.
 */

#include "unit/support/rig.h"

#include "sup/sup.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static bst_status hold_when_back(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    return bst_incarnation(self) > 0 ? rig_hold(self, arg, answer) : BST_OK;
}

/* b is left behind and ends while c, after it, is being started. */
static void orphan_behind_a_start_is_started_at_its_end(void **state)
{
    struct rig_gate end_of_b = {0};
    struct rig_gate start_of_c = {0};
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ALL, 3, BST_S(5));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b")->group.shutdown = BST_MS(20);
    rig_child(&rig, top, "c")->on_start = hold_when_back;
    rig_part(&rig, "c")->arg = &start_of_c;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "b", rig_hold, &end_of_b);
    rig_gate_wait(&end_of_b, 1);
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig, "down c#1 crashed\nstop a#1\ndown a#1 shutdown\n"
                     "start a#2\n");
    rig_gate_wait(&start_of_c, 1);
    rig_gate_open(&end_of_b);
    rig_expect(&rig, "down b#1 killed\n");
    rig_gate_open(&start_of_c);
    rig_expect(&rig, "start c#2\nstart b#2\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop c#2\ndown c#2 shutdown\nstop b#2\ndown b#2 shutdown\n"
                   "stop a#2\ndown a#2 shutdown\ndown top#1 shutdown\n");
}

/* b is left behind and ends while a, before it, is being stopped. */
static void orphan_in_a_stop_is_started_with_its_group(void **state)
{
    struct rig_gate end_of_b = {0};
    struct rig_gate stop_of_a = {0};
    struct rig rig;
    struct bst_supervisor *top;
    uint64_t value = 0;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ALL, 3, BST_S(5));
    rig_child(&rig, top, "a")->on_stop = rig_hold;
    rig_part(&rig, "a")->arg = &stop_of_a;
    rig_part(&rig, "a")->group.shutdown = BST_INFINITE;
    rig_child(&rig, top, "b")->group.shutdown = BST_SHUTDOWN_KILL;
    rig_child(&rig, top, "c");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "b", rig_hold, &end_of_b);
    rig_gate_wait(&end_of_b, 1);
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig, "down c#1 crashed\nstop a#1\n");
    rig_gate_open(&end_of_b);
    rig_expect(&rig, "down b#1 killed\n");
    /* It is down, not closed: what it is told waits. */
    rig_do(&rig, "b", rig_count, NULL);
    rig_gate_open(&stop_of_a);
    rig_expect(&rig, "down a#1 shutdown\nstart a#2\nstart b#2\nstart c#2\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    rig_stop_quietly(&rig);
}

/* A root with a supervisor `in` of one child x. */
static struct bst_supervisor *top_in_x(struct rig *rig)
{
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(5));
    in = rig_sup(rig, top, "in", BST_ONE_FOR_ONE, 3, BST_S(5));
    in->shutdown = BST_SHUTDOWN_KILL;
    rig_child(rig, in, "x");
    return in;
}

/* `in` gives the supervisor in it two seconds; its parent waits longer. */
static void orphan_of_a_killed_supervisor_makes_it_none(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_supervisor *in;

    (void)state;
    in = top_in_x(&rig);
    rig_child(&rig, rig_sup(&rig, in, "deep", BST_ONE_FOR_ONE, 3, BST_S(5)),
              "y");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n"
                     "start deep#1 (sup)\nstart y#1\n");
    rig_do(&rig, "x", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    bst_system_stop(rig.system);
    rig_expect(&rig, "down in#1 killed\ndown deep#1 killed\n"
                     "down y#1 killed\ndown top#1 shutdown\n");
    rig_gate_open(&gate);
    rig_end(&rig, 0, "down x#1 killed\n");
}

static struct rig_gate end_of_x;
static _Atomic uint32_t both; /* bit 0: x has ended, bit 1: top has */

static void meet(uint32_t bit)
{
    bsti_fetch_or_acq_rel(&both, bit);
    while (bsti_load_acquire(&both) != 3)
        rig_pass();
}

/* `in` learns of the end of x just when the root closes everything. */
static void end_x_with_top(struct rig *rig, const char *line)
{
    (void)rig;
    if (strcmp(line, "down x#1 killed") == 0)
        meet(1);
    if (strcmp(line, "down top#1 shutdown") == 0) {
        rig_gate_open(&end_of_x);
        meet(2);
    }
}

static void orphan_that_ends_with_the_root_is_closed_once(void **state)
{
    struct rig rig;

    (void)state;
    top_in_x(&rig);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n");
    rig_do(&rig, "x", rig_hold, &end_of_x);
    rig_gate_wait(&end_of_x, 1);
    rig.on_line = end_x_with_top;
    bst_system_stop(rig.system);
    rig_end(&rig, 0,
            "down in#1 killed\ndown top#1 shutdown\n"
            "down x#1 killed\n");
}

/* Tells a child something until it is refused. */
static void wait_closed(struct rig *rig, const char *name)
{
    struct rig_order order = {rig_count, NULL};

    while (bst_tell(rig_ref(rig, name), RIG_DO, &order, sizeof order) !=
           BST_DEAD)
        rig_pass();
}

/* A supervisor that is let go refuses for its children until it is back. */
static void closed_supervisor_opens_with_its_parent(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *out;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_REST_FOR_ONE, 3, BST_S(5));
    rig_child(&rig, top, "z");
    out = rig_sup(&rig, top, "out", BST_ONE_FOR_ONE, 3, BST_S(5));
    in = rig_sup(&rig, out, "in", BST_ONE_FOR_ONE, 0, BST_S(5));
    in->lifetime = BST_TEMPORARY;
    rig_child(&rig, in, "x");
    rig_child(&rig, in, "y");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart z#1\nstart out#1 (sup)\n"
                     "start in#1 (sup)\nstart x#1\nstart y#1\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\nstop y#1\ndown y#1 shutdown\n"
                     "down in#1 shutdown\n");
    wait_closed(&rig, "x");
    wait_closed(&rig, "y");
    rig_do(&rig, "z", rig_crash, NULL);
    rig_expect(&rig, "down z#1 crashed\ndown out#1 shutdown\nstart z#2\n"
                     "start out#2 (sup)\nstart in#2 (sup)\n"
                     "start x#2\nstart y#2\n");
    assert_int_equal(rig_ask(&rig, "x", rig_get, NULL, NULL), BST_OK);
    assert_int_equal(rig_ask(&rig, "y", rig_get, NULL, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_THREADS(orphan_behind_a_start_is_started_at_its_end),
          RIG_THREADS(orphan_in_a_stop_is_started_with_its_group),
          RIG_THREADS(orphan_of_a_killed_supervisor_makes_it_none),
          RIG_THREADS(orphan_that_ends_with_the_root_is_closed_once),
          RIG_TEST(closed_supervisor_opens_with_its_parent))
