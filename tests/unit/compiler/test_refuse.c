/*
 * Trees that are refused before anything of them is started, each with the
 * place and the name of what is wrong.
 */

#include "semantic.h"
#include "unit/unit.h"

/* Fails unless `text` gives exactly one finding, with all of these parts. */
static void refuse(const char *text, const char *code, const char *name,
                   const char *what)
{
    struct semantic s;
    const char *found;

    semantic_init(&s, text);
    semantic_check(&s);
    found = front_diags(&s.front, BSTC_FORMAT_SHORT);
    if (s.front.context.diags.count != 1 || !strstr(found, code) ||
        !strstr(found, name) || !strstr(found, what))
        fail_msg("%s\ngives\n%s", text, found);
    semantic_fini(&s);
}

#define ACTOR "actor a { on start => f; } "

static void b08_faulty_settings_of_a_tree_are_refused(void **state)
{
    (void)state;
    refuse(ACTOR "supervisor root { restart -1 in 1s; children a; }", "E0103",
           "restart", "must be from 0");
    refuse(ACTOR "supervisor root { restart 1 in 0s; children a; }", "E0103",
           "duration", "above zero");
    refuse(ACTOR "supervisor root { children a { shutdown -10s; } }", "E0001",
           "10s", "expected a number");
    refuse(ACTOR "supervisor root { children a { lifetime maybe; } }", "E0201",
           "maybe", "unknown lifetime");
    refuse(ACTOR "supervisor root { children a { restart never backoff linear "
                 "1s; } }",
           "E0504", "restart never", "nothing to put off");
}

static void b08_unknown_strategy_is_refused(void **state)
{
    (void)state;
    refuse(ACTOR "supervisor root : one-for-some { children a; }", "E0201",
           "one-for-some", "unknown strategy");
}

static void b09_unknown_setting_is_refused(void **state)
{
    (void)state;
    refuse(ACTOR "supervisor root { silly 5; children a; }", "E0204", "silly",
           "no setting");
    refuse(ACTOR "supervisor root { children a { silly 5; } }", "E0204",
           "silly", "no setting");
}

static void b11_name_that_is_taken_is_refused(void **state)
{
    (void)state;
    refuse(ACTOR "supervisor root { children a as x; children a as x; }",
           "E0202", "group `x`", "twice");
    refuse(ACTOR "supervisor root { children a as x; supervisor s { children a "
                 "as x; } }",
           "E0202", "group `x`", "twice");
    refuse(ACTOR "supervisor root { supervisor s { children a as x; } "
                 "supervisor s { children a as y; } }",
           "E0202", "supervisor `s`", "twice");
}

UNIT_MAIN(cmocka_unit_test(b08_faulty_settings_of_a_tree_are_refused),
          cmocka_unit_test(b08_unknown_strategy_is_refused),
          cmocka_unit_test(b09_unknown_setting_is_refused),
          cmocka_unit_test(b11_name_that_is_taken_is_refused))
