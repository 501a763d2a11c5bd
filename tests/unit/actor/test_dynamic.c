/*
 * actor/dynamic, spawn, retire: members of dynamic groups come and go.
 */

#include "unit/support/rig.h"

#include "actor/dynamic.h"
#include "base/alloc.h"
#include "plat/thread.h"
#include "unit/unit.h"

/* Puppets that are given a number. */
static struct bst_actor puppet_with_args(const struct bst_actor *like)
{
    struct bst_actor actor = *like;

    actor.args_size = sizeof(uint64_t);
    actor.args_align = _Alignof(uint64_t);
    return actor;
}

/* A group "kids" of at most `max` such puppets, and a puppet "maker". */
static struct rig_part *kids(struct rig *rig, const struct bst_actor *actor,
                             uint32_t max)
{
    struct bst_supervisor *top;
    struct rig_part *part;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 5, BST_S(10));
    part = rig_child(rig, top, "kids");
    part->group.actor = actor;
    part->group.redundancy = 0;
    part->group.max = max;
    part->group.lifetime = BST_TEMPORARY;
    rig_child(rig, top, "maker");
    return part;
}

static struct bsti_dynamic *dynamic(struct rig *rig)
{
    return rig->system->groups[0].dynamic;
}

static bst_status spawn(struct rig *rig, const void *args, bst_ref *ref)
{
    return bst_system_spawn(rig->system, &rig->parts[0].group, args, ref);
}

static void order(bst_ref ref, rig_fn *fn, void *arg)
{
    struct rig_order what = {fn, arg};

    assert_int_equal(bst_tell(ref, RIG_DO, &what, sizeof what), BST_OK);
}

static bst_status ask(bst_ref ref, rig_fn *fn, uint64_t *value)
{
    struct rig_order what = {fn, NULL};
    struct rig_answer answer = {0};
    bst_status status = bst_ask(ref, RIG_ASK, &what, sizeof what, &answer,
                                sizeof answer, BST_S(30));

    *value = answer.value;
    return status;
}

/* Tells it to end, and waits until that is known. */
static void end(bst_ref ref)
{
    struct rig_order nothing = {rig_count, NULL};

    order(ref, rig_normal, NULL);
    while (bst_tell(ref, RIG_DO, &nothing, sizeof nothing) != BST_DEAD)
        rig_pass();
}

/* Waits until nobody is left. */
static void all_gone(struct rig *rig)
{
    struct bst_stats stats;

    do {
        rig_pass();
        bst_system_stats(rig->system, &stats);
    } while (stats.processes > 1);
}

/* ---- one child ----------------------------------------------------------- */

