/*
 * plat/symbol, plat/elfsym and plat/report: what an instruction is called.
 */

#define _GNU_SOURCE

#include "plat/symbol.h"

#include <fcntl.h>

#include "base/alloc.h"
#include "plat/elfsym.h"
#include "plat/log.h"
#include "plat/report.h"
#include "plat/unwind.h"

#include "unit/unit.h"

/* What was told of an instruction. */
struct told {
    unsigned count;
    unsigned inlined;
    char first[64];
    char last[64];
    char file[256];
    int line;
    char module[256];
};

static void keep(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "(none)");
}

static void tell(void *arg, const struct bsti_symbol *symbol)
{
    struct told *told = arg;

    if (told->count++ == 0) {
        keep(told->first, sizeof told->first, symbol->function);
        keep(told->file, sizeof told->file, symbol->file);
        told->line = symbol->line;
    }
    told->inlined += symbol->inlined;
    keep(told->last, sizeof told->last, symbol->function);
    keep(told->module, sizeof told->module, symbol->module);
}

static volatile int sink;
static uintptr_t here_pc;

/* A static function, which no dynamic symbol table knows. */
__attribute__((noinline)) static int in_here(void)
{
    here_pc = (uintptr_t)__builtin_return_address(0);
    return ++sink;
}

__attribute__((noinline)) static int caller(void)
{
    int line = __LINE__ + 1;
    int n = in_here();

    sink += n;
    return line;
}

static struct told find(const char *library, uintptr_t pc)
{
    struct told told = {.count = 0};

    bsti_unwind_load();
    bsti_symbol_set_library(library);
    bsti_symbol_find(pc, true, tell, &told);
    bsti_symbol_end();
    return told;
}

static void symbol_names_function_file_and_line(void **state)
{
    int line = caller();
    struct told told = find("libdw.so.1", here_pc);

    (void)state;
    assert_string_equal(told.first, "caller");
    assert_string_equal(told.last, "caller");
    assert_non_null(strstr(told.file, "unit/plat/test_symbol.c"));
    assert_int_equal(told.line, line);
    assert_non_null(strstr(told.module, "test_symbol"));
}

static void symbol_without_the_library_has_the_function(void **state)
{
    int line = caller();
    struct told told = find("no-such-library.so", here_pc);

    (void)state;
    assert_true(line > 0);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.first, "caller");
    assert_string_equal(told.file, "(none)");
}

static void symbol_of_nowhere_is_told_as_unknown(void **state)
{
    struct told told = find("libdw.so.1", 16);

    (void)state;
    assert_int_equal(told.count, 1);
    assert_string_equal(told.first, "(none)");
    assert_string_equal(told.module, "(none)");
    told = find("no-such-library.so", 16);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.first, "(none)");
}

static void elfsym_refuses_what_is_no_such_file(void **state)
{
    struct bsti_elfsym file;
    uintptr_t start;

    (void)state;
    assert_false(bsti_elfsym_open(&file, "/no/such/file"));
    assert_null(bsti_elfsym_find(&file, 0, &start));
    assert_false(bsti_elfsym_open(&file, "/proc/self/status"));
    assert_false(bsti_elfsym_open(&file, "/etc/passwd"));
    bsti_elfsym_close(&file);
}

/* Damages a copy of this program in many ways; none may be followed. */
static void elfsym_survives_damage(void **state)
{
    static char bytes[4096];
    char name[] = "test_symbol-XXXXXX";
    int from = open("/proc/self/exe", O_RDONLY);
    int to = mkstemp(name);
    ssize_t n;

    (void)state;
    assert_true(from >= 0 && to >= 0);
    while ((n = read(from, bytes, sizeof bytes)) > 0) {
        assert_int_equal(write(to, bytes, (size_t)n), n);
    }
    close(from);
    for (int place = 32; place < 64; place++) {
        struct bsti_elfsym file;
        uintptr_t start;
        char old;
        char bad = (char)0xfd;

        assert_int_equal(pread(to, &old, 1, place), 1);
        assert_int_equal(pwrite(to, &bad, 1, place), 1);
        if (bsti_elfsym_open(&file, name)) {
            (void)bsti_elfsym_find(&file, 0x1234, &start);
        }
        bsti_elfsym_close(&file);
        assert_int_equal(pwrite(to, &old, 1, place), 1);
    }
    assert_int_equal(ftruncate(to, 5000), 0);
    for (int i = 0; i < 2; i++) {
        struct bsti_elfsym file;
        uintptr_t start;

        if (bsti_elfsym_open(&file, name)) {
            assert_null(bsti_elfsym_find(&file, 0x1234, &start));
        }
        bsti_elfsym_close(&file);
        assert_int_equal(ftruncate(to, 10), 0);
    }
    close(to);
    unlink(name);
}

