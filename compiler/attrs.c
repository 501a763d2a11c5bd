/*
 * Reading settings: where they stand, and the arguments of each.
 *
 * Arguments are taken one by one through a cursor. The first thing that does
 * not fit is reported, and the rest of that setting is not looked at.
 */

#include "attrs.h"

#include <string.h>

#include "attrs_args.h"
#include "emit.h"
#include "parse.h"
#include "token.h"
#include "scope.h"

/* The most children that a group may have. */
#define MAX_MEMBERS 16777216

static const struct bstc_setting_info infos[BSTC_SETTING_COUNT] = {
#define X(id, name, where, args, fallback, doc)                                \
    {name, where, args, fallback, doc},
#include "attrs.def"
#undef X
};

const struct bstc_setting_info *bstc_setting_info(enum bstc_setting setting)
{
    return &infos[setting];
}

/* ---- known, and in its place --------------------------------------------- */

static enum bstc_setting find(const char *name)
{
    int at = 0;

    while (at < BSTC_SETTING_COUNT && strcmp(infos[at].name, name) != 0)
        at++;
    return (enum bstc_setting)at;
}

static const char *where_text(unsigned where)
{
    if (where & BSTC_IN_GROUP)
        return "in `children`";
    if (where & BSTC_IN_SUPERVISOR)
        return "in a supervisor";
    if (where & BSTC_IN_FILE)
        return "at the top of a file";
    if (where & BSTC_IN_ACTOR)
        return "in an actor";
    if (where & BSTC_IN_STREAM)
        return "in a stream";
    return "in a cluster";
}

/* The word that begins blocks in which settings stand there. */
static int block_of(enum bstc_where where)
{
    switch (where) {
    case BSTC_IN_FILE:
        return BSTC_TOKEN_EOF;
    case BSTC_IN_ACTOR:
        return BSTC_TOKEN_ACTOR;
    case BSTC_IN_SUPERVISOR:
        return BSTC_TOKEN_SUPERVISOR;
    case BSTC_IN_CLUSTER:
        return BSTC_TOKEN_CLUSTER;
    default:
        return BSTC_TOKEN_CHILDREN; /* settings only */
    }
}

static void report_unknown(struct bstc_program *program,
                           const struct bstc_ast_setting *setting,
                           enum bstc_where where)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0204", setting->name.span,
                   "there is no setting `%s`", setting->name.text);
    const char *names[BSTC_SETTING_COUNT];
    const char *statement;
    const char *near;
    uint32_t count = 0;

    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        if (infos[i].where & (unsigned)where)
            names[count++] = infos[i].name;
    }
    near = bstc_nearest(setting->name.text, names, count);
    statement =
        near ? NULL
             : bstc_nearest_statement(block_of(where), setting->name.text);
    if (near)
        bstc_diag_fix(diags, diag, setting->name.span, near,
                      "a setting with a similar name exists");
    else if (statement)
        bstc_diag_fix(diags, diag, setting->name.span, statement,
                      "a similar word is `%s`", statement);
    else
        bstc_diag_note(diags, diag,
                       "this is bastionc %s; a later one may have it",
                       BSTC_VERSION);
}

static bool is_in_place(struct bstc_program *program,
                        const struct bstc_ast_setting *setting,
                        const struct bstc_setting_info *info,
                        enum bstc_where where)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (info->where & (unsigned)where)
        return true;
    diag = bstc_error(diags, "E0203", setting->name.span,
                      "`%s` does not belong %s", info->name,
                      where_text((unsigned)where));
    bstc_diag_help(diags, diag, "write it %s", where_text(info->where));
    return false;
}

static bool is_first(struct bstc_program *program,
                     const struct bstc_ast_setting *setting,
                     const struct bstc_ast_setting *first)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (!first)
        return true;
    diag = bstc_error(diags, "E0205", setting->name.span, "`%s` is set twice",
                      setting->name.text);
    bstc_diag_label(diags, diag, "again here");
    bstc_diag_also(diags, diag, first->name.span, "first set here");
    return false;
}

