/*
 * The cursor over arguments, and the two settings whose arguments form a
 * little language of their own: `restart` and `backoff`.
 */

#include "attrs_args.h"

#include <string.h>

#include "scope.h"

/* ---- what is wrong ------------------------------------------------------- */

/* Reports that an argument, or its absence, does not fit the setting. */
static bool does_not_fit(struct bstc_args *args)
{
    struct bstc_diags *diags = &args->program->context->diags;
    enum bstc_setting which = 0;
    struct bstc_diag *diag;

    if (args->at)
        diag = bstc_error(diags, "E0103", args->at->span,
                          "`%s` cannot take this", args->setting->name.text);
    else
        diag = bstc_error(diags, "E0103", args->setting->span,
                          "`%s` lacks a value", args->setting->name.text);
    while (strcmp(bstc_setting_info(which)->name, args->setting->name.text))
        which++;
    bstc_diag_note(diags, diag, "it is written `%s%s%s;`",
                   args->setting->name.text,
                   *bstc_setting_info(which)->args ? " " : "",
                   bstc_setting_info(which)->args);
    args->at = NULL;
    return false;
}

static bool out_of_range(struct bstc_args *args, int64_t low, int64_t high,
                         const char *unit)
{
    bool after_word = args->last && args->last != args->at &&
                      args->last->kind == BSTC_AST_VALUE_NAME;
    const char *what = after_word ? args->last->text : args->setting->name.text;

    struct bstc_diags *diags = &args->program->context->diags;
    struct bstc_diag *diag = bstc_error(
        diags, "E0103", args->at->span, "`%s` must be from %lld%s to %lld%s",
        what, (long long)low, unit, (long long)high, unit);

    if (args->at->kind == BSTC_AST_VALUE_INT)
        bstc_diag_label(diags, diag, "this is %s%llu",
                        args->at->negative ? "-" : "",
                        (unsigned long long)args->at->number);
    args->at = NULL;
    return false;
}

static bool needs_unit(struct bstc_args *args, const char *example)
{
    struct bstc_diags *diags = &args->program->context->diags;
    struct bstc_diag *diag = bstc_error(diags, "E0102", args->at->span,
                                        "a number here needs a unit");

    bstc_diag_help(diags, diag, "such as %s", example);
    args->at = NULL;
    return false;
}

/* ---- taking one argument ------------------------------------------------- */

static const struct bstc_ast_value *take(struct bstc_args *args)
{
    args->last = args->at;
    args->at = args->at->next;
    return args->last;
}

static bool is_kind(const struct bstc_args *args, enum bstc_ast_value_kind kind)
{
    return args->at && args->at->kind == kind;
}

bool bstc_args_more(const struct bstc_args *args)
{
    return args->at != NULL;
}

bool bstc_args_is_name(const struct bstc_args *args)
{
    return is_kind(args, BSTC_AST_VALUE_NAME);
}

const char *bstc_args_name(struct bstc_args *args)
{
    if (!bstc_args_is_name(args)) {
        does_not_fit(args);
        return NULL;
    }
    return take(args)->text;
}

const char *bstc_args_word(struct bstc_args *args, const char *const *words,
                           const char *what)
{
    if (!bstc_args_is_name(args)) {
        does_not_fit(args);
        return NULL;
    }
    for (size_t i = 0; words[i]; i++) {
        if (strcmp(words[i], args->at->text) == 0) {
            take(args);
            return words[i];
        }
    }
    bstc_scope_unknown_word(args->program, what, &args->at->span,
                            args->at->text, words);
    args->at = NULL;
    return NULL;
}

bool bstc_args_number(struct bstc_args *args, int64_t low, int64_t high,
                      int64_t *out)
{
    if (!is_kind(args, BSTC_AST_VALUE_INT))
        return does_not_fit(args);
    if ((args->at->negative && args->at->number > 0) ||
        args->at->number > (uint64_t)high || args->at->number < (uint64_t)low)
        return out_of_range(args, low, high, "");
    *out = (int64_t)take(args)->number;
    return true;
}