static void spawned_child_is_up_and_empty(void **state)
{
    struct rig rig;
    bst_ref ref = {0, 0};
    uint64_t value = 1;

    (void)state;
    kids(&rig, &rig_puppet_passive, 10);
    rig_start(&rig);
    assert_int_equal(spawn(&rig, NULL, &ref), BST_OK);
    assert_int_equal(ask(ref, rig_get, &value), BST_OK);
    assert_int_equal(value, 0);
    order(ref, rig_count, NULL);
    assert_int_equal(ask(ref, rig_get, &value), BST_OK);
    assert_int_equal(value, 1);
    assert_int_equal(spawn(&rig, NULL, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

/* Children that come and go use the same blocks after a while. */
static void old_references_to_a_block_stay_dead(void **state)
{
    enum { TRIES = 1000 };
    static bst_ref ref[TRIES];
    struct rig rig;
    uint64_t value = 1;
    uint32_t again = 0;

    (void)state;
    kids(&rig, &rig_puppet_passive, 1);
    rig_start(&rig);
    for (uint32_t i = 0; i < TRIES; i++) {
        while (spawn(&rig, NULL, &ref[i]) == BST_FULL)
            rig_pass();
        assert_int_equal(ask(ref[i], rig_get, &value), BST_OK);
        assert_int_equal(value, 0);
        for (uint32_t k = 0; k < i; k++) {
            if (ref[k].target != ref[i].target)
                continue;
            again++;
            assert_int_not_equal(ref[k].stamp, ref[i].stamp);
            assert_int_equal(ask(ref[k], rig_get, &value), BST_DEAD);
            break;
        }
        order(ref[i], rig_count, NULL);
        end(ref[i]);
    }
    assert_true(again > TRIES / 4);
    rig_stop_quietly(&rig);
}

static bst_status get_arg(struct puppet *self, void *arg,
                          struct rig_answer *answer)
{
    (void)arg;
    answer->value = *(const uint64_t *)self->args;
    return BST_OK;
}

static void each_child_has_its_own_arguments(void **state)
{
    struct bst_actor actor = puppet_with_args(&rig_puppet_passive);
    struct rig rig;
    bst_ref ref[50];

    (void)state;
    kids(&rig, &actor, 50);
    rig_start(&rig);
    for (uint64_t i = 0; i < 50; i++)
        assert_int_equal(spawn(&rig, &i, &ref[i]), BST_OK);
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t value = 0;

        assert_int_equal(ask(ref[i], get_arg, &value), BST_OK);
        assert_int_equal(value, i);
    }
    rig_stop_quietly(&rig);
}

static bst_status get_alignment(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)arg;
    answer->value = (uintptr_t)self->args % 512;
    return BST_OK;
}

static void arguments_are_aligned_as_they_want(void **state)
{
    struct bst_actor actor = rig_puppet;
    static _Alignas(512) char args[512];
    struct rig rig;

    (void)state;
    actor.args_size = sizeof args;
    actor.args_align = 512;
    kids(&rig, &actor, 5);
    rig_start(&rig);
    for (int i = 0; i < 5; i++) {
        bst_ref ref;
        uint64_t value = 1;

        assert_int_equal(spawn(&rig, args, &ref), BST_OK);
        assert_int_equal(ask(ref, get_alignment, &value), BST_OK);
        assert_int_equal(value, 0);
    }
    rig_stop_quietly(&rig);
}

static void wrong_calls_are_invalid(void **state)
{
    struct bst_actor actor = puppet_with_args(&rig_puppet_passive);
    struct rig rig;
    bst_ref ref = {1, 2};

    (void)state;
    kids(&rig, &actor, 1);
    rig_start(&rig);
    assert_int_equal(spawn(&rig, NULL, &ref), BST_INVALID);
    assert_int_equal(
        bst_system_spawn(rig.system, &rig.parts[1].group, NULL, &ref),
        BST_INVALID);
    assert_int_equal(ref.target, 1);
    rig_stop_quietly(&rig);
}

/* ---- the start handler --------------------------------------------------- */

static bst_status check_arg(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    return *(const uint64_t *)self->args % 2 ? BST_OK : BST_FAIL;
}

static void child_that_fails_to_start_leaves_nothing_behind(void **state)
{
    struct bst_actor actor = puppet_with_args(&rig_puppet);
    struct rig rig;
    bst_ref ref = {0, 0};

    (void)state;
    kids(&rig, &actor, 1)->on_start = check_arg;
    rig_start(&rig);
    for (uint64_t i = 0; i < 20; i += 2) {
        assert_int_equal(spawn(&rig, &i, &ref), BST_FAILED);
        assert_int_equal(ref.target, 0);
    }
    assert_int_equal(spawn(&rig, &(uint64_t){1}, &ref), BST_OK);
    assert_int_equal(spawn(&rig, &(uint64_t){1}, &ref), BST_FULL);
    rig_stop_quietly(&rig);
}

static void child_that_declines_is_refused(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    kids(&rig, &rig_puppet, 1)->declines = true;
    rig_start(&rig);
    for (int i = 0; i < 5; i++)
        assert_int_equal(spawn(&rig, NULL, NULL), BST_REFUSED);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.processes, 1);
    rig_stop_quietly(&rig);
}

