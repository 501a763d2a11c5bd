/*
 * The checks of the topology against others that do the same slowly: for
 * random programs, with matrices over all pairs of groups and of handlers.
 */

#include "semantic.h"

enum { MAX_GROUPS = 8, MAX_ACTORS = 5, HANDLERS = 4, TEXT = 16384 };

typedef bool matrix[32][32];

/* ---- random programs ----------------------------------------------------- */

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

struct writer {
    char text[TEXT];
    size_t length;
    int ngroups, nactors;
    bool is_dynamic[MAX_GROUPS];
    unsigned density; /* percent of targets that are used */
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w,
                                                      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    w->length +=
        (size_t)vsnprintf(w->text + w->length, TEXT - w->length, format, args);
    va_end(args);
    assert_true(w->length < TEXT);
}

/* Targets are groups, actors and `self`. */
static bool put_target(struct writer *w, const char *word, int index,
                       bool is_first, const char *message)
{
    static const char *const kinds[] = {"g", "a"};
    bool is_group = index < w->ngroups;

    if (draw(100) >= w->density / (is_group ? 1 : 3))
        return false;
    put(w, "%s", is_first ? word : ", ");
    if (index == w->ngroups + w->nactors)
        put(w, "self.%s", message);
    else
        put(w, "%s%d.%s", kinds[!is_group],
            is_group ? index : index - w->ngroups, message);
    return true;
}

static void put_targets(struct writer *w, bool asks)
{
    bool is_first = true;

    for (int i = 0; i <= w->ngroups + w->nactors; i++) {
        if (put_target(w, asks ? " asks " : " sends ", i, is_first,
                       asks || draw(3) == 0 ? "q" : "m"))
            is_first = false;
    }
    if (asks && !is_first)
        put(w, " within %us", 1 + draw(3));
}

static void put_actor(struct writer *w, int index)
{
    static const char *const heads[HANDLERS] = {"on start", "on m", "on q",
                                                "on r"};

    put(w, "actor a%d {\n", index);
    for (int i = 0; i < HANDLERS; i++) {
        if (i == 0 && draw(2) == 0)
            continue;
        put(w, "%s", heads[i]);
        put_targets(w, false);
        put_targets(w, true);
        for (int g = 0; g < w->ngroups; g++) {
            if (w->is_dynamic[g] && draw(4) == 0)
                put(w, " spawns g%d", g);
        }
        put(w, " %s f%d_%d;\n", i == 2 ? "=!>" : "=>", index, i);
    }
    put(w, "}\n");
}

/* Supervisors end at random, and the last ones with the groups. */
static void put_tree(struct writer *w)
{
    static const char *const strategies[] = {
        "", " : one-for-all", " : rest-for-one", " : rest-for-one"};
    int depth = 1;
    int count = 1;

    put(w, "supervisor s0%s {\n", strategies[draw(4)]);
    for (int i = 0; i < w->ngroups; i++) {
        if (draw(4) == 0) {
            put(w, "supervisor s%d%s {\n", count++, strategies[draw(4)]);
            depth++;
        }
        put(w, "children a%u as g%d", draw((unsigned)w->nactors), i);
        if (w->is_dynamic[i])
            put(w, " dynamic max 4;\n");
        else
            put(w, " { redundancy %u; }\n", 1 + draw(2));
        if (depth > 1 && draw(3) == 0) {
            put(w, "}\n");
            depth--;
        }
    }
    while (depth-- > 0)
        put(w, "}\n");
}

static void write_program(struct writer *w)
{
    w->length = 0;
    w->ngroups = 1 + (int)draw(MAX_GROUPS);
    w->nactors = 1 + (int)draw(MAX_ACTORS);
    w->density = 3 + draw(25);
    for (int i = 0; i < w->ngroups; i++)
        w->is_dynamic[i] = draw(8) == 0;
    put(w, "message m;\nmessage q =!> r;\nmessage r;\n");
    for (int i = 0; i < w->nactors; i++)
        put_actor(w, i);
    put_tree(w);
    put(w, "outside sends g0.m;\n");
}

/* ---- the slow way -------------------------------------------------------- */

static void close_matrix(matrix m, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t j = 0; m[i][k] && j < n; j++)
                m[i][j] = m[i][j] || m[k][j];
        }
    }
}

