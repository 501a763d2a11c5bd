/*
 * sup/admin, serve, graft: supervisors are administered while they run. What
 * OTP's do in the same case is in tests/conformance; here is what it has not:
 * groups of several, references, back-off, memory, and calls from handlers.
 */

#include "unit/support/rig.h"

#include "base/alloc.h"
#include "sup/sup.h"
#include "unit/unit.h"

/* A supervisor "top" of "a" and "b", which log nothing in the background. */
static struct bst_supervisor *top_of_ab(struct rig *rig,
                                        enum bst_strategy strategy)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, 9, BST_S(60));
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    return top;
}

/* A puppet that is not part of the tree; after all that are. */
static struct rig_part *extra(struct rig *rig, const char *name)
{
    uint32_t index = rig->nparts++;
    struct rig_part *part = &rig->parts[index];

    part->rig = rig;
    part->group = (struct bst_group){.name = name,
                                     .where = "rig.bst:3",
                                     .actor = &rig_puppet,
                                     .index = index,
                                     .redundancy = 1};
    return part;
}

static bst_status add(struct rig *rig, const char *supervisor,
                      struct rig_part *part, bst_ref *ref)
{
    struct bst_child child = {.group = &part->group};

    return bst_system_child_add(rig->system, supervisor, &child, ref);
}

/* Checks "NAME=up NAME=down ...". */
static void expect_children(struct rig *rig, const char *supervisor,
                            const char *expected)
{
    static const char *const words[] = {"down", "up", "restarting"};
    struct bst_child_info infos[16];
    char text[300] = "";
    size_t n = 0;

    assert_int_equal(
        bst_system_child_list(rig->system, supervisor, infos, 16, &n), BST_OK);
    assert_true(n <= 16);
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s=%s",
                 i > 0 ? " " : "", infos[i].name, words[infos[i].condition]);
    assert_string_equal(text, expected);
}

static bst_status ask_count(bst_ref ref, rig_fn *fn, uint64_t *value)
{
    struct rig_order order = {fn, NULL};
    struct rig_answer answer = {0};
    bst_status status = bst_ask(ref, RIG_ASK, &order, sizeof order, &answer,
                                sizeof answer, BST_S(30));

    *value = answer.value;
    return status;
}

static bst_status tell(bst_ref ref, rig_fn *fn, const void *arg)
{
    /* Only the pointer travels; the text is a constant of the test. */
    struct rig_order order = {fn, (void *)(uintptr_t)arg};

    return bst_tell(ref, RIG_DO, &order, sizeof order);
}

/* ---- errors -------------------------------------------------------------- */

static void b128_errors_are_those_of_otp(void **state)
{
    struct rig rig;
    struct bst_system *system;
    struct rig_part *part;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    part = extra(&rig, "a");
    rig_start(&rig);
    system = rig.system;
    assert_int_equal(bst_system_child_restart(system, "top", "a"), BST_RUNNING);
    assert_int_equal(bst_system_child_delete(system, "top", "a"), BST_RUNNING);
    assert_int_equal(bst_system_child_terminate(system, "top", "x"),
                     BST_NOT_FOUND);
    assert_int_equal(add(&rig, "top", part, NULL), BST_ALREADY_STARTED);
    assert_int_equal(bst_system_child_terminate(system, "/top", "a"), BST_OK);
    assert_int_equal(bst_system_child_terminate(system, "/top", "a"), BST_OK);
    assert_int_equal(add(&rig, "top", part, NULL), BST_ALREADY_PRESENT);
    assert_int_equal(bst_system_child_delete(system, "top", "a"), BST_OK);
    assert_int_equal(bst_system_child_delete(system, "top", "a"),
                     BST_NOT_FOUND);
    assert_int_equal(bst_system_child_restart(system, "top", "a"),
                     BST_NOT_FOUND);
    assert_int_equal(add(&rig, "top", part, NULL), BST_OK);
    expect_children(&rig, "top", "b=up a=up");
    rig_stop_quietly(&rig);
}

