/*
 * From verbs and --emit to what is printed.
 */

#include "inspect.h"

#include "graph.h"
#include "plan.h"
#include "promela.h"

/* Places of a mailbox in a model, unless --mailbox says otherwise. */
enum { MAILBOX = 2 };

enum {
    INSPECTIONS =
        BSTC_WANT_DOT | BSTC_WANT_MERMAID | BSTC_WANT_PROMELA | BSTC_WANT_JSON
};

unsigned bstc_inspect_wants(const struct bstc_options *options)
{
    switch (options->verb) {
    case BSTC_VERB_GRAPH:
        return options->emit ? options->emit : (unsigned)BSTC_WANT_DOT;
    case BSTC_VERB_PLAN:
        return options->emit & BSTC_WANT_GRAPH_JSON ? BSTC_WANT_JSON
                                                    : BSTC_WANT_PLAN;
    case BSTC_VERB_MODEL:
        return options->emit ? options->emit : (unsigned)BSTC_WANT_PROMELA;
    case BSTC_VERB_COMPILE:
        /* Beside C, a picture is one output of several. */
        return options->emit & ~(unsigned)INSPECTIONS ? 0 : options->emit;
    default:
        return 0;
    }
}

bool bstc_inspect_is_lenient(unsigned wants)
{
    return !(wants & ~(unsigned)(BSTC_WANT_DOT | BSTC_WANT_MERMAID |
                                 BSTC_WANT_GRAPH_JSON));
}

static void show_graph(const struct bstc_program *program,
                       const struct bstc_options *options, enum bstc_want want,
                       struct bstc_out *out)
{
    struct bstc_graph graph;
    struct bstc_topo topo;

    bstc_topo_init(&topo, program);
    bstc_graph_init(&graph, &topo, options->view);
    if (want == BSTC_WANT_DOT)
        bstc_graph_dot(out, &graph);
    else if (want == BSTC_WANT_MERMAID)
        bstc_graph_mermaid(out, &graph);
    else
        bstc_graph_json(out, &graph);
}

static void show_model(const struct bstc_program *program,
                       const struct bstc_options *options, struct bstc_out *out)
{
    struct bstc_model_limits limits = {
        .mailbox = options->mailbox ? options->mailbox : MAILBOX};
    struct bstc_look look;

    bstc_look_init(&look, program);
    bstc_promela(out, &look, &limits);
}

static void show_plan(const struct bstc_program *program, enum bstc_want want,
                      struct bstc_out *out)
{
    struct bstc_look look;
    struct bstc_plan plan;

    bstc_look_init(&look, program);
    bstc_plan_init(&plan, &look);
    if (want == BSTC_WANT_PLAN)
        bstc_plan_text(out, &plan);
    else
        bstc_plan_json(out, &plan);
}

void bstc_inspect(const struct bstc_program *program,
                  const struct bstc_options *options, enum bstc_want want,
                  struct bstc_out *out)
{
    switch (want) {
    case BSTC_WANT_DOT:
    case BSTC_WANT_MERMAID:
    case BSTC_WANT_GRAPH_JSON:
        show_graph(program, options, want, out);
        break;
    case BSTC_WANT_PLAN:
    case BSTC_WANT_JSON:
        show_plan(program, want, out);
        break;
    case BSTC_WANT_PROMELA:
        show_model(program, options, out);
        break;
    default:
        break;
    }
}

const char *bstc_inspect_refuses(const struct bstc_program *program,
                                 unsigned wants)
{
    struct bstc_instances instances;
    struct bstc_look look;

    if (!(wants & BSTC_WANT_PROMELA))
        return NULL;
    bstc_look_init(&look, program);
    bstc_instances_init(&instances, &look);
    if (instances.total <= BSTC_MODEL_PROCESSES)
        return NULL;
    return bstc_arena_format(&program->context->arena,
                             "a model may have %d processes, and this one "
                             "would have %u",
                             BSTC_MODEL_PROCESSES, instances.total);
}

const char *bstc_inspect_ending(enum bstc_want want)
{
    switch (want) {
    case BSTC_WANT_DOT:
        return ".dot";
    case BSTC_WANT_MERMAID:
        return ".mmd";
    case BSTC_WANT_PROMELA:
        return ".pml";
    default:
        return ".json";
    }
}
