/*
 * The topology: sizes, edges, the tree, and circles; and the digraph that
 * lies below them.
 */

#include "semantic.h"

#include "topo.h"

struct fixture {
    struct semantic s;
    struct bstc_topo topo;
};

static void setup(struct fixture *f, const char *text)
{
    semantic_init(&f->s, text);
    bstc_scope_declare(&f->s.program);
    bstc_scope_resolve(&f->s.program);
    bstc_topo_init(&f->topo, &f->s.program);
}

static void teardown(struct fixture *f)
{
    semantic_fini(&f->s);
}

/* ---- groups -------------------------------------------------------------- */

static void sizes_are_bounds(void **state)
{
    static const struct {
        uint64_t low, high;
    } expected[] = {{1, 1}, {7, 7}, {2, 9}, {4, 9}, {0, 30}, {0, 40}};
    struct fixture f;

    (void)state;
    setup(&f, "actor a { on start => f; } supervisor r { children a as g0;"
              " children a as g1 { redundancy 7; }"
              " children a as g2 { resize 2..9; }"
              " children a as g3 { resize 2..9; redundancy 4; }"
              " children a as g4 dynamic max 30;"
              " children a as g5 dynamic { max 40; } }");
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(f.topo.low[i], expected[i].low);
        assert_int_equal(f.topo.high[i], expected[i].high);
        assert_int_equal(bstc_topo_is_single(&f.topo, i), i == 0);
    }
    teardown(&f);
}

static void groups_are_sorted_by_actor(void **state)
{
    struct fixture f;

    (void)state;
    setup(&f, "actor a { on start => f; } actor none { on start => f; }"
              "actor b { on start => f; } supervisor r { children b as g0;"
              " children a as g1; children b as g2; children a as g3; }");
    assert_int_equal(f.topo.first_group[0], 0);
    assert_int_equal(f.topo.first_group[1], 2);
    assert_int_equal(f.topo.first_group[2], 2);
    assert_int_equal(f.topo.first_group[3], 4);
    assert_int_equal(f.topo.groups[0], 1);
    assert_int_equal(f.topo.groups[1], 3);
    assert_int_equal(f.topo.groups[2], 0);
    assert_int_equal(f.topo.groups[3], 2);
    assert_true(bstc_topo_has_group(&f.topo, 0));
    assert_false(bstc_topo_has_group(&f.topo, 1));
    teardown(&f);
}

/* ---- edges --------------------------------------------------------------- */

static uint32_t receivers(const struct bstc_topo *topo, uint32_t edge,
                          uint32_t from)
{
    uint32_t n = 0;

    while (bstc_topo_receiver(topo, &topo->edges[edge], from, n) != BSTC_NONE)
        n++;
    return n;
}

static void edges_lie_with_their_actors(void **state)
{
    struct fixture f;

    (void)state;
    setup(&f, "message m; message q =!> m; message d; message gone;"
              "actor a { on m sends self.m, b1.m, b.m, #b1.m, sender.d => f;"
              " on d => g; on start asks b1.q within 2s spawns k => h; }"
              "actor b { on #m sends a1.m => f; on q =!> g; }"
              "actor c { on start sends a1.m, nowhere.m => f; on d => g; }"
              "outside sends a1.m asks b1.q within 1s;"
              "supervisor r { children a as a1; children b as b1;"
              " children b as b2; children b as k dynamic max 2;"
              " children c; }");
    /* Of `a`: self, b1, b, #b1, then two possible senders that understand
     * `d`: itself and `c`; `b`, that does not, ends the list. */
    assert_int_equal(f.topo.first_edge[0], 0);
    assert_int_equal(f.topo.edges[0].target, BSTC_TO_SELF);
    assert_int_equal(bstc_topo_receiver(&f.topo, &f.topo.edges[0], 0, 0), 0);
    assert_int_equal(receivers(&f.topo, 0, 0), 1);
    assert_int_equal(f.topo.edges[1].kind, BSTC_EDGE_TELL);
    assert_int_equal(f.topo.edges[1].to_group, 1);
    assert_int_equal(receivers(&f.topo, 1, 0), 1);
    assert_int_equal(f.topo.edges[2].to_group, BSTC_NONE);
    assert_int_equal(receivers(&f.topo, 2, 0), 3);
    assert_int_equal(bstc_topo_receiver(&f.topo, &f.topo.edges[2], 0, 2), 3);
    assert_int_equal(f.topo.edges[3].kind, BSTC_EDGE_CAST);
    for (uint32_t i = 4; f.topo.edges[i].target == BSTC_TO_SENDER; i++)
        assert_true(f.topo.edges[i].to_actor != 1);
    assert_int_equal(f.topo.edges[f.topo.first_edge[1] - 2].kind,
                     BSTC_EDGE_ASK);
    assert_int_equal(f.topo.edges[f.topo.first_edge[1] - 2].within, 2000000000);
    assert_int_equal(f.topo.edges[f.topo.first_edge[1] - 1].kind,
                     BSTC_EDGE_SPAWN);
    assert_int_equal(f.topo.edges[f.topo.first_edge[1] - 1].to_actor, 1);
    /* `nowhere` has been reported, and is no edge. */
    assert_int_equal(f.topo.first_edge[3] - f.topo.first_edge[2], 1);
    assert_int_equal(f.topo.first_stream - f.topo.first_outside, 2);
    assert_int_equal(f.topo.edges[f.topo.first_outside].from_actor, BSTC_NONE);
    teardown(&f);
}