/* ---- each setting -------------------------------------------------------- */

static bool read_overflow(struct bstc_args *args, struct bstc_settings *out)
{
    static const char *const words[] = {"reject", "drop_oldest", "drop_newest",
                                        "block", NULL};
    const char *word = bstc_args_word(args, words, "overflow policy");

    if (!word)
        return false;
    bstc_args_unsupported(args, "overflow", word);
    out->overflow = BSTC_REJECT;
    while (words[out->overflow] != word)
        out->overflow++;
    if (out->overflow != BSTC_BLOCK || !bstc_args_more(args) ||
        bstc_args_is_name(args))
        return true;
    return bstc_args_duration(args, &out->block);
}

/* What becomes of queued messages at a restart is said once. `said` is what
 * has been, or NULL. */
static bool read_survival(struct bstc_args *args, const char *word,
                          const char **said)
{
    struct bstc_diags *diags = &args->program->context->diags;
    bool twice = *said && strcmp(*said, word) == 0;

    if (*said && !twice) {
        bstc_error(diags, "E0504", args->last->span,
                   "a mailbox cannot `%s` its messages and `%s` them", *said,
                   word);
        bstc_args_skip(args);
        return false;
    }
    if (!bstc_args_once(args, &twice))
        return false;
    *said = word;
    bstc_args_unsupported(args, "mailbox", word);
    return true;
}

static bool read_mailbox(struct bstc_args *args, struct bstc_settings *out)
{
    static const char *const words[] = {"keep", "drop", "persist", "overflow",
                                        NULL};
    const char *said = NULL;
    bool seen = false;

    if (!bstc_args_number(args, 1, 16777216, &out->mailbox))
        return false;
    while (bstc_args_more(args)) {
        const char *word = bstc_args_word(args, words, "mailbox word");

        if (!word)
            return false;
        if (strcmp(word, "overflow") != 0) {
            if (!read_survival(args, word, &said))
                return false;
            continue;
        }
        if (!bstc_args_once(args, &seen) || !read_overflow(args, out))
            return false;
    }
    return true;
}

static bool read_dispatch(struct bstc_args *args, struct bstc_settings *out)
{
    static const char *const words[] = {"round_robin", "least_loaded", "random",
                                        "hash",        "broadcast",    "by",
                                        NULL};
    const char *word = bstc_args_word(args, words, "dispatch");

    if (!word)
        return false;
    bstc_args_unsupported(args, "dispatch", word);
    if (strcmp(word, "hash") == 0 || strcmp(word, "by") == 0) {
        if (!bstc_args_name(args))
            return false;
    }
    out->dispatch = BSTC_ROUND_ROBIN;
    return true;
}

static void warn_infinite(const struct bstc_args *args)
{
    struct bstc_diags *diags = &args->program->context->diags;
    struct bstc_diag *diag =
        bstc_warning(diags, "W0506", args->setting->span,
                     "a child that hangs would hold up every stop");

    bstc_diag_note(diags, diag,
                   "without this, a child is killed after 5s; supervisors "
                   "wait for their children anyway");
}

static bool read_shutdown(struct bstc_args *args, struct bstc_settings *out)
{
    static const char *const words[] = {"kill", "infinite", NULL};

    if (bstc_args_is_name(args)) {
        const char *word = bstc_args_word(args, words, "shutdown");

        if (!word)
            return false;
        out->shutdown =
            strcmp(word, "kill") == 0 ? BSTC_SHUTDOWN_KILL : BSTC_INFINITE;
        if (out->shutdown == BSTC_INFINITE)
            warn_infinite(args);
        return true;
    }
    return bstc_args_duration(args, &out->shutdown);
}

