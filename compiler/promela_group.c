/*
 * What the processes of a Promela model do: a loop that takes messages, and
 * in each branch a choice for each thing that the handler may do.
 */

#include "promela.h"

/* A process while it is printed. */
struct process {
    const struct bstc_promela_maker *m;
    struct bstc_out *out;
    const struct bstc_program *program;
    uint32_t group;     /* BSTC_NONE: the outside */
    const char *budget; /* or NULL: it does not fail */
    const char *indent; /* of the options of a choice */
};

static const char *message_name(const struct process *p, uint32_t message)
{
    return p->program->messages[message].ast->name.text;
}

/* What `push` forgets. */
#define GONE                                                                   \
    "    mtype gone;\n"                                                        \
    "    short gone_from;\n"                                                   \
    "    bool gone_asked;\n"

/* ---- options: what a handler may do -------------------------------------- */

static const char *verb_for(const struct process *p, uint32_t to)
{
    switch (p->m->look->model.groups[to].overflow) {
    case BSTC_BLOCK:
        return "wait_and_tell";
    case BSTC_DROP_OLDEST:
        return "push";
    case BSTC_REJECT:
    case BSTC_DROP_NEWEST:
        break;
    }
    return "tell";
}

/* One option for each member, or one for all of them at a broadcast. */
static void put_send(const struct process *p, const struct bstc_edge *edge,
                     uint32_t to)
{
    const struct bstc_instances *all = &p->m->instances;
    bool is_dynamic = p->program->groups[to].ast->is_dynamic;
    bool is_cast = edge->kind == BSTC_EDGE_CAST;
    const char *verb = edge->kind == BSTC_EDGE_ASK ? "ask" : verb_for(p, to);

    for (uint32_t k = 0; k < all->count[to]; k++) {
        if (is_cast && k > 0)
            bstc_out_text(p->out, "; ");
        else
            bstc_out_format(p->out, "%s:: ", p->indent);
        if (is_dynamic && is_cast)
            bstc_out_format(p->out, "if :: live_%s > %u -> ",
                            p->program->groups[to].ast->name.text, k);
        else if (is_dynamic)
            bstc_out_format(p->out, "live_%s > %u -> ",
                            p->program->groups[to].ast->name.text, k);
        bstc_out_format(p->out, "%s(%u, %u, m_%s)", verb, all->first[to] + k,
                        bstc_promela_room(p->m, to),
                        message_name(p, edge->message));
        if (is_dynamic && is_cast)
            bstc_out_text(p->out, " :: else -> skip fi");
        if (!is_cast || k + 1 == all->count[to])
            bstc_out_text(p->out, "\n");
    }
}

static void put_spawn(const struct process *p, uint32_t to)
{
    const char *name = p->program->groups[to].ast->name.text;

    bstc_out_format(p->out,
                    "%s:: atomic {\n"
                    "%s       live_%s < %u ->\n"
                    "%s       child = %u + live_%s;\n"
                    "%s       live_%s++;\n"
                    "%s       run group_%s(child)\n"
                    "%s   };\n"
                    "%s   up[child]\n",
                    p->indent, p->indent, name, p->m->instances.count[to],
                    p->indent, p->m->instances.first[to], name, p->indent, name,
                    p->indent, name, p->indent, p->indent);
}

static void put_edge(const struct process *p, const struct bstc_edge *edge)
{
    const struct bstc_topo *topo = &p->m->look->topo;
    uint32_t to;

    if (edge->target == BSTC_TO_SENDER) {
        bstc_out_format(p->out,
                        "%s:: from != OUTSIDE -> tell(from, ROOM, m_%s)\n",
                        p->indent, message_name(p, edge->message));
        return;
    }
    if (edge->target == BSTC_TO_SELF) {
        bstc_out_format(p->out, "%s:: %s(me, %u, m_%s)\n", p->indent,
                        edge->kind == BSTC_EDGE_ASK ? "ask" : "tell",
                        bstc_promela_room(p->m, p->group),
                        message_name(p, edge->message));
        return;
    }
    for (uint32_t n = 0;
         (to = bstc_topo_receiver(topo, edge, p->group, n)) != BSTC_NONE; n++) {
        if (edge->kind == BSTC_EDGE_SPAWN)
            put_spawn(p, to);
        else
            put_send(p, edge, to);
    }
}