static void nobody_is_found_by_a_wrong_name(void **state)
{
    struct rig rig;
    bst_ref ref;
    size_t n;

    (void)state;
    rig_init(&rig);
    rig_child(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5)),
              "a");
    rig_start(&rig);
    assert_int_equal(bst_system_child_list(rig.system, "to", NULL, 0, &n),
                     BST_NOT_FOUND);
    assert_int_equal(bst_system_child_list(rig.system, "/top/a", NULL, 0, &n),
                     BST_NOT_FOUND);
    assert_int_equal(bst_system_child_find(rig.system, "/top/b", &ref),
                     BST_NOT_FOUND);
    assert_int_equal(bst_system_child_find(rig.system, "top", &ref),
                     BST_NOT_FOUND);
    assert_int_equal(bst_system_child_find(rig.system, "a/1", &ref),
                     BST_NOT_FOUND);
    assert_int_equal(bst_system_child_kill(rig.system, "/a"), BST_NOT_FOUND);
    assert_int_equal(bst_system_child_stop(rig.system, ""), BST_NOT_FOUND);
    assert_int_equal(bst_system_child_alive(rig.system, NULL), BST_INVALID);
    assert_int_equal(bst_system_child_add(rig.system, "top", NULL, NULL),
                     BST_INVALID);
    assert_int_equal(bst_system_child_find(rig.system, "/top/a/0", &ref),
                     BST_OK);
    assert_true(bst_ref_equal(ref, rig_ref(&rig, "a")));
    rig_stop_quietly(&rig);
}

static void requests_to_one_that_has_ended_are_dead(void **state)
{
    struct rig rig;
    struct bst_child_counts counts;

    (void)state;
    rig_init(&rig);
    rig_child(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 0, BST_S(5)),
              "a");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown top#1 shutdown\n");
    assert_int_equal(bst_system_child_count(rig.system, "top", &counts),
                     BST_DEAD);
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "a"),
                     BST_DEAD);
    assert_int_equal(bst_system_child_alive(rig.system, "/top"), BST_DEAD);
    assert_int_equal(bst_system_child_alive(rig.system, "/top/a"), BST_DEAD);
    assert_int_equal(bst_system_child_kill(rig.system, "/top/a"), BST_DEAD);
    rig_end(&rig, 3, "");
}

static void b73_killed_supervisor_takes_its_children_along(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(60));
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 1, BST_S(60));
    rig_child(&rig, in, "x");
    rig_child(&rig, in, "y");
    rig_child(&rig, top, "z");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n"
                     "start y#1\nstart z#1\n");
    assert_int_equal(bst_system_child_kill(rig.system, "/top/in"), BST_OK);
    rig_expect(&rig, "down in#1 killed\ndown x#1 killed\ndown y#1 killed\n"
                     "start in#2 (sup)\nstart x#2\nstart y#2\n");
    assert_int_equal(bst_system_child_stop(rig.system, "/top/in"), BST_OK);
    /* It has ended by itself: that is one restart too many. */
    rig_end(&rig, 3,
            "stop y#2\ndown y#2 shutdown\nstop x#2\ndown x#2 shutdown\n"
            "down in#2 shutdown\nstop z#1\ndown z#1 shutdown\n"
            "down top#1 shutdown\n");
}

static void killed_root_is_no_ordered_end(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    assert_int_equal(bst_system_child_kill(rig.system, "top"), BST_OK);
    rig_end(&rig, 3, "down top#1 killed\ndown a#1 killed\ndown b#1 killed\n");
}

/* ---- adding -------------------------------------------------------------- */

