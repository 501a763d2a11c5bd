/*
 * Skeletons of the functions that the user writes.
 *
 * Which functions exist already is found by a light scan of C text: a name, a
 * parenthesis and an opening brace outside of every function, with comments,
 * strings, preprocessor lines and `#if 0` skipped. That needs no C parser and
 * errs on the side of printing a skeleton too many. A static function counts
 * as well: a second one of its name would not compile.
 */

#include "emit.h"

#include <string.h>

#include "arena.h"
#include "intern.h"

/* ---- the functions that a C text defines --------------------------------- */

struct scan {
    const char *at;
    const char *end;
    struct bstc_intern *names; /* of the functions found */
    bool line_begins;          /* nothing but blanks on this line so far */
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
        bstc_intern(s->names, word, length);
}

/* What stands in `extern "C" { }` stands in the file. */
static void scan_quoted(struct scan *s)
{
    skip_quoted(s);
    if (next_char(s) == '{')
        s->at++;
}

static void scan_file(struct bstc_intern *names,
                      const struct bstc_defined *file)
{
    struct scan s = {file->text, file->text + file->length, names, true};
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

/* ---- skeletons ----------------------------------------------------------- */

static bool is_defined(const struct bstc_intern *names, const char *name)
{
    return bstc_intern_find(names, name, strlen(name)) != NULL;
}

static void emit_stub(struct bstc_out *out, const struct bstc_model *model,
                      const struct bstc_actor *actor,
                      const struct bstc_handler *handler)
{
    bstc_out_text(out, "\n/* ");
    bstc_out_in_comment(out, actor->name);
    bstc_out_format(out, ": %s */\n", handler->label);
    bstc_emit_signature(out, model, actor, handler, "", "\n{\n");
    bstc_out_text(out, "    (void)self;\n");
    if (handler->event == BSTC_ON_ANY || bstc_handler_has_body(model, handler))
        bstc_out_text(out, "    (void)m;\n");
    if (bstc_handler_has_answer(model, handler))
        bstc_out_text(out, "    (void)answer; /* to be filled in */\n");
    bstc_out_text(out, "    return BST_OK;\n}\n");
}

static void emit_hook_stubs(struct bstc_out *out,
                            const struct bstc_intern *defined,
                            const char *owner, const struct bstc_hook *hooks)
{
    for (int i = 0; i < BSTC_HOOKS; i++) {
        const struct bstc_hook *hook = &hooks[i];

        if (!hook->function || hook->body || hook->repeats ||
            is_defined(defined, hook->function))
            continue;
        bstc_out_text(out, "\n/* ");
        bstc_out_in_comment(out, owner);
        bstc_out_format(out, ": on %s */\n", bstc_hook_words[i]);
        bstc_emit_hook_signature(out, hook->function, (enum bstc_hook_event)i,
                                 "", "\n{\n");
        if (i == BSTC_FAILURE)
            bstc_out_text(out, "    (void)failure;\n"
                               "    return BST_DECIDE_DEFAULT;\n}\n");
        else
            bstc_out_text(out, "    (void)event;\n    return BST_OK;\n}\n");
    }
}

static void emit_missing(struct bstc_out *out, const struct bstc_model *model,
                         const struct bstc_intern *defined)
{
    for (uint32_t i = 0; i < model->nactors; i++) {
        const struct bstc_actor *actor = &model->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            const struct bstc_handler *handler = &actor->handlers[k];

            if (!handler->body && !handler->repeats &&
                !is_defined(defined, handler->function))
                emit_stub(out, model, actor, handler);
        }
    }
    for (uint32_t i = 0; i < model->ngroups; i++)
        emit_hook_stubs(out, defined, model->groups[i].name,
                        model->groups[i].hooks);
    for (uint32_t i = 0; i < model->nsupervisors; i++)
        emit_hook_stubs(out, defined, model->supervisors[i].name,
                        model->supervisors[i].hooks);
}

void bstc_emit_stubs(struct bstc_out *out, const struct bstc_model *model,
                     const struct bstc_defined *files, size_t nfiles,
                     bool has_main)
{
    struct bstc_intern defined;

    bstc_intern_init(&defined, out->arena);
    for (size_t i = 0; i < nfiles; i++)
        scan_file(&defined, &files[i]);
    if (nfiles == 0) {
        bstc_out_format(out, "/* %s.c - the handlers of ", model->unit);
        bstc_out_in_comment(out, model->source);
        bstc_out_format(out, ". */\n#include \"%s.bst.h\"\n", model->unit);
    }
    emit_missing(out, model, &defined);
    if (!has_main && !is_defined(&defined, "main"))
        bstc_emit_main_function(out, model);
}
