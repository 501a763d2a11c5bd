/*
 * Completions for bash, zsh and fish, printed from the table of options.
 *
 * What follows a verb or a flag is read off its value in the table: words
 * with `|` between them are the values, DIR is a folder, FILE.bst a file.
 */

#include <string.h>

#include "cli/options.h"

const char *const bstc_shell_words[BSTC_SHELL_COUNT] = {"bash", "zsh", "fish"};

/* ---- values -------------------------------------------------------------- */

/* Prints the words that a value may be, each after `before`. */
static void put_words(FILE *out, const char *value, const char *before)
{
    if (strcmp(value, "LIST") == 0) {
        for (int i = 0; i < BSTC_WANT_COUNT; i++)
            fprintf(out, "%s%s", i ? before : "", bstc_want_words[i]);
        return;
    }
    for (; *value; value++) {
        if (*value == '|')
            fputs(before, out);
        else
            fputc(*value, out);
    }
}

static bool has_words(const char *value)
{
    return strchr(value, '|') || strcmp(value, "LIST") == 0;
}

/* Goes through the rows of verbs or of flags. */
static const struct bstc_option_row *next_row(uint32_t *at, bool verbs)
{
    const struct bstc_option_row *row;

    while ((row = bstc_option_row((*at)++)) != NULL) {
        if (row->is_verb == verbs)
            return row;
    }
    return NULL;
}

/* What is typed for a flag: `--emit=` goes on with its value. */
static void put_flag(FILE *out, const struct bstc_option_row *row)
{
    fprintf(out, "%s%s", row->spelling, row->form == BSTC_EQUALS ? "=" : "");
}

/* ---- bash ---------------------------------------------------------------- */

static void put_bash_values(FILE *out)
{
    const struct bstc_option_row *row;
    uint32_t at = 0;

    fputs("    case $prev in\n", out);
    while ((row = next_row(&at, false)) != NULL) {
        if (row->form == BSTC_ALONE || row->form == BSTC_JOINED)
            continue;
        fprintf(out, "    %s)\n        ", row->spelling);
        if (has_words(row->value)) {
            fputs("COMPREPLY=($(compgen -W '", out);
            put_words(out, row->value, " ");
            fputs("' -- \"$cur\"))\n", out);
        } else if (strcmp(row->value, "DIR") == 0) {
            fputs("COMPREPLY=($(compgen -d -- \"$cur\"))\n", out);
        } else if (strcmp(row->value, "FILE") == 0) {
            fputs("COMPREPLY=($(compgen -f -- \"$cur\"))\n", out);
        } else {
            fputs("COMPREPLY=()\n", out);
        }
        fputs("        return\n        ;;\n", out);
    }
    fputs("    esac\n", out);
}

static void put_bash_verbs(FILE *out)
{
    const struct bstc_option_row *verb;
    uint32_t at = 0;

    fputs("    case $verb in\n", out);
    while ((verb = next_row(&at, true)) != NULL) {
        const struct bstc_option_row *row;
        uint32_t k = 0;

        fprintf(out, "    %s)\n        flags='", verb->spelling);
        while ((row = next_row(&k, false)) != NULL) {
            if (row->verbs & verb->verbs) {
                put_flag(out, row);
                fputc(' ', out);
            }
        }
        fputs("'\n", out);
        if (has_words(verb->value)) {
            fputs("        words='", out);
            put_words(out, verb->value, " ");
            fputs("'\n", out);
        } else if (strstr(verb->value, "FILE.c")) {
            fputs("        files='!*.@(bst|c)'\n", out);
        } else if (strstr(verb->value, "FILE.bst")) {
            fputs("        files='!*.bst'\n", out);
        }
        fputs("        ;;\n", out);
    }
    fputs("    esac\n", out);
}

static void put_verb_names(FILE *out)
{
    const struct bstc_option_row *row;
    uint32_t at = 0;

    while ((row = next_row(&at, true)) != NULL)
        fprintf(out, "%s%s", at > 1 ? " " : "", row->spelling);
}