static void b45_added_children_are_lost_with_their_supervisor(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_ref ref;

    (void)state;
    rig_init(&rig);
    rig_child(&rig,
              rig_sup(&rig,
                      rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 9, BST_S(60)),
                      "in", BST_ONE_FOR_ONE, 0, BST_S(5)),
              "x");
    part = extra(&rig, "y");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(add(&rig, "/top/in", part, &ref), BST_OK);
        rig_expect(&rig, "start y#1\n");
        assert_int_equal(tell(ref, rig_say, "hello"), BST_OK);
        rig_expect(&rig, "hello\n");
        rig_do(&rig, "x", rig_crash, NULL);
        rig_expect(&rig, i == 0   ? "down x#1 crashed\n"
                         : i == 1 ? "down x#2 crashed\n"
                                  : "down x#3 crashed\n");
        rig_expect(&rig, "stop y#1\ndown y#1 shutdown\n");
        rig_expect(&rig, i == 0   ? "down in#1 shutdown\nstart in#2 (sup)\n"
                                    "start x#2\n"
                         : i == 1 ? "down in#2 shutdown\nstart in#3 (sup)\n"
                                    "start x#3\n"
                                  : "down in#3 shutdown\nstart in#4 (sup)\n"
                                    "start x#4\n");
        assert_int_equal(tell(ref, rig_say, "nobody"), BST_DEAD);
        expect_children(&rig, "in", "x=up");
    }
    rig_stop_quietly(&rig);
}

static void adding_again_is_another_tenant_in_the_same_memory(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_ref old = {0, 0};
    bst_ref ref;
    uint64_t value;
    int64_t balance = 0;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    part = extra(&rig, "x");
    rig_start(&rig);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(add(&rig, "top", part, &ref), BST_OK);
        assert_int_equal(ask_count(old, rig_get, &value), BST_DEAD);
        assert_int_equal(tell(ref, rig_count_kept, NULL), BST_OK);
        assert_int_equal(ask_count(ref, rig_get_kept, &value), BST_OK);
        assert_int_equal(value, 1);
        assert_int_equal(bst_system_child_terminate(rig.system, "top", "x"),
                         BST_OK);
        assert_int_equal(bst_system_child_delete(rig.system, "top", "x"),
                         BST_OK);
        old = ref;
        if (i == 10)
            balance = bsti_alloc_balance();
    }
    /* Some of the last requests may be freed just now. */
    assert_true(bsti_alloc_balance() <= balance + 4);
    rig_stop_quietly(&rig);
}

static void places_are_counted_anew_when_they_run_out(void **state)
{
    struct rig rig;
    struct rig_part *part;
    struct bsti_sup *top;
    bst_ref ref;

    (void)state;
    top_of_ab(&rig, BST_REST_FOR_ONE);
    part = extra(&rig, "x");
    rig_start(&rig);
    top = bsti_container_of(rig.system, struct bsti_system, base)->root;
    assert_int_equal(add(&rig, "top", part, NULL), BST_OK);
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "x"),
                     BST_OK);
    assert_int_equal(bst_system_child_delete(rig.system, "top", "x"), BST_OK);
    /* As after four thousand million of these; nobody else looks at it. */
    top->nchildren = UINT32_MAX - 1;
    assert_int_equal(add(&rig, "top", part, &ref), BST_OK);
    assert_true(top->nchildren == 3);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart x#1\n"
                     "stop x#1\ndown x#1 shutdown\nstart x#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstop x#1\ndown x#1 shutdown\n"
                     "start b#2\nstart x#2\n");
    rig_stop(&rig, "stop x#2\ndown x#2 shutdown\nstop b#2\ndown b#2 shutdown\n"
                   "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
}

static void added_group_starts_as_a_whole_or_not_at_all(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_ref ref = {0, 0};

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    part = extra(&rig, "w");
    part->group.redundancy = 3;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    part->bad_starts = 0;
    assert_int_equal(add(&rig, "top", part, &ref), BST_OK);
    assert_true(bst_ref_is_group(ref));
    assert_true(bst_ref_equal(ref, bst_group_ref(rig.system, &part->group)));
    rig_expect(&rig, "start w/0#1\nstart w/1#1\nstart w/2#1\n");
    expect_children(&rig, "top", "a=up b=up w=up w=up w=up");
    assert_int_equal(bst_system_child_delete(rig.system, "top", "w"),
                     BST_RUNNING);
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "w/1"),
                     BST_OK);
    assert_int_equal(bst_system_child_delete(rig.system, "top", "w/1"),
                     BST_INVALID);
    rig_expect(&rig, "stop w/1#1\ndown w/1#1 shutdown\n");
    expect_children(&rig, "top", "a=up b=up w=up w=down w=up");
    assert_int_equal(bst_system_child_restart(rig.system, "top", "w"), BST_OK);
    rig_expect(&rig, "start w/1#2\n");
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "w"),
                     BST_OK);
    rig_expect(&rig, "stop w/2#1\ndown w/2#1 shutdown\nstop w/1#2\n"
                     "down w/1#2 shutdown\nstop w/0#1\ndown w/0#1 shutdown\n");
    assert_int_equal(bst_system_child_delete(rig.system, "top", "w"), BST_OK);
    part->bad_starts = 1;
    assert_int_equal(add(&rig, "top", part, NULL), BST_FAILED);
    rig_expect(&rig, "startfail w/0#1\n");
    expect_children(&rig, "top", "a=up b=up");
    assert_int_equal(bst_system_child_find(rig.system, "w", NULL),
                     BST_NOT_FOUND);
    assert_int_equal(add(&rig, "top", part, NULL), BST_OK);
    rig_expect(&rig, "start w/0#1\nstart w/1#1\nstart w/2#1\n");
    rig_stop_quietly(&rig);
}

