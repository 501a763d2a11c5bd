/* compiler/diag_json.c, diag_sarif.c, diag_report.c: what programs read. */

#include "front.h"

#include "diag_report.h"
#include "json.h"

static struct bstc_span at(uint32_t start, uint32_t end)
{
    return (struct bstc_span){0, start, end};
}

/* Returns what a report of the compilation prints, to be freed. */
static char *report_of(struct front *f, enum bstc_diag_format format)
{
    struct bstc_diag_style style = {.format = format, .max_errors = 2};
    struct bstc_report report;
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);

    assert_non_null(out);
    bstc_report_init(&report, out, &style);
    bstc_report_add(&report, &f->context.diags, "t.bst");
    bstc_report_end(&report);
    fclose(out);
    return buffer;
}

/* Walks down members by name and elements by number, and returns a text. */
static const char *text_at(const cJSON *item, const char *path)
{
    char words[128];
    char *rest = words;
    char *word;

    snprintf(words, sizeof words, "%s", path);
    while (item && (word = strsep(&rest, "/")) != NULL)
        item = *word >= '0' && *word <= '9'
                   ? cJSON_GetArrayItem(item, atoi(word))
                   : cJSON_GetObjectItemCaseSensitive(item, word);
    if (!cJSON_IsString(item))
        fail_msg("no text at %s", path);
    return cJSON_GetStringValue(item);
}

static int number_at(const cJSON *item, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(item, name);

    assert_true(cJSON_IsNumber(number));
    return number->valueint;
}

/* "ä" takes two bytes and one character; the fix stands behind it. */
static void report_something(struct front *f)
{
    struct bstc_diags *diags = &f->context.diags;
    struct bstc_diag *diag;

    front_init(f, "one\n\xc3\xa4 two\n");
    diag = bstc_error(diags, "E0201", at(7, 10), "bad \x1b[1m \"text\"");
    bstc_diag_label(diags, diag, "here");
    bstc_diag_also(diags, diag, at(0, 3), "there");
    bstc_diag_note(diags, diag, "a note");
    bstc_diag_help(diags, diag, "a help");
    bstc_diag_fix(diags, diag, at(7, 10), "new", "replace it");
}

static void json_is_the_shape_that_is_promised(void **state)
{
    struct front f;
    char *text;

    (void)state;
    report_something(&f);
    text = report_of(&f, BSTC_FORMAT_JSON);
    assert_string_equal(
        text,
        "{\"severity\":\"error\",\"code\":\"E0201\","
        "\"message\":\"bad \\\\x1b[1m \\\"text\\\"\",\"file\":\"t.bst\","
        "\"spans\":[{\"file\":\"t.bst\",\"line\":2,\"col\":4,\"end_line\":2,"
        "\"end_col\":7,\"start\":7,\"end\":10,\"label\":\"here\","
        "\"primary\":true},{\"file\":\"t.bst\",\"line\":1,\"col\":1,"
        "\"end_line\":1,\"end_col\":4,\"start\":0,\"end\":3,"
        "\"label\":\"there\",\"primary\":false}],\"notes\":[\"a note\"],"
        "\"helps\":[\"a help\"],\"fixes\":[{\"span\":{\"file\":\"t.bst\","
        "\"line\":2,\"col\":4,\"end_line\":2,\"end_col\":7,\"start\":7,"
        "\"end\":10},\"text\":\"new\",\"help\":\"replace it\"}]}\n");
    free(text);
    front_fini(&f);
}

static void json_without_a_place_says_so(void **state)
{
    struct front f;
    char *text;
    cJSON *object;

    (void)state;
    front_init(&f, "");
    bstc_error(&f.context.diags, "E0910", bstc_span_nowhere(), "bad \xff flag");
    text = report_of(&f, BSTC_FORMAT_JSON);
    object = cJSON_Parse(text);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(object, "file")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "spans")),
                     0);
    assert_string_equal(text_at(object, "message"), "bad \\xff flag");
    cJSON_Delete(object);
    free(text);
    front_fini(&f);
}

static void json_is_one_line_each_up_to_the_limit(void **state)
{
    struct front f;
    char *text;
    int lines = 0;

    (void)state;
    front_init(&f, "abc");
    bstc_error(&f.context.diags, "E0001", at(2, 3), "third");
    bstc_error(&f.context.diags, "E0001", at(0, 1), "first");
    bstc_warning(&f.context.diags, "W0002", at(2, 3), "last\nof all");
    bstc_error(&f.context.diags, "E0001", at(1, 2), "second");
    text = report_of(&f, BSTC_FORMAT_JSON);
    for (char *rest = text; *rest; lines++) {
        const char *expected[] = {"first", "second", "last\\x0aof all"};
        const char *end = NULL;
        cJSON *object = cJSON_ParseWithOpts(rest, &end, false);

        assert_non_null(object);
        assert_true(lines < 3);
        assert_string_equal(text_at(object, "message"), expected[lines]);
        cJSON_Delete(object);
        rest += end - rest;
        assert_int_equal(*rest++, '\n');
    }
    assert_int_equal(lines, 3);
    free(text);
    front_fini(&f);
}

