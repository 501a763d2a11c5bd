/*
 * actor/context: the calls that make sense only inside a handler.
 */

#define _GNU_SOURCE
#include "unit/support/rig.h"

#include "base/alloc.h"
#include "unit/unit.h"

static void start_one(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a");
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\n");
}

/* ---- memory and cleanups ------------------------------------------------- */

struct cleanup {
    struct rig *rig;
    const char *text;
};

static void note_cleanup(void *arg)
{
    struct cleanup *cleanup = arg;

    rig_note(cleanup->rig, "cleanup %s", cleanup->text);
}

/* Registers cleanups that use memory of the incarnation. */
static bst_status acquire(struct puppet *self, void *arg,
                          struct rig_answer *answer)
{
    struct cleanup *cleanup = bst_alloc(self, sizeof *cleanup);

    (void)answer;
    cleanup->rig = self->rig;
    cleanup->text = arg;
    bst_defer(self, note_cleanup, cleanup);
    bst_free(self, bst_alloc(self, 100));
    bst_free(self, NULL);
    return BST_OK;
}

static void acquire_ab(struct rig *rig)
{
    rig_do(rig, "a", acquire, (void *)(uintptr_t) "1");
    rig_do(rig, "a", acquire, (void *)(uintptr_t) "2");
}

static void cleanups_run_in_reverse_however_it_ends(void **state)
{
    static bst_time hour = BST_S(3600);
    struct rig rig;

    (void)state;
    start_one(&rig);
    acquire_ab(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "cleanup 2\ncleanup 1\ndown a#1 crashed\nstart a#2\n");
    acquire_ab(&rig);
    rig_do(&rig, "a", rig_panic, NULL);
    rig_expect(&rig, "cleanup 2\ncleanup 1\ndown a#2 crashed\nstart a#3\n");
    acquire_ab(&rig);
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "cleanup 2\ncleanup 1\ndown a#3 normal\nstart a#4\n");
    acquire_ab(&rig);
    rig_do(&rig, "a", rig_sleep, &hour);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "a");
    rig_expect(&rig, "cleanup 2\ncleanup 1\ndown a#4 killed\nstart a#5\n");
    acquire_ab(&rig);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop a#5\ncleanup 2\ncleanup 1\ndown a#5 shutdown\n"
                   "down top#1 shutdown\n");
}

/* What a cleanup finds on the stack that was thrown away must be readable. */
static bst_status defer_a_local(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct cleanup local = {self->rig, "of a local"};

    (void)answer;
    bst_defer(self, note_cleanup, &local);
    return rig_sleep(self, arg, answer);
}

static void cleanups_after_a_kill_find_the_stack_as_it_was(void **state)
{
    static bst_time hour = BST_S(3600);
    struct rig rig;

    (void)state;
    start_one(&rig);
    rig_do(&rig, "a", defer_a_local, &hour);
    rig_expect(&rig, "asleep\n");
    /* Killed before it sleeps, its handler would be left, and its frames. */
    rig_wait(&rig, BST_MS(200));
    rig_kill(&rig, "a");
    rig_expect(&rig, "cleanup of a local\ndown a#1 killed\nstart a#2\n");
    rig_stop_quietly(&rig);
}

static void bad_cleanup(void *self)
{
    bst_panic(self, "bad cleanup");
}

static bst_status acquire_badly(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    bst_defer(self, bad_cleanup, self);
    acquire(self, arg, answer);
    bst_defer(self, bad_cleanup, self);
    return BST_OK;
}

static void cleanups_after_one_that_panics_still_run(void **state)
{
    static bst_time hour = BST_S(3600);
    struct rig rig;

    (void)state;
    start_one(&rig);
    for (int i = 1; i < 4; i++) {
        char lines[200];

        rig_do(&rig, "a", acquire, (void *)(uintptr_t) "first");
        rig_do(&rig, "a", acquire_badly, (void *)(uintptr_t) "second");
        if (i == 2) {
            rig_do(&rig, "a", rig_sleep, &hour);
            rig_expect(&rig, "asleep\n");
            rig_kill(&rig, "a");
        } else {
            rig_do(&rig, "a", i == 1 ? rig_crash : rig_normal, NULL);
        }
        snprintf(lines, sizeof lines,
                 "cleanup second\ncleanup first\ndown a#%d %s\nstart a#%d\n", i,
                 i == 1   ? "crashed"
                 : i == 2 ? "killed"
                          : "normal",
                 i + 1);
        rig_expect(&rig, lines);
    }
    rig_stop_quietly(&rig);
}

static bst_status alloc_all(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_alloc(self, SIZE_MAX);
    rig_note(self->rig, "never");
    return BST_OK;
}

