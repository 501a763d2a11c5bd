/*
 * A function is a name, a parenthesis and an opening brace outside of every
 * other function, with comments, strings, preprocessor lines and `#if 0`
 * skipped. That needs no C parser; where macros hide a definition, it is not
 * found.
 */

#include "c_scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct scan {
    const char *at;
    const char *end;
    bstc_c_found_fn *found;
    void *arg;
    bool line_begins; /* nothing but blanks on this line so far */
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

static void skip_quoted(struct scan *s)
{
    char quote = *s->at++;

    while (s->at < s->end && *s->at != quote && *s->at != '\n') {
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
        s->at++;
    }
    if (s->at < s->end)
        s->at++;
}

static void skip_line(struct scan *s)
{
    while (s->at < s->end && *s->at != '\n') {
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
        s->at++;
    }
}

static void skip_comment(struct scan *s)
{
    s->at += 2;
    while (s->at + 1 < s->end && !(s->at[0] == '*' && s->at[1] == '/'))
        s->at++;
    s->at = s->at + 2 < s->end ? s->at + 2 : s->end;
}

/* Returns whether the directive at `s` is called `name`, and goes behind its
 * name if it is. */
static bool is_directive(struct scan *s, const char *name)
{
    size_t length = strlen(name);
    const char *at = s->at;

    if (at == s->end || *at != '#')
        return false;
    for (at++; at < s->end && (*at == ' ' || *at == '\t'); at++)
        ;
    if ((size_t)(s->end - at) < length || memcmp(at, name, length) != 0 ||
        (at + length < s->end && is_word(at[length])))
        return false;
    s->at = at + length;
    return true;
}

static void skip_blanks(struct scan *s)
{
    while (s->at < s->end && strchr(" \t\r\n\f", *s->at) && *s->at)
        s->at++;
}

/* Skips a directive; with `#if 0`, all that it leaves out. */
static void skip_directive(struct scan *s)
{
    int depth = 0;

    if (is_directive(s, "if")) {
        skip_blanks(s);
        depth = s->end - s->at > 0 && *s->at == '0' &&
                (s->end - s->at == 1 || !is_word(s->at[1]));
    }
    skip_line(s);
    while (depth > 0 && s->at < s->end) {
        skip_blanks(s);
        if (is_directive(s, "if") || is_directive(s, "ifdef") ||
            is_directive(s, "ifndef"))
            depth++;
        else if (is_directive(s, "endif") ||
                 (depth == 1 &&
                  (is_directive(s, "else") || is_directive(s, "elif"))))
            depth--;
        skip_line(s);
    }
}

/* Skips blanks, comments and directives; returns the next character, or NUL
 * at the end. */
static char next_char(struct scan *s)
{
    while (s->at < s->end) {
        char c = *s->at;
        char after = s->at + 1 < s->end ? s->at[1] : '\0';

        if (c == '\n')
            s->line_begins = true;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f')
            s->at++;
        else if (c == '/' && after == '*')
            skip_comment(s);
        else if (c == '/' && after == '/')
            skip_line(s);
        else if (c == '#' && s->line_begins)
            skip_directive(s);
        else
            return c;
    }
    return '\0';
}

/* Skips from an opening bracket to behind the one that closes it. */
static void skip_balanced(struct scan *s, char open, char close)
{
    int depth = 0;
    char c;

    while ((c = next_char(s)) != '\0') {
        s->line_begins = false;
        if (c == '"' || c == '\'') {
            skip_quoted(s);
            continue;
        }
        s->at++;
        if (c == open)
            depth++;
        else if (c == close && --depth == 0)
            return;
    }
}

static size_t word_length(const struct scan *s)
{
    size_t length = 0;

    while (s->at + length < s->end && is_word(s->at[length]))
        length++;
    return length;
}

/*
 * Looks from behind the `)` of a function for the `{` of its body. Attributes
 * and macros may stand between them, and so may old-style declarations of
 * the parameters, each of several words and ended by `;`.
 */
static bool has_body(struct scan s)
{
    uint32_t words = 0;
    bool is_declared = false; /* a declaration has ended */
    char c;

    while ((c = next_char(&s)) != '\0') {
        size_t length = word_length(&s);

        s.line_begins = false;
        if (length > 0) {
            bool is_hidden = length > 2 && memcmp(s.at, "__", 2) == 0;

            words++;
            s.at += length;
            if (next_char(&s) != '(')
                continue;
            if (!is_hidden)
                return false;
            words--;
            skip_balanced(&s, '(', ')');
        } else if (c == '{') {
            return !is_declared || words == 0;
        } else if (c == ';' && words > 1) {
            s.at++;
            words = 0;
            is_declared = true;
        } else if (c == '*' || c == '[' || c == ']' ||
                   (c == ',' && words > 0)) {
            s.at++;
        } else {
            return false;
        }
    }
    return false;
}

static void scan_word(struct scan *s)
{
    const char *word = s->at;
    size_t length = word_length(s);

    s->at += length;
    if (next_char(s) != '(')
        return;
    skip_balanced(s, '(', ')');
    if (has_body(*s))
        s->found(s->arg, word, length);
}

/* What stands in `extern "C" { }` stands in the file. */
static void scan_quoted(struct scan *s)
{
    skip_quoted(s);
    if (next_char(s) == '{')
        s->at++;
}

void bstc_c_functions(const char *text, size_t length, bstc_c_found_fn *found,
                      void *arg)
{
    struct scan s = {text, text + length, found, arg, true};
    char c;

    while ((c = next_char(&s)) != '\0') {
        s.line_begins = false;
        if (is_word(c))
            scan_word(&s);
        else if (c == '{')
            skip_balanced(&s, '{', '}');
        else if (c == '"' || c == '\'')
            scan_quoted(&s);
        else
            s.at++;
    }
}

void bstc_c_words(const char *text, size_t length, bstc_c_found_fn *found,
                  void *arg)
{
    struct scan s = {text, text + length, found, arg, true};
    char c;

    while ((c = next_char(&s)) != '\0') {
        const char *word = s.at;

        s.line_begins = false;
        if (c == '"' || c == '\'') {
            skip_quoted(&s);
            continue;
        }
        while (s.at < s.end && is_word(*s.at))
            s.at++;
        if (s.at == word)
            s.at++;
        else if (*word < '0' || *word > '9')
            found(arg, word, (size_t)(s.at - word));
    }
}