/* What flows on from a stage; whoever comes next may have it wait. */
static void put_flow(const struct process *p, uint32_t message)
{
    const struct bstc_topo *topo = &p->m->look->topo;
    const struct bstc_instances *all = &p->m->instances;

    for (uint32_t e = topo->first_stream; e < topo->nedges; e++) {
        const struct bstc_edge *edge = &topo->edges[e];

        if (edge->from_group != p->group)
            continue;
        for (uint32_t k = 0; k < all->count[edge->to_group]; k++)
            bstc_out_format(p->out, "%s:: wait_and_tell(%u, ROOM, m_%s)\n",
                            p->indent, all->first[edge->to_group] + k,
                            message_name(p, message));
    }
}

/* Prints what a handler does, a choice for each of its uses; `edge` is its
 * first one. A failure after any of them is one at the end, after some. */
static void put_actions(struct process *p,
                        const struct bstc_sym_handler *handler, uint32_t edge,
                        const char *indent)
{
    const struct bstc_topo *topo = &p->m->look->topo;
    uint32_t actor = p->program->groups[p->group].actor;
    uint32_t end = topo->first_edge[actor + 1];
    const struct bstc_sym_use *use = NULL;

    p->indent = indent;
    for (; edge < end && topo->edges[edge].handler == handler; edge++) {
        /* A reply has an edge for each possible sender. */
        if (topo->edges[edge].use == use)
            continue;
        use = topo->edges[edge].use;
        bstc_out_format(p->out, "%sif\n%s:: skip\n", indent, indent);
        put_edge(p, &topo->edges[edge]);
        bstc_out_format(p->out, "%sfi;\n", indent);
    }
    if (handler->emits != BSTC_NONE) {
        bstc_out_format(p->out, "%sif\n%s:: skip\n", indent, indent);
        put_flow(p, handler->emits);
        bstc_out_format(p->out, "%sfi;\n", indent);
    }
    if (p->budget)
        bstc_out_format(p->out,
                        "%sif\n%s:: skip\n"
                        "%s:: fail(%s); goto failed\n%sfi",
                        indent, indent, indent, p->budget, indent);
    else
        bstc_out_format(p->out, "%sskip", indent);
}

/* ---- handlers ------------------------------------------------------------ */

/* Which loop a handler belongs to. */
enum place { AT_START, AT_RESTART, AT_MESSAGE, AT_ANYTHING, AT_TICK, NOWHERE };

static enum place place_of(const struct bstc_sym_handler *handler)
{
    if (handler->is_skipped)
        return NOWHERE;
    switch (handler->event) {
    case BSTC_ON_START:
        return AT_START;
    case BSTC_ON_RESTART:
        return AT_RESTART;
    case BSTC_ON_MESSAGE:
        return AT_MESSAGE;
    case BSTC_ON_ANY:
        return AT_ANYTHING;
    case BSTC_ON_TIMER:
        return handler->ast->kind == BSTC_AST_HANDLER_EVERY ? AT_TICK : NOWHERE;
    case BSTC_ON_DEMAND:
    case BSTC_ON_RUN:
        return AT_TICK;
    case BSTC_ON_STOP:
    case BSTC_ON_DOWN:
        break;
    }
    return NOWHERE;
}

static const struct bstc_sym_handler *find(const struct process *p,
                                           enum place place)
{
    const struct bstc_sym_actor *actor =
        &p->program->actors[p->program->groups[p->group].actor];

    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (place_of(&actor->handlers[i]) == place)
            return &actor->handlers[i];
    }
    return NULL;
}