static void alloc_without_memory_fails_the_handler(void **state)
{
    struct rig rig;

    (void)state;
    start_one(&rig);
    assert_int_equal(rig_ask(&rig, "a", alloc_all, NULL, NULL), BST_FAILED);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_stop_quietly(&rig);
}

static bst_status hoard(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    for (size_t i = 0; i < 100; i++)
        memset(bst_alloc(self, i * 50), 1, i * 50);
    return BST_OK;
}

static void memory_of_an_incarnation_is_released(void **state)
{
    /* The system may need a few for itself on the way. */
    enum { LIVES = 15, SLACK = 20 };
    struct rig rig;
    int64_t before;

    (void)state;
    start_one(&rig);
    before = bsti_alloc_balance();
    for (int i = 1; i <= LIVES; i++) {
        char lines[64];

        assert_int_equal(rig_ask(&rig, "a", hoard, NULL, NULL), BST_OK);
        assert_true(bsti_alloc_balance() > before + SLACK);
        rig_do(&rig, "a", rig_crash, NULL);
        snprintf(lines, sizeof lines, "down a#%d crashed\nstart a#%d\n", i,
                 i + 1);
        rig_expect(&rig, lines);
        assert_true(bsti_alloc_balance() <= before + SLACK);
    }
    rig_stop_quietly(&rig);
}

static bst_status ask_in_cleanup_later(struct puppet *self, void *arg,
                                       struct rig_answer *answer);

static void ask_in_cleanup(void *self)
{
    struct puppet *puppet = self;
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found;
    bst_status status = bst_ask(rig_ref(puppet->rig, "b"), RIG_ASK, &order,
                                sizeof order, &found, sizeof found, BST_S(1));

    rig_note(puppet->rig, "%s", bst_status_name(status));
}

static bst_status ask_in_cleanup_later(struct puppet *self, void *arg,
                                       struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_defer(self, ask_in_cleanup, self);
    return BST_STOP;
}

static void ask_in_a_cleanup_is_invalid(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(&rig, top, "b");
    rig_child(&rig, top, "a");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
    rig_do(&rig, "a", ask_in_cleanup_later, NULL);
    rig_expect(&rig, "BST_INVALID\ndown a#1 normal\nstart a#2\n");
    rig_stop_quietly(&rig);
}

/* ---- reports ------------------------------------------------------------- */

static void panic_and_go(void *arg)
{
    struct rig rig;

    (void)arg;
    rig_init(&rig);
    rig_child(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5)),
              "a");
    rig.options.log = BST_LOG_WARN;
    rig_start(&rig);
    rig_do(&rig, "a", acquire_badly, (void *)(uintptr_t) "x");
    rig_do(&rig, "a", rig_panic, (void *)(uintptr_t) "no more cheese");
    rig_do(&rig, "a", rig_crash, NULL);
    assert_int_equal(bst_tell(rig_ref(&rig, "a"), RIG_PLAIN, NULL, 0), BST_OK);
    assert_int_equal(bst_tell(rig_ref(&rig, "a"), RIG_PLAIN, NULL, 0), BST_OK);
    while (rig_ask(&rig, "a", rig_get, NULL, NULL) != BST_OK)
        rig_pass();
    bst_system_stop(rig.system);
    _exit(bst_system_wait(rig.system));
}

static unsigned count_of(const char *text, const char *what)
{
    unsigned n = 0;

    while ((text = strstr(text, what)) != NULL) {
        n++;
        text++;
    }
    return n;
}

static void report_says_who_failed_where_and_why(void **state)
{
    char text[4096];
    int status = unit_fork(panic_and_go, NULL, text, sizeof text);

    (void)state;
    assert_true(unit_exited(status, 0));
    assert_int_equal(
        count_of(text, "/top/a#1 failed in `on do` (puppet.bst:1): BST_FAIL: "
                       "no more cheese; /top: restarting\n"),
        1);
    assert_int_equal(
        count_of(text, "/top/a#2 failed in `on do` (puppet.bst:1): BST_FAIL; "
                       "/top: restarting\n"),
        1);
    assert_int_equal(
        count_of(text, "/top/a#1 failed in a cleanup: bad cleanup\n"), 2);
    assert_int_equal(count_of(text, "/top/a does not handle `plain`"), 1);
}

/* ---- who and where ------------------------------------------------------- */

static bst_status note_identity(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    char path[64];
    char tiny[5];
    size_t length = bst_path(self, path, sizeof path);

    (void)arg;
    (void)answer;
    if (length != strlen(path) || bst_path(self, tiny, 5) != length ||
        strlen(tiny) != 4)
        rig_note(self->rig, "bad length");
    rig_note(self->rig, "%s %u %llu%s", path, bst_index(self),
             (unsigned long long)bst_incarnation(self),
             bst_stopping(self) ? " stopping" : "");
    return BST_OK;
}