static void sarif_counts_characters(void **state)
{
    struct front f;
    char *text;
    cJSON *document;
    const cJSON *run;
    const cJSON *result;
    const cJSON *region;

    (void)state;
    report_something(&f);
    text = report_of(&f, BSTC_FORMAT_SARIF);
    document = cJSON_Parse(text);
    assert_string_equal(text_at(document, "version"), "2.1.0");
    run = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "runs"), 0);
    assert_string_equal(text_at(run, "tool/driver/name"), "bastionc");
    assert_string_equal(text_at(run, "tool/driver/rules/0/id"), "E0201");
    assert_string_equal(
        text_at(run, "tool/driver/rules/0/shortDescription/text"),
        "a name that is not declared");
    assert_string_equal(text_at(run, "columnKind"), "unicodeCodePoints");
    result = cJSON_GetArrayItem(cJSON_GetObjectItem(run, "results"), 0);
    assert_string_equal(text_at(result, "ruleId"), "E0201");
    assert_string_equal(text_at(result, "level"), "error");
    assert_string_equal(text_at(result, "message/text"),
                        "bad \\x1b[1m \"text\"; note: a note; help: a help");
    assert_string_equal(
        text_at(result, "locations/0/physicalLocation/artifactLocation/uri"),
        "t.bst");
    region = cJSON_GetObjectItem(
        cJSON_GetObjectItem(
            cJSON_GetArrayItem(cJSON_GetObjectItem(result, "locations"), 0),
            "physicalLocation"),
        "region");
    assert_int_equal(number_at(region, "startLine"), 2);
    assert_int_equal(number_at(region, "startColumn"), 3);
    assert_int_equal(number_at(region, "endColumn"), 6);
    assert_string_equal(text_at(result, "relatedLocations/0/message/text"),
                        "there");
    assert_string_equal(text_at(result, "fixes/0/artifactChanges/0/"
                                        "replacements/0/insertedContent/text"),
                        "new");
    cJSON_Delete(document);
    free(text);
    front_fini(&f);
}

static void sarif_is_one_document_for_all(void **state)
{
    struct bstc_diag_style style = {.format = BSTC_FORMAT_SARIF};
    struct bstc_report report;
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);
    cJSON *document;
    const cJSON *results;

    (void)state;
    bstc_report_init(&report, out, &style);
    for (int i = 0; i < 2; i++) {
        struct front f;

        front_init(&f, "abc");
        bstc_error(&f.context.diags, "E0001", at(0, 1), "bad");
        bstc_report_add(&report, &f.context.diags, "t.bst");
        front_fini(&f);
    }
    bstc_report_end(&report);
    fclose(out);
    document = cJSON_Parse(buffer);
    results = cJSON_GetObjectItem(
        cJSON_GetArrayItem(cJSON_GetObjectItem(document, "runs"), 0),
        "results");
    assert_int_equal(cJSON_GetArraySize(results), 2);
    cJSON_Delete(document);
    free(buffer);
}

static void uris_and_names_of_files_are_safe(void **state)
{
    struct front f;
    char *text;

    (void)state;
    bstc_context_init(&f.context);
    f.source = bstc_sources_add(&f.context.sources, "a b\n\xff%.bst", "abc", 3);
    bstc_error(&f.context.diags, "E0001", at(0, 1), "bad");
    text = report_of(&f, BSTC_FORMAT_SARIF);
    assert_non_null(strstr(text, "\"uri\":\"a%20b%0A%FF%25.bst\""));
    free(text);
    text = report_of(&f, BSTC_FORMAT_JSON);
    assert_non_null(strstr(text, "\"file\":\"a b\\n\xef\xbf\xbd%.bst\""));
    free(text);
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_the_shape_that_is_promised),
        cmocka_unit_test(json_without_a_place_says_so),
        cmocka_unit_test(json_is_one_line_each_up_to_the_limit),
        cmocka_unit_test(sarif_counts_characters),
        cmocka_unit_test(sarif_is_one_document_for_all),
        cmocka_unit_test(uris_and_names_of_files_are_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
