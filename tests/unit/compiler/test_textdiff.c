/*
 * The difference of two texts: known ones, and for random ones that applying
 * it to the first text gives the second.
 */

#include "front.h"
#include "textdiff.h"

#define LINES 40
#define ROOM 4096

static char *diff(struct bstc_arena *arena, const char *from, const char *to)
{
    struct bstc_difftext a = {"a", from, strlen(from)};
    struct bstc_difftext b = {"b", to, strlen(to)};
    struct bstc_out out;

    bstc_out_init(&out, arena);
    bstc_textdiff(&out, &a, &b);
    return bstc_out_join(&out);
}

static void expect(const char *from, const char *to, const char *wanted)
{
    struct bstc_arena arena;

    bstc_arena_init(&arena);
    assert_string_equal(diff(&arena, from, to), wanted);
    bstc_arena_fini(&arena);
}

static void known_differences(void **state)
{
    (void)state;
    expect("", "", "");
    expect("x\n", "x\n", "");
    expect("", "x\n", "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    expect("x\n", "", "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
    expect("x\ny\nz\n", "x\nY\nz\n",
           "--- a\n+++ b\n@@ -1,3 +1,3 @@\n x\n-y\n+Y\n z\n");
    expect("x\n", "x",
           "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+x\n"
           "\\ No newline at end of file\n");
    /* Two changes that are far apart have a hunk each. */
    expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n2\n3\n4\n5\n6\n7\n8\n0\n",
           "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+0\n 2\n 3\n 4\n"
           "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+0\n");
}

/* ---- random texts -------------------------------------------------------- */

static uint64_t random_state = 7;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

/* Few different lines, so that many of them are not unique. */
static void make_text(char *text)
{
    uint32_t count = next_random(LINES);

    *text = '\0';
    for (uint32_t i = 0; i < count; i++)
        sprintf(text + strlen(text), "line %u\n", next_random(25));
    if (count && next_random(8) == 0)
        text[strlen(text) - 1] = '\0';
}

/* Changes, drops and doubles lines of a text. */
static void change_text(const char *text, char *other)
{
    *other = '\0';
    while (*text) {
        const char *end = strchr(text, '\n');
        size_t length = end ? (size_t)(end - text) + 1 : strlen(text);

        switch (next_random(8)) {
        case 0:
            break;
        case 1:
            sprintf(other + strlen(other), "new %u\n", next_random(9));
            break;
        case 2:
            strncat(other, text, length);
            if (end)
                strncat(other, text, length);
            break;
        default:
            strncat(other, text, length);
        }
        text += length;
    }
}

/* Copies the next line of `*text`. */
static void copy_line(const char **text, char *out)
{
    const char *end = strchr(*text, '\n');
    size_t length = end ? (size_t)(end - *text) + 1 : strlen(*text);

    strncat(out, *text, length);
    *text += length;
}

/* Applies a difference to `from`, as patch(1) would without any fuzz. */
static void apply(const char *change, const char *from, char *out)
{
    unsigned line = 1;

    *out = '\0';
    for (; *change; change = strchr(change, '\n') + 1) {
        const char *next = strchr(change, '\n') + 1;
        unsigned start;

        if (strncmp(change, "---", 3) == 0 || strncmp(change, "+++", 3) == 0)
            continue;
        if (sscanf(change, "@@ -%u", &start) == 1) {
            /* A range without lines is behind the line that it names. */
            const char *comma = strchr(change, ',');

            start += comma && comma == strstr(change, ",0 +");
            for (; line < start; line++)
                copy_line(&from, out);
        } else if (*change == ' ' || *change == '-') {
            char dropped[ROOM] = "";
            size_t length = (size_t)(next - change) - 1;

            copy_line(&from, *change == ' ' ? out : dropped);
            if (*next == '\\')
                length--;
            if (*change == '-')
                assert_memory_equal(dropped, change + 1, length);
            line++;
        } else if (*change == '+') {
            strncat(out, change + 1, (size_t)(next - change) - 1);
            if (*next == '\\')
                out[strlen(out) - 1] = '\0';
        }
    }
    while (*from)
        copy_line(&from, out);
}

static void random_differences_apply(void **state)
{
    static char from[ROOM];
    static char to[2 * ROOM];
    static char out[4 * ROOM];

    (void)state;
    for (int i = 0; i < FRONT_ROUNDS(4000); i++) {
        struct bstc_arena arena;

        make_text(from);
        if (next_random(2))
            make_text(to);
        else
            change_text(from, to);
        bstc_arena_init(&arena);
        apply(diff(&arena, from, to), from, out);
        assert_string_equal(out, to);
        bstc_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_differences),
        cmocka_unit_test(random_differences_apply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
