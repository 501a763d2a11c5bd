/* compiler/source.c: reading files, lines and columns. */

#include "front.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_position(struct front *f, uint32_t offset, uint32_t line,
                            uint32_t column)
{
    struct bstc_position at = bstc_source_position(f->source, offset);

    assert_int_equal(at.line, line);
    assert_int_equal(at.column, column);
}

static void position_with_all_line_ends_is_right(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "ab\ncd\r\nef\rgh");
    assert_int_equal(f.source->nlines, 4);
    expect_position(&f, 0, 1, 1);
    expect_position(&f, 2, 1, 3);
    expect_position(&f, 3, 2, 1);
    expect_position(&f, 6, 2, 4);
    expect_position(&f, 7, 3, 1);
    expect_position(&f, 10, 4, 1);
    expect_position(&f, 12, 4, 3);
    expect_position(&f, 999, 4, 3);
    front_fini(&f);
}

static void position_in_empty_file_is_the_start(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "");
    assert_int_equal(f.source->nlines, 1);
    expect_position(&f, 0, 1, 1);
    front_fini(&f);
    front_init(&f, "\n");
    assert_int_equal(f.source->nlines, 2);
    expect_position(&f, 1, 2, 1);
    front_fini(&f);
}

static void line_comes_without_its_end(void **state)
{
    struct front f;
    const char *line;
    size_t length;

    (void)state;
    front_init(&f, "ab\r\ncd\n\nef");
    line = bstc_source_line(f.source, 1, &length);
    assert_memory_equal(line, "ab", 2);
    assert_int_equal(length, 2);
    bstc_source_line(f.source, 3, &length);
    assert_int_equal(length, 0);
    line = bstc_source_line(f.source, 4, &length);
    assert_memory_equal(line, "ef", 2);
    assert_int_equal(length, 2);
    line = bstc_source_line(f.source, 99, &length);
    assert_memory_equal(line, "ef", 2);
    front_fini(&f);
}

/* A folder of this test, gone at its end. */
static char folder[] = "/tmp/bst_source_XXXXXX";

static const char *path_of(const char *name)
{
    static char path[64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    write_file("a.bst", "message a;\n");
    return mkfifo(path_of("fifo"), 0600);
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path_of("a.bst"));
    unlink(path_of("b.bst"));
    unlink(path_of("big.bst"));
    unlink(path_of("fifo"));
    return rmdir(folder);
}

static void open_regular_file_reads_it_once(void **state)
{
    struct front f;
    struct bstc_source *first = NULL;
    struct bstc_source *second = NULL;

    (void)state;
    front_init(&f, "");
    assert_null(
        bstc_sources_open(&f.context.sources, path_of("a.bst"), &first));
    assert_string_equal(first->text, "message a;\n");
    assert_int_equal(first->size, 11);
    assert_int_equal(first->index, 1);
    assert_int_equal(symlink("a.bst", path_of("b.bst")), 0);
    assert_null(
        bstc_sources_open(&f.context.sources, path_of("b.bst"), &second));
    assert_ptr_equal(first, second);
    assert_int_equal(f.context.sources.count, 2);
    front_fini(&f);
}

static void open_what_is_no_file_says_why(void **state)
{
    struct front f;
    struct bstc_source *source = NULL;
    struct bstc_sources *set = &f.context.sources;

    (void)state;
    front_init(&f, "");
    assert_string_equal(bstc_sources_open(set, path_of("none"), &source),
                        "No such file or directory");
    assert_string_equal(bstc_sources_open(set, folder, &source),
                        "it is a directory");
    assert_string_equal(bstc_sources_open(set, path_of("fifo"), &source),
                        "it is not a regular file");
    assert_string_equal(bstc_sources_open(set, "/dev/zero", &source),
                        "it is not a regular file");
    assert_null(source);
    assert_int_equal(set->count, 1);
    front_fini(&f);
}

static void open_too_large_file_reads_nothing(void **state)
{
    struct front f;
    struct bstc_source *source = NULL;
    int fd = open(path_of("big.bst"), O_CREAT | O_WRONLY, 0600);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, ((off_t)1 << 30) + 1), 0);
    close(fd);
    front_init(&f, "");
    assert_string_equal(
        bstc_sources_open(&f.context.sources, path_of("big.bst"), &source),
        "the file is larger than 1 GiB");
    assert_true(f.context.arena.used < 1000000);
    front_fini(&f);
}

static void span_join_covers_both(void **state)
{
    struct bstc_span a = {0, 5, 8};
    struct bstc_span b = {0, 2, 6};
    struct bstc_span both = bstc_span_join(a, b);

    (void)state;
    assert_int_equal(both.start, 2);
    assert_int_equal(both.end, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(position_with_all_line_ends_is_right),
        cmocka_unit_test(position_in_empty_file_is_the_start),
        cmocka_unit_test(line_comes_without_its_end),
        cmocka_unit_test(open_regular_file_reads_it_once),
        cmocka_unit_test(open_what_is_no_file_says_why),
        cmocka_unit_test(open_too_large_file_reads_nothing),
        cmocka_unit_test(span_join_covers_both),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
