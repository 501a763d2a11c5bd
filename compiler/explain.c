/*
 * `bastionc explain`: the page of a code, or a list of all codes.
 */

#include "explain.h"

#include <string.h>
#include <strings.h>

#include "cli/options.h"
#include "diag_report.h"
#include "driver.h"

const struct bstc_page *bstc_explain_find(const char *code)
{
    for (const struct bstc_page *page = bstc_pages; page->code; page++) {
        if (strcasecmp(page->code, code) == 0)
            return page;
    }
    return NULL;
}

const char *bstc_explain_nearest(struct bstc_arena *arena, const char *word)
{
    char *capitals = bstc_arena_copy(arena, word, strlen(word));
    const char **codes;
    uint32_t count = 0;

    while (bstc_pages[count].code)
        count++;
    codes = bstc_arena_array(arena, count + 1, sizeof *codes);
    for (uint32_t i = 0; i < count; i++)
        codes[i] = bstc_pages[i].code;
    if (*capitals == 'e' || *capitals == 'w')
        *capitals = *capitals == 'e' ? 'E' : 'W';
    return bstc_nearest(capitals, codes, count);
}

/* Prints the mark of an example that is a further file: its name. */
static void print_fence(const char *line, FILE *out)
{
    const char *mark = strchr(line, ' ');

    if (mark && strstr(mark, ".bst"))
        fprintf(out, "and%s:\n\n", mark);
}

void bstc_explain_print(const struct bstc_page *page, FILE *out)
{
    bool is_code = false;

    fprintf(out, "%s: %s\n\n", page->code, page->title);
    for (const char *const *line = page->lines; *line; line++) {
        if (strncmp(*line, "```", 3) == 0) {
            is_code = !is_code;
            print_fence(*line, out);
        } else if (is_code) {
            fprintf(out, "%s%s\n", **line ? "    " : "", *line);
        } else if (strncmp(*line, "## ", 3) == 0) {
            fprintf(out, "%s:\n", *line + 3);
        } else {
            fprintf(out, "%s\n", *line);
        }
    }
}

static void print_list(FILE *out)
{
    for (const struct bstc_page *page = bstc_pages; page->code; page++)
        fprintf(out, "%s  %s\n", page->code, page->title);
}

static int report_unknown(const struct bstc_options *options, const char *word)
{
    struct bstc_diag_style style = bstc_style_of(options);
    struct bstc_arena arena;
    const char *near;
    const char *guess;

    bstc_arena_init(&arena);
    near = bstc_explain_nearest(&arena, word);
    guess = near ? bstc_arena_format(&arena, "; did you mean `%s`?", near) : "";
    bstc_report_failure(&style, "E0910", "`bastionc explain --list` names all",
                        "there is no code `%s`%s", word, guess);
    bstc_arena_fini(&arena);
    return BSTC_EXIT_USAGE;
}

int bstc_explain(const struct bstc_options *options)
{
    const struct bstc_texts *words = &options->inputs;

    if (options->list)
        print_list(stdout);
    for (uint32_t i = 0; i < words->count; i++) {
        if (!bstc_explain_find(words->items[i]))
            return report_unknown(options, words->items[i]);
    }
    for (uint32_t i = 0; i < words->count; i++) {
        if (i > 0 || options->list)
            printf("\n");
        bstc_explain_print(bstc_explain_find(words->items[i]), stdout);
    }
    return BSTC_EXIT_OK;
}