/* Returns whether the use, in a handler of `from`, may reach `to`. */
static bool reaches(const struct bstc_program *p,
                    const struct bstc_sym_use *use, uint32_t from, uint32_t to)
{
    if (use->target == BSTC_TO_SELF)
        return from == to;
    if (use->target == BSTC_TO_GROUP)
        return use->group == to;
    return p->groups[to].actor == use->actor;
}

static uint32_t members(const struct bstc_sym_group *group)
{
    return group->ast->is_dynamic ? 4 : (uint32_t)group->settings.redundancy;
}

/* Calls `visit` for each use of each group. */
static void for_uses(const struct bstc_program *p, void *data,
                     void (*visit)(void *data, uint32_t group,
                                   const struct bstc_sym_handler *handler,
                                   const struct bstc_sym_use *use))
{
    for (uint32_t g = 0; g < p->ngroups; g++) {
        const struct bstc_sym_actor *actor = &p->actors[p->groups[g].actor];

        for (uint32_t h = 0; h < actor->nhandlers; h++) {
            for (uint32_t u = 0; u < actor->handlers[h].nuses; u++)
                visit(data, g, &actor->handlers[h],
                      &actor->handlers[h].uses[u]);
        }
    }
}

/* ---- asks ---------------------------------------------------------------- */

struct asking {
    const struct bstc_program *p;
    matrix waits;
};

static void visit_ask(void *data, uint32_t group,
                      const struct bstc_sym_handler *handler,
                      const struct bstc_sym_use *use)
{
    struct asking *a = data;

    (void)handler;
    for (uint32_t to = 0; to < a->p->ngroups; to++) {
        if (use->how == BSTC_ASK && use->target != BSTC_TO_SELF &&
            reaches(a->p, use, group, to))
            a->waits[group][to] = true;
    }
}

/* Counts circles: for each part its first group. */
static void count_circles(const struct bstc_program *p, uint32_t *certain,
                          uint32_t *possible)
{
    struct asking a = {.p = p};

    for_uses(p, &a, visit_ask);
    close_matrix(a.waits, p->ngroups);
    for (uint32_t g = 0; g < p->ngroups; g++) {
        bool is_first = a.waits[g][g];
        bool is_certain = false;

        for (uint32_t k = 0; k < p->ngroups; k++) {
            if (!a.waits[g][k] || !a.waits[k][g])
                continue;
            is_first = is_first && k >= g;
            is_certain = is_certain || members(&p->groups[k]) == 1;
        }
        if (is_first)
            ++*(is_certain ? certain : possible);
    }
    for (uint32_t i = 0; i < p->nactors; i++) {
        for (uint32_t h = 0; h < p->actors[i].nhandlers; h++) {
            const struct bstc_sym_handler *handler = &p->actors[i].handlers[h];

            for (uint32_t u = 0; u < handler->nuses; u++)
                *certain += handler->uses[u].how == BSTC_ASK &&
                            handler->uses[u].target == BSTC_TO_SELF;
        }
    }
}

/* ---- order --------------------------------------------------------------- */

/* Returns the place of the child that holds the group, or BSTC_NONE. */
static uint32_t place_below(const struct bstc_program *p, uint32_t supervisor,
                            uint32_t group)
{
    const struct bstc_sym_supervisor *s = &p->supervisors[supervisor];
    uint32_t at = p->groups[group].supervisor;
    uint32_t below = BSTC_NONE;

    while (at != supervisor && at != BSTC_NONE) {
        below = at;
        at = p->supervisors[at].parent;
    }
    for (uint32_t i = 0; at == supervisor && i < s->nchildren; i++) {
        if (below == BSTC_NONE ? s->children[i].group == group
                               : s->children[i].supervisor == below)
            return i;
    }
    return BSTC_NONE;
}

static uint32_t groups_of(const struct bstc_program *p, uint32_t actor)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->ngroups; i++)
        count += p->groups[i].actor == actor;
    return count;
}

/* Returns whether the actor may send to any of several groups of the other. */
static bool is_vague(const struct bstc_program *p, uint32_t actor,
                     uint32_t other)
{
    for (uint32_t h = 0; h < p->actors[actor].nhandlers; h++) {
        const struct bstc_sym_handler *handler = &p->actors[actor].handlers[h];

        for (uint32_t u = 0; u < handler->nuses; u++) {
            if (handler->uses[u].target == BSTC_TO_ACTOR &&
                handler->uses[u].actor == other && groups_of(p, other) > 1)
                return true;
        }
    }
    return false;
}

