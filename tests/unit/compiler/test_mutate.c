/*
 * The front end under damaged input.
 *
 * A text that shows every construct is cut at every byte, and then changed by
 * a seeded sequence of random edits. Whatever comes out: no crash (run under
 * the sanitizers), no endless loop, spans inside the file, and an error when
 * the cut is inside a block. At last the memory ends, at each allocation.
 */

#include "front.h"
#include "ast_print.h"

enum { EDITS = 4000, ROOM = 4096 };

static const char sample[] =
    "// every construct\n"
    "use \"a.h\"; use <b.h>; import \"c.bst\";\n"
    "c { static int f(void) { return '}' + \"}\"[0]; } }\n"
    "memory 8MiB; prefix app_;\n"
    "/// doc\n"
    "message add { i64 n = -1; text s; u8 b[4KiB]; ref counter who; }\n"
    "message get =!> total; message total { struct x *p; f64 v = 1.5e3; }\n"
    "actor counter {\n"
    "    state { i64 sum = 0; keep u64 served; persist u32 x; }\n"
    "    args { fd sock; }\n"
    "    on start sends self.add, #tally.add asks tally.get within 1s => go;\n"
    "    blocking on get =!> { answer->value = self->sum; /* } */ }\n"
    "    on #add => f; on _ => g; on demand ~> line => h;\n"
    "    every 50ms => tick; idle 1min spawns conns => quiet;\n"
    "    run => loop; on total; stash 5;\n"
    "}\n"
    "outside sends tally.add asks tally.get within 500us;\n"
    "cluster wc { node front \"10.0.0.1:7400\"; gossip 200ms fanout 3; }\n"
    "supervisor root : rest-for-one {\n"
    "    restart 20 in 30s backoff exponential 10ms to 1s;\n"
    "    supervisor inner { children counter as c dynamic max 10 at front; }\n"
    "    children counter as tally {\n"
    "        resize 4..32 when mailbox > 16 grow 50% shrink 10%;\n"
    "        on failure => decide;\n"
    "    }\n"
    "    listen \"tcp:*:80\" => c { stack 64KiB; }\n"
    "    stream tally ~> c { buffer 256; }\n"
    "}\n";

/* Texts that are put in at random places. */
static const char *const pieces[] = {
    "{",
    "}",
    ";",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "=>",
    "=!>",
    "~>",
    "=> {",
    "c {",
    "\n",
    "\r\n",
    "\xff",
    "\xc3\xa9",
    "\xe2\x80\xae",
    "on ",
    "actor ",
    "message x",
    "5 s",
    "9e9",
    "0x",
    "1..",
    "..",
    "#",
    "supervisor r {",
    "///",
    "\\",
    "99999999999999999999s",
    "4KB",
    ": a-b",
    "_",
    "state {",
    "\t",
};

static void check_span(const struct front *f, struct bstc_span span)
{
    assert_true(span.file < f->context.sources.count);
    assert_true(span.start <= span.end);
    assert_true(span.end <= f->source->size);
}

/* Runs all of the front end over a text, checks what must always hold, and
 * returns the number of errors. */
static uint32_t run(const char *text, size_t size)
{
    uint32_t errors;
    struct front f;
    struct bstc_ast_file *file;
    char *buffer = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&buffer, &length);
    uint32_t i;

    front_init_bytes(&f, text, size);
    file = bstc_parse(&f.context, f.source);
    assert_non_null(file);
    bstc_ast_print(file, &f.context.sources, out);
    fclose(out);
    free(buffer);
    for (i = 0; i < f.context.diags.count; i++) {
        const struct bstc_diag *diag = f.context.diags.items[i];
        uint32_t j;

        check_span(&f, diag->primary.span);
        for (j = 0; j < diag->nalso; j++)
            check_span(&f, diag->also[j].span);
        if (diag->has_fix)
            check_span(&f, diag->fix);
        assert_true(*diag->message != '\0');
    }
    front_diags(&f, BSTC_FORMAT_TEXT);
    errors = f.context.diags.errors;
    front_fini(&f);
    return errors;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static void sample_itself_has_no_faults(void **state)
{
    (void)state;
    front_expect(sample, "");
}

static void cut_at_every_byte_is_survived(void **state)
{
    size_t tree = (size_t)(strstr(sample, ": rest-for-one") - sample);
    size_t size;

    (void)state;
    for (size = 0; size < sizeof sample; size++) {
        uint32_t errors = run(sample, size);

        /* The last three bytes are the end of the tree and of its line. */
        if (size > tree && size < sizeof sample - 3)
            assert_true(errors > 0);
    }
}

/* Changes `text` at one place: bytes go, come twice, or others come. */
static size_t edit(char *text, size_t size, uint64_t *random)
{
    size_t at = size ? next_random(random) % size : 0;
    size_t count = 1 + next_random(random) % 12;
    const char *piece =
        pieces[next_random(random) % (sizeof pieces / sizeof pieces[0])];
    size_t length = strlen(piece);

    if (count > size - at)
        count = size - at;
    switch (next_random(random) % 4) {
    case 0:
        memmove(text + at, text + at + count, size - at - count);
        return size - count;
    case 1:
        if (size + count > ROOM)
            return size;
        memmove(text + at + count, text + at, size - at);
        return size + count;
    case 2:
        if (at < size)
            text[at] = (char)next_random(random);
        return size;
    default:
        if (size + length > ROOM)
            return size;
        memmove(text + at + length, text + at, size - at);
        memcpy(text + at, piece, length);
        return size + length;
    }
}

static void random_edits_are_survived(void **state)
{
    static char text[ROOM];
    uint64_t random = 20261120;
    int i;

    (void)state;
    for (i = 0; i < FRONT_ROUNDS(EDITS); i++) {
        size_t size = sizeof sample - 1;
        uint64_t edits = 1 + next_random(&random) % 4;

        memcpy(text, sample, size);
        while (edits--)
            size = edit(text, size, &random);
        run(text, size);
    }
}

static void random_bytes_are_survived(void **state)
{
    char text[200];
    uint64_t random = 7;
    int i;

    (void)state;
    for (i = 0; i < FRONT_ROUNDS(2000); i++) {
        size_t size = next_random(&random) % sizeof text;
        size_t j;

        for (j = 0; j < size; j++)
            text[j] = (char)next_random(&random);
        run(text, size);
    }
}

static jmp_buf back;

static void jump_back(void)
{
    longjmp(back, 1);
}

/* Parses the sample with the allocation number `nth` failing; returns whether
 * there were fewer allocations than that. */
static bool survives_without_memory(unsigned long nth)
{
    static struct bstc_context context;

    bstc_context_init(&context);
    context.arena.out_of_memory = jump_back;
    bstc_arena_fail_at(nth);
    if (setjmp(back) == 0) {
        const struct bstc_source *source = bstc_sources_add(
            &context.sources, "t.bst", sample, sizeof sample - 1);

        bstc_parse(&context, source);
        bstc_arena_fail_at(0);
        bstc_context_fini(&context);
        return true;
    }
    bstc_context_fini(&context);
    return false;
}

static void failing_allocation_anywhere_is_survived(void **state)
{
    unsigned long nth = 1;

    (void)state;
    while (!survives_without_memory(nth))
        nth++;
    assert_true(nth > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_itself_has_no_faults),
        cmocka_unit_test(cut_at_every_byte_is_survived),
        cmocka_unit_test(random_edits_are_survived),
        cmocka_unit_test(random_bytes_are_survived),
        cmocka_unit_test(failing_allocation_anywhere_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