static void print_bash(FILE *out)
{
    fputs("# bash completion for bastionc; put it where bash-completion looks,"
          "\n# or: source <(bastionc completions bash)\n"
          "_bastionc()\n"
          "{\n"
          "    local cur=$2 prev=$3 verb= word flags= words= files=\n"
          "    local verbs='",
          out);
    put_verb_names(out);
    fputs("'\n"
          "    COMPREPLY=()\n"
          "    # The shell takes --flag=value apart.\n"
          "    if [[ $cur == = ]]; then\n"
          "        cur=\n"
          "    elif [[ $prev == = ]]; then\n"
          "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n",
          out);
    put_bash_values(out);
    fputs("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
          "        [[ -n $verb || $word == -* ]] || verb=$word\n"
          "    done\n"
          "    if [[ -z $verb ]]; then\n"
          "        words=$verbs\n"
          "        verb=compile\n"
          "    elif [[ \" $verbs \" != *\" $verb \"* ]]; then\n"
          "        verb=compile # a file comes first\n"
          "    fi\n",
          out);
    put_bash_verbs(out);
    fputs("    if [[ $cur == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n"
          "        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
          "        return\n"
          "    fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "    if [[ -n $files ]]; then\n"
          "        local glob=$(shopt -p extglob)\n"
          "        shopt -s extglob\n"
          "        COMPREPLY+=($(compgen -f -X \"$files\" -- \"$cur\")\n"
          "            $(compgen -d -- \"$cur\"))\n"
          "        $glob\n"
          "        compopt -o filenames\n"
          "    fi\n"
          "} 2>/dev/null\n"
          "complete -F _bastionc bastionc\n",
          out);
}

/* ---- zsh ----------------------------------------------------------------- */

/* A text inside single quotes, in which `_arguments` gives a meaning to
 * brackets and colons. */
