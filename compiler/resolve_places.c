/*
 * Resolves where things are and flow: the stages of streams, what `listen`
 * gives its connections to, and the nodes that groups run on.
 */

#include "scope.h"

static uint32_t count_idents(const struct bstc_ast_ident *list)
{
    uint32_t count = 0;

    for (; list; list = list->next)
        count++;
    return count;
}

/* Unknown names become BSTC_NONE, and keep their place in the list. */
static uint32_t *resolve_list(struct bstc_program *program, enum bstc_kind kind,
                              const struct bstc_ast_ident *list,
                              uint32_t *count)
{
    uint32_t *out = bstc_arena_array(&program->context->arena,
                                     count_idents(list) + 1, sizeof *out);

    *count = 0;
    for (; list; list = list->next) {
        uint32_t index = bstc_scope_find(program, kind, list->name.text);

        if (index == BSTC_NONE && list->name.text)
            bstc_scope_unknown(program, kind, &list->name);
        out[(*count)++] = index;
    }
    return out;
}

void bstc_scope_resolve_places(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->nstreams; i++) {
        struct bstc_sym_stream *stream = &program->streams[i];

        stream->stages = resolve_list(program, BSTC_A_GROUP,
                                      stream->ast->stages, &stream->nstages);
    }
    for (uint32_t i = 0; i < program->nlistens; i++) {
        struct bstc_sym_listen *listen = &program->listens[i];
        const struct bstc_ast_name *target = &listen->ast->target;

        listen->group = bstc_scope_find(program, BSTC_A_GROUP, target->text);
        if (listen->group == BSTC_NONE && target->text)
            bstc_scope_unknown(program, BSTC_A_GROUP, target);
    }
    for (uint32_t i = 0; i < program->ngroups; i++) {
        struct bstc_sym_group *group = &program->groups[i];

        if (group->ast->at)
            group->nodes = resolve_list(program, BSTC_A_NODE, group->ast->at,
                                        &group->nnodes);
    }
}