static bool read_lifetime(struct bstc_args *args, struct bstc_settings *out)
{
    static const char *const words[] = {"permanent", "transient", "temporary",
                                        NULL};
    const char *word = bstc_args_word(args, words, "lifetime");

    if (!word)
        return false;
    if (strcmp(word, "permanent") == 0)
        out->lifetime = BSTC_PERMANENT;
    else if (strcmp(word, "transient") == 0)
        out->lifetime = BSTC_TRANSIENT;
    else
        out->lifetime = BSTC_TEMPORARY;
    return true;
}

static bool read_auto_shutdown(struct bstc_args *args,
                               struct bstc_settings *out)
{
    static const char *const words[] = {"never", "any", "all", NULL};
    const char *word = bstc_args_word(args, words, "auto_shutdown");

    if (!word)
        return false;
    out->auto_shutdown = BSTC_AUTO_NEVER;
    while (words[out->auto_shutdown] != word)
        out->auto_shutdown++;
    return true;
}

static bool read_faults(struct bstc_args *args, struct bstc_settings *out)
{
    static const char *const words[] = {"contain", "strict", "off", NULL};
    const char *word = bstc_args_word(args, words, "faults");

    if (!word)
        return false;
    if (strcmp(word, "contain") == 0)
        out->faults = BSTC_FAULTS_CONTAIN;
    else if (strcmp(word, "strict") == 0)
        out->faults = BSTC_FAULTS_STRICT;
    else
        out->faults = BSTC_FAULTS_OFF;
    return true;
}

static bool read_resize(struct bstc_args *args, struct bstc_settings *out)
{
    struct bstc_diags *diags = &args->program->context->diags;

    if (!bstc_args_range(args, &out->resize_low, &out->resize_high))
        return false;
    if (out->resize_low > out->resize_high)
        bstc_error(diags, "E0504", args->setting->args->span,
                   "the bounds of `resize` are reversed");
    else if (out->resize_low < 1 || out->resize_high > MAX_MEMBERS)
        bstc_error(diags, "E0103", args->setting->args->span,
                   "`resize` must be from 1 to %d", MAX_MEMBERS);
    bstc_args_skip(args); /* E0900 has been reported for the setting */
    return true;
}

static bool read_prefix(struct bstc_args *args, struct bstc_settings *out)
{
    out->prefix = bstc_args_name(args);
    return out->prefix != NULL;
}

static bool read_arguments(struct bstc_args *args, enum bstc_setting setting,
                           struct bstc_settings *out)
{
    switch (setting) {
    case BSTC_SETTING_RESTART:
        return bstc_args_restart(args, &out->restart);
    case BSTC_SETTING_BACKOFF:
        return bstc_args_backoff(args, &out->restart);
    case BSTC_SETTING_MAILBOX:
        return read_mailbox(args, out);
    case BSTC_SETTING_REDUNDANCY:
        return bstc_args_number(args, 1, MAX_MEMBERS, &out->redundancy);
    case BSTC_SETTING_MAX:
        return bstc_args_number(args, 1, MAX_MEMBERS, &out->max);
    case BSTC_SETTING_ARGS:
        bstc_args_skip(args); /* judged with the fields of the actor */
        return true;
    case BSTC_SETTING_DISPATCH:
        return read_dispatch(args, out);
    case BSTC_SETTING_STACK:
        return bstc_args_size(args, 16384, 8388608, &out->stack);
    case BSTC_SETTING_SHUTDOWN:
        return read_shutdown(args, out);
    case BSTC_SETTING_LIFETIME:
        return read_lifetime(args, out);
    case BSTC_SETTING_SIGNIFICANT:
        return true; /* the word is all of it */
    case BSTC_SETTING_AUTO_SHUTDOWN:
        return read_auto_shutdown(args, out);
    case BSTC_SETTING_RESIZE:
        return read_resize(args, out);
    case BSTC_SETTING_FAULTS:
        return read_faults(args, out);
    case BSTC_SETTING_PREFIX:
        return read_prefix(args, out);
    case BSTC_SETTING_MEMORY:
        return bstc_args_size(args, 1024, (int64_t)1 << 50, &out->memory);
    case BSTC_SETTING_BUFFER:
        return bstc_args_number(args, 1, 16777216, &out->buffer);
    case BSTC_SETTING_OVERFLOW:
        return read_overflow(args, out);
    case BSTC_SETTING_SUSPECT:
        return bstc_args_duration(args, &out->suspect);
    default:
        bstc_args_skip(args); /* no back end looks at the arguments yet */
        return true;
    }
}