static void streams_are_edges(void **state)
{
    struct fixture f;

    (void)state;
    setup(&f, "message m; actor a { on demand ~> m => f; }"
              "actor b { on m ~> m => f; } actor c { on m => f; }"
              "supervisor r { children a; children b; children c;"
              " stream a ~> b ~> c { buffer 4; } stream a ~> nobody ~> c; }");
    assert_int_equal(f.topo.nedges - f.topo.first_stream, 2);
    assert_int_equal(f.topo.edges[f.topo.first_stream].kind, BSTC_EDGE_STREAM);
    assert_int_equal(f.topo.edges[f.topo.first_stream].from_group, 0);
    assert_int_equal(f.topo.edges[f.topo.first_stream + 1].to_group, 2);
    assert_int_equal(receivers(&f.topo, f.topo.first_stream, 0), 1);
    teardown(&f);
}

/* ---- the tree ------------------------------------------------------------ */

static void tree_is_known(void **state)
{
    struct fixture f;
    struct bstc_meeting m;

    (void)state;
    setup(&f, "actor a { on start => f; } supervisor r { children a as g0;"
              " supervisor s { children a as g1; supervisor t {"
              " children a as g2; children a as g3; } }"
              " supervisor empty { } children a as g4; }"
              "supervisor other { children a as g5; }");
    assert_int_equal(f.topo.first_below[0], 0);
    assert_int_equal(f.topo.end_below[0], 5);
    assert_int_equal(f.topo.first_below[1], 1);
    assert_int_equal(f.topo.end_below[1], 4);
    assert_int_equal(f.topo.first_below[3], f.topo.end_below[3]);
    assert_int_equal(f.topo.depth[2], 2);
    m = bstc_topo_meet(&f.topo, 0, 3);
    assert_int_equal(m.supervisor, 0);
    assert_int_equal(m.a, 0);
    assert_int_equal(m.b, 1);
    m = bstc_topo_meet(&f.topo, 3, 1);
    assert_int_equal(m.supervisor, 1);
    assert_int_equal(m.a, 1);
    assert_int_equal(m.b, 0);
    m = bstc_topo_meet(&f.topo, 2, 2);
    assert_int_equal(m.supervisor, 2);
    assert_int_equal(m.a, m.b);
    assert_int_equal(bstc_topo_meet(&f.topo, 5, 2).supervisor, BSTC_NONE);
    teardown(&f);
}

/* ---- circles ------------------------------------------------------------- */

static void parts_are_in_order(void **state)
{
    struct bstc_arena arena;
    struct bstc_digraph g;

    (void)state;
    bstc_arena_init(&arena);
    bstc_digraph_init(&g, &arena, 6);
    bstc_digraph_add(&g, 0, 1, 0);
    bstc_digraph_add(&g, 1, 2, 0);
    bstc_digraph_add(&g, 2, 1, 0);
    bstc_digraph_add(&g, 2, 3, 0);
    bstc_digraph_add(&g, 4, 4, 0);
    bstc_digraph_parts(&g);
    assert_int_equal(g.nparts, 5);
    assert_int_equal(g.parts[1], g.parts[2]);
    assert_true(g.parts[3] < g.parts[1]);
    assert_true(g.parts[1] < g.parts[0]);
    assert_false(bstc_digraph_is_inner(&g, 0));
    assert_true(bstc_digraph_is_inner(&g, 1));
    assert_int_equal(bstc_digraph_circle(&g, 1), 2);
    assert_int_equal(g.circle[0], 1);
    assert_int_equal(g.circle[1], 2);
    assert_int_equal(bstc_digraph_circle(&g, 4), 1);
    /* The search leaves nothing behind. */
    assert_int_equal(bstc_digraph_circle(&g, 2), 2);
    bstc_arena_fini(&arena);
}

/* Hops name groups, also where an edge names an actor. */
static void circles_are_of_groups(void **state)
{
    struct fixture f;
    struct bstc_digraph graph;
    struct bstc_hop hops[4];
    uint32_t first = BSTC_NO_EDGE;

    (void)state;
    setup(&f, "message q =!> m; message m; actor a { on q asks b.q within 1s"
              " =!> f; } actor b { on q asks a2.q within 1s =!> f; }"
              "supervisor r { children a as a1; children b as b1;"
              " children a as a2; children b as b2; }");
    bstc_topo_digraph(&f.topo, &graph);
    for (uint32_t i = 0; i < f.topo.nedges; i++) {
        uint32_t arc = bstc_topo_arc(&f.topo, &graph, i);

        first = first == BSTC_NO_EDGE ? arc : first;
    }
    bstc_digraph_parts(&graph);
    assert_int_equal(bstc_topo_circle(&f.topo, &graph, first, hops), 2);
    assert_int_equal(hops[0].from, 2);
    assert_int_equal(hops[0].to, hops[1].from);
    assert_int_equal(f.s.program.groups[hops[0].to].actor, 1);
    assert_int_equal(hops[1].to, 2);
    assert_ptr_equal(hops[1].edge, &f.topo.edges[1]);
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_bounds),
        cmocka_unit_test(groups_are_sorted_by_actor),
        cmocka_unit_test(edges_lie_with_their_actors),
        cmocka_unit_test(streams_are_edges),
        cmocka_unit_test(tree_is_known),
        cmocka_unit_test(parts_are_in_order),
        cmocka_unit_test(circles_are_of_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
