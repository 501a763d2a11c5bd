/*
 * What always holds: a position of a diagnostic lies in its file, a message
 * is not empty and holds no control byte, a program without errors has a
 * valid model, and one with errors none.
 */

#define _GNU_SOURCE

#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "ast_print.h"
#include "check.h"
#include "diag_report.h"
#include "driver.h"
#include "emit.h"
#include "lexer.h"
#include "parse.h"

#define HOLDS(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__,       \
                    __LINE__, #condition);                                     \
            abort();                                                           \
        }                                                                      \
    } while (0)

/* A stream that forgets what is printed, but looks at it. */
struct sink {
    FILE *stream;
    char *bytes;
    size_t size;
};

static void sink_open(struct sink *sink)
{
    sink->stream = open_memstream(&sink->bytes, &sink->size);
    HOLDS(sink->stream != NULL);
}

/* Returns how many bytes there were. */
static size_t sink_close(struct sink *sink)
{
    HOLDS(fclose(sink->stream) == 0);
    free(sink->bytes);
    return sink->size;
}

/* ---- diagnostics --------------------------------------------------------- */

static void check_span(const struct bstc_context *context,
                       struct bstc_span span)
{
    const struct bstc_source *source =
        bstc_sources_at(&context->sources, span.file);
    struct bstc_position at;

    if (span.file == BSTC_NO_FILE)
        return;
    HOLDS(source != NULL);
    HOLDS(span.start <= span.end);
    HOLDS(span.end <= source->size);
    at = bstc_source_position(source, span.start);
    HOLDS(at.line >= 1 && at.line <= source->nlines);
    HOLDS(at.column >= 1 && at.column <= source->size + 1);
}

static void check_diag(const struct bstc_context *context,
                       const struct bstc_diag *diag)
{
    HOLDS(strlen(diag->code) == 5);
    HOLDS(*diag->message != '\0');
    check_span(context, diag->primary.span);
    for (uint32_t i = 0; i < diag->nalso; i++)
        check_span(context, diag->also[i].span);
    if (diag->has_fix) {
        check_span(context, diag->fix);
        HOLDS(diag->fix_text != NULL);
    }
}

static void check_json_lines(const char *text, size_t size)
{
    const char *end = text + size;

    while (text < end) {
        const char *line_feed = memchr(text, '\n', (size_t)(end - text));
        cJSON *json;

        HOLDS(line_feed != NULL);
        json = cJSON_ParseWithLength(text, (size_t)(line_feed - text));
        HOLDS(json && cJSON_GetObjectItem(json, "code"));
        cJSON_Delete(json);
        text = line_feed + 1;
    }
}

/* A terminal sees no byte of the source that it would obey, and a program
 * one JSON document on each line. */
static void check_printed(struct bstc_context *context,
                          enum bstc_diag_format format)
{
    struct bstc_diag_style style = {
        .format = format, .color = BSTC_COLOR_NEVER, .subject = "t.bst"};
    struct bstc_report report;
    struct sink sink;

    sink_open(&sink);
    bstc_report_init(&report, sink.stream, &style);
    bstc_report_add(&report, &context->diags, "t.bst");
    bstc_report_end(&report);
    HOLDS(fflush(sink.stream) == 0);
    for (size_t i = 0; i < sink.size; i++) {
        unsigned char byte = (unsigned char)sink.bytes[i];

        HOLDS((byte >= ' ' && byte != 0x7f) || byte == '\n' ||
              (byte == '\t' && format == BSTC_FORMAT_SARIF));
    }
    HOLDS(context->diags.count == 0 || sink.size > 0);
    if (format == BSTC_FORMAT_JSON)
        check_json_lines(sink.bytes, sink.size);
    sink_close(&sink);
}

static void check_diags(struct bstc_context *context)
{
    const struct bstc_diags *diags = &context->diags;

    HOLDS(diags->errors + diags->warnings >= diags->count);
    for (uint32_t i = 0; i < diags->count; i++)
        check_diag(context, diags->items[i]);
    for (int format = 0; format < BSTC_FORMAT_COUNT; format++)
        check_printed(context, (enum bstc_diag_format)format);
}

