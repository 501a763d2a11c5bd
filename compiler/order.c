/*
 * The right order is found by taking, again and again, the first child whose
 * dependencies have all been taken. The fix puts the text of each child where
 * another one stood and leaves all between them alone; where there are
 * comments, nobody but the author knows what belongs to what, and the order
 * is only told.
 */

#define _GNU_SOURCE

#include "order.h"

#include <string.h>

/* More children than that are not sorted for a message. */
enum { MAX_SORTED = 64, MAX_FIX = 8192 };

struct sorter {
    const struct bstc_misplaced *m;
    const struct bstc_sym_supervisor *supervisor;
    const struct bstc_ast_member *members[MAX_SORTED]; /* of the children */
    uint32_t nodes[MAX_SORTED];
    bool needs[MAX_SORTED][MAX_SORTED]; /* the first one needs the second */
    uint32_t order[MAX_SORTED];
    uint32_t count;
};

uint32_t bstc_order_child(const struct bstc_topo *topo, struct bstc_child child)
{
    return child.group != BSTC_NONE ? child.group
                                    : topo->program->ngroups + child.supervisor;
}

static const struct bstc_ast_name *name_of(const struct bstc_topo *topo,
                                           uint32_t child)
{
    uint32_t ngroups = topo->program->ngroups;

    return child < ngroups
               ? &topo->program->groups[child].ast->name
               : &topo->program->supervisors[child - ngroups].ast->name;
}

/* ---- sorting ------------------------------------------------------------- */

static uint32_t index_of(const struct sorter *s, uint32_t node)
{
    uint32_t i = 0;

    while (i < s->count && s->nodes[i] != node)
        i++;
    return i;
}

static void add_need(struct sorter *s, uint32_t child, uint32_t node)
{
    const uint32_t *parts = s->m->graph->parts;
    uint32_t index = index_of(s, node);

    if (index < s->count && parts[s->nodes[child]] != parts[node])
        s->needs[child][index] = true;
}

/* Hubs belong to one supervisor; an arc to another one's hub or child leads to
 * nothing that has an index here. */
static void find_needs(struct sorter *s)
{
    const struct bstc_digraph *graph = s->m->graph;
    uint32_t nchildren =
        s->m->topo->program->ngroups + s->m->topo->program->nsupervisors;

    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t at = graph->heads[s->nodes[i]];

        for (; at != BSTC_NO_EDGE; at = graph->arcs[at].next) {
            uint32_t to = graph->arcs[at].to;
            uint32_t on = to < nchildren ? BSTC_NO_EDGE : graph->heads[to];

            if (to < nchildren)
                add_need(s, i, to);
            for (; on != BSTC_NO_EDGE; on = graph->arcs[on].next)
                add_need(s, i, graph->arcs[on].to);
        }
    }
}

static bool is_free(const struct sorter *s, const bool *taken, uint32_t child)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->needs[child][i] && !taken[i])
            return false;
    }
    return !taken[child];
}

/* Needs between parts have no circle, so there always is a next child. */
static void sort(struct sorter *s)
{
    bool taken[MAX_SORTED] = {false};

    for (uint32_t n = 0; n < s->count; n++) {
        uint32_t next = 0;

        while (!is_free(s, taken, next))
            next++;
        taken[next] = true;
        s->order[n] = next;
    }
}

/* Returns whether there are few enough children to sort. */
static bool find_order(struct sorter *s)
{
    const struct bstc_ast_member *member = s->supervisor->ast->members;

    if (s->supervisor->nchildren > MAX_SORTED)
        return false;
    for (; member; member = member->next) {
        if (s->count == s->supervisor->nchildren)
            break;
        if (member->kind == BSTC_AST_MEMBER_GROUP ||
            member->kind == BSTC_AST_MEMBER_SUPERVISOR)
            s->members[s->count++] = member;
    }
    /* A child that was declared twice is a member and no child. */
    if (s->count != s->supervisor->nchildren)
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        s->nodes[i] = bstc_order_child(s->m->topo, s->supervisor->children[i]);
    find_needs(s);
    sort(s);
    return true;
}

/* ---- the fix ------------------------------------------------------------- */

static bool has_comment(const char *text, size_t length)
{
    return memmem(text, length, "//", 2) || memmem(text, length, "/*", 2);
}

