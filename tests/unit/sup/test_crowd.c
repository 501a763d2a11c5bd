/*
 * sup/crowd: a dynamic group as a child of its supervisor, and the lifetimes,
 * restarts and stops of its members.
 */

#include "unit/support/rig.h"

#include "sup/sup.h"
#include "unit/unit.h"

static struct rig_part *add_kids(struct rig *rig, struct bst_supervisor *sup,
                                 enum bst_lifetime lifetime)
{
    struct rig_part *part = rig_child(rig, sup, "kids");

    part->group.redundancy = 0;
    part->group.max = 8;
    part->group.lifetime = lifetime;
    return part;
}

/* A supervisor "top" of a child "x" and a dynamic group "kids". */
static struct rig_part *top_of_kids(struct rig *rig, enum bst_strategy strategy,
                                    enum bst_lifetime lifetime)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, 2, BST_S(60));
    rig_child(rig, top, "x");
    return add_kids(rig, top, lifetime);
}

static bst_ref spawn(struct rig *rig)
{
    bst_ref ref = {0, 0};

    assert_int_equal(bst_system_spawn(rig->system,
                                      &rig_part(rig, "kids")->group, NULL,
                                      &ref),
                     BST_OK);
    return ref;
}

static void order(bst_ref ref, rig_fn *fn, void *arg)
{
    struct rig_order what = {fn, arg};

    assert_int_equal(bst_tell(ref, RIG_DO, &what, sizeof what), BST_OK);
}

static bst_status get(bst_ref ref, uint64_t *value)
{
    struct rig_order what = {rig_get_kept, NULL};
    struct rig_answer answer = {0};
    bst_status status = bst_ask(ref, RIG_ASK, &what, sizeof what, &answer,
                                sizeof answer, BST_S(30));

    *value = answer.value;
    return status;
}

/* Waits until `ref` is dead. */
static void gone(bst_ref ref)
{
    uint64_t value;

    while (get(ref, &value) != BST_DEAD)
        rig_pass();
}

#define UP "start top#1 (sup)\nstart x#1\n"

/* ---- one member ---------------------------------------------------------- */

static void
b48_b108_permanent_member_comes_back_with_its_reference(void **state)
{
    struct rig rig;
    uint64_t value = 0;
    bst_ref ref;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ONE, BST_PERMANENT);
    rig_start(&rig);
    rig_expect(&rig, UP);
    ref = spawn(&rig);
    order(ref, rig_count_kept, NULL);
    order(ref, rig_crash, NULL);
    rig_expect(&rig, "down kids/0#1 crashed\nstart kids/0#2\n");
    assert_int_equal(get(ref, &value), BST_OK);
    assert_int_equal(value, 1);
    order(ref, rig_normal, NULL);
    rig_expect(&rig, "down kids/0#2 normal\nstart kids/0#3\n");
    assert_int_equal(get(ref, &value), BST_OK);
    rig_stop(&rig, "stop kids/0#3\ndown kids/0#3 shutdown\n"
                   "stop x#1\ndown x#1 shutdown\ndown top#1 shutdown\n");
}

static void b49_transient_member_comes_back_after_a_failure_only(void **state)
{
    struct rig rig;
    uint64_t value;
    bst_ref ref;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ONE, BST_TRANSIENT);
    rig_start(&rig);
    rig_expect(&rig, UP);
    ref = spawn(&rig);
    order(ref, rig_crash, NULL);
    rig_expect(&rig, "down kids/0#1 crashed\nstart kids/0#2\n");
    assert_int_equal(get(ref, &value), BST_OK);
    order(ref, rig_normal, NULL);
    gone(ref);
    rig_stop(&rig, "stop x#1\ndown x#1 shutdown\ndown top#1 shutdown\n");
}

static void b50_b129_temporary_member_is_removed_after_a_failure(void **state)
{
    struct rig rig;
    bst_ref ref[2];
    uint64_t value;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ONE, BST_TEMPORARY)->group.max = 1;
    rig_start(&rig);
    rig_expect(&rig, UP);
    ref[0] = spawn(&rig);
    order(ref[0], rig_crash, NULL);
    rig_expect(&rig, "down kids/0#1 crashed\n");
    gone(ref[0]);
    while (bst_system_spawn(rig.system, &rig_part(&rig, "kids")->group, NULL,
                            &ref[1]) == BST_FULL)
        rig_pass();
    assert_int_equal(get(ref[1], &value), BST_OK);
    assert_int_equal(get(ref[0], &value), BST_DEAD);
    rig_stop_quietly(&rig);
}

static void members_count_in_the_budget_of_their_supervisor(void **state)
{
    struct rig rig;
    bst_ref ref;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ONE, BST_PERMANENT);
    rig_start(&rig);
    rig_expect(&rig, UP);
    ref = spawn(&rig);
    order(ref, rig_crash, NULL);
    rig_expect(&rig, "down kids/0#1 crashed\nstart kids/0#2\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\nstart x#2\n");
    order(ref, rig_crash, NULL);
    rig_end(&rig, 3,
            "down kids/0#2 crashed\n"
            "stop x#2\ndown x#2 shutdown\ndown top#1 shutdown\n");
}

