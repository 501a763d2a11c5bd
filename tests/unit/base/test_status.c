/*
 * base/status: every status has a name and a text.
 */

#include <bastion/status.h>

#include "unit/unit.h"

static void name_every_status_is_its_constant(void **state)
{
    (void)state;
    assert_string_equal(bst_status_name(BST_OK), "BST_OK");
    assert_string_equal(bst_status_name(BST_NO_ANSWER), "BST_NO_ANSWER");
    assert_string_equal(bst_status_name(BST_INVALID), "BST_INVALID");
}

static void text_every_status_is_a_sentence(void **state)
{
    (void)state;
    for (int i = BST_OK; i <= BST_BAD_COMBINATION; i++) {
        assert_true(strlen(bst_status_text((bst_status)i)) >= 4);
        assert_int_equal(strncmp(bst_status_name((bst_status)i), "BST_", 4), 0);
    }
}

static void unknown_status_has_a_name_and_text(void **state)
{
    int wild[] = {BST_BAD_COMBINATION + 1, 1000, -1};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        bst_status status;

        memcpy(&status, &wild[i], sizeof(status));
        assert_string_equal(bst_status_name(status), "BST_UNKNOWN");
        assert_string_equal(bst_status_text(status), "an unknown status");
    }
}

UNIT_MAIN(cmocka_unit_test(name_every_status_is_its_constant),
          cmocka_unit_test(text_every_status_is_a_sentence),
          cmocka_unit_test(unknown_status_has_a_name_and_text))
