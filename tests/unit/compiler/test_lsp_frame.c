/* compiler/lsp/frame.c and uri.c: from bytes to messages. */

#include "front.h"

#include "lsp/frame.h"
#include "lsp/uri.h"

/* Feeds a text in pieces of `step` bytes and writes what comes out, one
 * letter or message after the other. */
static void run(const char *text, size_t size, size_t step, char *out)
{
    struct bstc_frames frames;
    size_t at = 0;

    *out = '\0';
    bstc_frames_init(&frames);
    while (at < size) {
        size_t piece = size - at < step ? size - at : step;
        enum bstc_frame kind;
        char *message;
        size_t length;

        bstc_frames_push(&frames, text + at, piece);
        at += piece;
        while ((kind = bstc_frames_next(&frames, &message, &length)) !=
               BSTC_FRAME_NONE) {
            if (kind == BSTC_FRAME_MESSAGE)
                sprintf(out + strlen(out), "[%.*s]", (int)length, message);
            else
                strcat(out, kind == BSTC_FRAME_BAD_HEADER ? "!" : "+");
        }
    }
    bstc_frames_fini(&frames);
}

static void expect(const char *text, const char *wanted)
{
    static const size_t steps[] = {1, 2, 3, 7, 64, 100000};
    char got[4096];

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        run(text, strlen(text), steps[i], got);
        assert_string_equal(got, wanted);
    }
}

static void frames_come_in_any_pieces(void **state)
{
    (void)state;
    expect("Content-Length: 2\r\n\r\n{}Content-Length: 0\r\n\r\n"
           "Content-Length: 3\r\n\r\n[1]",
           "[{}][][[1]]");
    expect("Content-Type: x\r\ncontent-LENGTH:4 \r\n\r\nabcd", "[abcd]");
    expect("Content-Length: 2\n\nab", "[ab]");
    expect("Content-Length: 9\r\n\r\nabc", "");
    expect("", "");
}

static void bad_headers_are_told_once_and_skipped(void **state)
{
    (void)state;
    expect("Content-Length: x\r\n\r\n{}Content-Length: 2\r\n\r\nok", "![ok]");
    expect("Content-Length: -1\r\n\r\nContent-Length: 2\r\n\r\nok", "![ok]");
    expect("Content-Length: 1 2\r\n\r\nContent-Length: 2\r\n\r\nok", "![ok]");
    expect("\r\n\r\nContent-Length: 2\r\n\r\nok", "![ok]");
    expect("nonsense\r\n\r\nContent-Length: 2\r\n\r\nok", "![ok]");
    expect("Content-Length: 1\r\nContent-Length: 2\r\n\r\n"
           "Content-Length: 2\r\n\r\nok",
           "![ok]");
    expect("Content-Length: 99999999999999999999\r\n\r\n"
           "Content-Length: 2\r\n\r\nok",
           "![ok]");
}

static void a_message_that_is_too_large_is_skipped(void **state)
{
    struct bstc_frames frames;
    char *message;
    size_t length;
    char header[64];
    static char zeros[1 << 20];
    uint64_t size = BSTC_FRAME_LIMIT + 7;

    (void)state;
    bstc_frames_init(&frames);
    snprintf(header, sizeof header, "Content-Length: %llu\r\n\r\nabc",
             (unsigned long long)size);
    bstc_frames_push(&frames, header, strlen(header));
    assert_int_equal(bstc_frames_next(&frames, &message, &length),
                     BSTC_FRAME_TOO_LARGE);
    for (uint64_t left = size - 3; left > 0;) {
        size_t piece = left < sizeof zeros ? (size_t)left : sizeof zeros;

        bstc_frames_push(&frames, zeros, piece);
        left -= piece;
        assert_int_equal(bstc_frames_next(&frames, &message, &length),
                         BSTC_FRAME_NONE);
        assert_true(frames.capacity <= 1 << 20);
    }
    bstc_frames_push(&frames, "Content-Length: 2\r\n\r\nok", 23);
    assert_int_equal(bstc_frames_next(&frames, &message, &length),
                     BSTC_FRAME_MESSAGE);
    assert_memory_equal(message, "ok", 2);
    bstc_frames_fini(&frames);
}

static void an_endless_header_is_given_up(void **state)
{
    static char line[3 * BSTC_FRAME_HEADER];
    static char text[sizeof line + 64];
    char got[256];

    (void)state;
    memset(line, 'a', sizeof line - 1);
    snprintf(text, sizeof text, "%sContent-Length: 2\r\n\r\nok", line);
    run(text, strlen(text), 1000, got);
    assert_string_equal(got, "![ok]");
}

static void path_of_a_uri_is_decoded(void **state)
{
    struct bstc_arena arena;

    (void)state;
    bstc_arena_init(&arena);
    assert_string_equal(bstc_uri_path(&arena, "file:///a/b.bst"), "/a/b.bst");
    assert_string_equal(
        bstc_uri_path(&arena, "FILE://localhost/a%20b%2Fc%C3%bc"),
        "/a b/c\xc3\xbc");
    assert_string_equal(bstc_uri_path(&arena, "file:///a%zz%4"), "/a%zz%4");
    assert_string_equal(bstc_uri_path(&arena, "file:///a.bst?x#y"), "/a.bst");
    assert_null(bstc_uri_path(&arena, "file:///a%00b"));
    assert_null(bstc_uri_path(&arena, "untitled:a"));
    assert_null(bstc_uri_path(&arena, "file://host/a"));
    assert_null(bstc_uri_path(&arena, ""));
    assert_string_equal(bstc_uri_of_path(&arena, "/a b/\xc3\xbc#%.bst"),
                        "file:///a%20b/%C3%BC%23%25.bst");
    bstc_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_any_pieces),
        cmocka_unit_test(bad_headers_are_told_once_and_skipped),
        cmocka_unit_test(a_message_that_is_too_large_is_skipped),
        cmocka_unit_test(an_endless_header_is_given_up),
        cmocka_unit_test(path_of_a_uri_is_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