/* The second of three members fails. */
static bst_status fail_second(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    return bst_index(self) == 1 ? BST_FAIL : BST_OK;
}

static void added_group_that_fails_is_rolled_back(void **state)
{
    struct rig rig;
    struct rig_part *part;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    part = extra(&rig, "w");
    part->group.redundancy = 3;
    part->on_start = fail_second;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(add(&rig, "top", part, NULL), BST_FAILED);
        rig_expect(&rig, "start w/0#1\nstartfail w/1#1\n"
                         "stop w/0#1\ndown w/0#1 shutdown\n");
        expect_children(&rig, "top", "a=up b=up");
    }
    rig_stop_quietly(&rig);
}

static void added_temporary_child_is_forgotten_when_it_ends(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_ref ref;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ALL);
    part = extra(&rig, "x");
    part->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    assert_int_equal(add(&rig, "top", part, &ref), BST_OK);
    expect_children(&rig, "top", "a=up b=up x=up");
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart x#1\n");
    assert_int_equal(tell(ref, rig_crash, NULL), BST_OK);
    rig_expect(&rig, "down x#1 crashed\n");
    expect_children(&rig, "top", "a=up b=up");
    assert_int_equal(add(&rig, "top", part, &ref), BST_OK);
    rig_expect(&rig, "start x#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstop x#1\ndown x#1 shutdown\n"
                     "stop b#1\ndown b#1 shutdown\nstart a#2\nstart b#2\n");
    expect_children(&rig, "top", "a=up b=up");
    part->declines = true;
    assert_int_equal(add(&rig, "top", part, &ref), BST_OK);
    assert_true(ref.target == 0);
    rig_expect(&rig, "ignore x#1\n");
    expect_children(&rig, "top", "a=up b=up");
    part->declines = false;
    rig_stop_quietly(&rig);
}

static void added_dynamic_group_is_found_by_its_table(void **state)
{
    struct rig rig;
    struct rig_part *part;
    bst_ref ref;
    uint64_t value;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    part = extra(&rig, "kids");
    part->group.redundancy = 0;
    part->group.max = 4;
    rig_start(&rig);
    assert_int_equal(bst_system_spawn(rig.system, &part->group, NULL, &ref),
                     BST_INVALID);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(add(&rig, "top", part, NULL), BST_OK);
        assert_int_equal(bst_system_spawn(rig.system, &part->group, NULL, &ref),
                         BST_OK);
        assert_int_equal(ask_count(ref, rig_get, &value), BST_OK);
        assert_int_equal(bst_system_child_terminate(rig.system, "top", "kids"),
                         BST_OK);
        assert_int_equal(ask_count(ref, rig_get, &value), BST_DEAD);
        assert_int_equal(bst_system_child_delete(rig.system, "top", "kids"),
                         BST_OK);
        assert_int_equal(bst_system_spawn(rig.system, &part->group, NULL, &ref),
                         BST_INVALID);
    }
    rig_stop_quietly(&rig);
}

