/*
 * Asks of what may be restarted meanwhile (W0406, with -Wextra).
 *
 * A supervisor that stands around the group that is asked, but not around the
 * one that asks, may restart the former alone; the ask then ends without an
 * answer, which the asker has to be prepared for.
 */

#include "check.h"

/* Returns whether some group of the actor is not below the supervisor. */
static bool is_outside(const struct bstc_topo *topo, uint32_t actor,
                       uint32_t supervisor)
{
    uint32_t first = topo->first_group[actor];
    uint32_t end = topo->first_group[actor + 1];

    return first < end &&
           (topo->groups[first] < topo->first_below[supervisor] ||
            topo->groups[end - 1] >= topo->end_below[supervisor]);
}

static bool can_restart(const struct bstc_topo *topo, uint32_t supervisor)
{
    const struct bstc_settings *settings =
        bstc_scope_around(topo->program, supervisor, BSTC_SETTING_RESTART);

    return !settings || !settings->is_valid[BSTC_SETTING_RESTART] ||
           settings->restart.mode != BSTC_RESTART_NEVER;
}

/* Returns the nearest supervisor that may restart the group under the asker,
 * or BSTC_NONE. */
static uint32_t border_of(const struct bstc_topo *topo, uint32_t asker,
                          uint32_t group)
{
    const struct bstc_program *program = topo->program;
    const struct bstc_settings *lifetime = bstc_scope_nearest(
        program, &program->groups[group], BSTC_SETTING_LIFETIME);
    uint32_t at = program->groups[group].supervisor;

    if (lifetime && lifetime->lifetime == BSTC_TEMPORARY)
        return BSTC_NONE;
    for (; at != BSTC_NONE && is_outside(topo, asker, at);
         at = program->supervisors[at].parent) {
        if (can_restart(topo, at))
            return at;
    }
    return BSTC_NONE;
}

static void report(const struct bstc_topo *topo, const struct bstc_edge *edge,
                   uint32_t group, uint32_t border)
{
    struct bstc_diags *diags = &topo->program->context->diags;
    const struct bstc_ast_name *name =
        &topo->program->supervisors[border].ast->name;
    const struct bstc_ast_name *asked = &topo->program->groups[group].ast->name;
    bool is_first = bstc_span_is_before(name->span, edge->span);
    struct bstc_diag *diag = bstc_extra_warning(
        diags, "W0406", is_first ? name->span : edge->span,
        "`%s` may restart `%s` while it is asked", name->text, asked->text);

    bstc_diag_label(diags, diag,
                    is_first ? "restarts it alone" : "asked from outside");
    bstc_diag_also(diags, diag, is_first ? edge->span : name->span, "%s",
                   is_first ? "asked from outside" : "restarts it alone");
    bstc_diag_note(diags, diag,
                   "the ask then gets `BST_FAILED`, or waits for the next "
                   "incarnation until its deadline");
}

void bstc_check_border(const struct bstc_topo *topo)
{
    for (uint32_t i = 0; i < topo->first_outside; i++) {
        const struct bstc_edge *edge = &topo->edges[i];
        uint32_t group;
        uint32_t border;

        if (edge->kind != BSTC_EDGE_ASK || edge->target == BSTC_TO_SELF)
            continue;
        group = bstc_topo_receiver(topo, edge, BSTC_NONE, 0);
        if (group == BSTC_NONE)
            continue;
        border = border_of(topo, edge->from_actor, group);
        if (border != BSTC_NONE)
            report(topo, edge, group, border);
    }
}
