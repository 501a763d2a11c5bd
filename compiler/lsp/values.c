/* Reading the patterns of settings. */

#include "lsp/values.h"

#include <stdbool.h>
#include <string.h>

#include "lsp/words.h"

/* A piece of a pattern. */
struct part {
    const char *text;
    size_t length;
};

struct seeker {
    const char *const *written;
    size_t count;
    bstc_value_fn *found;
    void *arg;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static size_t word_length(struct part part)
{
    size_t length = 0;

    while (length < part.length && is_letter(part.text[length]))
        length++;
    return length;
}

static bool equals(const char *word, struct part part)
{
    return word && strlen(word) == part.length &&
           memcmp(word, part.text, part.length) == 0;
}

static bool is_written(const struct seeker *s, struct part word)
{
    for (size_t i = 0; i < s->count; i++) {
        if (equals(s->written[i], word))
            return true;
    }
    return false;
}

/* Takes the next alternative of `a|b|c`; what stands in brackets is one. */
static bool next_choice(struct part *rest, char separator, struct part *out)
{
    int depth = 0;
    size_t at = 0;

    if (!rest->text)
        return false;
    while (at < rest->length && (depth > 0 || rest->text[at] != separator)) {
        depth += rest->text[at] == '[';
        depth -= rest->text[at] == ']';
        at++;
    }
    *out = (struct part){rest->text, at};
    if (at < rest->length)
        *rest = (struct part){rest->text + at + 1, rest->length - at - 1};
    else
        *rest = (struct part){NULL, 0};
    return true;
}

/* Takes the next clause, without its brackets. */
static bool next_clause(struct part *rest, struct part *out)
{
    const char *open =
        rest->length ? memchr(rest->text, '[', rest->length) : NULL;
    struct part from;

    if (!open)
        return false;
    from.text = open + 1;
    from.length = rest->length - (size_t)(open + 1 - rest->text);
    *rest = from;
    return next_choice(rest, ']', out);
}

/* Tells of the words that begin alternatives. */
static void tell(const struct seeker *s, struct part choices)
{
    struct part one;

    while (next_choice(&choices, '|', &one)) {
        size_t length = word_length(one);

        if (length > 0 && (length == one.length || one.text[length] == ' '))
            s->found(s->arg, one.text, length);
    }
}

/* Cuts `overflow reject|block` in two; a clause of alternatives alone has no
 * word before them. */
static bool split_clause(struct part clause, struct part *word,
                         struct part *choices)
{
    word->text = clause.text;
    word->length = word_length(clause);
    *choices = clause;
    if (word->length == 0 || word->length == clause.length ||
        clause.text[word->length] != ' ')
        return false;
    choices->text += word->length + 1;
    choices->length -= word->length + 1;
    return true;
}

/* The clause that the last word begins says alone what can follow. */
static bool follow_last(const struct seeker *s, struct part form)
{
    struct part clause;
    struct part word;
    struct part choices;

    while (next_clause(&form, &clause)) {
        if (split_clause(clause, &word, &choices) &&
            equals(s->written[s->count - 1], word)) {
            tell(s, choices);
            return true;
        }
    }
    return false;
}

static bool is_used(const struct seeker *s, struct part clause)
{
    struct part word;
    struct part choices;
    struct part one;

    if (split_clause(clause, &word, &choices))
        return is_written(s, word);
    while (next_choice(&choices, '|', &one)) {
        if (is_written(s, one))
            return true;
    }
    return false;
}

static void see_form(const struct seeker *s, struct part form)
{
    struct part rest = form;
    struct part clause;
    struct part word;
    struct part choices;

    if (s->count == 0) {
        next_choice(&rest, '[', &clause);
        tell(s, clause);
        return;
    }
    if (follow_last(s, form))
        return;
    while (next_clause(&rest, &clause)) {
        if (!is_used(s, clause))
            tell(s, split_clause(clause, &word, &choices) ? word : clause);
    }
}

/* ---- settings in settings ------------------------------------------------ */

/* Of several forms, those that begin with the first word are meant. */
static bool is_meant(const struct seeker *s, struct part form)
{
    struct part word = {form.text, word_length(form)};

    return s->count == 0 || word.length == form.length ||
           form.text[word.length] != ' ' || word.length == 0 ||
           equals(s->written[0], word);
}

/* Takes the next form of a setting. */
static bool next_form(const char **rest, struct part *form)
{
    const char *end = *rest ? strstr(*rest, " | ") : NULL;

    if (!*rest)
        return false;
    form->text = *rest;
    form->length = end ? (size_t)(end - *rest) : strlen(*rest);
    *rest = end ? end + 3 : NULL;
    return true;
}

/* `[backoff ...]` has the arguments of the setting of that name. Returns
 * whether nothing else can follow. */
static bool see_inner(const struct seeker *s, struct part form)
{
    struct part clause;
    struct part word;
    struct part choices;

    while (next_clause(&form, &clause)) {
        if (!split_clause(clause, &word, &choices) || !equals("...", choices))
            continue;
        for (size_t i = 0; i < s->count; i++) {
            struct seeker inner = *s;
            const struct bstc_setting_info *setting = NULL;
            struct part part;
            const char *rest;

            if (equals(s->written[i], word))
                setting = bstc_word_setting(s->written[i], ~0u);
            if (!setting)
                continue;
            inner.written += i + 1;
            inner.count -= i + 1;
            rest = setting->args;
            while (next_form(&rest, &part)) {
                if (is_meant(&inner, part))
                    see_form(&inner, part);
            }
            return inner.count == 0;
        }
    }
    return false;
}

void bstc_values_next(const struct bstc_setting_info *setting,
                      const char *const *written, size_t count,
                      bstc_value_fn *found, void *arg)
{
    struct seeker s = {written, count, found, arg};
    const char *rest = setting->args;
    struct part form;

    while (next_form(&rest, &form)) {
        if (is_meant(&s, form) && !see_inner(&s, form))
            see_form(&s, form);
    }
}