static void identity_is_path_index_and_incarnation(void **state)
{
    struct rig rig;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    in = rig_sup(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 9, BST_S(5)),
                 "in", BST_ONE_FOR_ONE, 9, BST_S(5));
    rig_child(&rig, in, "w")->group.redundancy = 2;
    rig_child(&rig, in, "a");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\n"
                     "start w/0#1\nstart w/1#1\nstart a#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_do(&rig, "a", note_identity, NULL);
    rig_expect(&rig, "/top/in/a 0 1\n");
    assert_int_equal(bst_tell(rig_member(&rig, "w", 1), RIG_DO,
                              &(struct rig_order){note_identity, NULL},
                              sizeof(struct rig_order)),
                     BST_OK);
    rig_expect(&rig, "/top/in/w/1 1 0\n");
    rig_stop_quietly(&rig);
}

static bst_status note_args(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    int argc;
    char **argv;

    (void)arg;
    (void)answer;
    bst_args(self, &argc, &argv);
    for (int i = 0; i < argc; i++)
        rig_note(self->rig, "%s", argv[i]);
    return BST_OK;
}

static void args_are_those_of_the_options(void **state)
{
    char one[] = "one";
    char two[] = "two";
    char *args[] = {one, two, NULL};
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_child(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 9, BST_S(5)),
              "a");
    rig.options.argc = 2;
    rig.options.argv = args;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_do(&rig, "a", note_args, NULL);
    rig_expect(&rig, "one\ntwo\n");
    rig_stop_quietly(&rig);
}

static bst_status roll(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    (void)arg;
    answer->value = bst_random(self);
    return BST_OK;
}

static void roll_all(uint64_t seed, uint64_t rolls[4])
{
    struct rig rig;
    struct bst_supervisor *top;

    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 9, BST_S(5));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b");
    rig.options.seed = seed;
    rig.options.seeded = 1;
    rig_start(&rig);
    rig_ask(&rig, "a", roll, NULL, &rolls[0]);
    rig_ask(&rig, "a", roll, NULL, &rolls[1]);
    rig_ask(&rig, "b", roll, NULL, &rolls[2]);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_ask(&rig, "a", roll, NULL, &rolls[3]);
    rig_stop_quietly(&rig);
}

static void random_depends_on_seed_child_and_incarnation(void **state)
{
    uint64_t first[4];
    uint64_t again[4];
    uint64_t other[4];

    (void)state;
    roll_all(7, first);
    roll_all(7, again);
    roll_all(8, other);
    assert_memory_equal(first, again, sizeof first);
    for (int i = 0; i < 4; i++) {
        assert_true(first[i] != other[i]);
        for (int k = 0; k < i; k++)
            assert_true(first[i] != first[k]);
    }
}

static bst_status nap(struct puppet *self, void *arg, struct rig_answer *answer)
{
    bst_time begin = bst_now(self);

    bst_sleep(self, *(const bst_time *)arg);
    answer->value = (uint64_t)(bst_now(self) - begin);
    return BST_OK;
}

static void sleep_takes_at_least_its_time(void **state)
{
    bst_time times[] = {-1, 0, 1, BST_US(300), BST_MS(5)};
    struct rig rig;
    uint64_t value;

    (void)state;
    start_one(&rig);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(rig_ask(&rig, "a", nap, &times[i], &value), BST_OK);
        assert_true((bst_time)value >= times[i]);
    }
    rig_stop_quietly(&rig);
}

static bst_status yield_often(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)arg;
    for (int i = 0; i < 1000; i++) {
        bst_yield(self);
        self->count++;
    }
    answer->value = self->count;
    return BST_OK;
}

static void yield_comes_back(void **state)
{
    struct rig rig;
    uint64_t value;

    (void)state;
    start_one(&rig);
    assert_int_equal(rig_ask(&rig, "a", yield_often, NULL, &value), BST_OK);
    assert_int_equal(value, 1000);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(report_says_who_failed_where_and_why),
          RIG_TEST(cleanups_run_in_reverse_however_it_ends),
          RIG_TEST(cleanups_after_a_kill_find_the_stack_as_it_was),
          RIG_TEST(cleanups_after_one_that_panics_still_run),
          RIG_TEST(alloc_without_memory_fails_the_handler),
          RIG_TEST(memory_of_an_incarnation_is_released),
          RIG_TEST(ask_in_a_cleanup_is_invalid),
          RIG_TEST(identity_is_path_index_and_incarnation),
          RIG_TEST(args_are_those_of_the_options),
          RIG_TEST(random_depends_on_seed_child_and_incarnation),
          RIG_TEST(sleep_takes_at_least_its_time), RIG_TEST(yield_comes_back))