bool bstc_args_duration(struct bstc_args *args, int64_t *out)
{
    if (is_kind(args, BSTC_AST_VALUE_INT))
        return needs_unit(args, "5s or 500ms");
    if (!is_kind(args, BSTC_AST_VALUE_DURATION))
        return does_not_fit(args);
    if (args->at->duration <= 0) {
        bstc_error(&args->program->context->diags, "E0103", args->at->span,
                   "a duration must be above zero");
        args->at = NULL;
        return false;
    }
    *out = take(args)->duration;
    return true;
}

bool bstc_args_size(struct bstc_args *args, int64_t low, int64_t high,
                    int64_t *out)
{
    if (is_kind(args, BSTC_AST_VALUE_INT))
        return needs_unit(args, "64KiB");
    if (!is_kind(args, BSTC_AST_VALUE_SIZE))
        return does_not_fit(args);
    if (args->at->number < (uint64_t)low || args->at->number > (uint64_t)high)
        return out_of_range(args, low / 1024, high / 1024, "KiB");
    *out = (int64_t)take(args)->number;
    return true;
}

bool bstc_args_percent(struct bstc_args *args, uint32_t *out)
{
    if (!is_kind(args, BSTC_AST_VALUE_PERCENT))
        return does_not_fit(args);
    if (args->at->number > 100)
        return out_of_range(args, 0, 100, "%");
    *out = (uint32_t)take(args)->number;
    return true;
}

bool bstc_args_range(struct bstc_args *args, uint64_t *low, uint64_t *high)
{
    if (!is_kind(args, BSTC_AST_VALUE_RANGE))
        return does_not_fit(args);
    *low = args->at->low;
    *high = args->at->high;
    take(args);
    return true;
}

void bstc_args_unsupported(struct bstc_args *args, const char *area,
                           const char *word)
{
    bstc_unsupported(args->program, area, word, args->last->span);
}

void bstc_args_skip(struct bstc_args *args)
{
    args->at = NULL;
}

bool bstc_args_end(struct bstc_args *args)
{
    if (args->at)
        return does_not_fit(args);
    return true;
}

bool bstc_args_once(struct bstc_args *args, bool *flag)
{
    struct bstc_diags *diags = &args->program->context->diags;

    if (*flag) {
        bstc_error(diags, "E0205", args->last->span, "`%s` stands here twice",
                   args->last->text);
        args->at = NULL;
        return false;
    }
    *flag = true;
    return true;
}

/* ---- restart and backoff ------------------------------------------------- */

/* What has been seen of a setting whose words may come in any order. */
struct seen {
    bool in, then, backoff, to, factor, jitter;
};

static bool contradiction(struct bstc_args *args, const char *text)
{
    bstc_error(&args->program->context->diags, "E0504", args->last->span, "%s",
               text);
    args->at = NULL;
    return false;
}

/* A word that contradicts the first one of the setting. */
static bool clash(struct bstc_args *args, const char *text)
{
    struct bstc_diags *diags = &args->program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0504", args->last->span, "%s", text);

    bstc_diag_also(diags, diag, args->setting->args->span, "because of this");
    args->at = NULL;
    return false;
}

static bool read_shape(struct bstc_args *args, struct bstc_restart *out)
{
    static const char *const shapes[] = {"linear", "exponential", NULL};
    const char *shape = bstc_args_word(args, shapes, "backoff");

    if (!shape)
        return false;
    out->backoff =
        strcmp(shape, "linear") == 0 ? BSTC_LINEAR : BSTC_EXPONENTIAL;
    return bstc_args_duration(args, &out->step);
}

static void warn_same_delay(const struct bstc_args *args)
{
    struct bstc_diags *diags = &args->program->context->diags;
    struct bstc_diag *diag =
        bstc_warning(diags, "W0505", args->last->span,
                     "with factor 1 every delay is the same");

    bstc_diag_help(diags, diag, "leave `factor` out for delays that double");
}