/* Returns the text from the first child that moves to the last one, in the
 * right order, or NULL where that is not for a program to decide. */
static const char *new_text(const struct sorter *s, struct bstc_span *span)
{
    struct bstc_context *context = s->m->topo->program->context;
    const struct bstc_source *source;
    uint32_t first = 0;
    uint32_t last = s->count - 1;
    char *text;
    size_t length = 0;

    while (s->order[first] == first)
        first++;
    while (s->order[last] == last)
        last--;
    *span = s->members[first]->span;
    span->end = s->members[last]->span.end;
    source = bstc_sources_at(&context->sources, span->file);
    if (span->end - span->start > MAX_FIX ||
        has_comment(source->text + span->start, span->end - span->start))
        return NULL;
    text = bstc_arena_alloc(&context->arena, span->end - span->start + 1);
    for (uint32_t i = first; i <= last; i++) {
        struct bstc_span from = s->members[s->order[i]]->span;
        uint32_t gap = s->members[i]->span.end;

        memcpy(text + length, source->text + from.start, from.end - from.start);
        length += from.end - from.start;
        if (i == last)
            break;
        memcpy(text + length, source->text + gap,
               s->members[i + 1]->span.start - gap);
        length += s->members[i + 1]->span.start - gap;
    }
    return text;
}

static const char *names_in_order(const struct sorter *s)
{
    struct bstc_arena *arena = &s->m->topo->program->context->arena;
    const char *list = "";

    for (uint32_t i = 0; i < s->count; i++)
        list =
            bstc_arena_format(arena, "%s%s`%s`", list, i > 0 ? ", " : "",
                              name_of(s->m->topo, s->nodes[s->order[i]])->text);
    return list;
}

static void show_order(const struct bstc_misplaced *m, struct bstc_diag *diag)
{
    struct bstc_context *context = m->topo->program->context;
    struct sorter *s;
    struct bstc_span span;
    const char *text;

    if (diag == &context->diags.ignored)
        return;
    s = BSTC_NEW(&context->arena, struct sorter);
    s->m = m;
    s->supervisor = &m->topo->program->supervisors[m->supervisor];
    if (!find_order(s))
        return;
    text = new_text(s, &span);
    if (text)
        bstc_diag_fix(&context->diags, diag, span, text,
                      "the right order is %s", names_in_order(s));
    else
        bstc_diag_help(&context->diags, diag, "the right order is %s",
                       names_in_order(s));
}

/* ---- the finding --------------------------------------------------------- */

/* One of the three places that a finding has. */
struct end {
    struct bstc_span span;
    const char *text;
};

static void sort_ends(struct end *ends)
{
    for (int i = 1; i < 3; i++) {
        for (int k = i;
             k > 0 && bstc_span_is_before(ends[k].span, ends[k - 1].span);
             k--) {
            struct end swap = ends[k];

            ends[k] = ends[k - 1];
            ends[k - 1] = swap;
        }
    }
}

void bstc_order_report(const struct bstc_misplaced *m)
{
    struct bstc_context *context = m->topo->program->context;
    const struct bstc_ast_name *dependant = name_of(m->topo, m->dependant);
    const struct bstc_ast_name *dependency = name_of(m->topo, m->dependency);
    struct end ends[3] = {
        {m->edge->span, "depends on it here"},
        {dependant->span, "started first, so not restarted with the other"},
        {dependency->span, "started after it"},
    };
    struct bstc_diag *diag;

    sort_ends(ends);
    diag = bstc_warning(&context->diags, "W0405", ends[0].span,
                        "`%s` depends on `%s`, which starts after it",
                        dependant->text, dependency->text);
    bstc_diag_label(&context->diags, diag, "%s", ends[0].text);
    for (int i = 1; i < 3; i++)
        bstc_diag_also(&context->diags, diag, ends[i].span, "%s", ends[i].text);
    if (m->count > 1)
        bstc_diag_note(
            &context->diags, diag, "and %u more in `%s` that stand so",
            (unsigned)(m->count - 1),
            m->topo->program->supervisors[m->supervisor].ast->name.text);
    bstc_diag_note(&context->diags, diag,
                   "rest-for-one restarts what started after the child that "
                   "failed");
    show_order(m, diag);
}
