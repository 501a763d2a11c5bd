/* The shared state of a compilation: everything hangs on the one arena. */

#include "context.h"

void bstc_context_init(struct bstc_context *context)
{
    bstc_arena_init(&context->arena);
    bstc_intern_init(&context->names, &context->arena);
    bstc_sources_init(&context->sources, &context->arena);
    bstc_diags_init(&context->diags, &context->arena, &context->sources);
}

void bstc_context_fini(struct bstc_context *context)
{
    bstc_arena_fini(&context->arena);
}