static void added_supervisor_brings_all_that_is_below(void **state)
{
    static struct bst_child leaves[1];
    static struct bst_child branches[2];
    static struct bst_supervisor deep = {
        .name = "deep",
        .where = "rig.bst:4",
        .restart = {.mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(5)},
        .children = leaves,
        .nchildren = 1};
    static struct bst_supervisor in = {
        .name = "in",
        .where = "rig.bst:5",
        .restart = {.mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(5)},
        .children = branches,
        .nchildren = 2};
    struct bst_child child = {.supervisor = &in};
    struct bst_child_counts counts;
    struct rig rig;
    bst_ref ref = {1, 1};

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    leaves[0].group = &extra(&rig, "y")->group;
    branches[0].group = &extra(&rig, "x")->group;
    branches[1].supervisor = &deep;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(bst_system_child_add(rig.system, "top", &child, &ref),
                         BST_OK);
        assert_true(ref.target == 0);
        rig_expect(&rig, "start in#1 (sup)\nstart x#1\nstart deep#1 (sup)\n"
                         "start y#1\n");
        assert_int_equal(bst_system_child_count(rig.system, "in", &counts),
                         BST_OK);
        assert_int_equal(counts.specs, 2);
        assert_int_equal(counts.active, 2);
        assert_int_equal(counts.supervisors, 1);
        assert_int_equal(counts.workers, 1);
        assert_int_equal(
            bst_system_child_find(rig.system, "/top/in/deep/y", &ref), BST_OK);
        assert_int_equal(tell(ref, rig_say, "here"), BST_OK);
        rig_expect(&rig, "here\n");
        assert_int_equal(bst_system_child_kill(rig.system, "in"), BST_OK);
        rig_expect_unordered(&rig, "down in#1 killed\ndown x#1 killed\n"
                                   "down deep#1 killed\ndown y#1 killed\n"
                                   "start in#2 (sup)\nstart x#2\n"
                                   "start deep#2 (sup)\nstart y#2\n");
        assert_int_equal(bst_system_child_terminate(rig.system, "top", "in"),
                         BST_OK);
        rig_expect(&rig, "stop y#2\ndown y#2 shutdown\ndown deep#2 shutdown\n"
                         "stop x#2\ndown x#2 shutdown\ndown in#2 shutdown\n");
        /* Supervisors below close their children in their own turns. */
        while (tell(ref, rig_count, NULL) != BST_DEAD)
            rig_pass();
        assert_int_equal(bst_system_child_delete(rig.system, "top", "in"),
                         BST_OK);
    }
    rig_stop_quietly(&rig);
}

/* ---- restarts and back-off ----------------------------------------------- */

static struct rig_part *with_back_off(struct rig *rig,
                                      enum bst_strategy strategy)
{
    struct bst_supervisor *top = top_of_ab(rig, strategy);

    top->restart.backoff = BST_LINEAR;
    top->restart.step = BST_S(3600);
    return rig_child(rig, top, "c");
}

static void b71_children_in_back_off_are_listed_and_terminated(void **state)
{
    struct rig rig;

    (void)state;
    with_back_off(&rig, BST_ONE_FOR_ONE);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n");
    expect_children(&rig, "top", "a=up b=restarting c=up");
    assert_int_equal(bst_system_child_restart(rig.system, "top", "b"),
                     BST_RESTARTING);
    assert_int_equal(bst_system_child_delete(rig.system, "top", "b"),
                     BST_RESTARTING);
    assert_int_equal(bst_system_child_alive(rig.system, "b"), BST_DEAD);
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "b"),
                     BST_OK);
    expect_children(&rig, "top", "a=up b=down c=up");
    assert_int_equal(bst_system_child_restart(rig.system, "top", "b"), BST_OK);
    rig_expect(&rig, "start b#2\n");
    rig_stop_quietly(&rig);
}