static bst_status spawn_here(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    const struct bst_group *group = &rig_part(self->rig, "kids")->group;

    (void)answer;
    while (bst_group_spawn(self, group, NULL, arg) == BST_FULL)
        bst_yield(self);
    return BST_OK;
}

static void next_tenant_has_no_failures(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    rig.options.threads = 1;
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 0, 0);
    top->restart = (struct bst_restart){
        .mode = BST_RESTART_LIMITED, .tries = 1, .then = BST_REMOVE};
    rig_child(&rig, top, "x");
    add_kids(&rig, top, BST_PERMANENT)->group.max = 1;
    rig_start(&rig);
    rig_expect(&rig, UP);
    /* A worker takes the block that it has freed last. */
    for (int round = 0; round < 3; round++) {
        bst_ref ref = {0, 0};

        assert_int_equal(rig_ask(&rig, "x", spawn_here, &ref, NULL), BST_OK);
        order(ref, rig_crash, NULL);
        rig_expect(&rig, "down kids/0#1 crashed\nstart kids/0#2\n");
        order(ref, rig_crash, NULL);
        rig_expect(&rig, "down kids/0#2 crashed\n");
        gone(ref);
    }
    rig_stop_quietly(&rig);
}

/* ---- stops --------------------------------------------------------------- */

static void b22_members_are_stopped_at_once_within_one_deadline(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_time began;
    bst_time took;

    (void)state;
    part = top_of_kids(&rig, BST_ONE_FOR_ONE, BST_TEMPORARY);
    part->slow_stop = BST_MS(100);
    part->group.shutdown = BST_MS(600);
    rig_start(&rig);
    rig_expect(&rig, UP);
    for (int i = 0; i < 7; i++)
        spawn(&rig);
    /* This one sleeps until it is killed. */
    order(spawn(&rig), rig_sleep, &(bst_time){BST_S(1000)});
    rig_expect(&rig, "asleep\n");
    began = rig_now(&rig);
    bst_system_stop(rig.system);
    rig_expect_unordered(
        &rig, "stop kids/0#1\nstop kids/1#1\nstop kids/2#1\nstop kids/3#1\n"
              "stop kids/4#1\nstop kids/5#1\nstop kids/6#1\n");
    rig_expect_unordered(&rig,
                         "down kids/0#1 shutdown\ndown kids/1#1 shutdown\n"
                         "down kids/2#1 shutdown\ndown kids/3#1 shutdown\n"
                         "down kids/4#1 shutdown\ndown kids/5#1 shutdown\n"
                         "down kids/6#1 shutdown\n");
    rig_expect(&rig, "down kids/7#1 killed\n");
    took = rig_now(&rig) - began;
    assert_true(took >= BST_MS(600));
    rig_end(&rig, 0, "stop x#1\ndown x#1 shutdown\ndown top#1 shutdown\n");
}

static void b23_members_are_killed_at_once(void **state)
{
    struct rig rig;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ONE, BST_TEMPORARY)->group.shutdown =
        BST_SHUTDOWN_KILL;
    rig_start(&rig);
    rig_expect(&rig, UP);
    for (int i = 0; i < 3; i++)
        spawn(&rig);
    bst_system_stop(rig.system);
    rig_expect_unordered(&rig, "down kids/0#1 killed\ndown kids/1#1 killed\n"
                               "down kids/2#1 killed\n");
    rig_end(&rig, 0, "stop x#1\ndown x#1 shutdown\ndown top#1 shutdown\n");
}

static void member_that_does_not_end_is_left_behind(void **state)
{
    static struct rig_gate gate;
    struct rig rig;
    bst_status status;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ALL, BST_TEMPORARY)->group.shutdown =
        BST_MS(1);
    rig_start(&rig);
    rig_expect(&rig, UP);
    order(spawn(&rig), rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\nstart x#2\n");
    /* The group is open again, without it. */
    status = bst_system_spawn(rig.system, &rig_part(&rig, "kids")->group, NULL,
                              NULL);
    assert_true(status == BST_OK || status == BST_STOPPING);
    rig_gate_open(&gate);
    rig_expect(&rig, "down kids/0#1 killed\n");
    rig_stop_quietly(&rig);
}

static bst_status spawn_one(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)answer;
    rig_note(self->rig, "spawn %s",
             bst_status_name(bst_group_spawn(self, arg, NULL, NULL)));
    return BST_OK;
}

static void spawn_into_a_group_that_stops_is_refused(void **state)
{
    struct rig rig;
    struct rig_part *part;

    (void)state;
    part = top_of_kids(&rig, BST_ONE_FOR_ONE, BST_TEMPORARY);
    part->on_stop = spawn_one;
    part->arg = &part->group;
    rig_start(&rig);
    rig_expect(&rig, UP);
    spawn(&rig);
    rig_stop(&rig, "stop kids/0#1\nspawn BST_STOPPING\n"
                   "down kids/0#1 shutdown\n"
                   "stop x#1\ndown x#1 shutdown\ndown top#1 shutdown\n");
}