static bst_status spawn_and_say(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    bst_ref ref;
    bst_status status =
        bst_group_spawn(self, &self->rig->parts[0].group, NULL, &ref);

    (void)arg;
    (void)answer;
    rig_note(self->rig, "spawned %s", bst_status_name(status));
    return BST_OK;
}

static void handler_waits_until_the_child_is_up(void **state)
{
    static struct rig_gate gate;
    struct rig rig;
    struct rig_part *part;

    (void)state;
    part = kids(&rig, &rig_puppet, 2);
    part->on_start = rig_hold;
    part->arg = &gate;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart maker#1\n");
    rig_do(&rig, "maker", spawn_and_say, NULL);
    rig_gate_wait(&gate, 1);
    rig_note(&rig, "it starts");
    rig_gate_open(&gate);
    rig_expect(&rig, "it starts\nspawned BST_OK\n");
    rig_stop_quietly(&rig);
}

static void killed_spawner_leaves_a_child(void **state)
{
    bst_time nap = BST_MS(200);
    struct rig rig;
    struct rig_part *part;
    struct bst_stats stats;

    (void)state;
    part = kids(&rig, &rig_puppet, 2);
    part->on_start = rig_sleep;
    part->arg = &nap;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart maker#1\n");
    rig_do(&rig, "maker", spawn_and_say, NULL);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "maker");
    rig_expect(&rig, "down maker#1 killed\nstart maker#2\n");
    assert_int_equal(spawn(&rig, NULL, NULL), BST_OK);
    assert_int_equal(spawn(&rig, NULL, NULL), BST_FULL);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.processes, 3);
    rig_stop_quietly(&rig);
}

/* Each spawns another one into the own group, until there are enough. */
static bst_status multiply(struct puppet *self, void *arg,
                           struct rig_answer *answer)
{
    uint64_t left = *(const uint64_t *)self->args;

    (void)arg;
    (void)answer;
    if (left == 0)
        return BST_OK;
    left--;
    return bst_group_spawn(self, &self->rig->parts[0].group, &left, NULL);
}

static void start_handlers_spawn_into_their_own_group(void **state)
{
    struct bst_actor actor = puppet_with_args(&rig_puppet);
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    kids(&rig, &actor, 21)->on_start = multiply;
    rig_start(&rig);
    assert_int_equal(spawn(&rig, &(uint64_t){20}, NULL), BST_OK);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.processes, 22);
    /* None of the 21 that this one needs has a place. */
    assert_int_equal(spawn(&rig, &(uint64_t){20}, NULL), BST_FULL);
    rig_stop_quietly(&rig);
}

/* ---- limits -------------------------------------------------------------- */

static void b129_limit_is_exact(void **state)
{
    struct rig rig;
    static bst_ref ref[4000];

    (void)state;
    for (uint32_t max = 1; max <= 4000; max = 4 * max + 3) {
        kids(&rig, &rig_puppet_passive, max);
        rig_start(&rig);
        for (uint32_t i = 0; i < max; i++)
            assert_int_equal(spawn(&rig, NULL, &ref[i]), BST_OK);
        for (uint32_t i = 0; i < 3; i++)
            assert_int_equal(spawn(&rig, NULL, NULL), BST_FULL);
        for (uint32_t i = 0; i < max; i += 7)
            end(ref[i]);
        for (uint32_t i = 0; i < max; i += 7)
            while (spawn(&rig, NULL, NULL) == BST_FULL)
                rig_pass();
        assert_int_equal(spawn(&rig, NULL, NULL), BST_FULL);
        rig_stop_quietly(&rig);
    }
}

/* Spawns until there is no place; says how many there were. */
static bst_status fill(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    uint64_t n = 0;

    (void)arg;
    while (bst_group_spawn(self, &self->rig->parts[0].group, NULL, NULL) ==
           BST_OK)
        n++;
    answer->value = n;
    return BST_OK;
}

static bst_status leave_all(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    struct rig_order what = {rig_normal, NULL};

    (void)arg;
    (void)answer;
    return bst_cast(
        bst_group_ref(bst_system_of(self), &self->rig->parts[0].group), RIG_DO,
        &what, sizeof what);
}

