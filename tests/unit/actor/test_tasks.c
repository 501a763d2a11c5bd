/*
 * Tasks of <bastion/task.h> that actors spawn in their handlers.
 */

#include "unit/support/rig.h"

#include <bastion/task.h>

#include "sync/atomic.h"
#include "unit/unit.h"

enum { HANDLERS = 16, TASKS = 50 };

/* The rig's puppet, whose handlers of messages are blocking. */
struct blocking_actor {
    struct bst_actor actor;
    struct bst_handler handlers[HANDLERS];
};

static void make_blocking(struct blocking_actor *made, struct rig_part *part)
{
    made->actor = *part->group.actor;
    assert_true(made->actor.nhandlers <= HANDLERS);
    for (uint32_t i = 0; i < made->actor.nhandlers; i++) {
        made->handlers[i] = part->group.actor->handlers[i];
        if (made->handlers[i].kind >= BST_KIND_USER &&
            made->handlers[i].kind < BST_KIND_TIMER)
            made->handlers[i].blocking = 1;
    }
    made->actor.handlers = made->handlers;
    part->group.actor = &made->actor;
}

/* A tree of one puppet "a"; `made`: its handlers are blocking. */
static void start(struct rig *rig, struct blocking_actor *made)
{
    struct bst_supervisor *top;
    struct rig_part *part;

    rig_init(rig);
    rig->options.threads = 1;
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    part = rig_child(rig, top, "a");
    if (made)
        make_blocking(made, part);
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\n");
}

static void *same(void *arg)
{
    return arg;
}

static void *panic(void *arg)
{
    (void)arg;
    bst_task_panic("expected");
}

static bool once(void *arg)
{
    (void)arg;
    return false;
}

/* Spawns tasks of all kinds and answers with the sum of their results. */
static bst_status spawn_all(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    struct bst_task *tasks[TASKS];

    (void)self;
    (void)arg;
    for (uintptr_t i = 0; i < TASKS; i++) {
        if (i % 3 == 0)
            tasks[i] = bst_spawn(NULL, same, (void *)i, NULL);
        else if (i % 3 == 1)
            tasks[i] = bst_spawn_steps(NULL, once, (void *)i, NULL);
        else
            tasks[i] = bst_spawn_blocking(NULL, same, (void *)i, NULL);
    }
    for (uintptr_t i = 0; i < TASKS; i++) {
        void *result = NULL;

        if (!tasks[i] || bst_join(tasks[i], &result) != BST_OK)
            return BST_FAIL;
        answer->value += (uintptr_t)result;
    }
    return bst_join(bst_spawn_blocking(NULL, panic, NULL, NULL), NULL) ==
                   BST_FAILED
               ? BST_OK
               : BST_FAIL;
}

static void handler_spawns_and_joins(void **state)
{
    struct rig rig;
    uint64_t sum = 0;

    (void)state;
    start(&rig, NULL);
    assert_int_equal(rig_ask(&rig, "a", spawn_all, NULL, &sum), BST_OK);
    assert_int_equal(sum, TASKS * (TASKS - 1) / 2);
    rig_stop_quietly(&rig);
}

static void blocking_handler_spawns_and_joins(void **state)
{
    struct blocking_actor made;
    struct rig rig;
    uint64_t sum = 0;

    (void)state;
    start(&rig, &made);
    assert_int_equal(rig_ask(&rig, "a", spawn_all, NULL, &sum), BST_OK);
    assert_int_equal(sum, TASKS * (TASKS - 1) / 2);
    rig_stop_quietly(&rig);
}

static _Atomic uint32_t refused;

/* Goes on until its system is ending. */
static void *submit_until_refused(void *arg)
{
    struct bst_task *task;

    while ((task = bst_spawn_blocking(NULL, same, arg, NULL)) != NULL) {
        bst_detach(task);
        bst_task_yield();
    }
    bsti_fetch_add_acq_rel(&refused, 1u);
    return arg;
}

static bst_status leave_tasks(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)self;
    answer->value = 0;
    for (int i = 0; i < 3; i++) {
        struct bst_task *task =
            bst_spawn(NULL, submit_until_refused, arg, NULL);

        if (!task)
            return BST_FAIL;
        bst_detach(task);
    }
    return BST_OK;
}

static void pool_of_an_ending_system_refuses(void **state)
{
    (void)state;
    bsti_store_release(&refused, 0u);
    for (uint32_t i = 1; i <= 20; i++) {
        struct rig rig;
        uint64_t value;

        start(&rig, NULL);
        assert_int_equal(rig_ask(&rig, "a", leave_tasks, NULL, &value), BST_OK);
        rig_stop_quietly(&rig);
        assert_int_equal(bsti_load_acquire(&refused), 3 * i);
    }
}

UNIT_MAIN(RIG_THREADS(handler_spawns_and_joins),
          RIG_THREADS(blocking_handler_spawns_and_joins),
          RIG_THREADS(pool_of_an_ending_system_refuses))
