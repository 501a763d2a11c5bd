/*
 * Budgets of restarts: those that never run out (W0501), those that multiply
 * along a path of the tree (W0502), and large groups that are restarted as a
 * whole (W0503).
 */

#include "check.h"

#include "budget.h"
#include "emit_out.h"

/* More restarts than that before the root gives up are a storm. */
#define STORM 1000
/* And so are more members than that of one restart. */
#define CROWD 1000

/* ---- that never run out -------------------------------------------------- */

/* The restarts that hold in a block: `backoff` alone changes what is
 * inherited. Returns false if the block says nothing of either. */
static bool restart_of(const struct bstc_program *program, uint32_t around,
                       const struct bstc_settings *settings,
                       struct bstc_restart *out)
{
    static const struct bstc_restart standard = {
        .mode = BSTC_RESTART_LIMITED, .tries = 5, .in = 10000000000};
    const struct bstc_settings *outer;
    const struct bstc_restart own = settings->restart;

    if (settings->written[BSTC_SETTING_RESTART]) {
        *out = own;
        return settings->is_valid[BSTC_SETTING_RESTART];
    }
    if (!settings->is_valid[BSTC_SETTING_BACKOFF])
        return false;
    outer = bstc_scope_around(program, around, BSTC_SETTING_RESTART);
    *out = outer ? outer->restart : standard;
    out->backoff = own.backoff;
    out->step = own.step;
    out->cap = own.cap;
    out->factor = own.factor;
    out->jitter = own.jitter;
    return !outer || outer->is_valid[BSTC_SETTING_RESTART];
}

static struct bstc_span place_of(const struct bstc_settings *settings)
{
    return settings->written[BSTC_SETTING_RESTART]
               ? settings->written[BSTC_SETTING_RESTART]->span
               : settings->written[BSTC_SETTING_BACKOFF]->span;
}

/* "14.27s", "900ms": short, and not above the value. */
static const char *readable(struct bstc_arena *arena, int64_t ns)
{
    char text[32];

    if (ns < 1000000000 || ns % 1000000000 == 0) {
        bstc_duration_text(text, sizeof text, ns);
        return bstc_arena_format(arena, "%s", text);
    }
    return bstc_arena_format(arena, "%lld.%02llds",
                             (long long)(ns / 1000000000),
                             (long long)(ns / 10000000 % 100));
}

/* Suggests a window of whole seconds that is surely longer. */
static void suggest(struct bstc_diags *diags, struct bstc_diag *diag,
                    const struct bstc_restart *restart, int64_t least)
{
    uint32_t tries = bstc_budget_most_tries(restart);
    char text[32];

    if (least > INT64_MAX - 2000000000) {
        bstc_diag_help(diags, diag, "allow at most %u restarts",
                       (unsigned)tries);
        return;
    }
    bstc_duration_text(text, sizeof text,
                       (least / 1000000000 + 1) * 1000000000);
    if (tries > 0)
        bstc_diag_help(diags, diag,
                       "use `in %s` or more, or at most %u restart%s", text,
                       (unsigned)tries, tries == 1 ? "" : "s");
    else
        bstc_diag_help(diags, diag, "use `in %s` or more", text);
}

static void check_window(const struct bstc_topo *topo, uint32_t around,
                         const struct bstc_settings *settings)
{
    struct bstc_diags *diags = &topo->program->context->diags;
    struct bstc_restart restart;
    struct bstc_diag *diag;
    struct bstc_arena *arena = &topo->program->context->arena;
    int64_t least;

    if (!restart_of(topo->program, around, settings, &restart) ||
        restart.mode != BSTC_RESTART_LIMITED || restart.in == 0 ||
        restart.tries == 0)
        return;
    least = bstc_budget_least_time(&restart, restart.tries);
    if (least < restart.in)
        return;
    diag = bstc_warning(diags, "W0501", place_of(settings),
                        "this restart budget can never run out");
    bstc_diag_label(diags, diag,
                    "%u restarts take at least %s, no less than the %s window",
                    (unsigned)restart.tries, readable(arena, least),
                    readable(arena, restart.in));
    bstc_diag_note(diags, diag,
                   "a child that fails at once would be restarted for ever");
    suggest(diags, diag, &restart, least);
}

/* ---- that multiply ------------------------------------------------------- */

/* What a block that sets a budget multiplies by. A child that is removed when
 * its budget is used up lets nothing above it know. */
static uint64_t product_of(const struct bstc_settings *settings, uint64_t above)
{
    const struct bstc_restart *restart = &settings->restart;

    if (!settings->is_valid[BSTC_SETTING_RESTART] ||
        restart->mode != BSTC_RESTART_LIMITED)
        return above;
    if (restart->then == BSTC_REMOVE)
        return (uint64_t)restart->tries + 1;
    return bstc_multiply(above, (uint64_t)restart->tries + 1);
}

/* The budgets of a path, from the inside out, as far as they are shown. */
struct path {
    struct bstc_span spans[1 + BSTC_DIAG_MAX_ALSO];
    uint32_t tries[1 + BSTC_DIAG_MAX_ALSO];
    uint32_t count;
    uint32_t first; /* that stands first in the file */
};