struct ordering {
    const struct bstc_program *p;
    uint32_t supervisor;
    matrix direct;
    matrix depends;
};

static void visit_order(void *data, uint32_t group,
                        const struct bstc_sym_handler *handler,
                        const struct bstc_sym_use *use)
{
    struct ordering *o = data;
    uint32_t from = place_below(o->p, o->supervisor, group);

    (void)handler;
    if (use->how == BSTC_SPAWN || use->target == BSTC_TO_SELF ||
        from == BSTC_NONE ||
        (use->target == BSTC_TO_ACTOR && groups_of(o->p, use->actor) > 1) ||
        is_vague(o->p, use->actor, o->p->groups[group].actor))
        return;
    for (uint32_t g = 0; g < o->p->ngroups; g++) {
        uint32_t to = place_below(o->p, o->supervisor, g);

        if (reaches(o->p, use, group, g) && to != BSTC_NONE && to != from)
            o->direct[from][to] = o->depends[from][to] = true;
    }
}

static uint32_t count_misplaced(const struct bstc_program *p)
{
    uint32_t count = 0;

    for (uint32_t s = 0; s < p->nsupervisors; s++) {
        struct ordering o = {.p = p, .supervisor = s};
        bool is_wrong = false;

        if (p->supervisors[s].strategy != BSTC_REST_FOR_ONE)
            continue;
        for_uses(p, &o, visit_order);
        close_matrix(o.depends, p->supervisors[s].nchildren);
        for (uint32_t i = 0; i < p->supervisors[s].nchildren; i++) {
            for (uint32_t k = i + 1; k < p->supervisors[s].nchildren; k++)
                is_wrong |= o.direct[i][k] && !o.depends[k][i];
        }
        count += is_wrong;
    }
    return count;
}

/* ---- handlers ------------------------------------------------------------ */

static uint32_t node_of(const struct bstc_program *p, uint32_t actor,
                        const struct bstc_sym_handler *handler)
{
    return actor * HANDLERS + (uint32_t)(handler - p->actors[actor].handlers);
}

/* What a use makes run; `waits` leaves out what nobody waits for. */
static void note_use(const struct bstc_program *p, matrix m, uint32_t actor,
                     const struct bstc_sym_handler *handler,
                     const struct bstc_sym_use *use, bool waits)
{
    uint32_t to =
        use->how == BSTC_SPAWN ? p->groups[use->group].actor : use->actor;
    const struct bstc_sym_handler *target =
        use->how == BSTC_SPAWN ? p->actors[to].start
                               : bstc_scope_handler(p, to, use->message);

    if (waits && use->how == BSTC_TELL)
        return;
    if (target)
        m[node_of(p, actor, handler)][node_of(p, to, target)] = true;
    if (use->how == BSTC_TELL && p->messages[use->message].answer != BSTC_NONE)
        m[node_of(p, actor, handler)][node_of(
            p, actor,
            bstc_scope_handler(p, actor, p->messages[use->message].answer))] =
            true;
}

static void note_uses(const struct bstc_program *p, matrix m, bool waits)
{
    for (uint32_t i = 0; i < p->nactors; i++) {
        for (uint32_t h = 0; h < p->actors[i].nhandlers; h++) {
            const struct bstc_sym_handler *handler = &p->actors[i].handlers[h];

            for (uint32_t u = 0; u < handler->nuses; u++)
                note_use(p, m, i, handler, &handler->uses[u], waits);
        }
    }
    close_matrix(m, p->nactors * HANDLERS);
}

/* No handler that something makes run is called unreachable. */
static void check_reached(const struct bstc_program *p,
                          const struct bstc_diag *diag)
{
    matrix m = {{false}};
    uint32_t begins = p->groups[0].actor;

    note_uses(p, m, false);
    for (uint32_t i = 0; i < p->nactors; i++) {
        for (uint32_t h = 0; h < p->actors[i].nhandlers; h++) {
            const struct bstc_sym_handler *handler = &p->actors[i].handlers[h];
            uint32_t node = node_of(p, i, handler);

            if (handler->ast->head.start != diag->primary.span.start)
                continue;
            assert_false(
                m[node_of(p, begins, bstc_scope_handler(p, begins, 0))][node]);
            for (uint32_t k = 0; k < p->nactors; k++) {
                if (groups_of(p, k) > 0 && p->actors[k].start)
                    assert_false(m[node_of(p, k, p->actors[k].start)][node]);
            }
            return;
        }
    }
    fail_msg("no handler stands there");
}