/* Takes what follows the word `word`, which belongs to a back-off. */
static bool read_backoff_word(struct bstc_args *args, const char *word,
                              struct seen *seen, struct bstc_restart *out)
{
    if (!seen->backoff)
        return contradiction(args, "this belongs to a `backoff`");
    if (strcmp(word, "to") == 0) {
        if (!bstc_args_once(args, &seen->to) ||
            !bstc_args_duration(args, &out->cap))
            return false;
        if (out->cap < out->step)
            return contradiction(args, "the longest delay is below the first");
        return true;
    }
    if (out->backoff == BSTC_LINEAR)
        return contradiction(args, "this belongs to `backoff exponential`");
    if (strcmp(word, "factor") == 0) {
        int64_t factor = 0;

        if (!bstc_args_once(args, &seen->factor))
            return false;
        if (args->at && !is_kind(args, BSTC_AST_VALUE_INT))
            return out_of_range(args, 1, 1000, "");
        if (!bstc_args_number(args, 1, 1000, &factor))
            return false;
        out->factor = (uint32_t)factor;
        if (factor == 1)
            warn_same_delay(args);
        return true;
    }
    return bstc_args_once(args, &seen->jitter) &&
           bstc_args_percent(args, &out->jitter);
}

static bool read_restart_word(struct bstc_args *args, const char *word,
                              struct seen *seen, struct bstc_restart *out)
{
    static const char *const ends[] = {"escalate", "remove", NULL};

    if (strcmp(word, "in") == 0) {
        if (out->mode != BSTC_RESTART_LIMITED)
            return contradiction(args, "only a number of restarts can be `in` "
                                       "a time");
        return bstc_args_once(args, &seen->in) &&
               bstc_args_duration(args, &out->in);
    }
    if (strcmp(word, "backoff") == 0) {
        if (out->mode == BSTC_RESTART_NEVER)
            return clash(args, "`restart never` leaves nothing to put off");
        if (out->mode == BSTC_RESTART_LIMITED && out->tries == 0)
            return clash(args, "`restart 0` leaves nothing to put off");
        seen->backoff = seen->backoff || out->backoff != BSTC_BACKOFF_NONE;
        return bstc_args_once(args, &seen->backoff) && read_shape(args, out);
    }
    if (strcmp(word, "then") == 0) {
        if (out->mode != BSTC_RESTART_LIMITED)
            return contradiction(args, "`then` needs a number of restarts "
                                       "that can run out");
        if (!bstc_args_once(args, &seen->then))
            return false;
        word = bstc_args_word(args, ends, "word after `then`");
        if (!word)
            return false;
        out->then = strcmp(word, "remove") == 0 ? BSTC_REMOVE : BSTC_ESCALATE;
        return true;
    }
    return read_backoff_word(args, word, seen, out);
}

static bool read_mode(struct bstc_args *args, struct bstc_restart *out)
{
    static const char *const modes[] = {"always", "never", NULL};

    if (bstc_args_is_name(args)) {
        const char *word = bstc_args_word(args, modes, "restart");

        if (!word)
            return false;
        out->mode = strcmp(word, "always") == 0 ? BSTC_RESTART_ALWAYS
                                                : BSTC_RESTART_NEVER;
        return true;
    }

    int64_t tries = 0;

    if (!bstc_args_number(args, 0, 1000000, &tries))
        return false;
    out->mode = BSTC_RESTART_LIMITED;
    out->tries = (uint32_t)tries;
    return true;
}

bool bstc_args_restart(struct bstc_args *args, struct bstc_restart *out)
{
    static const char *const words[] = {"in",     "backoff", "then", "to",
                                        "factor", "jitter",  NULL};
    struct seen seen = {0};

    if (!read_mode(args, out))
        return false;
    while (bstc_args_more(args)) {
        const char *word = bstc_args_word(args, words, "word of `restart`");

        if (!word || !read_restart_word(args, word, &seen, out))
            return false;
    }
    if (!seen.then)
        out->then =
            out->in > 0 || out->tries == 0 ? BSTC_ESCALATE : BSTC_REMOVE;
    return true;
}

bool bstc_args_backoff(struct bstc_args *args, struct bstc_restart *out)
{
    static const char *const words[] = {"to", "factor", "jitter", NULL};
    struct seen seen = {.backoff = true};

    if (out->backoff != BSTC_BACKOFF_NONE) {
        bstc_error(&args->program->context->diags, "E0205",
                   args->setting->name.span,
                   "`backoff` is set here and in `restart`");
        return false;
    }
    if (!read_shape(args, out))
        return false;
    while (bstc_args_more(args)) {
        const char *word = bstc_args_word(args, words, "word of `backoff`");

        if (!word || !read_backoff_word(args, word, &seen, out))
            return false;
    }
    return true;
}