static void collect_path(const struct bstc_program *program,
                         const struct bstc_settings *settings, uint32_t around,
                         struct path *path)
{
    while (path->count <= BSTC_DIAG_MAX_ALSO) {
        const struct bstc_restart *restart = &settings->restart;

        if (settings->is_valid[BSTC_SETTING_RESTART] &&
            restart->mode == BSTC_RESTART_LIMITED) {
            if (restart->then == BSTC_REMOVE && path->count > 0)
                return;
            path->spans[path->count] =
                settings->written[BSTC_SETTING_RESTART]->span;
            path->tries[path->count] = restart->tries;
            if (bstc_span_is_before(path->spans[path->count],
                                    path->spans[path->first]))
                path->first = path->count;
            path->count++;
            if (restart->then == BSTC_REMOVE)
                return;
        }
        if (around == BSTC_NONE)
            return;
        settings = &program->supervisors[around].settings;
        around = program->supervisors[around].parent;
    }
}

static void report_storm(const struct bstc_topo *topo,
                         const struct bstc_settings *settings, uint32_t around,
                         uint64_t product)
{
    struct bstc_diags *diags = &topo->program->context->diags;
    struct path path = {.count = 0};
    struct bstc_diag *diag;

    collect_path(topo->program, settings, around, &path);
    diag = bstc_warning(diags, "W0502", path.spans[path.first],
                        "up to %llu restarts before anything gives up",
                        (unsigned long long)product - 1);
    bstc_diag_label(diags, diag, "%u restarts",
                    (unsigned)path.tries[path.first]);
    for (uint32_t i = path.count; i-- > 0;) {
        if (i != path.first)
            bstc_diag_also(diags, diag, path.spans[i], "times %u",
                           (unsigned)path.tries[i] + 1);
    }
    if (path.count > 1)
        bstc_diag_note(diags, diag,
                       "a restart from above gives what is below a new budget");
    bstc_diag_help(diags, diag, "allow fewer than %d restarts in all", STORM);
}

/* Reports where the product passes the limit, not everywhere below that. */
static uint64_t check_storm(const struct bstc_topo *topo,
                            const struct bstc_settings *settings,
                            uint32_t around, uint64_t above)
{
    uint64_t product = product_of(settings, above);

    if (product > STORM && above <= STORM && product != above)
        report_storm(topo, settings, around, product);
    return product;
}

/* ---- that restart a crowd ------------------------------------------------ */

static void report_crowd(const struct bstc_topo *topo, uint32_t group,
                         uint32_t supervisor)
{
    static const char *const words[] = {"one-for-one", "one-for-all",
                                        "rest-for-one"};
    const struct bstc_program *program = topo->program;
    const struct bstc_sym_supervisor *symbol =
        &program->supervisors[supervisor];
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_span resize =
        program->groups[group].settings.written[BSTC_SETTING_RESIZE]->span;
    struct bstc_span strategy = symbol->ast->strategy.span;
    bool is_first = bstc_span_is_before(strategy, resize);
    struct bstc_diag *diag =
        bstc_warning(diags, "W0503", is_first ? strategy : resize,
                     "one failure may restart %llu processes at once",
                     (unsigned long long)topo->high[group]);

    bstc_diag_label(diags, diag, "%s",
                    is_first ? "restarts them all together"
                             : "up to that many");
    bstc_diag_also(diags, diag, is_first ? resize : strategy, "%s",
                   is_first ? "up to that many" : "restarts them all together");
    bstc_diag_help(diags, diag,
                   "put the group below a supervisor that is not %s, or give "
                   "`resize` a bound of %d",
                   words[symbol->strategy], CROWD);
}

static void check_crowd(const struct bstc_topo *topo, uint32_t group)
{
    const struct bstc_settings *settings =
        &topo->program->groups[group].settings;
    uint32_t at = topo->program->groups[group].supervisor;

    if (!settings->is_valid[BSTC_SETTING_RESIZE] ||
        settings->resize_high <= CROWD)
        return;
    for (; at != BSTC_NONE; at = topo->program->supervisors[at].parent) {
        if (topo->program->supervisors[at].strategy != BSTC_ONE_FOR_ONE) {
            report_crowd(topo, group, at);
            return;
        }
    }
}

/* ---- the whole ----------------------------------------------------------- */

void bstc_check_budgets(const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    uint64_t *products =
        bstc_arena_array(&program->context->arena,
                         (size_t)program->nsupervisors + 1, sizeof *products);

    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        const struct bstc_sym_supervisor *s = &program->supervisors[i];

        check_window(topo, s->parent, &s->settings);
        products[i] =
            check_storm(topo, &s->settings, s->parent,
                        s->parent == BSTC_NONE ? 1 : products[s->parent]);
    }
    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *g = &program->groups[i];

        check_window(topo, g->supervisor, &g->settings);
        check_storm(topo, &g->settings, g->supervisor, products[g->supervisor]);
        check_crowd(topo, i);
    }
}
