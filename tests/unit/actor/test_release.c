/*
 * actor/end: what a process that fails owned is released, the last first, and
 * who waits for it is told; however it fails, and before its next life.
 */

#define _GNU_SOURCE
#include "unit/support/rig.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "unit/unit.h"

static volatile uintptr_t null_address;

/* What a handler has taken, in memory of its incarnation. */
struct owned {
    struct rig *rig;
    int fd;
    char text[32];
    struct owned *before; /* taken before this one */
};

static void release(void *arg)
{
    struct owned *owned = arg;
    bool is_open = fcntl(owned->fd, F_GETFD) >= 0;

    /* Those before it are still there, and its descriptor is. */
    rig_note(owned->rig, "%s %s, %s before it", owned->text,
             is_open ? "closes" : "is closed already",
             owned->before ? owned->before->text : "nothing");
    close(owned->fd);
}

static struct owned *take(struct puppet *self, const char *text,
                          struct owned *before)
{
    struct owned *owned = bst_alloc(self, sizeof *owned);

    owned->rig = self->rig;
    owned->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    owned->before = before;
    snprintf(owned->text, sizeof owned->text, "%s", text);
    bst_defer(self, release, owned);
    return owned;
}

enum how { BY_STATUS, BY_PANIC, BY_FAULT, BY_ABORT, BY_MEMORY, IN_AN_ASK };

BSTI_NO_SANITIZE static void write_to_null(void)
{
    *(volatile char *)(null_address + 16) = 1;
}

static bst_status fail_now(struct puppet *self, enum how how)
{
    static bst_time hour = BST_S(3600);
    struct rig_order order = {rig_sleep, &hour};
    struct rig_answer answer;

    switch (how) {
    case BY_PANIC:
        bst_panic(self, "no more");
    case BY_FAULT:
        write_to_null();
        break;
    case BY_ABORT:
        abort();
    case BY_MEMORY:
        bst_alloc(self, SIZE_MAX);
        break;
    case IN_AN_ASK:
        /* It is killed there; the answer finds nobody. */
        rig_note(self->rig, "%s",
                 bst_status_name(bst_ask(rig_ref(self->rig, "b"), RIG_ASK,
                                         &order, sizeof order, &answer,
                                         sizeof answer, BST_S(20))));
        break;
    case BY_STATUS:
        break;
    }
    return BST_FAIL;
}

static bst_status take_and_fail(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct owned *owned = NULL;

    (void)answer;
    owned = take(self, "first", owned);
    owned = take(self, "second", owned);
    (void)take(self, "third", owned);
    rig_note(self->rig, "has three");
    return fail_now(self, *(enum how *)arg);
}

static const char releases[] = "has three\n"
                               "third closes, second before it\n"
                               "second closes, first before it\n"
                               "first closes, nothing before it\n";

static int open_files(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

/* The watch over a simulation opens a file now and then. */
static void await_open_files(int count)
{
    for (int i = 0; i < 5000 && open_files() > count; i++)
        usleep(1000);
    assert_true(open_files() <= count);
}

static void begin(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    rig->options.log = BST_LOG_ERROR;
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "b");
    rig_child(rig, top, "a");
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
}

static void b91_failure_releases_in_reverse(void **state)
{
    enum how ways[] = {BY_STATUS, BY_PANIC, BY_FAULT, BY_ABORT, BY_MEMORY};
    struct rig rig;
    int before;

    (void)state;
    begin(&rig);
    before = open_files();
    for (size_t i = 0; i < BSTI_ARRAY_LEN(ways); i++) {
        char lines[64];

        /* Whoever has asked is told at once. */
        assert_int_equal(rig_ask(&rig, "a", take_and_fail, &ways[i], NULL),
                         BST_FAILED);
        rig_expect(&rig, releases);
        snprintf(lines, sizeof lines, "down a#%zu crashed\nstart a#%zu\n",
                 i + 1, i + 2);
        rig_expect(&rig, lines);
        await_open_files(before);
    }
    rig_stop_quietly(&rig);
}

/* Its wait ends with it: the answer that comes later is a dead letter. */
static void kill_in_an_ask_releases_in_reverse(void **state)
{
    enum how how = IN_AN_ASK;
    struct bst_stats stats;
    struct rig rig;

    (void)state;
    begin(&rig);
    rig_do(&rig, "a", take_and_fail, &how);
    rig_expect(&rig, "has three\n");
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "a");
    rig_expect(&rig, releases + strlen("has three\n"));
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    rig_kill(&rig, "b");
    rig_expect(&rig, "down b#1 killed\nstart b#2\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.queued, 0);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b91_failure_releases_in_reverse),
          RIG_TEST(kill_in_an_ask_releases_in_reverse))
