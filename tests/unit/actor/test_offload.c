/*
 * actor/offload: `blocking` handlers, on threads of the blocking pool.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "exec/blocking.h"
#include "unit/unit.h"

enum { HANDLERS = 16 };

/* The rig's puppet, whose handlers for RIG_DO and RIG_ASK are blocking. */
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

/* A tree of "a", an ordinary puppet, and "b", a blocking one. */
static void start(struct rig *rig, struct blocking_actor *made)
{
    struct bst_supervisor *top;

    rig_init(rig);
    rig->options.threads = 1;
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a");
    make_blocking(made, rig_child(rig, top, "b"));
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

static bst_status on_a_worker(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    answer->value = bsti_worker_current() != NULL;
    return BST_OK;
}

static void blocking_handler_runs_off_the_workers(void **state)
{
    struct blocking_actor made;
    struct rig rig;
    uint64_t value = 77;

    (void)state;
    start(&rig, &made);
    assert_int_equal(rig_ask(&rig, "a", on_a_worker, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    assert_int_equal(rig_ask(&rig, "b", on_a_worker, NULL, &value), BST_OK);
    assert_int_equal(value, 0);
    rig_stop_quietly(&rig);
}

/* With one worker, "a" can only answer if "b" does not hold it. */
static void worker_goes_on_while_a_handler_blocks(void **state)
{
    struct rig_gate gate = {.entered = 0};
    struct blocking_actor made;
    struct rig rig;
    uint64_t value;

    (void)state;
    start(&rig, &made);
    rig_do(&rig, "b", rig_hold, &gate);
    while (!bsti_load_acquire(&gate.entered))
        rig_pass();
    for (int i = 0; i < 100; i++)
        assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    bsti_store_release(&gate.open, 1u);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    rig_stop_quietly(&rig);
}

static void messages_wait_and_keep_their_order(void **state)
{
    struct blocking_actor made;
    struct rig rig;

    (void)state;
    start(&rig, &made);
    rig_tell_to_say(&rig, "b", "one");
    rig_tell_to_say(&rig, "b", "two");
    rig_tell_to_say(&rig, "b", "three");
    rig_expect(&rig, "one\ntwo\nthree\n");
    rig_stop(&rig, "stop b#1\ndown b#1 shutdown\nstop a#1\ndown a#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void failure_restarts_and_keep_is_rolled_back(void **state)
{
    struct blocking_actor made;
    struct rig rig;
    uint64_t value = 0;

    (void)state;
    start(&rig, &made);
    rig_do(&rig, "b", rig_count_kept, NULL);
    rig_do(&rig, "b", rig_panic, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#2 crashed\nstart b#3\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get_kept, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    rig_do(&rig, "b", rig_normal, NULL);
    rig_expect(&rig, "down b#3 normal\nstart b#4\n");
    rig_stop_quietly(&rig);
}

static void asker_of_a_panic_is_told(void **state)
{
    struct blocking_actor made;
    struct rig rig;
    uint64_t value;

    (void)state;
    start(&rig, &made);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rig_ask(&rig, "b", rig_panic, NULL, &value),
                         BST_FAILED);
    rig_stop_quietly(&rig);
}

static bst_status use_everything(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found = {0};
    bst_time from = bst_now(self);
    char path[32];
    void *memory;

    (void)arg;
    bst_sleep(self, BST_MS(5));
    assert_true(bst_now(self) - from >= BST_MS(5));
    bst_yield(self);
    memory = bst_alloc(self, 5000);
    memset(memory, 1, 5000);
    bst_free(self, memory);
    assert_int_equal(bst_path(self, path, sizeof path), 6);
    assert_string_equal(path, "/top/b");
    rig_do(self->rig, "a", rig_count, NULL);
    assert_int_equal(bst_ask(rig_ref(self->rig, "a"), RIG_ASK, &order,
                             sizeof order, &found, sizeof found, BST_S(10)),
                     BST_OK);
    answer->value = found.value;
    /* Itself it must not ask. */
    assert_int_equal(bst_ask(bst_self(self), RIG_ASK, &order, sizeof order,
                             &found, sizeof found, BST_S(10)),
                     BST_INVALID);
    return BST_OK;
}

static void blocking_handler_may_call_everything(void **state)
{
    struct blocking_actor made;
    struct rig rig;
    uint64_t value = 0;

    (void)state;
    start(&rig, &made);
    assert_int_equal(rig_ask(&rig, "b", use_everything, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    rig_stop_quietly(&rig);
}

static void cleanup(void *arg)
{
    struct rig *rig = arg;

    rig_note(rig, "cleaned");
}

static bst_status defer_and_panic(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_defer(self, cleanup, self->rig);
    bst_panic(self, "expected");
}

static void cleanups_run_after_a_panic(void **state)
{
    struct blocking_actor made;
    struct rig rig;

    (void)state;
    start(&rig, &made);
    rig_do(&rig, "b", defer_and_panic, NULL);
    rig_expect(&rig, "cleaned\ndown b#1 crashed\nstart b#2\n");
    rig_stop_quietly(&rig);
}

static void stop_waits_for_a_blocking_handler(void **state)
{
    static bst_time nap = BST_MS(50);
    struct blocking_actor made;
    struct rig rig;

    (void)state;
    start(&rig, &made);
    rig_do(&rig, "b", rig_sleep, &nap);
    rig_expect(&rig, "asleep\n");
    rig_stop(&rig, "stop b#1\ndown b#1 shutdown\nstop a#1\ndown a#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void many_block_at_once(void **state)
{
    enum { MEMBERS = 40 };
    struct rig_gate gate = {.entered = 0};
    struct blocking_actor made;
    struct rig rig;
    struct bst_supervisor *top;
    struct rig_part *part;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    part = rig_child(&rig, top, "b");
    part->group.redundancy = MEMBERS;
    make_blocking(&made, part);
    rig_start(&rig);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        struct rig_order order = {rig_hold, &gate};

        assert_int_equal(
            bst_tell(rig_member(&rig, "b", i), RIG_DO, &order, sizeof order),
            BST_OK);
    }
    /* All of them are inside their handlers at the same time. */
    while (bsti_load_acquire(&gate.entered) < MEMBERS)
        rig_pass();
    bsti_store_release(&gate.open, 1u);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_THREADS(blocking_handler_runs_off_the_workers),
          RIG_TEST(worker_goes_on_while_a_handler_blocks),
          RIG_TEST(messages_wait_and_keep_their_order),
          RIG_TEST(failure_restarts_and_keep_is_rolled_back),
          RIG_TEST(asker_of_a_panic_is_told),
          RIG_TEST(blocking_handler_may_call_everything),
          RIG_TEST(cleanups_run_after_a_panic),
          RIG_TEST(stop_waits_for_a_blocking_handler),
          RIG_TEST(many_block_at_once))
