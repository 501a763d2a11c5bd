/*
 * sup: failures that a function of the user decides about.
 */

#include "unit/support/rig.h"

#include "sup/sup.h"
#include "unit/unit.h"

/* What the next failures lead to; tests run one after the other. */
static _Atomic enum bst_decision decision;

static struct {
    uint64_t restarts;
    uint64_t incarnation;
    uint32_t kind;
    char path[64];
    char supervisor[64];
    char fault[64];
    _Atomic uint32_t calls;
} asked;

static enum bst_decision decide(const struct bst_failure *failure)
{
    asked.restarts = failure->restarts;
    asked.incarnation = failure->child.incarnation;
    asked.kind = failure->child.kind;
    snprintf(asked.path, sizeof asked.path, "%s", failure->child.path);
    snprintf(asked.supervisor, sizeof asked.supervisor, "%s",
             failure->supervisor);
    snprintf(asked.fault, sizeof asked.fault, "%s", failure->child.fault);
    asked.calls++;
    return decision;
}

static const struct bst_callbacks deciding = {.failure = decide};

/* A supervisor of three children, which decides. */
static struct bst_supervisor *abc(struct rig *rig, enum bst_strategy strategy,
                                  uint32_t tries)
{
    struct bst_supervisor *top;

    memset(&asked, 0, sizeof asked);
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, tries, BST_S(60));
    top->callbacks = &deciding;
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    rig_child(rig, top, "c");
    return top;
}

static void start(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
}

static void decide_default_is_what_the_strategy_says(void **state)
{
    static char text[] = "why";
    struct rig rig;

    (void)state;
    abc(&rig, BST_REST_FOR_ONE, 3);
    start(&rig);
    decision = BST_DECIDE_DEFAULT;
    rig_do(&rig, "b", rig_panic, text);
    rig_expect(&rig, "down b#1 crashed\nstop c#1\ndown c#1 shutdown\n"
                     "start b#2\nstart c#2\n");
    assert_int_equal(asked.calls, 1);
    assert_int_equal(asked.restarts, 0);
    assert_int_equal(asked.incarnation, 0);
    assert_int_equal(asked.kind, RIG_DO);
    assert_string_equal(asked.path, "/top/b");
    assert_string_equal(asked.supervisor, "/top");
    assert_string_equal(asked.fault, text);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#2 crashed\nstop c#2\ndown c#2 shutdown\n"
                     "start b#3\nstart c#3\n");
    assert_int_equal(asked.restarts, 1);
    /* No failure. */
    rig_do(&rig, "c", rig_normal, NULL);
    rig_expect(&rig, "down c#3 normal\nstart c#4\n");
    assert_int_equal(asked.calls, 2);
    rig_stop_quietly(&rig);
}

static void decide_restart_touches_nobody_else(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ALL, 3);
    rig_part(&rig, "b")->group.lifetime = BST_TEMPORARY;
    start(&rig);
    decision = BST_DECIDE_RESTART;
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_stop_quietly(&rig);
}

static void decide_restart_group_takes_all(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ONE, 3);
    start(&rig);
    decision = BST_DECIDE_RESTART_GROUP;
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstop c#1\ndown c#1 shutdown\n"
                     "stop a#1\ndown a#1 shutdown\n"
                     "start a#2\nstart b#2\nstart c#2\n");
    rig_stop_quietly(&rig);
}

/* In a group restart the temporary ones are forgotten, failed or not. */
static void decide_restart_group_of_a_temporary_child(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = abc(&rig, BST_ONE_FOR_ONE, 3);
    top->restart.backoff = BST_LINEAR;
    top->restart.step = BST_S(3600);
    rig_part(&rig, "b")->group.lifetime = BST_TEMPORARY;
    start(&rig);
    decision = BST_DECIDE_RESTART_GROUP;
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstop c#1\ndown c#1 shutdown\n"
                     "stop a#1\ndown a#1 shutdown\nstart a#2\nstart c#2\n");
    rig_stop(&rig, "stop c#2\ndown c#2 shutdown\nstop a#2\n"
                   "down a#2 shutdown\ndown top#1 shutdown\n");
}

static void decide_remove_leaves_the_others(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ALL, 0);
    start(&rig);
    decision = BST_DECIDE_REMOVE;
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n");
    while (bst_tell(rig_ref(&rig, "b"), RIG_PLAIN, NULL, 0) != BST_DEAD)
        rig_pass();
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop c#1\ndown c#1 shutdown\nstop a#1\n"
                   "down a#1 shutdown\ndown top#1 shutdown\n");
}

