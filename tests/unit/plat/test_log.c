/*
 * plat/log: what reaches stderr.
 */

#include "plat/log.h"

#include <errno.h>

#include "base/assert.h"
#include "plat/thread.h"

#include "unit/unit.h"

static void log_one_line(void *arg)
{
    bsti_log(BST_LOG_WARN, "%s %d", (const char *)arg, 42);
}

static void log_line_has_prefix_and_newline(void **state)
{
    char text[256];
    char message[] = "the answer is";

    (void)state;
    (void)unit_fork(log_one_line, message, text, sizeof(text));
    assert_string_equal(text, "bastion: the answer is 42\n");
}

static void log_control_bytes_are_shown(void **state)
{
    char text[256];
    char message[] = "a\nb\t\x1b[31m\x7f \xc3\xa4";

    (void)state;
    (void)unit_fork(log_one_line, message, text, sizeof(text));
    assert_string_equal(text,
                        "bastion: a\\x0ab\\x09\\x1b[31m\\x7f \xc3\xa4 42\n");
}

static void log_levels(void *arg)
{
    (void)arg;
    assert_int_equal(bsti_log_level(), BST_LOG_WARN);
    for (int wanted = BST_LOG_NONE; wanted <= BST_LOG_DEBUG; wanted++) {
        bsti_log_set_level(wanted);
        for (int level = BST_LOG_NONE; level <= BST_LOG_DEBUG; level++) {
            bsti_log(level, "%d%d", wanted, level);
        }
    }
}

static void log_only_wanted_levels_are_written(void **state)
{
    char text[512];

    (void)state;
    (void)unit_fork(log_levels, NULL, text, sizeof(text));
    assert_string_equal(text,
                        "bastion: 11\nbastion: 21\nbastion: 22\nbastion: 31\n"
                        "bastion: 32\nbastion: 33\nbastion: 41\nbastion: 42\n"
                        "bastion: 43\nbastion: 44\n");
}

static void log_long(void *arg)
{
    char message[3000];

    (void)arg;
    memset(message, '\n', sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    bsti_log(BST_LOG_ERROR, "%s", message);
}

static void log_long_text_is_cut(void **state)
{
    static char text[8000];

    (void)state;
    (void)unit_fork(log_long, NULL, text, sizeof(text));
    assert_int_equal(strlen(text), strlen("bastion: ") + 997 * 4 + 3 + 1);
    assert_string_equal(text + strlen(text) - 8, "\\x0a...\n");
}

static void log_keeps_errno_child(void *arg)
{
    (void)arg;
    (void)close(STDERR_FILENO);
    errno = EDOM;
    bsti_log(BST_LOG_ERROR, "to nobody");
    _exit(errno == EDOM ? 0 : 1);
}

static void log_closed_stderr_keeps_errno(void **state)
{
    (void)state;
    assert_true(
        unit_exited(unit_fork(log_keeps_errno_child, NULL, NULL, 0), 0));
}

#define LINES 200

static void log_many(void *arg)
{
    for (int i = 0; i < LINES; i++) {
        bsti_log(BST_LOG_WARN, "%s", (const char *)arg);
    }
}

static void log_from_threads(void *arg)
{
    static char names[4][40];
    struct bsti_thread threads[4];

    (void)arg;
    for (size_t i = 0; i < 4; i++) {
        memset(names[i], 'a' + (int)i, 39);
        if (bsti_thread_start(&threads[i], "log", log_many, names[i]) != 0) {
            _exit(2);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        bsti_thread_join(&threads[i]);
    }
}

static void log_lines_of_threads_do_not_mix(void **state)
{
    static char text[4 * LINES * 49 + 1];
    int lines = 0;

    (void)state;
    (void)unit_fork(log_from_threads, NULL, text, sizeof(text));
    for (char *line = strtok(text, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        assert_int_equal(strlen(line), 48);
        assert_int_equal(strncmp(line, "bastion: ", 9), 0);
        for (size_t i = 9; i < 48; i++) {
            assert_int_equal(line[i], line[9]);
        }
        lines++;
    }
    assert_int_equal(lines, 4 * LINES);
}

static void log_json_line(void *arg)
{
    bsti_log_set_json(true);
    log_one_line(arg);
}

static void log_json_is_one_object(void **state)
{
    char text[512];
    char message[] = "a\n\"\xff\" \xc3\xa4";
    static const char tail[] =
        "Z\",\"level\":\"warn\",\"event\":\"log\",\"text\":"
        "\"a\\n\\\"\\ufffd\\\" \xc3\xa4 42\"}\n";

    (void)state;
    (void)unit_fork(log_json_line, message, text, sizeof(text));
    assert_int_equal(strncmp(text, "{\"time\":\"20", 11), 0);
    assert_true(strlen(text) > sizeof(tail));
    assert_string_equal(text + strlen(text) - (sizeof(tail) - 1), tail);
}

static void log_assertion(void *arg)
{
    bsti_log_set_json(true);
    bsti_fatal("a \"b\".c", 7, arg);
}

static void log_json_assertion_is_an_object(void **state)
{
    char text[512];
    char message[] = "it \\ holds";
    static const char tail[] =
        "\"level\":\"error\",\"event\":\"assert\",\"text\""
        ":\"a \\\"b\\\".c:7: it \\\\ holds\"}\n";

    (void)state;
    (void)unit_fork(log_assertion, message, text, sizeof(text));
    assert_true(strlen(text) > sizeof(tail));
    assert_string_equal(text + strlen(text) - (sizeof(tail) - 1), tail);
}

static void log_json_long(void *arg)
{
    bsti_log_set_json(true);
    log_long(arg);
}

/* However long the text is: what a pipe takes at once, and valid. */
static void log_json_long_text_is_cut(void **state)
{
    static char text[8000];

    (void)state;
    (void)unit_fork(log_json_long, NULL, text, sizeof(text));
    assert_true(strlen(text) <= 4096);
    assert_string_equal(text + strlen(text) - 8, "\\n...\"}\n");
}

UNIT_MAIN(cmocka_unit_test(log_line_has_prefix_and_newline),
          cmocka_unit_test(log_control_bytes_are_shown),
          cmocka_unit_test(log_only_wanted_levels_are_written),
          cmocka_unit_test(log_long_text_is_cut),
          cmocka_unit_test(log_json_is_one_object),
          cmocka_unit_test(log_json_assertion_is_an_object),
          cmocka_unit_test(log_json_long_text_is_cut),
          cmocka_unit_test(log_closed_stderr_keeps_errno),
          cmocka_unit_test(log_lines_of_threads_do_not_mix))