static void put_quoted(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void put_zsh_flag(FILE *out, const struct bstc_option_row *row)
{
    static const char *const forms[] = {"", "-", "+", "="};

    fprintf(out, "            '*%s%s[", row->spelling, forms[row->form]);
    put_quoted(out, row->help);
    fputs("]", out);
    if (row->form != BSTC_ALONE) {
        fputs(":", out);
        put_quoted(out, strchr(row->value, '|') ? "value" : row->value);
        fputs(":", out);
        if (strcmp(row->value, "LIST") == 0) {
            fputs("_values -s , output ", out);
            put_words(out, row->value, " ");
        } else if (has_words(row->value)) {
            fputs("(", out);
            put_words(out, row->value, " ");
            fputs(")", out);
        } else if (strcmp(row->value, "DIR") == 0) {
            fputs("_files -/", out);
        } else if (strcmp(row->value, "FILE") == 0) {
            fputs("_files", out);
        }
    }
    fputs("'\n", out);
}

static void put_zsh_verb(FILE *out, const struct bstc_option_row *verb)
{
    const struct bstc_option_row *row;
    uint32_t at = 0;

    fprintf(out, "    %s)\n        rules=(\n", verb->spelling);
    while ((row = next_row(&at, false)) != NULL) {
        if (row->verbs & verb->verbs)
            put_zsh_flag(out, row);
    }
    if (has_words(verb->value)) {
        fputs("            '*:word:(", out);
        put_words(out, verb->value, " ");
        fputs(")'\n", out);
    } else if (strstr(verb->value, "FILE.c")) {
        fputs("            '*:file:_files -g \"*.(bst|c)\"'\n", out);
    } else if (strstr(verb->value, "FILE.bst")) {
        fputs("            '*:file:_files -g \"*.bst\"'\n", out);
    }
    fputs("        )\n        ;;\n", out);
}

static void print_zsh(FILE *out)
{
    const struct bstc_option_row *row;
    uint32_t at = 0;

    fputs("#compdef bastionc\n"
          "# zsh completion for bastionc; save it as _bastionc in a folder of"
          " $fpath.\n"
          "_bastionc()\n"
          "{\n"
          "    local verb=compile word\n"
          "    local -a verbs rules\n"
          "    verbs=(\n",
          out);
    while ((row = next_row(&at, true)) != NULL) {
        fprintf(out, "        '%s:", row->spelling);
        put_quoted(out, row->help);
        fputs("'\n", out);
    }
    fputs("    )\n"
          "    for word in ${words[2,CURRENT-1]}; do\n"
          "        [[ $word == -* ]] && continue\n"
          "        (( ${verbs[(I)$word:*]} )) && verb=$word\n"
          "        break\n"
          "    done\n"
          "    (( CURRENT == 2 )) && _describe command verbs\n"
          "    case $verb in\n",
          out);
    at = 0;
    while ((row = next_row(&at, true)) != NULL)
        put_zsh_verb(out, row);
    fputs("    esac\n"
          "    _arguments $rules\n"
          "}\n"
          "_bastionc \"$@\"\n",
          out);
}

/* ---- fish ---------------------------------------------------------------- */

static void put_fish_text(FILE *out, const char *text)
{
    for (; *text; text++)
        fprintf(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
}

/* The verbs of a flag; without one of the others it may be `compile`. */
static void put_fish_condition(FILE *out, const struct bstc_option_row *row)
{
    const struct bstc_option_row *verb;
    bool for_compile = row->verbs & 1u << BSTC_VERB_COMPILE;
    uint32_t at = 0;

    fprintf(out, "complete -c bastionc -n '%s__fish_seen_subcommand_from",
            for_compile ? "not " : "");
    while ((verb = next_row(&at, true)) != NULL) {
        bool is_for = (row->verbs & verb->verbs) != 0;

        if (is_for != for_compile)
            fprintf(out, " %s", verb->spelling);
    }
    fputs("'", out);
}

static void put_fish_flag(FILE *out, const struct bstc_option_row *row)
{
    const char *name = row->spelling + 1;

    put_fish_condition(out, row);
    if (*name == '-')
        fprintf(out, " -l %s", name + 1);
    else if (strlen(name) == 1)
        fprintf(out, " -s %s", name);
    else
        fprintf(out, " -o '%s'", name);
    if (row->form == BSTC_EITHER || row->form == BSTC_EQUALS) {
        fputs(" -r", out);
        if (has_words(row->value)) {
            fputs(" -f -a '", out);
            put_words(out, row->value, " ");
            fputs("'", out);
        } else if (strcmp(row->value, "DIR") == 0) {
            fputs(" -f -a '(__fish_complete_directories)'", out);
        } else if (strcmp(row->value, "FILE") != 0) {
            fputs(" -f", out);
        }
    }
    fputs(" -d '", out);
    put_fish_text(out, row->help);
    fputs("'\n", out);
}

static void print_fish(FILE *out)
{
    const struct bstc_option_row *row;
    uint32_t at = 0;

    fputs("# fish completion for bastionc; save it as\n"
          "# ~/.config/fish/completions/bastionc.fish\n"
          "complete -c bastionc -f -a '(__fish_complete_suffix .bst)'\n",
          out);
    while ((row = next_row(&at, true)) != NULL) {
        fprintf(out, "complete -c bastionc -n __fish_use_subcommand -a %s -d '",
                row->spelling);
        put_fish_text(out, row->help);
        fputs("'\n", out);
        if (!has_words(row->value))
            continue;
        fprintf(out,
                "complete -c bastionc -f -n '__fish_seen_subcommand_from %s' "
                "-a '",
                row->spelling);
        put_words(out, row->value, " ");
        fputs("'\n", out);
    }
    at = 0;
    while ((row = next_row(&at, false)) != NULL)
        put_fish_flag(out, row);
}

void bstc_completions_print(const char *shell, FILE *out)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(out);
    else
        print_fish(out);
}