static void spawn_before_the_group_is_started_is_dead(void **state)
{
    struct rig rig;
    struct rig_part *part;

    (void)state;
    part = top_of_kids(&rig, BST_ONE_FOR_ONE, BST_TEMPORARY);
    rig_part(&rig, "x")->on_start = spawn_one;
    rig_part(&rig, "x")->arg = &part->group;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nspawn BST_DEAD\nstart x#1\n");
    rig_stop_quietly(&rig);
}

/* ---- with others --------------------------------------------------------- */

static void b44_group_restart_takes_its_members_along(void **state)
{
    struct rig rig;
    bst_ref ref;
    uint64_t value = 0;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ALL, BST_TRANSIENT);
    rig_start(&rig);
    rig_expect(&rig, UP);
    ref = spawn(&rig);
    order(ref, rig_count_kept, NULL);
    assert_int_equal(get(ref, &value), BST_OK);
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\n"
                     "stop kids/0#1\ndown kids/0#1 shutdown\n"
                     "start x#2\nstart kids/0#2\n");
    assert_int_equal(get(ref, &value), BST_OK);
    assert_int_equal(value, 1);
    /* Its own failure restarts the others, too. */
    order(ref, rig_crash, NULL);
    rig_expect(&rig, "down kids/0#2 crashed\n"
                     "stop x#2\ndown x#2 shutdown\n"
                     "start x#3\nstart kids/0#3\n");
    assert_int_equal(get(ref, &value), BST_OK);
    rig_stop_quietly(&rig);
}

static void group_restart_forgets_temporary_members(void **state)
{
    struct rig rig;
    bst_ref ref;

    (void)state;
    top_of_kids(&rig, BST_ONE_FOR_ALL, BST_TEMPORARY);
    rig_start(&rig);
    rig_expect(&rig, UP);
    ref = spawn(&rig);
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\n"
                     "stop kids/0#1\ndown kids/0#1 shutdown\nstart x#2\n");
    gone(ref);
    rig_stop(&rig, "stop x#2\ndown x#2 shutdown\ndown top#1 shutdown\n");
}

static void b45_members_are_forgotten_with_their_supervisor(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;
    bst_ref ref;
    bst_ref next = {0, 0};
    uint64_t value;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 0, BST_S(60));
    rig_child(&rig, in, "x");
    add_kids(&rig, in, BST_PERMANENT);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n");
    ref = spawn(&rig);
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\n"
                     "stop kids/0#1\ndown kids/0#1 shutdown\n"
                     "down in#1 shutdown\nstart in#2 (sup)\nstart x#2\n");
    gone(ref);
    while (bst_system_spawn(rig.system, &rig_part(&rig, "kids")->group, NULL,
                            &next) != BST_OK)
        rig_pass();
    assert_int_equal(get(next, &value), BST_OK);
    assert_int_equal(get(ref, &value), BST_DEAD);
    rig_stop_quietly(&rig);
}

static void group_with_a_budget_has_a_supervisor_of_its_own(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_ref ref;

    (void)state;
    part = top_of_kids(&rig, BST_ONE_FOR_ONE, BST_PERMANENT);
    part->group.restart = (struct bst_restart){
        .mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(60)};
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart x#1\nstart kids#1 (sup)\n");
    ref = spawn(&rig);
    order(ref, rig_crash, NULL);
    rig_expect(&rig, "down kids/0#1 crashed\nstart kids/0#2\n");
    order(ref, rig_crash, NULL);
    rig_expect(&rig, "down kids/0#2 crashed\ndown kids#1 shutdown\n"
                     "start kids#2 (sup)\n");
    gone(ref);
    rig_stop(&rig, "down kids#2 shutdown\n"
                   "stop x#1\ndown x#1 shutdown\ndown top#1 shutdown\n");
}

UNIT_MAIN(RIG_TEST(b48_b108_permanent_member_comes_back_with_its_reference),
          RIG_TEST(b49_transient_member_comes_back_after_a_failure_only),
          RIG_TEST(b50_b129_temporary_member_is_removed_after_a_failure),
          RIG_TEST(members_count_in_the_budget_of_their_supervisor),
          RIG_TEST(next_tenant_has_no_failures),
          RIG_TEST(b22_members_are_stopped_at_once_within_one_deadline),
          RIG_TEST(b23_members_are_killed_at_once),
          RIG_THREADS(member_that_does_not_end_is_left_behind),
          RIG_TEST(spawn_into_a_group_that_stops_is_refused),
          RIG_TEST(spawn_before_the_group_is_started_is_dead),
          RIG_TEST(b44_group_restart_takes_its_members_along),
          RIG_TEST(group_restart_forgets_temporary_members),
          RIG_TEST(b45_members_are_forgotten_with_their_supervisor),
          RIG_TEST(group_with_a_budget_has_a_supervisor_of_its_own))
