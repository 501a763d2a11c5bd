#ifndef BSTC_CLI_OPTIONS_H
#define BSTC_CLI_OPTIONS_H

/*
 * The command line: the table options.def and what was given.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"
#include "diag.h"

enum bstc_verb {
#define VERB(id, name, args, help) BSTC_VERB_##id,
#define FLAG(id, form, spelling, value, verbs, help)
#include "cli/options.def"
#undef VERB
#undef FLAG
    BSTC_VERB_COUNT
};

/* What --emit names; several may be asked for. X(ID, word) */
#define BSTC_WANT_LIST(X)                                                      \
    X(C, "c")                                                                  \
    X(H, "h")                                                                  \
    X(MAIN, "main")                                                            \
    X(STUBS, "stubs")                                                          \
    X(DOT, "dot")                                                              \
    X(MERMAID, "mermaid")                                                      \
    X(PROMELA, "promela")                                                      \
    X(JSON, "json")                                                            \
    X(AST, "ast")                                                              \
    X(TOKENS, "tokens")

enum bstc_want_number {
#define X(id, word) BSTC_WANT_NUMBER_##id,
    BSTC_WANT_LIST(X)
#undef X
        BSTC_WANT_COUNT
};

enum bstc_want {
#define X(id, word) BSTC_WANT_##id = 1 << BSTC_WANT_NUMBER_##id,
    BSTC_WANT_LIST(X)
#undef X
    /* By flags of their own. */
    BSTC_WANT_PLAN = 1 << BSTC_WANT_COUNT,
    BSTC_WANT_GRAPH_JSON = 1 << (BSTC_WANT_COUNT + 1)
};

/** The words of --emit. */
extern const char *const bstc_want_words[BSTC_WANT_COUNT];

/* The templates of new projects. X(ID, word) */
#define BSTC_TEMPLATE_LIST(X)                                                  \
    X(HELLO, "hello")                                                          \
    X(POOL, "pool")                                                            \
    X(SERVER, "server")

enum bstc_template_number {
#define X(id, word) BSTC_TEMPLATE_##id,
    BSTC_TEMPLATE_LIST(X)
#undef X
        BSTC_TEMPLATE_COUNT
};

/** The words of --template. */
extern const char *const bstc_template_words[BSTC_TEMPLATE_COUNT];

/** What a picture shows. */
enum bstc_graph_view {
    BSTC_VIEW_ALL,      /* messages and streams, supervisors as frames */
    BSTC_VIEW_TREE,     /* who supervises whom */
    BSTC_VIEW_MESSAGES, /* who sends what to whom */
    BSTC_VIEW_STREAMS   /* what flows */
};

/** A list of texts in the order in which they were given. */
struct bstc_texts {
    const char **items;
    uint32_t count;
};

/** What happens with the diagnostics of one code. */
struct bstc_code_level {
    const char *code;
    enum bstc_level level;
};

struct bstc_options {
    enum bstc_verb verb;
    struct bstc_texts inputs;
    struct bstc_texts include_dirs;
    struct bstc_texts deps_targets;
    const char *output; /* folder, "-" or NULL: the current one */
    const char *deps_file;
    const char *prefix;
    unsigned emit; /* of enum bstc_want */
    enum bstc_graph_view view;
    enum bstc_template_number template;
    bool deps;
    bool deps_phony;
    bool with_main;
    bool no_line;
    bool verbose;
    bool only_check; /* fmt: write nothing */
    bool diff;       /* fmt, fix: print what would change */
    bool list;       /* explain: all codes */
    bool extra_warnings;
    bool warnings_are_errors;
    enum bstc_diag_format format;
    enum bstc_color color;
    uint32_t mailbox;    /* model: places of a mailbox; 0: the default */
    uint32_t max_errors; /* 0: the default */
    struct bstc_code_level *levels;
    uint32_t nlevels;
};

/** What to do after the command line has been read. */
enum bstc_action {
    BSTC_RUN,    /* the verb */
    BSTC_DONE,   /* --help or --version has been printed */
    BSTC_MISUSED /* a mistake has been printed; exit status 2 */
};

/** Reads the command line; texts are borrowed from `argv`. */
enum bstc_action bstc_options_read(struct bstc_options *options,
                                   struct bstc_arena *arena, int argc,
                                   char **argv);

/** The values of --diagnostics and --color. */
extern const char *const bstc_format_words[BSTC_FORMAT_COUNT];
extern const char *const bstc_color_words[BSTC_COLOR_COUNT];

/** Returns how diagnostics are to look. */
struct bstc_diag_style bstc_style_of(const struct bstc_options *options);

/** The same, of a command line that may be wrong. */
struct bstc_diag_style bstc_style_of_line(int argc, char **argv);

/** The shells that `completions` knows. */
enum { BSTC_SHELL_COUNT = 3 };
extern const char *const bstc_shell_words[BSTC_SHELL_COUNT];

/** Prints what has a shell complete command lines of bastionc. */
void bstc_completions_print(const char *shell, FILE *out);

/** Has `diags` report what -W and --allow ask for. */
void bstc_options_set_levels(const struct bstc_options *options,
                             struct bstc_diags *diags);

/** Prints what --help prints. */
void bstc_help_print(FILE *out);

/** Prints the manual page, for `bastionc --man-page`. */
void bstc_man_print(FILE *out);

/** How a flag takes its value. */
enum bstc_form {
    BSTC_ALONE,  /* it takes none */
    BSTC_JOINED, /* -Wno-CODE */
    BSTC_EITHER, /* -o DIR, -oDIR */
    BSTC_EQUALS  /* --prefix=P, --prefix P */
};

/** A row of the table, for help, manual and completions. */
struct bstc_option_row {
    bool is_verb;
    enum bstc_form form; /* of a flag */
    unsigned verbs;      /* for which it is, as bits; of a verb, its own */
    const char *spelling;
    const char *value;
    const char *separator; /* between spelling and value */
    const char *help;
};

/** Returns row `index`, or NULL behind the last one. */
const struct bstc_option_row *bstc_option_row(uint32_t index);

#endif