static void decide_escalate_ends_the_supervisor(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ONE, 3);
    start(&rig);
    decision = BST_DECIDE_ESCALATE;
    rig_do(&rig, "c", rig_crash, NULL);
    rig_end(&rig, 3,
            "down c#1 crashed\nstop b#1\ndown b#1 shutdown\nstop a#1\n"
            "down a#1 shutdown\ndown top#1 shutdown\n");
}

static void decide_stop_system_ends_in_order(void **state)
{
    struct rig rig;
    struct bst_supervisor *inner;
    struct bst_supervisor *top;

    (void)state;
    top = abc(&rig, BST_ONE_FOR_ONE, 3);
    inner = rig_sup(&rig, top, "inner", BST_ONE_FOR_ALL, 3, BST_S(60));
    inner->callbacks = &deciding;
    rig_child(&rig, inner, "d");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n"
                     "start inner#1 (sup)\nstart d#1\n");
    decision = BST_DECIDE_STOP_SYSTEM;
    rig_do(&rig, "d", rig_crash, NULL);
    rig_end(&rig, 0,
            "down d#1 crashed\ndown inner#1 shutdown\n"
            "stop c#1\ndown c#1 shutdown\nstop b#1\ndown b#1 shutdown\n"
            "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
    assert_string_equal(asked.supervisor, "/top/inner");
}

static void decide_restart_keeps_within_the_budget(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ALL, 2);
    start(&rig);
    decision = BST_DECIDE_RESTART;
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig, "down c#1 crashed\nstart c#2\n");
    decision = BST_DECIDE_RESTART;
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig, "down c#2 crashed\nstart c#3\n");
    rig_do(&rig, "c", rig_crash, NULL);
    rig_end(&rig, 3,
            "down c#3 crashed\nstop b#1\ndown b#1 shutdown\nstop a#1\n"
            "down a#1 shutdown\ndown top#1 shutdown\n");
}

__attribute__((no_sanitize("undefined"))) static enum bst_decision
decide_nothing(const struct bst_failure *failure)
{
    static volatile int no_decision = 77;

    (void)failure;
    return (enum bst_decision)no_decision;
}

static enum bst_decision decide_to_abort(const struct bst_failure *failure)
{
    (void)failure;
    abort();
}

static void decide_that_faults_is_default(void **state)
{
    static const struct bst_callbacks faulting[] = {
        {.failure = decide_to_abort}, {.failure = decide_nothing}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig rig;

        abc(&rig, BST_ONE_FOR_ONE, 3)->callbacks = &faulting[i];
        start(&rig);
        rig_do(&rig, "b", rig_crash, NULL);
        rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
        rig_stop_quietly(&rig);
    }
}

static enum bst_decision give_up(const struct bst_failure *failure)
{
    (void)failure;
    return BST_DECIDE_ESCALATE;
}

/* A group decides before its supervisor, which is asked about a supervisor
 * below that gives up. */
static void decide_of_a_group_comes_first(void **state)
{
    static const struct bst_callbacks giving_up = {.failure = give_up};
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *inner;

    (void)state;
    memset(&asked, 0, sizeof asked);
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    top->callbacks = &deciding;
    rig_child(&rig, top, "a");
    inner = rig_sup(&rig, top, "inner", BST_ONE_FOR_ONE, 3, BST_S(60));
    rig_child(&rig, inner, "b")->group.callbacks = &giving_up;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n"
                     "start inner#1 (sup)\nstart b#1\n");
    decision = BST_DECIDE_REMOVE;
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\ndown inner#1 shutdown\n");
    while (asked.calls == 0)
        rig_pass();
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
    assert_int_equal(asked.calls, 1);
    assert_string_equal(asked.path, "/top/inner");
}

/* A group with a budget of its own asks the supervisor it is written in. */
static void decide_for_a_group_with_a_budget(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = abc(&rig, BST_ONE_FOR_ONE, 3);
    rig_child(&rig, top, "d")->group.restart = (struct bst_restart){
        .mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(60)};
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n"
                     "start d#1 (sup)\nstart d#1\n");
    decision = BST_DECIDE_REMOVE;
    rig_do(&rig, "d", rig_crash, NULL);
    rig_expect(&rig, "down d#1 crashed\n");
    rig_stop_quietly(&rig);
    assert_int_equal(asked.calls, 1);
    assert_string_equal(asked.supervisor, "/top/d");
}