/* Workers hold places of a large group; all of them can be had in the end. */
static void limit_of_a_large_group_is_exact_on_workers(void **state)
{
    enum { MAX = 3000 };
    struct rig rig;
    uint64_t n = 0;

    (void)state;
    kids(&rig, &rig_puppet_passive, MAX);
    rig_start(&rig);
    for (int round = 0; round < 6; round++) {
        /* Those that have ended may still be leaving. */
        for (uint64_t all = 0; all < MAX; all += n) {
            assert_int_equal(rig_ask(&rig, "maker", fill, NULL, &n), BST_OK);
            assert_true(all + n <= MAX);
        }
        assert_int_equal(spawn(&rig, NULL, NULL), BST_FULL);
        rig_do(&rig, "maker", leave_all, NULL);
        all_gone(&rig);
        rig_settle(&rig, &(struct bst_stats){0});
    }
    rig_stop_quietly(&rig);
}

static bst_status churn(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    const struct bst_group *group = &self->rig->parts[0].group;
    struct rig_order what = {rig_normal, NULL};
    uint64_t rounds = *(const uint64_t *)arg;

    for (uint64_t i = 0; i < rounds; i++) {
        for (int k = 0; k < 100; k++) {
            bst_ref ref;
            bst_status status;

            while ((status = bst_group_spawn(self, group, NULL, &ref)) ==
                   BST_FULL)
                bst_sleep(self, BST_US(1));
            if (status == BST_OK)
                status = bst_tell(ref, RIG_DO, &what, sizeof what);
            if (status != BST_OK)
                return status;
            answer->value++;
        }
        bst_yield(self);
    }
    return BST_OK;
}

static void blocks_are_used_again_and_again(void **state)
{
    uint64_t rounds =
        BSTI_TSAN || BSTI_ASAN || rig_is_simulated() ? 300 : 10000;
    struct rig rig;
    struct bst_stats stats;
    uint64_t n = 0;

    (void)state;
    kids(&rig, &rig_puppet_passive, 2000);
    rig_start(&rig);
    assert_int_equal(rig_ask(&rig, "maker", churn, &rounds, &n), BST_OK);
    assert_int_equal(n, 100 * rounds);
    all_gone(&rig);
    rig_settle(&rig, &stats);
    assert_true(stats.handled >= n);
    assert_int_equal(stats.dead, 0);
    /* What the workers keep comes on top. */
    assert_true(dynamic(&rig)->depot.blocks <= 4096);
    rig_stop_quietly(&rig);
}

static void tell_into_the_end(void *arg)
{
    struct rig_order nothing = {rig_count, NULL};
    const bst_ref *ref = arg;
    bst_status status;

    do
        status = bst_tell(*ref, RIG_DO, &nothing, sizeof nothing);
    while (status != BST_DEAD);
}

/* Children end while others send into their full mailboxes, of each kind; the
 * next ones have the same blocks. Debug builds check the account at the end. */
static void full_mailboxes_are_emptied_at_the_end(void **state)
{
    static const enum bst_overflow modes[] = {
        BST_OVERFLOW_REJECT, BST_OVERFLOW_DROP_OLDEST, BST_OVERFLOW_DROP_NEWEST,
        BST_OVERFLOW_BLOCK};
    struct rig rig;

    (void)state;
    for (size_t mode = 0; mode < 4; mode++) {
        struct rig_part *part = kids(&rig, &rig_puppet, 2);

        part->group.mailbox = 3;
        part->group.overflow = modes[mode];
        part->group.block = BST_S(60);
        rig_start(&rig);
        for (int i = 0; i < 60; i++) {
            struct rig_order normal = {rig_normal, NULL};
            struct bsti_thread threads[2];
            bst_ref ref;
            bst_status status;

            while (spawn(&rig, NULL, &ref) == BST_FULL)
                rig_pass();
            for (int k = 0; k < 2; k++)
                assert_int_equal(bsti_thread_start(&threads[k], "sender",
                                                   tell_into_the_end, &ref),
                                 0);
            do
                status = bst_tell(ref, RIG_DO, &normal, sizeof normal);
            while (status != BST_DEAD);
            for (int k = 0; k < 2; k++)
                bsti_thread_join(&threads[k]);
        }
        rig_stop_quietly(&rig);
        assert_int_equal(bsti_alloc_balance(), 0);
    }
}

