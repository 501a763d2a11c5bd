/*
 * The frame of a Promela model: what it leaves out, its mailboxes, and the
 * start of its processes. promela_group.c prints what they do.
 */

#include "promela.h"

#include "text.h"

enum { MEMBERS = 2, FAILURES = 1 };

void bstc_instances_init(struct bstc_instances *instances,
                         const struct bstc_look *look)
{
    const struct bstc_program *program = look->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t room = (size_t)program->ngroups + 1;

    instances->first = bstc_arena_array(arena, room, sizeof(uint32_t));
    instances->count = bstc_arena_array(arena, room, sizeof(uint32_t));
    instances->total = 0;
    for (uint32_t i = 0; i < program->ngroups; i++) {
        instances->first[i] = instances->total;
        instances->count[i] = look->topo.high[i] < MEMBERS
                                  ? (uint32_t)look->topo.high[i]
                                  : (uint32_t)MEMBERS;
        instances->total += instances->count[i];
    }
    instances->first[program->ngroups] = instances->total;
}

uint32_t bstc_promela_room(const struct bstc_promela_maker *m, uint32_t group)
{
    int64_t mailbox = m->look->model.groups[group].mailbox.value;

    return mailbox < m->limits->mailbox ? (uint32_t)mailbox
                                        : m->limits->mailbox;
}

/* ---- budgets ------------------------------------------------------------- */

static uint32_t failures_of(const struct bstc_restart *restart)
{
    if (restart->mode == BSTC_RESTART_ALWAYS)
        return FAILURES;
    if (restart->mode == BSTC_RESTART_LIMITED)
        return restart->tries < FAILURES ? restart->tries : (uint32_t)FAILURES;
    return 0;
}

static bool is_ended_by_failure(const struct bstc_group *group)
{
    return group->lifetime.value == BSTC_TEMPORARY ||
           group->restart.mode == BSTC_RESTART_NEVER;
}

const char *bstc_promela_budget(const struct bstc_promela_maker *m,
                                uint32_t group)
{
    const struct bstc_program *program = m->look->program;
    const struct bstc_group *g = &m->look->model.groups[group];
    const struct bstc_sym_group *symbol = &program->groups[group];
    struct bstc_arena *arena = &program->context->arena;

    if (is_ended_by_failure(g))
        return NULL;
    if (g->restart.mode != BSTC_RESTART_SHARED)
        return failures_of(&g->restart)
                   ? bstc_join(arena, "group_", g->name, "_may_fail", NULL)
                   : NULL;
    if (!failures_of(
            &bstc_look_supervisor(m->look, symbol->supervisor)->restart))
        return NULL;
    return bstc_join(arena, "supervisor_",
                     program->supervisors[symbol->supervisor].ast->name.text,
                     "_may_fail", NULL);
}

static void put_budgets(const struct bstc_promela_maker *m)
{
    const struct bstc_program *program = m->look->program;

    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        uint32_t failures =
            failures_of(&bstc_look_supervisor(m->look, i)->restart);

        if (failures)
            bstc_out_format(m->out, "byte supervisor_%s_may_fail = %u;\n",
                            program->supervisors[i].ast->name.text, failures);
    }
    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_group *group = &m->look->model.groups[i];

        if (group->restart.mode != BSTC_RESTART_SHARED &&
            failures_of(&group->restart) && !is_ended_by_failure(group))
            bstc_out_format(m->out, "byte group_%s_may_fail = %u;\n",
                            group->name, failures_of(&group->restart));
    }
}

/* ---- the frame ----------------------------------------------------------- */

static void put_head(const struct bstc_promela_maker *m)
{
    const struct bstc_program *program = m->look->program;

    bstc_out_format(m->out, "/*\n * %s.pml - the model of ", program->unit);
    bstc_out_in_comment(m->out, program->unit);
    bstc_out_text(
        m->out,
        ".bst for SPIN. Generated; do not edit.\n"
        " *\n"
        " * An \"invalid end state\" is a state in which somebody waits for"
        " ever.\n"
        " *\n"
        " * Each member of a group is a process with a mailbox. A handler does"
        " any of\n"
        " * what it declares and leaves out the rest, and may fail as long as"
        " its budget\n"
        " * lasts; the member is then started again.\n"
        " *\n"
        " * More happens here than in the program, so an error may be a false"
        " alarm:\n"
        " *   - asks have no deadlines: who gets no answer waits for ever;\n"
        " *   - a group hands a message to any member, whatever its"
        " `dispatch`;\n"
        " *   - what C decides - whether to send, what a field holds - is"
        " left open;\n"
        " *   - timers may be due at any time;\n"
        " *   - one-for-all and rest-for-one start the others again when they"
        " are idle,\n"
        " *     and nobody waits for it.\n"
        " *\n"
        " * Less happens here, so \"no errors\" holds up to these bounds"
        " only:\n");
    bstc_out_format(
        m->out,
        " *   - a group has at most %u members, a mailbox at most %u places;\n"
        " *   - a handler sends what it declares once, in the order of the"
        " file;\n"
        " *   - a handler runs without others in between, but where it"
        " waits;\n"
        " *   - each timer and the outside act once, each budget allows for one"
        " failure,\n"
        " *     and nothing escalates;\n"
        " *   - the system is not stopped, and nothing ends by itself;\n"
        " *   - an answer is not put off by `..._later()`;\n"
        " *   - `idle`, `on down`, `on stop`, hooks and stashes are left out."
        "\n"
        " *\n"
        " * spin -a %s.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan -m100000\n"
        " */\n",
        (unsigned)MEMBERS, m->limits->mailbox, program->unit);
}

