/*
 * Reading the command line by the table.
 *
 * The first word that is no flag is a verb if it names one. A word that looks
 * like a file is the first input, and the verb is `compile`; anything else is
 * a mistake, because a mistyped verb should not become a missing file.
 */

#include "cli/options.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "diag_report.h"
#include "emit.h"
#include "names.h"

enum verbs {
    ON_COMPILE = 1 << BSTC_VERB_COMPILE,
    ON_CHECK = 1 << BSTC_VERB_CHECK,
    ON_STUBS = 1 << BSTC_VERB_STUBS,
    ON_FIX = 1 << BSTC_VERB_FIX,
    ON_EXPLAIN = 1 << BSTC_VERB_EXPLAIN,
    ON_FMT = 1 << BSTC_VERB_FMT,
    ON_PLAN = 1 << BSTC_VERB_PLAN,
    ON_GRAPH = 1 << BSTC_VERB_GRAPH,
    ON_MODEL = 1 << BSTC_VERB_MODEL,
    ON_COMPLETIONS = 1 << BSTC_VERB_COMPLETIONS,
    ON_LSP = 1 << BSTC_VERB_LSP,
    ON_NEW = 1 << BSTC_VERB_NEW | 1 << BSTC_VERB_INIT,
    ON_FILES = ON_COMPILE | ON_CHECK | ON_STUBS | ON_FIX | ON_PLAN | ON_GRAPH |
               ON_MODEL,
    ON_TEXTS = ON_FILES | ON_FMT,
    ON_PROGRAMS = ON_FILES | ON_LSP,
    ON_ALL = ON_TEXTS | ON_LSP | ON_EXPLAIN | ON_COMPLETIONS | ON_NEW
};

enum flag {
#define VERB(id, name, args, help)
#define FLAG(id, form, spelling, value, verbs, help) FLAG_##id,
#include "cli/options.def"
#undef VERB
#undef FLAG
    FLAG_COUNT
};

