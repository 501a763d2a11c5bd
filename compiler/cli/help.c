/*
 * --help and the manual page, both printed from the table.
 */

#include <string.h>

#include "attrs.h"
#include "cli/options.h"
#include "emit.h"

#define HELP_COLUMN 26
#define HELP_WIDTH (80 - HELP_COLUMN)

/* ---- --help -------------------------------------------------------------- */

/* Prints words, as many on a line as fit behind the blanks. */
static void print_wrapped(FILE *out, int blanks, const char *text)
{
    while (strlen(text) > HELP_WIDTH) {
        int length = HELP_WIDTH;

        while (length > 0 && text[length] != ' ')
            length--;
        if (length == 0)
            break;
        fprintf(out, "%*s%.*s\n", blanks, "", length, text);
        text += length + 1;
        blanks = HELP_COLUMN;
    }
    fprintf(out, "%*s%s\n", blanks, "", text);
}

static void print_row(FILE *out, const struct bstc_option_row *row)
{
    int width = fprintf(out, "  %s%s%s", row->spelling,
                        *row->value ? row->separator : "", row->value);

    if (width >= HELP_COLUMN) {
        fputc('\n', out);
        width = 0;
    }
    print_wrapped(out, HELP_COLUMN - width, row->help);
}

static void print_rows(FILE *out, bool verbs)
{
    const struct bstc_option_row *row;

    for (uint32_t i = 0; (row = bstc_option_row(i)) != NULL; i++) {
        if (row->is_verb == verbs)
            print_row(out, row);
    }
}

void bstc_help_print(FILE *out)
{
    fputs("usage: bastionc [COMMAND] [FLAG...] FILE...\n\n"
          "Compiles .bst files, which declare actors and their supervision, "
          "to C.\n\ncommands:\n",
          out);
    print_rows(out, true);
    fputs("\nflags:\n", out);
    print_rows(out, false);
    fputs("\nexit status: 0 done, 1 mistakes in a file, 2 bad usage, "
          "70 internal error\n",
          out);
}

/* ---- the manual page ----------------------------------------------------- */

/* roff reads `-` as a hyphen, `\` as a command, and a line that begins with a
 * full stop or a quote as a request. */
static void print_roff(FILE *out, const char *text)
{
    bool open = false;

    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '-' || *text == '\\')
            fputc('\\', out);
        if (*text == '\\')
            fputc('e', out);
        else if (*text == '`')
            fputs((open = !open) ? "\\(oq" : "\\(cq", out);
        else
            fputc(*text, out);
    }
}

static void print_man_row(FILE *out, const struct bstc_option_row *row)
{
    fputs(".TP\n.B ", out);
    print_roff(out, row->spelling);
    if (*row->value) {
        fprintf(out, "\\fR%s\\fI", row->separator);
        print_roff(out, row->value);
        fputs("\\fR", out);
    }
    fputs("\n", out);
    print_roff(out, row->help);
    fputs(".\n", out);
}

static void print_man_rows(FILE *out, bool verbs)
{
    const struct bstc_option_row *row;

    for (uint32_t i = 0; (row = bstc_option_row(i)) != NULL; i++) {
        if (row->is_verb == verbs)
            print_man_row(out, row);
    }
}

static void print_man_settings(FILE *out)
{
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        const struct bstc_setting_info *info =
            bstc_setting_info((enum bstc_setting)i);

        fputs(".TP\n.B ", out);
        print_roff(out, info->name);
        fputs(*info->args ? " \\fI" : "", out);
        print_roff(out, info->args);
        fputs(*info->args ? "\\fR\n" : "\n", out);
        print_roff(out, info->doc);
        fputs("; default: ", out);
        print_roff(out, info->fallback);
        fputs(".\n", out);
    }
}

void bstc_man_print(FILE *out)
{
    fprintf(out, ".TH BASTIONC 1 \"\" \"bastion %s\" \"Bastion\"\n",
            BSTC_VERSION);
    fputs(".SH NAME\nbastionc \\- compile supervised actors to C\n"
          ".SH SYNOPSIS\n.B bastionc\n.RI [ command ]\n.RI [ flag ...]\n"
          ".IR file ...\n.SH DESCRIPTION\n"
          "A\n.I .bst\nfile declares messages, actors, and the supervision "
          "tree in which they live.\n.B bastionc\nchecks it and writes C: "
          "typed functions to send messages, and constant tables for the "
          "library\n.BR libbastion .\n.SH COMMANDS\n",
          out);
    print_man_rows(out, true);
    fputs(".SH FLAGS\n", out);
    print_man_rows(out, false);
    fputs(".SH SETTINGS\nThese stand in supervisors, groups and files:\n", out);
    print_man_settings(out);
    fputs(".SH EDITORS\n.B bastionc lsp\n"
          "speaks the Language Server Protocol. It compiles what the editor "
          "has open, saved or not, together with what that imports; a file "
          "that others in its folder or above import is a part of them. It "
          "reads files and writes none. It ends with 0 if the editor has "
          "asked it to shut down, and else with 1.\n",
          out);
    fputs(".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\n"
          "There are mistakes in a file, or a file cannot be read or "
          "written.\n.TP\n.B 2\nThe command line is wrong.\n.TP\n.B 70\n"
          "An internal error, or no memory is left.\n",
          out);
}