/* ---- starts -------------------------------------------------------------- */

/* The last group that is certainly waited for by way of the use, or -1. */
static int last_of(const struct bstc_program *p, const struct bstc_sym_use *use)
{
    uint32_t actor =
        use->how == BSTC_SPAWN ? p->groups[use->group].actor : use->actor;
    const struct bstc_sym_handler *handler =
        use->how == BSTC_SPAWN ? p->actors[actor].start
                               : bstc_scope_handler(p, actor, use->message);
    int last = -1;

    for (uint32_t g = 0; use->how == BSTC_ASK && last < 0 && g < p->ngroups;
         g++) {
        if (use->target != BSTC_TO_SELF && reaches(p, use, BSTC_NONE, g))
            last = (int)g;
    }
    for (uint32_t u = 0; handler && u < handler->nuses; u++) {
        int below = handler->uses[u].how == BSTC_TELL
                        ? -1
                        : last_of(p, &handler->uses[u]);

        last = below > last ? below : last;
    }
    return last;
}

static int first_static(const struct bstc_program *p, uint32_t actor)
{
    for (uint32_t g = 0; g < p->ngroups; g++) {
        if (p->groups[g].actor == actor && !p->groups[g].ast->is_dynamic)
            return (int)g;
    }
    return INT32_MAX;
}

/* Returns whether the count means anything: circles have other findings. */
static bool count_late(const struct bstc_program *p, uint32_t *count)
{
    matrix m = {{false}};

    note_uses(p, m, true);
    for (uint32_t i = 0; i < p->nactors * HANDLERS; i++) {
        if (m[i][i])
            return false;
    }
    for (uint32_t i = 0; i < p->nactors; i++) {
        const struct bstc_sym_handler *start = p->actors[i].start;

        for (uint32_t u = 0; start && u < start->nuses; u++)
            *count += start->uses[u].how != BSTC_TELL &&
                      last_of(p, &start->uses[u]) > first_static(p, i);
    }
    return true;
}

/* ---- the comparison ------------------------------------------------------ */

static uint32_t count_of(const struct bstc_diags *diags, const char *code)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < diags->count; i++)
        count += strcmp(diags->items[i]->code, code) == 0;
    return count;
}

struct totals {
    uint32_t certain, possible, misplaced, late, unreached;
};

static void compare(struct writer *w, struct totals *totals)
{
    struct semantic s;
    const struct bstc_diags *diags;
    uint32_t certain = 0;
    uint32_t possible = 0;
    uint32_t late = 0;

    write_program(w);
    semantic_init(&s, w->text);
    semantic_check(&s);
    diags = &s.front.context.diags;
    count_circles(&s.program, &certain, &possible);
    if (count_of(diags, "E0401") != certain ||
        count_of(diags, "W0403") != possible ||
        count_of(diags, "W0405") != count_misplaced(&s.program) ||
        (count_late(&s.program, &late) && count_of(diags, "E0404") != late))
        fail_msg("%s%u %u %u %u\n%s", w->text, (unsigned)certain,
                 (unsigned)possible, (unsigned)count_misplaced(&s.program),
                 (unsigned)late, front_diags(&s.front, BSTC_FORMAT_SHORT));
    for (uint32_t i = 0; i < diags->count; i++) {
        if (strcmp(diags->items[i]->code, "W0303") == 0)
            check_reached(&s.program, diags->items[i]);
    }
    totals->certain += certain;
    totals->possible += possible;
    totals->misplaced += count_of(diags, "W0405");
    totals->late += late;
    totals->unreached += count_of(diags, "W0303");
    semantic_fini(&s);
}

static void findings_are_those_of_the_slow_way(void **state)
{
    struct writer *w = calloc(1, sizeof *w);
    struct totals totals = {0};
    int rounds = FRONT_ROUNDS(1500);

    (void)state;
    assert_non_null(w);
    for (int i = 0; i < rounds; i++) {
        seed = (uint64_t)i + 1;
        compare(w, &totals);
    }
    /* All of them occur. */
    assert_true(totals.certain > 20 && totals.possible > 5 &&
                totals.misplaced > 5 && totals.late > 5 &&
                totals.unreached > 20);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_those_of_the_slow_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