static void put_messages(const struct bstc_promela_maker *m)
{
    const struct bstc_program *program = m->look->program;

    bstc_out_text(m->out, "\nmtype = { m_none");
    for (uint32_t i = 0; i < program->nmessages; i++)
        bstc_out_format(m->out, i % 6 == 5 ? ",\n          m_%s" : ", m_%s",
                        program->messages[i].ast->name.text);
    bstc_out_text(m->out, " };\n\n");
}

static void put_globals(const struct bstc_promela_maker *m)
{
    const struct bstc_program *program = m->look->program;
    uint32_t total = m->instances.total;

    bstc_out_format(
        m->out,
        "#define OUTSIDE %u /* the number of who is no member */\n"
        "#define ROOM %u\n"
        "#define TICKS 1\n\n"
        "/* message, sender, whether the sender waits for the answer */\n"
        "chan box[%u] = [ROOM] of { mtype, short, bool };\n"
        "chan answer[%u] = [1] of { bool };\n"
        "bool up[%u];   /* `on start` has returned */\n"
        "bool redo[%u]; /* is to be started again with somebody else */\n",
        total, m->limits->mailbox, total + 1, total + 1, total + 1, total + 1);
    put_budgets(m);
    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].ast->is_dynamic)
            bstc_out_format(m->out, "short live_%s;\n",
                            program->groups[i].ast->name.text);
    }
}

static const char tell_text[] = "\n/* A mailbox without room refuses. */\n"
                                "inline tell(to, room, kind)\n"
                                "{\n"
                                "    atomic {\n"
                                "        if\n"
                                "        :: len(box[to]) < room ->\n"
                                "            box[to]!kind, me, false\n"
                                "        :: len(box[to]) >= room -> skip\n"
                                "        fi\n"
                                "    }\n"
                                "}\n";

static const char wait_text[] =
    "\n/* One with `overflow block` has its senders wait. */\n"
    "inline wait_and_tell(to, room, kind)\n"
    "{\n"
    "    atomic { len(box[to]) < room -> box[to]!kind, me, false }\n"
    "}\n";

static const char push_text[] =
    "\n/* One with `overflow drop_oldest` forgets. */\n"
    "inline push(to, room, kind)\n"
    "{\n"
    "    atomic {\n"
    "        if\n"
    "        :: len(box[to]) < room\n"
    "        :: len(box[to]) >= room ->\n"
    "            box[to]?gone, gone_from, gone_asked;\n"
    "            if\n"
    "            :: gone_asked ->\n"
    "                answer[gone_from]!false\n"
    "            :: else -> skip\n"
    "            fi\n"
    "        fi;\n"
    "        box[to]!kind, me, false\n"
    "    }\n"
    "}\n";

static const char rest_text[] =
    "\ninline ask(to, room, kind)\n"
    "{\n"
    "    if\n"
    "    :: atomic { len(box[to]) < room -> box[to]!kind, me, true };\n"
    "       answer[me]?_\n"
    "    :: len(box[to]) >= room -> skip\n"
    "    fi\n"
    "}\n\n"
    "/* The answer goes to who waits, or comes as a message. */\n"
    "inline reply(kind)\n"
    "{\n"
    "    if\n"
    "    :: asked -> answer[from]!true\n"
    "    :: !asked && from != OUTSIDE -> tell(from, ROOM, kind)\n"
    "    :: else -> skip\n"
    "    fi;\n"
    "    asked = false\n"
    "}\n\n"
    "inline fail(budget)\n"
    "{\n"
    "    atomic { budget > 0 -> budget-- }\n"
    "}\n";

static void put_inlines(const struct bstc_promela_maker *m)
{
    bstc_out_text(m->out, tell_text);
    if (m->has_wait)
        bstc_out_text(m->out, wait_text);
    if (m->has_push)
        bstc_out_text(m->out, push_text);
    bstc_out_text(m->out, rest_text);
}

/* Each child is up before the next one is started. */
static void put_init(const struct bstc_promela_maker *m)
{
    const struct bstc_program *program = m->look->program;

    bstc_out_text(m->out, "\ninit\n{\n");
    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].ast->is_dynamic)
            continue;
        for (uint32_t k = 0; k < m->instances.count[i]; k++) {
            uint32_t number = m->instances.first[i] + k;

            bstc_out_format(m->out, "    run group_%s(%u);\n    up[%u];\n",
                            program->groups[i].ast->name.text, number, number);
        }
    }
    if (program->noutside > 0)
        bstc_out_text(m->out, "    run outside();\n");
    bstc_out_text(m->out, "    skip\n}\n");
}

void bstc_promela(struct bstc_out *out, const struct bstc_look *look,
                  const struct bstc_model_limits *limits)
{
    struct bstc_promela_maker m = {.out = out, .look = look, .limits = limits};

    bstc_instances_init(&m.instances, look);
    m.has_wait = look->program->nstreams > 0;
    for (uint32_t i = 0; i < look->program->ngroups; i++) {
        m.has_wait |= look->model.groups[i].overflow == BSTC_BLOCK;
        m.has_push |= look->model.groups[i].overflow == BSTC_DROP_OLDEST;
    }
    put_head(&m);
    put_messages(&m);
    put_globals(&m);
    put_inlines(&m);
    for (uint32_t i = 0; i < look->program->ngroups; i++)
        bstc_promela_group(&m, i);
    if (look->program->noutside > 0)
        bstc_promela_outside(&m);
    put_init(&m);
}
