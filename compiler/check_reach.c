/*
 * What nothing reaches: messages, actors and groups (W0304), and handlers
 * (W0303).
 *
 * Handlers are nodes of a graph; an arc leads from a handler to one that it
 * makes run. What runs by itself is reached: starts, stops, timers, `run`, and
 * whatever comes from outside. One mistake yields one finding: a message that
 * nobody sends, an actor in no group and a group that nobody reaches are
 * reported as such, and their handlers count as reached; of handlers that
 * depend on each other the first one is reported, and what it makes run
 * counts as reached, too. What an imported file declares is there for other
 * programs as well, so its messages and actors may be left unused.
 */

#include "check.h"

#include "reach.h"

static const char *actor_name(const struct bstc_reach *r, uint32_t actor)
{
    return r->topo->program->actors[actor].ast->name.text;
}

static bool is_imported(const struct bstc_reach *r,
                        const struct bstc_ast_name *name)
{
    return name->span.file != r->topo->program->unit_span.file;
}

/* ---- messages ------------------------------------------------------------ */

static void report_message(const struct bstc_reach *r, uint32_t message)
{
    const struct bstc_program *program = r->topo->program;
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_name *name = &program->messages[message].ast->name;
    struct bstc_diag *diag =
        bstc_warning(diags, "W0304", name->span,
                     "nobody sends the message `%s`", name->text);
    const struct bstc_sym_handler *handler = r->handled_by[message];

    if (handler)
        bstc_diag_also(diags, diag, handler->ast->head,
                       "so this handler never runs");
    else
        bstc_diag_label(diags, diag, "and nobody handles it");
    bstc_diag_help(diags, diag,
                   "if `main` or another thread sends it, declare that: "
                   "`outside sends ...;`");
}

static void check_messages(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < program->nmessages; i++) {
        if (!r->is_sent[i] && !r->is_type[i] &&
            !is_imported(r, &program->messages[i].ast->name))
            report_message(r, i);
    }
}

/* ---- actors and groups --------------------------------------------------- */

static void check_actors(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;
    struct bstc_diags *diags = &program->context->diags;

    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_ast_name *name = &program->actors[i].ast->name;
        struct bstc_diag *diag;

        if (bstc_topo_has_group(r->topo, i) || is_imported(r, name))
            continue;
        diag = bstc_warning(diags, "W0304", name->span,
                            "the actor `%s` is in no group, so it never runs",
                            name->text);
        bstc_diag_help(diags, diag, "add `children %s;` to a supervisor",
                       name->text);
    }
}

static void report_group(const struct bstc_reach *r, uint32_t group)
{
    const struct bstc_program *program = r->topo->program;
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_group *ast = program->groups[group].ast;
    struct bstc_diag *diag;

    if (ast->is_dynamic) {
        diag =
            bstc_warning(diags, "W0304", ast->name.span,
                         "nothing is ever spawned into `%s`", ast->name.text);
        bstc_diag_help(diags, diag,
                       "declare who does: `spawns %s` in a handler, or "
                       "`outside spawns %s;`",
                       ast->name.text, ast->name.text);
        return;
    }
    diag = bstc_warning(diags, "W0304", ast->name.span,
                        "nothing reaches the group `%s`", ast->name.text);
    bstc_diag_label(diags, diag, "`%s` does nothing by itself",
                    actor_name(r, program->groups[group].actor));
    bstc_diag_help(diags, diag,
                   "declare who sends to it, in a handler or in `outside`");
}

/* Handlers of an actor are reached together, so they are judged only if one
 * group of it is. */
static void check_groups(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].actor != BSTC_NONE &&
            !bstc_reach_has_group(r, i))
            report_group(r, i);
    }
}

/* ---- handlers ------------------------------------------------------------ */

static void report_handler(const struct bstc_reach *r, uint32_t actor,
                           const struct bstc_sym_handler *handler)
{
    struct bstc_diags *diags = &r->topo->program->context->diags;
    const char *name = actor_name(r, actor);
    struct bstc_diag *diag;

    switch (handler->event) {
    case BSTC_ON_ANY:
        diag = bstc_warning(diags, "W0303", handler->ast->head,
                            "nothing untyped can arrive at `%s`", name);
        bstc_diag_note(diags, diag,
                       "all that it receives is declared, and has a handler");
        break;
    case BSTC_ON_DOWN:
        bstc_warning(diags, "W0303", handler->ast->head,
                     "`%s` knows nobody whose end it could be told", name);
        break;
    case BSTC_ON_DEMAND:
        diag =
            bstc_warning(diags, "W0303", handler->ast->head,
                         "`%s` begins no stream, so nothing is demanded", name);
        bstc_diag_help(diags, diag, "declare one: `stream %s ~> ...;`", name);
        break;
    case BSTC_ON_RESTART:
        bstc_warning(diags, "W0303", handler->ast->head,
                     "`%s` is never restarted", name);
        break;
    default:
        diag = bstc_warning(diags, "W0303", handler->ast->head,
                            "nothing that runs makes `%s` handle `%s`", name,
                            handler->stem);
        bstc_diag_note(diags, diag,
                       "messages come from starts, timers, `outside`, and "
                       "handlers that they reach");
        break;
    }
}

/* Handlers that are reached from none but each other are one part; parts from
 * which others are reached come first. */
static void check_handlers(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;
    uint32_t nhandlers = r->waits->nhandlers;
    uint32_t *firsts = bstc_arena_array(
        &program->context->arena, (size_t)r->graph.nparts + 1, sizeof *firsts);
    uint32_t *actors = bstc_arena_array(&program->context->arena,
                                        (size_t)nhandlers + 1, sizeof *actors);

    for (uint32_t i = 0; i < r->graph.nparts; i++)
        firsts[i] = BSTC_NONE;
    for (uint32_t i = 0; i < program->nactors; i++) {
        for (uint32_t k = 0; k < program->actors[i].nhandlers; k++) {
            uint32_t node = r->waits->first[i] + k;

            actors[node] = i;
            if (firsts[r->graph.parts[node]] == BSTC_NONE)
                firsts[r->graph.parts[node]] = node;
        }
    }
    for (uint32_t i = r->graph.nparts; i-- > 0;) {
        uint32_t node = firsts[i];
        const struct bstc_sym_handler *handler;

        if (node == BSTC_NONE || r->is_reached[node])
            continue;
        handler = &program->actors[actors[node]]
                       .handlers[node - r->waits->first[actors[node]]];
        bstc_reach_from(r, node);
        if (!handler->is_skipped)
            report_handler(r, actors[node], handler);
    }
}

void bstc_check_reach(const struct bstc_waits *waits)
{
    struct bstc_reach r;

    bstc_reach_init(&r, waits);
    check_messages(&r);
    check_actors(&r);
    check_groups(&r);
    check_handlers(&r);
}