static void put_comment(const struct process *p,
                        const struct bstc_sym_handler *handler)
{
    struct bstc_place place =
        bstc_program_place(p->program, handler->ast->head);

    bstc_out_format(p->out, "/* %s, ", handler->label);
    bstc_out_in_comment(p->out, place.file);
    bstc_out_format(p->out, ":%u */\n", place.line);
}

/* Returns the first edge of a handler, in the order of handlers. */
static uint32_t first_edge(const struct process *p,
                           const struct bstc_sym_handler *handler)
{
    const struct bstc_topo *topo = &p->m->look->topo;
    uint32_t actor = p->program->groups[p->group].actor;
    uint32_t low = topo->first_edge[actor];
    uint32_t high = topo->first_edge[actor + 1];

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (topo->edges[middle].handler < handler)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void put_one(struct process *p, const struct bstc_sym_handler *handler,
                    const char *indent)
{
    put_actions(p, handler, first_edge(p, handler), indent);
}

static void put_start(struct process *p)
{
    const struct bstc_sym_handler *start = find(p, AT_START);
    const struct bstc_sym_handler *restart = find(p, AT_RESTART);

    bstc_out_text(p->out, "again:\n    atomic {\n");
    if (restart) {
        bstc_out_text(p->out, "        if\n        :: up[me] -> ");
        put_comment(p, restart);
        put_one(p, restart, "            ");
        bstc_out_text(p->out, "\n        :: !up[me] ->\n");
        if (start)
            put_one(p, start, "            ");
        else
            bstc_out_text(p->out, "            skip");
        bstc_out_text(p->out, "\n        fi;\n");
    } else if (start) {
        bstc_out_text(p->out, "        ");
        put_comment(p, start);
        put_one(p, start, "        ");
        bstc_out_text(p->out, ";\n");
    }
    bstc_out_text(p->out, "        up[me] = true\n    };\n");
}

static void put_messages(struct process *p)
{
    const struct bstc_sym_actor *actor =
        &p->program->actors[p->program->groups[p->group].actor];
    const struct bstc_sym_handler *any = find(p, AT_ANYTHING);

    bstc_out_text(p->out, "    :: atomic {\n"
                          "        box[me]?m, from, asked ->\n"
                          "        if\n");
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        const struct bstc_sym_handler *handler = &actor->handlers[i];
        uint32_t answer;

        if (place_of(handler) != AT_MESSAGE || handler->message == BSTC_NONE)
            continue;
        bstc_out_format(p->out, "        :: m == m_%s -> ",
                        message_name(p, handler->message));
        put_comment(p, handler);
        put_one(p, handler, "            ");
        answer = p->program->messages[handler->message].answer;
        if (answer != BSTC_NONE)
            bstc_out_format(p->out, ";\n            reply(m_%s)",
                            message_name(p, answer));
        bstc_out_text(p->out, "\n");
    }
    bstc_out_text(p->out, "        :: else ->\n");
    if (any)
        put_one(p, any, "            ");
    else
        bstc_out_text(p->out, "            skip");
    bstc_out_text(p->out, "\n        fi;\n"
                          "        m = m_none; from = OUTSIDE\n"
                          "       }\n");
}

static void put_ticks(struct process *p)
{
    const struct bstc_sym_actor *actor =
        &p->program->actors[p->program->groups[p->group].actor];

    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (place_of(&actor->handlers[i]) != AT_TICK)
            continue;
        bstc_out_text(p->out, "    :: atomic { ");
        put_comment(p, &actor->handlers[i]);
        bstc_out_format(p->out, "        ticks_%u > 0 -> ticks_%u--;\n", i, i);
        put_one(p, &actor->handlers[i], "        ");
        bstc_out_text(p->out, "\n       }\n");
    }
}

/* ---- failures ------------------------------------------------------------ */