static const struct flag_info {
    enum bstc_form form;
    const char *spelling;
    const char *value;
    unsigned verbs;
} flags[FLAG_COUNT] = {
#define VERB(id, name, args, help)
#define FLAG(id, form, spelling, value, verbs, help)                           \
    {BSTC_##form, spelling, value, verbs},
#include "cli/options.def"
#undef VERB
#undef FLAG
};

static const char *const verb_names[BSTC_VERB_COUNT] = {
#define VERB(id, name, args, help) name,
#define FLAG(id, form, spelling, value, verbs, help)
#include "cli/options.def"
#undef VERB
#undef FLAG
};

const char *const bstc_want_words[BSTC_WANT_COUNT] = {
#define X(id, word) word,
    BSTC_WANT_LIST(X)
#undef X
};

const char *const bstc_template_words[BSTC_TEMPLATE_COUNT] = {
#define X(id, word) word,
    BSTC_TEMPLATE_LIST(X)
#undef X
};

#define SEPARATOR_ALONE ""
#define SEPARATOR_JOINED ""
#define SEPARATOR_EITHER " "
#define SEPARATOR_EQUALS "="

static const struct bstc_option_row rows[] = {
#define VERB(id, name, args, help)                                             \
    {true, BSTC_ALONE, 1u << BSTC_VERB_##id, name, args, " ", help},
#define FLAG(id, form, spelling, value, verbs, help)                           \
    {false, BSTC_##form, verbs, spelling, value, SEPARATOR_##form, help},
#include "cli/options.def"
#undef VERB
#undef FLAG
};

const struct bstc_option_row *bstc_option_row(uint32_t index)
{
    return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

/* The command line while it is read. */
struct reader {
    struct bstc_options *options;
    struct bstc_arena *arena;
    char **argv;
    int argc;
    int at; /* next word */
    bool has_verb;
    bool given[FLAG_COUNT];
    enum bstc_action action;
};

/* ---- mistakes ------------------------------------------------------------ */

static bool misuse(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool misuse(struct reader *r, const char *format, ...)
{
    struct bstc_diag_style style = bstc_style_of_line(r->argc, r->argv);
    va_list args;

    va_start(args, format);
    bstc_report_vfailure(&style, "E0910", "try `bastionc --help`", format,
                         args);
    va_end(args);
    r->action = BSTC_MISUSED;
    return false;
}

static bool unknown(struct reader *r, const char *what, const char *word,
                    const char *const *candidates, uint32_t count)
{
    const char *near = bstc_nearest(word, candidates, count);

    if (near && strcmp(near, word) == 0) /* it was given as `FLAG=VALUE` */
        return misuse(r, "`%s` does not take such a value", word);
    if (near)
        return misuse(r, "unknown %s `%s`; did you mean `%s`?", what, word,
                      near);
    return misuse(r, "unknown %s `%s`", what, word);
}

static bool unknown_flag(struct reader *r, const char *word)
{
    const char *spellings[FLAG_COUNT];
    const char *end = strchr(word, '=');
    const char *name =
        end ? bstc_arena_copy(r->arena, word, (size_t)(end - word)) : word;

    for (int i = 0; i < FLAG_COUNT; i++)
        spellings[i] = flags[i].spelling;
    if (strlen(name) == 2) /* a single letter resembles all others */
        return misuse(r, "unknown flag `%s`", name);
    return unknown(r, "flag", name, spellings, FLAG_COUNT);
}

/* ---- values -------------------------------------------------------------- */

/* There are never more texts than words on the command line. */
static void push(struct reader *r, struct bstc_texts *texts, const char *text)
{
    if (!texts->items)
        texts->items =
            bstc_arena_array(r->arena, (size_t)r->argc, sizeof *texts->items);
    texts->items[texts->count++] = text;
}

/* Names the values that a flag takes. */
static bool wrong_value(struct reader *r, const char *flag, const char *value,
                        const char *const *words, uint32_t count)
{
    const char *near = bstc_nearest(value, words, count);
    const char *list = "";

    for (uint32_t i = 0; i < count; i++)
        list = bstc_arena_format(r->arena, "%s%s%s", list, i > 0 ? ", " : "",
                                 words[i]);
    if (near)
        return misuse(r, "`%s` cannot be `%s`; did you mean `%s`?", flag, value,
                      near);
    return misuse(r, "`%s` cannot be `%s`; it is one of: %s", flag, value,
                  list);
}

static bool one_of(struct reader *r, const char *flag, const char *value,
                   const char *const *words, uint32_t count, int *index)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(words[i], value) == 0) {
            *index = (int)i;
            return true;
        }
    }
    return wrong_value(r, flag, value, words, count);
}

static bool read_emit(struct reader *r, const char *list)
{
    while (*list) {
        size_t length = strcspn(list, ",");
        const char *word = bstc_arena_copy(r->arena, list, length);
        int index = 0;

        if (!one_of(r, "--emit", word, bstc_want_words, BSTC_WANT_COUNT,
                    &index))
            return false;
        r->options->emit |= 1u << index;
        list += length;
        list += *list == ',';
    }
    if (r->options->emit == 0)
        return misuse(r, "`--emit` lacks a value");
    return true;
}

static bool is_code(const char *text, const char *letters)
{
    if (!*text || !strchr(letters, text[0]) || strlen(text) != 5)
        return false;
    for (int i = 1; i < 5; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

static bool set_level(struct reader *r, const char *code, const char *letters,
                      enum bstc_level level)
{
    struct bstc_options *options = r->options;

    if (!is_code(code, letters))
        return misuse(r, "`%s` is no code such as `%c0303`", code, letters[0]);
    if (!options->levels)
        options->levels = bstc_arena_array(r->arena, (size_t)r->argc,
                                           sizeof *options->levels);
    options->levels[options->nlevels].code = code;
    options->levels[options->nlevels++].level = level;
    return true;
}

static bool allow(struct reader *r, const char *code)
{
    if (is_code(code, "E") && strncmp(code, "E04", 3) != 0 &&
        strncmp(code, "E06", 3) != 0)
        return misuse(r, "%s cannot be allowed; E04xx and E06xx can", code);
    return set_level(r, code, "E", BSTC_LEVEL_WARNING);
}

static bool read_number(struct reader *r, const char *flag, const char *text,
                        uint32_t *out)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (!isdigit((unsigned char)*text) || *end || number > 1000000)
        return misuse(r, "`%s%s` needs a number up to 1000000", flag, text);
    *out = (uint32_t)number;
    return true;
}

static bool read_diagnostics(struct reader *r, const char *value)
{
    int index = 0;

    if (!one_of(r, "--diagnostics", value, bstc_format_words, BSTC_FORMAT_COUNT,
                &index))
        return false;
    r->options->format = (enum bstc_diag_format)index;
    return true;
}

static bool read_color(struct reader *r, const char *value)
{
    int index = 0;

    if (!one_of(r, "--color", value, bstc_color_words, BSTC_COLOR_COUNT,
                &index))
        return false;
    r->options->color = (enum bstc_color)index;
    return true;
}

static bool read_template(struct reader *r, const char *value)
{
    int index = 0;

    if (!one_of(r, "--template", value, bstc_template_words,
                BSTC_TEMPLATE_COUNT, &index))
        return false;
    r->options->template = (enum bstc_template_number)index;
    return true;
}

/* ---- flags --------------------------------------------------------------- */

static bool apply(struct reader *r, enum flag flag, const char *value)
{
    struct bstc_options *options = r->options;

    switch (flag) {
    case FLAG_OUTPUT:
        options->output = value;
        return true;
    case FLAG_INCLUDE:
        push(r, &options->include_dirs, value);
        return true;
    case FLAG_DEPS:
        options->deps = true;
        return true;
    case FLAG_DEPS_FILE:
        options->deps_file = value;
        return true;
    case FLAG_DEPS_TARGET:
        push(r, &options->deps_targets, value);
        return true;
    case FLAG_DEPS_PHONY:
        options->deps_phony = true;
        return true;
    case FLAG_MAIN:
        options->with_main = true;
        return true;
    case FLAG_NO_LINE:
        options->no_line = true;
        return true;
    case FLAG_PREFIX:
        options->prefix = value;
        return (bstc_name_is_identifier(value) &&
                bstc_name_member(value) != BSTC_NAME_RESERVED) ||
               misuse(r, "`--prefix` cannot be `%s`", value);
    case FLAG_EMIT:
        return read_emit(r, value);
    case FLAG_ONLY_CHECK:
        options->only_check = true;
        return true;
    case FLAG_DIFF:
        options->diff = true;
        return true;
    case FLAG_DOT:
        options->emit = BSTC_WANT_DOT;
        return true;
    case FLAG_MERMAID:
        options->emit = BSTC_WANT_MERMAID;
        return true;
    case FLAG_JSON:
        options->emit = BSTC_WANT_GRAPH_JSON;
        return true;
    case FLAG_TREE:
        options->view = BSTC_VIEW_TREE;
        return true;
    case FLAG_MESSAGES:
        options->view = BSTC_VIEW_MESSAGES;
        return true;
    case FLAG_STREAMS:
        options->view = BSTC_VIEW_STREAMS;
        return true;
    case FLAG_TEMPLATE:
        return read_template(r, value);
    case FLAG_MAILBOX:
        return read_number(r, "--mailbox=", value, &options->mailbox);
    case FLAG_DIAGNOSTICS:
        return read_diagnostics(r, value);
    case FLAG_COLOR:
        return read_color(r, value);
    case FLAG_ALL_WARNINGS:
        return true;
    case FLAG_EXTRA:
        options->extra_warnings = true;
        return true;
    case FLAG_NO_WARNING:
        return set_level(r, value, "Ww", BSTC_LEVEL_OFF);
    case FLAG_ERROR:
        options->warnings_are_errors = true;
        return true;
    case FLAG_ERROR_CODE:
        return set_level(r, value, "Ww", BSTC_LEVEL_ERROR);
    case FLAG_MAX_ERRORS:
        return read_number(r, "-fmax-errors=", value, &options->max_errors);
    case FLAG_ALLOW:
        return allow(r, value);
    case FLAG_VERBOSE:
        options->verbose = true;
        return true;
    case FLAG_LIST:
        options->list = true;
        return true;
    case FLAG_STDIO:
        return true;
    case FLAG_VERSION:
        printf("bastionc %s\n", BSTC_VERSION);
        r->action = BSTC_DONE;
        return false;
    case FLAG_HELP:
        bstc_help_print(stdout);
        r->action = BSTC_DONE;
        return false;
    case FLAG_COUNT:
        break;
    }
    return true;
}

/* Returns what follows the spelling in `word`, or NULL if it is another. */
static const char *after_spelling(const struct flag_info *flag,
                                  const char *word)
{
    size_t length = strlen(flag->spelling);

    if (strncmp(word, flag->spelling, length) != 0)
        return NULL;
    switch (flag->form) {
    case BSTC_ALONE:
        return word[length] ? NULL : word + length;
    case BSTC_JOINED:
        return word[length] ? word + length : NULL;
    case BSTC_EITHER:
        return word + length;
    case BSTC_EQUALS:
        break;
    }
    if (word[length] == '=')
        return word + length + 1;
    return word[length] ? NULL : word + length;
}

/* The longest spelling wins, so that `-Werror=X` is not `-Werror`. */
static enum flag find_flag(const char *word, const char **value)
{
    enum flag best = FLAG_COUNT;

    for (int i = 0; i < FLAG_COUNT; i++) {
        const char *rest = after_spelling(&flags[i], word);

        if (rest && (best == FLAG_COUNT || strlen(flags[i].spelling) >
                                               strlen(flags[best].spelling))) {
            best = (enum flag)i;
            *value = rest;
        }
    }
    return best;
}

/* Of most flags the last one holds, or all; these decide what is written, and
 * two of them are a mistake. */
static bool names_output(enum flag flag)
{
    return flag == FLAG_OUTPUT || flag == FLAG_DEPS_FILE || flag == FLAG_PREFIX;
}

static bool read_flag(struct reader *r, const char *word)
{
    const char *value = "";
    enum flag flag = find_flag(word, &value);
    bool takes_value;

    if (flag == FLAG_COUNT)
        return unknown_flag(r, word);
    takes_value =
        flags[flag].form == BSTC_EITHER || flags[flag].form == BSTC_EQUALS;
    if (takes_value && !*value) {
        bool has_equals = word[strlen(word) - 1] == '=';

        if (r->at == r->argc || has_equals)
            return misuse(r, "`%s` lacks its %s", flags[flag].spelling,
                          flags[flag].value);
        value = r->argv[r->at++];
    }
    if (r->given[flag] && names_output(flag))
        return misuse(r, "`%s` is given twice", flags[flag].spelling);
    r->given[flag] = true;
    return apply(r, flag, value);
}

/* ---- words --------------------------------------------------------------- */

static bool looks_like_file(const char *word)
{
    return strpbrk(word, "./") != NULL || strcmp(word, "-") == 0;
}

static bool read_word(struct reader *r, const char *word)
{
    if (!r->has_verb) {
        r->has_verb = true;
        for (int i = 0; i < BSTC_VERB_COUNT; i++) {
            if (strcmp(verb_names[i], word) == 0) {
                r->options->verb = (enum bstc_verb)i;
                return true;
            }
        }
        if (!looks_like_file(word))
            return unknown(r, "command", word, verb_names, BSTC_VERB_COUNT);
    }
    push(r, &r->options->inputs, word);
    return true;
}

static bool is_bst(const char *name)
{
    size_t length = strlen(name);

    return strcmp(name, "-") == 0 ||
           (length > 4 && strcmp(name + length - 4, ".bst") == 0);
}

static bool check_shell(struct reader *r)
{
    const struct bstc_texts *inputs = &r->options->inputs;
    int index = 0;

    if (inputs->count != 1)
        return misuse(r, "`completions` takes the name of a shell, such as "
                         "`bash`");
    return one_of(r, "completions", inputs->items[0], bstc_shell_words,
                  BSTC_SHELL_COUNT, &index);
}

static bool check_inputs(struct reader *r)
{
    const struct bstc_texts *inputs = &r->options->inputs;

    if (r->options->verb == BSTC_VERB_LSP)
        return inputs->count == 0 ||
               misuse(r, "`lsp` takes no files; the editor names them");
    if (r->options->verb == BSTC_VERB_NEW)
        return inputs->count == 1 ||
               misuse(r, "`new` takes one name, such as `bastionc new shop`");
    if (r->options->verb == BSTC_VERB_EXPLAIN)
        return inputs->count > 0 || r->options->list ||
               misuse(r, "`explain` needs a code, or `--list`");
    if (r->options->verb == BSTC_VERB_COMPLETIONS)
        return check_shell(r);
    if (r->options->verb == BSTC_VERB_INIT)
        return inputs->count <= 1 || misuse(r, "`init` takes one name or none");
    if (inputs->count == 0)
        return misuse(r, "no input file");
    for (uint32_t i = 0; i < inputs->count; i++) {
        if (r->options->verb == BSTC_VERB_STUBS && i > 0)
            break;
        if (!is_bst(inputs->items[i]))
            return misuse(r, "`%s` does not end in .bst", inputs->items[i]);
        if (r->options->verb == BSTC_VERB_FIX &&
            strcmp(inputs->items[i], "-") == 0)
            return misuse(r, "`fix` cannot change standard input");
    }
    return true;
}

static bool check_together(struct reader *r)
{
    const struct bstc_options *options = r->options;

    for (int i = 0; i < FLAG_COUNT; i++) {
        if (r->given[i] && !(flags[i].verbs & (1u << options->verb)))
            return misuse(r, "`%s` means nothing to `%s`", flags[i].spelling,
                          verb_names[options->verb]);
    }
    if (options->verb == BSTC_VERB_MODEL && options->emit &&
        options->emit != BSTC_WANT_PROMELA)
        return misuse(r, "`model` prints promela and nothing else");
    if (!options->deps && (options->deps_file || options->deps_phony ||
                           options->deps_targets.count > 0))
        return misuse(r, "`-MF`, `-MT` and `-MP` need `-MD`");
    if (options->deps_file && options->inputs.count > 1)
        return misuse(r, "`-MF` needs a single input file");
    if (options->deps_targets.count > 0 && options->inputs.count > 1)
        return misuse(r, "`-MT` needs a single input file");
    return true;
}

enum bstc_action bstc_options_read(struct bstc_options *options,
                                   struct bstc_arena *arena, int argc,
                                   char **argv)
{
    struct reader r = {.options = options,
                       .arena = arena,
                       .argv = argv,
                       .argc = argc,
                       .at = 1,
                       .action = BSTC_RUN};
    bool only_words = false;

    memset(options, 0, sizeof *options);
    options->prefix = "";
    if (argc == 2 && strcmp(argv[1], "--man-page") == 0) {
        bstc_man_print(stdout);
        return BSTC_DONE;
    }
    while (r.at < argc) {
        const char *word = argv[r.at++];
        bool is_flag = word[0] == '-' && word[1] && !only_words;

        if (is_flag && strcmp(word, "--") == 0)
            only_words = true;
        else if (!(is_flag ? read_flag(&r, word) : read_word(&r, word)))
            return r.action;
    }
    if (check_inputs(&r))
        check_together(&r);
    return r.action;
}
