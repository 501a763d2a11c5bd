/*
 * Names that C has taken.
 */

#include "front.h"

#include "names.h"

static void keyword_is_taken_everywhere(void **state)
{
    static const char *const words[] = {"int",     "class",        "nullptr",
                                        "alignas", "xor_eq",       "auto",
                                        "while",   "thread_local", "typeof"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_int_equal(bstc_name_member(words[i]), BSTC_NAME_KEYWORD);
        assert_int_equal(bstc_name_tag(words[i]), BSTC_NAME_KEYWORD);
        assert_int_equal(bstc_name_function(words[i]), BSTC_NAME_KEYWORD);
    }
}

static void reserved_form_is_taken_everywhere(void **state)
{
    static const char *const words[] = {"_A",   "__a",    "bst_x", "bst",
                                        "BST_", "bsti_x", "_Bool"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(bstc_name_member(words[i]), BSTC_NAME_RESERVED);
    assert_int_equal(bstc_name_member("_a"), BSTC_NAME_FREE);
    assert_int_equal(bstc_name_member("bstx"), BSTC_NAME_FREE);
    assert_int_equal(bstc_name_member("_"), BSTC_NAME_FREE);
}

static void tag_of_libc_is_taken_for_tags(void **state)
{
    (void)state;
    assert_int_equal(bstc_name_tag("stat"), BSTC_NAME_TAG);
    assert_int_equal(bstc_name_tag("addrinfo"), BSTC_NAME_TAG);
    assert_int_equal(bstc_name_tag("winsize"), BSTC_NAME_TAG);
    assert_int_equal(bstc_name_member("stat"), BSTC_NAME_FREE);
    assert_int_equal(bstc_name_tag("read"), BSTC_NAME_FREE);
}

static void function_of_libc_is_taken_for_functions(void **state)
{
    static const char *const words[] = {"read",   "printf", "main",  "malloc",
                                        "size_t", "pipe2",  "uid_t", "y1",
                                        "abort",  "writev", "optarg"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(bstc_name_function(words[i]), BSTC_NAME_LIBRARY);
    assert_int_equal(bstc_name_function("counter_add"), BSTC_NAME_FREE);
    assert_int_equal(bstc_name_tag("printf"), BSTC_NAME_FREE);
}

static void macro_is_taken_everywhere(void **state)
{
    static const char *const words[] = {"errno", "EOF",  "NULL",    "I",
                                        "linux", "unix", "st_mtime"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(bstc_name_member(words[i]), BSTC_NAME_MACRO);
}

/* The lists are searched by halves, so they have to be sorted. */
static void lists_are_sorted(void **state)
{
#define CHECK_SORTED(list)                                                     \
    for (size_t i = 1; i < sizeof list / sizeof *list; i++)                    \
    assert_true(strcmp(list[i - 1], list[i]) < 0)
    static const char *const keywords[] = {
#define BSTC_NAMES_KEYWORDS
#include "names.def"
#undef BSTC_NAMES_KEYWORDS
    };
    static const char *const macros[] = {
#define BSTC_NAMES_MACROS
#include "names.def"
#undef BSTC_NAMES_MACROS
    };
    static const char *const tags[] = {
#define BSTC_NAMES_TAGS
#include "names.def"
#undef BSTC_NAMES_TAGS
    };
    static const char *const types[] = {
#define BSTC_NAMES_TYPES
#include "names.def"
#undef BSTC_NAMES_TYPES
    };
    static const char *const functions[] = {
#define BSTC_NAMES_FUNCTIONS
#include "names.def"
#undef BSTC_NAMES_FUNCTIONS
    };

    (void)state;
    CHECK_SORTED(keywords);
    CHECK_SORTED(macros);
    CHECK_SORTED(tags);
    CHECK_SORTED(types);
    CHECK_SORTED(functions);
}

static void identifier(void **state)
{
    (void)state;
    assert_true(bstc_name_is_identifier("a"));
    assert_true(bstc_name_is_identifier("_a9Z"));
    assert_false(bstc_name_is_identifier(""));
    assert_false(bstc_name_is_identifier("9a"));
    assert_false(bstc_name_is_identifier("a-b"));
    assert_false(bstc_name_is_identifier("a b"));
    assert_false(bstc_name_is_identifier("caf\xc3\xa9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyword_is_taken_everywhere),
        cmocka_unit_test(reserved_form_is_taken_everywhere),
        cmocka_unit_test(tag_of_libc_is_taken_for_tags),
        cmocka_unit_test(function_of_libc_is_taken_for_functions),
        cmocka_unit_test(macro_is_taken_everywhere),
        cmocka_unit_test(lists_are_sorted),
        cmocka_unit_test(identifier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