/* ---- reports ------------------------------------------------------------- */

static struct bsti_report *report_of(const char *path, uint32_t frames)
{
    struct bsti_report *report = bsti_report_create(BST_LOG_WARN);

    snprintf(report->path, sizeof report->path, "%s", path);
    report->incarnation = 3;
    report->how = "failed";
    report->reason = "BST_FAIL";
    report->handler = "on \"go\"";
    report->where = "a.bst:1";
    report->kind = "go";
    report->group = "/g";
    snprintf(report->text, sizeof report->text, "bad\n\xff text");
    for (uint32_t i = 0; i < frames; i++) {
        bsti_frames_add(&report->frames, here_pc, 0);
    }
    return report;
}

static void send_some(void *arg)
{
    bool json = arg != NULL;

    (void)caller();
    bsti_unwind_load();
    bsti_symbol_set_library("libdw.so.1");
    bsti_log_set_json(json);
    bsti_report_begin();
    bsti_report_send(report_of("/first", 3));
    bsti_report_send(report_of("/second", 0));
    bsti_report_send(report_of("/third", 100));
    bsti_report_send_count(BST_LOG_WARN, "/g", 5);
    bsti_report_end();
    _exit(bsti_alloc_balance() == 0 ? 0 : 1);
}

static const char *find_after(const char *text, const char *what)
{
    const char *found = text ? strstr(text, what) : NULL;

    if (!found) {
        print_message("not found: %s\nin: %s\n", what, text ? text : "");
    }
    return found;
}

static void report_is_written_in_order(void **state)
{
    static char text[20000];
    const char *at = text;

    (void)state;
    assert_true(unit_exited(unit_fork(send_some, NULL, text, sizeof text), 0));
    at = find_after(at, "bastion: /first#3 failed in `on \"go\"` (a.bst:1): "
                        "BST_FAIL: bad\\x0a\xff text\n"
                        "bastion:     at caller (");
    at = find_after(at, "test_symbol.c:");
    at = find_after(at, ", 3 times\n");
    at = find_after(at, "bastion: /second#3");
    at = find_after(at, "bastion: /third#3");
    at = find_after(at, ", 24 times\nbastion:     ... 68 more frames ...\n");
    at = find_after(at, ", 8 times\n");
    assert_non_null(at);
    assert_non_null(strstr(text, "bastion: /g: 5 failures were not shown\n"));
}

static void report_is_one_object_in_a_line(void **state)
{
    static char text[20000];
    unsigned lines = 0;

    (void)state;
    assert_true(unit_exited(unit_fork(send_some, text, text, sizeof text), 0));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        assert_int_equal(strncmp(line, "{\"time\":\"20", 11), 0);
        assert_int_equal(line[strlen(line) - 1], '}');
        assert_true(strlen(line) < 4096);
        lines++;
        if (strstr(line, "/third")) {
            assert_non_null(strstr(line, "\"handler\":\"on \\\"go\\\"\""));
            assert_non_null(strstr(line, "\"text\":\"bad\\n\\ufffd text\""));
            assert_non_null(strstr(line, "\"function\":\"caller\""));
            /* Too many for a line: they are counted. */
            assert_null(strstr(line, "\"left_out\":0"));
        }
    }
    assert_int_equal(lines, 4);
}

UNIT_MAIN(cmocka_unit_test(symbol_names_function_file_and_line),
          cmocka_unit_test(symbol_without_the_library_has_the_function),
          cmocka_unit_test(symbol_of_nowhere_is_told_as_unknown),
          cmocka_unit_test(elfsym_refuses_what_is_no_such_file),
          cmocka_unit_test(elfsym_survives_damage),
          cmocka_unit_test(report_is_written_in_order),
          cmocka_unit_test(report_is_one_object_in_a_line))