/* ---- stages -------------------------------------------------------------- */

void oracle_lex(const char *text, size_t size)
{
    struct bstc_context context;
    struct bstc_lexer *lexer;
    struct bstc_token token;
    const struct bstc_source *source;
    uint32_t behind = 0;
    struct sink sink;

    bstc_context_init(&context);
    source = bstc_sources_add(&context.sources, "t.bst", text, size);
    lexer = BSTC_NEW(&context.arena, struct bstc_lexer);
    bstc_lexer_init(lexer, &context, source);
    do {
        bstc_lexer_next(lexer, &token);
        HOLDS(bstc_token_name(token.kind) != NULL);
        HOLDS(token.span.start >= behind);
        HOLDS(token.span.end >= token.span.start);
        HOLDS(token.span.end <= source->size);
        HOLDS(token.kind == BSTC_TOKEN_EOF || token.span.end > behind);
        behind = token.span.end;
    } while (token.kind != BSTC_TOKEN_EOF);
    sink_open(&sink);
    bstc_tokens_print(&context, source, sink.stream);
    HOLDS(sink_close(&sink) > 0);
    check_diags(&context);
    bstc_context_fini(&context);
}

static const struct bstc_ast_file *parse_one(struct bstc_context *context,
                                             const struct oracle_file *file)
{
    const struct bstc_ast_file *ast =
        bstc_parse(context, bstc_sources_add(&context->sources, file->name,
                                             file->text, file->size));
    struct sink sink;

    HOLDS(ast != NULL);
    sink_open(&sink);
    bstc_ast_print(ast, &context->sources, sink.stream);
    sink_close(&sink);
    return ast;
}

uint32_t oracle_parse(const char *text, size_t size)
{
    const struct oracle_file file = {"t.bst", text, size};
    struct bstc_context context;
    uint32_t errors;

    bstc_context_init(&context);
    parse_one(&context, &file);
    check_diags(&context);
    errors = context.diags.errors;
    bstc_context_fini(&context);
    return errors;
}

static void emit_all(struct bstc_context *context,
                     const struct bstc_model *model)
{
    static const char *const names[] = {"t.bst.c", "t.bst"};
    const struct bstc_emit_options options = {.with_main = true};
    const struct bstc_deps deps = {names, 1, names + 1, 1, true, false};
    struct bstc_out out;

    bstc_out_init(&out, &context->arena);
    bstc_emit_header(&out, model);
    HOLDS(out.length > 0);
    bstc_emit_source(&out, model, &options);
    bstc_emit_main(&out, model);
    bstc_emit_stubs(&out, model, NULL, 0, false);
    bstc_emit_deps(&out, &deps);
    HOLDS(memchr(bstc_out_join(&out), '\0', out.length) == NULL);
}

/* Puts the files together as bstc_load() does: the root file comes last. */
static void load(struct bstc_program *program, const struct oracle_file *files,
                 uint32_t nfiles)
{
    struct bstc_context *context = program->context;

    program->unit = "t";
    program->unit_span = (struct bstc_span){0, 0, 0};
    program->files =
        bstc_arena_array(&context->arena, nfiles, sizeof *program->files);
    program->order =
        bstc_arena_array(&context->arena, nfiles, sizeof *program->order);
    program->nfiles = program->norder = nfiles;
    for (uint32_t i = 0; i < nfiles; i++) {
        program->files[i].ast = parse_one(context, &files[i]);
        program->files[i].name = program->files[i].path = files[i].name;
        program->order[i] = nfiles - 1 - i;
    }
}

bool oracle_compile(const struct oracle_file *files, uint32_t nfiles)
{
    struct bstc_context context;
    struct bstc_program program;
    const struct bstc_model *model;
    const char *why = NULL;
    bool correct;

    bstc_context_init(&context);
    bstc_program_init(&program, &context);
    load(&program, files, nfiles);
    model = bstc_analyse(&program);
    correct = context.diags.errors == 0;
    check_diags(&context);
    HOLDS(correct == (model != NULL));
    if (correct) {
        HOLDS(bstc_model_is_valid(model, &why));
        emit_all(&context, model);
    }
    bstc_context_fini(&context);
    return correct;
}