/* One in back-off by itself is left alone by a restart that begins behind it,
 * and does not start it. */
static void decide_restart_in_backoff_beside_a_group(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = abc(&rig, BST_REST_FOR_ONE, 9);
    top->restart.backoff = BST_LINEAR;
    top->restart.step = BST_MS(40);
    start(&rig);
    decision = BST_DECIDE_RESTART;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    while (asked.calls == 0)
        rig_pass();
    decision = BST_DECIDE_DEFAULT;
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstop c#1\ndown c#1 shutdown\n");
    rig_expect_unordered(&rig, "start a#2\nstart b#2\nstart c#2\n");
    rig_stop_quietly(&rig);
}

/* A failing start on the way back is decided about as well. */
static void decide_about_a_failing_restart(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ALL, 9);
    start(&rig);
    decision = BST_DECIDE_REMOVE;
    rig_part(&rig, "b")->bad_starts = 1;
    rig_do(&rig, "c", rig_normal, NULL);
    rig_expect(&rig, "down c#1 normal\nstop b#1\ndown b#1 shutdown\n"
                     "stop a#1\ndown a#1 shutdown\n"
                     "start a#2\nstartfail b#2\nstart c#2\n");
    assert_int_equal(asked.calls, 1);
    assert_int_equal(asked.kind, BST_KIND_START);
    decision = BST_DECIDE_RESTART;
    rig_part(&rig, "a")->bad_starts = 2;
    rig_do(&rig, "c", rig_normal, NULL);
    rig_expect(&rig, "down c#2 normal\nstop a#2\ndown a#2 shutdown\n"
                     "startfail a#3\nstartfail a#4\nstart a#5\nstart c#3\n");
    rig_stop_quietly(&rig);
}

static enum bst_decision twice(const struct bst_failure *failure)
{
    return failure->restarts < 2 ? BST_DECIDE_RESTART : BST_DECIDE_REMOVE;
}

static void decide_about_members_of_a_dynamic_group(void **state)
{
    static const struct bst_callbacks deciding_twice = {.failure = twice};
    struct rig_order crash = {rig_crash, NULL};
    struct rig rig;
    struct rig_part *kids;
    bst_ref ref;

    (void)state;
    rig_init(&rig);
    kids = rig_child(&rig,
                     rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 9, BST_S(60)),
                     "kids");
    kids->group.redundancy = 0;
    kids->group.max = 2;
    kids->group.lifetime = BST_TEMPORARY;
    kids->group.callbacks = &deciding_twice;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n");
    assert_int_equal(bst_system_spawn(rig.system, &kids->group, NULL, &ref),
                     BST_OK);
    for (int i = 1; i < 3; i++) {
        char lines[100];

        assert_int_equal(bst_tell(ref, RIG_DO, &crash, sizeof crash), BST_OK);
        snprintf(lines, sizeof lines,
                 "down kids/0#%d crashed\nstart kids/0#%d\n", i, i + 1);
        rig_expect(&rig, lines);
    }
    assert_int_equal(bst_tell(ref, RIG_DO, &crash, sizeof crash), BST_OK);
    rig_expect(&rig, "down kids/0#3 crashed\n");
    while (bst_tell(ref, RIG_PLAIN, NULL, 0) != BST_DEAD)
        rig_pass();
    rig_stop(&rig, "down top#1 shutdown\n");
}

UNIT_MAIN(RIG_TEST(decide_default_is_what_the_strategy_says),
          RIG_TEST(decide_restart_touches_nobody_else),
          RIG_TEST(decide_restart_group_takes_all),
          RIG_TEST(decide_restart_group_of_a_temporary_child),
          RIG_TEST(decide_remove_leaves_the_others),
          RIG_TEST(decide_escalate_ends_the_supervisor),
          RIG_TEST(decide_stop_system_ends_in_order),
          RIG_TEST(decide_restart_keeps_within_the_budget),
          RIG_TEST(decide_that_faults_is_default),
          RIG_TEST(decide_of_a_group_comes_first),
          RIG_TEST(decide_for_a_group_with_a_budget),
          RIG_TEST(decide_restart_in_backoff_beside_a_group),
          RIG_TEST(decide_about_a_failing_restart),
          RIG_TEST(decide_about_members_of_a_dynamic_group))