static void spawn_without_memory_can_be_tried_again(void **state)
{
    struct rig rig;

    (void)state;
    kids(&rig, &rig_puppet_passive, 1);
    rig_start(&rig);
    /* All of them: other threads may take some. */
    bsti_alloc_fail_from(1);
    assert_int_equal(spawn(&rig, NULL, NULL), BST_NOMEM);
    bsti_alloc_fail_at(0);
    assert_int_equal(spawn(&rig, NULL, NULL), BST_OK);
    assert_int_equal(spawn(&rig, NULL, NULL), BST_FULL);
    rig_stop_quietly(&rig);
}

/* ---- the group by its name ----------------------------------------------- */

static void b132_name_of_an_empty_group_is_dead(void **state)
{
    struct rig rig;
    bst_ref ref;
    struct rig_order what = {rig_count, NULL};
    uint64_t value;

    (void)state;
    kids(&rig, &rig_puppet_passive, 5);
    rig_start(&rig);
    ref = rig_group(&rig, "kids");
    assert_true(bst_ref_is_group(ref));
    assert_int_equal(bst_tell(ref, RIG_DO, &what, sizeof what), BST_DEAD);
    assert_int_equal(bst_cast(ref, RIG_DO, &what, sizeof what), BST_DEAD);
    assert_int_equal(ask(ref, rig_get, &value), BST_DEAD);
    rig_stop_quietly(&rig);
}

static void name_of_a_group_reaches_those_that_live(void **state)
{
    struct rig rig;
    bst_ref group;
    bst_ref ref[9];
    struct rig_order what = {rig_count, NULL};

    (void)state;
    kids(&rig, &rig_puppet_passive, 9);
    rig_start(&rig);
    group = rig_group(&rig, "kids");
    for (int i = 0; i < 9; i++)
        assert_int_equal(spawn(&rig, NULL, &ref[i]), BST_OK);
    for (int i = 0; i < 9; i += 2)
        end(ref[i]);
    /* In turn, and then all of them. */
    for (int i = 0; i < 8; i++)
        assert_int_equal(bst_tell(group, RIG_DO, &what, sizeof what), BST_OK);
    assert_int_equal(bst_cast(group, RIG_DO, &what, sizeof what), BST_OK);
    for (int i = 1; i < 9; i += 2) {
        uint64_t value = 0;

        assert_int_equal(ask(ref[i], rig_get, &value), BST_OK);
        assert_int_equal(value, 3);
    }
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(spawned_child_is_up_and_empty),
          RIG_TEST(old_references_to_a_block_stay_dead),
          RIG_TEST(each_child_has_its_own_arguments),
          RIG_TEST(arguments_are_aligned_as_they_want),
          RIG_TEST(wrong_calls_are_invalid),
          RIG_TEST(child_that_fails_to_start_leaves_nothing_behind),
          RIG_TEST(child_that_declines_is_refused),
          RIG_TEST(handler_waits_until_the_child_is_up),
          RIG_TEST(killed_spawner_leaves_a_child),
          RIG_TEST(start_handlers_spawn_into_their_own_group),
          RIG_TEST(b129_limit_is_exact),
          RIG_TEST(limit_of_a_large_group_is_exact_on_workers),
          RIG_TEST(blocks_are_used_again_and_again),
          RIG_THREADS(full_mailboxes_are_emptied_at_the_end),
          RIG_TEST(spawn_without_memory_can_be_tried_again),
          RIG_TEST(b132_name_of_an_empty_group_is_dead),
          RIG_TEST(name_of_a_group_reaches_those_that_live))