static void group_does_not_wait_for_a_child_that_is_terminated(void **state)
{
    struct rig rig;

    (void)state;
    with_back_off(&rig, BST_ONE_FOR_ALL);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstop c#1\ndown c#1 shutdown\n"
                     "stop a#1\ndown a#1 shutdown\n");
    expect_children(&rig, "top", "a=down b=restarting c=down");
    assert_int_equal(bst_system_child_restart(rig.system, "top", "a"), BST_OK);
    rig_expect(&rig, "start a#2\n");
    expect_children(&rig, "top", "a=up b=restarting c=down");
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "b"),
                     BST_OK);
    rig_expect(&rig, "start c#2\n");
    expect_children(&rig, "top", "a=up b=down c=up");
    rig_stop_quietly(&rig);
}

static void failed_restart_by_request_is_no_failure(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ALL)->restart.tries = 0;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "a"),
                     BST_OK);
    rig_expect(&rig, "stop a#1\ndown a#1 shutdown\n");
    assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_DEAD);
    rig_part(&rig, "a")->bad_starts = 1;
    assert_int_equal(bst_system_child_restart(rig.system, "top", "a"),
                     BST_FAILED);
    rig_expect(&rig, "startfail a#2\n");
    expect_children(&rig, "top", "a=down b=up");
    assert_int_equal(bst_system_child_restart(rig.system, "top", "a"), BST_OK);
    rig_expect(&rig, "start a#3\n");
    assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

/* ---- calls from handlers ------------------------------------------------- */

static bst_status administer(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    struct bst_child child = {.group = &((struct rig_part *)arg)->group};
    struct bst_child_info infos[4];
    size_t n = 0;
    bst_ref ref;

    (void)answer;
    rig_note(self->rig, "add %s",
             bst_status_name(bst_child_add(self, "top", &child, &ref)));
    rig_note(self->rig, "list %s",
             bst_status_name(bst_child_list(self, "top", infos, 4, &n)));
    rig_note(self->rig, "%zu, the last is %s", n, infos[2].name);
    rig_note(self->rig, "terminate %s",
             bst_status_name(bst_child_terminate(self, "top", "x")));
    rig_note(self->rig, "delete %s",
             bst_status_name(bst_child_delete(self, "top", "x")));
    return BST_OK;
}

static void handlers_administer_their_own_supervisor(void **state)
{
    struct rig rig;
    struct rig_part *part;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    part = extra(&rig, "x");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "a", administer, part);
    rig_expect(&rig, "start x#1\nadd BST_OK\nlist BST_OK\n"
                     "3, the last is x\nstop x#1\ndown x#1 shutdown\n"
                     "terminate BST_OK\ndelete BST_OK\n");
    rig_stop_quietly(&rig);
}

static bst_status end_oneself(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "%s",
             bst_status_name(bst_child_terminate(self, "top", "a")));
    return BST_OK;
}

static void handler_that_terminates_its_own_child_is_told_to_stop(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_ONE_FOR_ONE);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "a", end_oneself, NULL);
    rig_expect(&rig, "BST_STOPPING\nstop a#1\ndown a#1 shutdown\n");
    expect_children(&rig, "top", "a=down b=up");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b128_errors_are_those_of_otp),
          RIG_TEST(nobody_is_found_by_a_wrong_name),
          RIG_TEST(requests_to_one_that_has_ended_are_dead),
          RIG_TEST(b73_killed_supervisor_takes_its_children_along),
          RIG_TEST(killed_root_is_no_ordered_end),
          RIG_TEST(b45_added_children_are_lost_with_their_supervisor),
          RIG_TEST(adding_again_is_another_tenant_in_the_same_memory),
          RIG_TEST(places_are_counted_anew_when_they_run_out),
          RIG_TEST(added_group_starts_as_a_whole_or_not_at_all),
          RIG_TEST(added_group_that_fails_is_rolled_back),
          RIG_TEST(added_temporary_child_is_forgotten_when_it_ends),
          RIG_TEST(added_dynamic_group_is_found_by_its_table),
          RIG_TEST(added_supervisor_brings_all_that_is_below),
          RIG_TEST(b71_children_in_back_off_are_listed_and_terminated),
          RIG_TEST(group_does_not_wait_for_a_child_that_is_terminated),
          RIG_TEST(failed_restart_by_request_is_no_failure),
          RIG_TEST(handlers_administer_their_own_supervisor),
          RIG_TEST(handler_that_terminates_its_own_child_is_told_to_stop))
