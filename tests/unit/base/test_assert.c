/*
 * base/assert: what a broken invariant does to the process.
 */

#include "base/assert.h"

#include "unit/unit.h"

static void fail_check(void *arg)
{
    int *value = arg;

    bsti_check(*value == 1, "the value is one");
}

static void write_marked(const char *text, size_t length)
{
    (void)!write(STDERR_FILENO, "writer: ", 8);
    (void)!write(STDERR_FILENO, text, length);
}

static void fail_with_writer(void *arg)
{
    bsti_fatal_set_writer(write_marked);
    fail_check(arg);
}

static void fail_with_long_text(void *arg)
{
    char text[2000];

    (void)arg;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    bsti_fatal("file.c", 2147483647, text);
}

static void fail_assert(void *arg)
{
    int *value = arg;

    bsti_assert(*value == 1);
}

static void check_holds_goes_on(void **state)
{
    int value = 1;

    (void)state;
    assert_true(unit_exited(unit_fork(fail_check, &value, NULL, 0), 0));
}

static void check_broken_aborts_with_message(void **state)
{
    int value = 2;
    char text[256];
    int status = unit_fork(fail_check, &value, text, sizeof(text));

    (void)state;
    assert_true(unit_died_of(status, SIGABRT));
    assert_non_null(strstr(text, "bastion: "));
    assert_non_null(strstr(text, "test_assert.c:"));
    assert_non_null(strstr(text, ": the value is one\n"));
}

static void fatal_writer_replaced_gets_the_line(void **state)
{
    int value = 2;
    char text[256];
    int status = unit_fork(fail_with_writer, &value, text, sizeof(text));

    (void)state;
    assert_true(unit_died_of(status, SIGABRT));
    assert_non_null(strstr(text, "writer: bastion: "));
}

static void fatal_long_text_is_cut_to_one_line(void **state)
{
    char text[4096];
    int status = unit_fork(fail_with_long_text, NULL, text, sizeof(text));
    const char *line = strstr(text, "bastion: file.c:2147483647: xxx");
    const char *end;

    (void)state;
    assert_true(unit_died_of(status, SIGABRT));
    assert_non_null(line);
    end = strchr(line, '\n');
    assert_non_null(end);
    assert_true(end - line < 512);
}

static void assert_broken_aborts_in_debug_builds_only(void **state)
{
    int value = 2;
    int status = unit_fork(fail_assert, &value, NULL, 0);

    (void)state;
    if (BST_DEBUG) {
        assert_true(unit_died_of(status, SIGABRT));
    } else {
        assert_true(unit_exited(status, 0));
    }
}

UNIT_MAIN(cmocka_unit_test(check_holds_goes_on),
          cmocka_unit_test(check_broken_aborts_with_message),
          cmocka_unit_test(fatal_writer_replaced_gets_the_line),
          cmocka_unit_test(fatal_long_text_is_cut_to_one_line),
          cmocka_unit_test(assert_broken_aborts_in_debug_builds_only))