/* ---- blocks -------------------------------------------------------------- */

void bstc_setting_read(struct bstc_program *program,
                       const struct bstc_ast_setting *setting,
                       enum bstc_where where, struct bstc_settings *out)
{
    struct bstc_args args = {program, setting, setting->args, setting->args};
    enum bstc_setting which;

    if (!setting->name.text)
        return;
    which = find(setting->name.text);
    if (which == BSTC_SETTING_COUNT) {
        report_unknown(program, setting, where);
        return;
    }
    if (!is_in_place(program, setting, &infos[which], where) ||
        !is_first(program, setting, out->written[which]))
        return;
    out->written[which] = setting;
    bstc_unsupported(program, "setting", setting->name.text, setting->span);
    out->is_valid[which] =
        read_arguments(&args, which, out) && bstc_args_end(&args);
}

static void report_both(struct bstc_program *program,
                        const struct bstc_ast_setting *a,
                        const struct bstc_ast_setting *b, const char *text)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (b->span.start < a->span.start) {
        const struct bstc_ast_setting *swap = a;

        a = b;
        b = swap;
    }
    diag = bstc_error(diags, "E0504", a->span, "%s", text);
    bstc_diag_also(diags, diag, b->span, "contradicts this");
}

static void check_backoff(struct bstc_program *program,
                          const struct bstc_settings *out,
                          enum bstc_where where)
{
    const struct bstc_ast_setting *restart = out->written[BSTC_SETTING_RESTART];
    const struct bstc_ast_setting *backoff = out->written[BSTC_SETTING_BACKOFF];

    if (!backoff)
        return;
    if (!restart && where == BSTC_IN_GROUP) {
        struct bstc_diag *diag =
            bstc_error(&program->context->diags, "E0504", backoff->span,
                       "`backoff` in a group needs `restart` beside it");

        bstc_diag_note(&program->context->diags, diag,
                       "without it the group has no restarts of its own");
    } else if (restart && out->is_valid[BSTC_SETTING_RESTART]) {
        if (out->restart.mode == BSTC_RESTART_NEVER)
            report_both(program, restart, backoff,
                        "`restart never` leaves nothing to put off");
        else if (out->restart.mode == BSTC_RESTART_LIMITED &&
                 out->restart.tries == 0)
            report_both(program, restart, backoff,
                        "`restart 0` leaves nothing to put off");
    }
}

static void check_contradictions(struct bstc_program *program,
                                 const struct bstc_settings *out,
                                 enum bstc_where where)
{
    const struct bstc_ast_setting *const *written = out->written;

    check_backoff(program, out, where);
    if (out->is_valid[BSTC_SETTING_RESIZE] &&
        out->is_valid[BSTC_SETTING_REDUNDANCY] &&
        out->resize_low <= out->resize_high &&
        ((uint64_t)out->redundancy < out->resize_low ||
         (uint64_t)out->redundancy > out->resize_high))
        report_both(program, written[BSTC_SETTING_REDUNDANCY],
                    written[BSTC_SETTING_RESIZE],
                    "`redundancy` lies outside the bounds of `resize`");
}

void bstc_settings_read(struct bstc_program *program,
                        const struct bstc_ast_setting *list,
                        enum bstc_where where, struct bstc_settings *out)
{
    memset(out, 0, sizeof *out);
    for (const struct bstc_ast_setting *s = list; s; s = s->next)
        bstc_setting_read(program, s, where, out);
    check_contradictions(program, out, where);
}
