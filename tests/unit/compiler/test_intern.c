/* compiler/intern.c: equal texts are one pointer, different ones are not. */

#include "front.h"
#include "intern.h"

static void intern_equal_texts_gives_one_pointer(void **state)
{
    struct front f;
    const char *first;

    (void)state;
    front_init(&f, "");
    first = bstc_intern(&f.context.names, "pingpong", 4);
    assert_string_equal(first, "ping");
    assert_ptr_equal(first, bstc_intern_text(&f.context.names, "ping"));
    assert_ptr_not_equal(first, bstc_intern_text(&f.context.names, "pong"));
    assert_ptr_equal(bstc_intern_text(&f.context.names, ""),
                     bstc_intern(&f.context.names, "x", 0));
    front_fini(&f);
}

static void intern_many_texts_survives_growth(void **state)
{
    enum { TEXTS = 20000 };
    static const char *texts[TEXTS];
    struct front f;
    char text[16];
    unsigned i;

    (void)state;
    front_init(&f, "");
    for (i = 0; i < TEXTS; i++) {
        snprintf(text, sizeof text, "n%u", i);
        texts[i] = bstc_intern_text(&f.context.names, text);
    }
    for (i = 0; i < TEXTS; i++) {
        snprintf(text, sizeof text, "n%u", i);
        assert_string_equal(texts[i], text);
        assert_ptr_equal(texts[i], bstc_intern_text(&f.context.names, text));
    }
    front_fini(&f);
}

static void find_adds_nothing(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "");
    assert_null(bstc_intern_find(&f.context.names, "x", 1));
    bstc_intern_text(&f.context.names, "y");
    assert_null(bstc_intern_find(&f.context.names, "x", 1));
    assert_non_null(bstc_intern_find(&f.context.names, "y", 1));
    assert_int_equal(f.context.names.count, 1);
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intern_equal_texts_gives_one_pointer),
        cmocka_unit_test(intern_many_texts_survives_growth),
        cmocka_unit_test(find_adds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
