/*
 * How diagnostics are to look, and which are wanted: the values of
 * --diagnostics and --color, and what stands behind -W and --allow.
 *
 * A mistake in the command line is shown in the format that the command line
 * asks for, also where the flag stands behind the mistake.
 */

#include "cli/options.h"

#include <string.h>

const char *const bstc_format_words[BSTC_FORMAT_COUNT] = {
    [BSTC_FORMAT_TEXT] = "text",
    [BSTC_FORMAT_SHORT] = "short",
    [BSTC_FORMAT_JSON] = "json",
    [BSTC_FORMAT_SARIF] = "sarif",
};

const char *const bstc_color_words[BSTC_COLOR_COUNT] = {
    [BSTC_COLOR_AUTO] = "auto",
    [BSTC_COLOR_ALWAYS] = "always",
    [BSTC_COLOR_NEVER] = "never",
};

/* Returns the value of `flag` at `argv[at]`, in one word or two, or NULL. */
static const char *value_at(const char *flag, int argc, char **argv, int at)
{
    size_t length = strlen(flag);

    if (strncmp(argv[at], flag, length) != 0)
        return NULL;
    if (argv[at][length] == '=')
        return argv[at] + length + 1;
    return !argv[at][length] && at + 1 < argc ? argv[at + 1] : NULL;
}

/* Returns the index of `value` among the words, or `fallback`. */
static int index_of(const char *value, const char *const *words, int count,
                    int fallback)
{
    for (int i = 0; value && i < count; i++) {
        if (strcmp(words[i], value) == 0)
            return i;
    }
    return fallback;
}

struct bstc_diag_style bstc_style_of_line(int argc, char **argv)
{
    struct bstc_diag_style style = {.format = BSTC_FORMAT_TEXT};

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        style.format = (enum bstc_diag_format)index_of(
            value_at("--diagnostics", argc, argv, i), bstc_format_words,
            BSTC_FORMAT_COUNT, (int)style.format);
        style.color = (enum bstc_color)index_of(
            value_at("--color", argc, argv, i), bstc_color_words,
            BSTC_COLOR_COUNT, (int)style.color);
    }
    return style;
}

struct bstc_diag_style bstc_style_of(const struct bstc_options *options)
{
    return (struct bstc_diag_style){.format = options->format,
                                    .color = options->color,
                                    .max_errors = options->max_errors,
                                    .hints = true};
}

void bstc_options_set_levels(const struct bstc_options *options,
                             struct bstc_diags *diags)
{
    diags->extra_warnings = options->extra_warnings;
    diags->warnings_are_errors = options->warnings_are_errors;
    for (uint32_t i = 0; i < options->nlevels; i++)
        bstc_diags_set_level(diags, options->levels[i].code,
                             options->levels[i].level);
}