/* The others that a failure has started again, by their numbers. */
static void put_redo(const struct process *p)
{
    const struct bstc_look *look = p->m->look;
    const struct bstc_instances *all = &p->m->instances;
    uint32_t at = p->program->groups[p->group].supervisor;
    enum bstc_strategy strategy = p->program->supervisors[at].strategy;

    if (strategy == BSTC_ONE_FOR_ONE ||
        look->model.groups[p->group].restart.mode != BSTC_RESTART_SHARED)
        return;
    bstc_out_text(p->out, "    d_step {\n");
    if (strategy == BSTC_ONE_FOR_ALL)
        bstc_out_format(p->out, "        child = %u;\n",
                        all->first[look->topo.first_below[at]]);
    else
        bstc_out_text(p->out, "        child = me + 1;\n");
    bstc_out_format(p->out,
                    "        do\n"
                    "        :: child < %u ->\n"
                    "            redo[child] = up[child];\n"
                    "            child++\n"
                    "        :: else -> break\n"
                    "        od;\n"
                    "        child = 0;\n"
                    "        redo[me] = false\n"
                    "    };\n",
                    all->first[look->topo.end_below[at]]);
}

static void put_failed(const struct process *p)
{
    if (!p->budget)
        return;
    bstc_out_text(p->out, "\nfailed:\n"
                          "    if\n"
                          "    :: asked -> asked = false; answer[from]!false\n"
                          "    :: else -> skip\n"
                          "    fi;\n"
                          "    m = m_none; from = OUTSIDE;\n");
    put_redo(p);
    bstc_out_text(p->out, "    goto again\n");
}

/* ---- processes ----------------------------------------------------------- */

static void put_locals(const struct process *p)
{
    const struct bstc_sym_actor *actor =
        &p->program->actors[p->program->groups[p->group].actor];

    bstc_out_text(p->out, "    mtype m = m_none;\n"
                          "    short from = OUTSIDE, child;\n"
                          "    bool asked;\n");
    if (p->m->has_push)
        bstc_out_text(p->out, GONE);
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (place_of(&actor->handlers[i]) == AT_TICK)
            bstc_out_format(p->out, "    byte ticks_%u = TICKS;\n", i);
    }
}

void bstc_promela_group(const struct bstc_promela_maker *m, uint32_t group)
{
    struct process p = {.m = m,
                        .out = m->out,
                        .program = m->look->program,
                        .group = group,
                        .budget = bstc_promela_budget(m, group)};

    if (m->instances.count[group] == 0)
        return;
    bstc_out_format(p.out, "\nproctype group_%s(short me)\n{\n",
                    p.program->groups[group].ast->name.text);
    put_locals(&p);
    bstc_out_text(p.out, "\n");
    put_start(&p);
    bstc_out_text(p.out, "end:\n    do\n");
    put_messages(&p);
    put_ticks(&p);
    bstc_out_text(p.out, "    :: redo[me] -> redo[me] = false; goto again\n"
                         "    od");
    bstc_out_text(p.out, p.budget ? ";\n" : "\n");
    put_failed(&p);
    bstc_out_text(p.out, "}\n");
}

void bstc_promela_outside(const struct bstc_promela_maker *m)
{
    const struct bstc_topo *topo = &m->look->topo;
    struct process p = {.m = m,
                        .out = m->out,
                        .program = m->look->program,
                        .group = BSTC_NONE,
                        .indent = "    "};

    bstc_out_text(p.out, "\n/* main() and threads that are not ours */\n"
                         "proctype outside()\n{\n"
                         "    short me = OUTSIDE, child;\n"
                         "    byte left = TICKS;\n");
    if (m->has_push)
        bstc_out_text(p.out, GONE);
    bstc_out_text(p.out, "\nmore:\n"
                         "    if\n"
                         "    :: left == 0 -> goto done\n"
                         "    :: left > 0 -> left--\n"
                         "    fi;\n"
                         "    if\n"
                         "    :: skip\n");
    for (uint32_t e = topo->first_outside; e < topo->first_stream; e++)
        put_edge(&p, &topo->edges[e]);
    bstc_out_text(p.out, "    fi;\n    goto more;\ndone:\n    skip\n}\n");
}
