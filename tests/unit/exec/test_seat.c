/*
 * exec/seat: who steals from whom, and who sits where, on imaginary machines.
 */

#include "exec/seat.h"

#include "base/alloc.h"
#include "unit/unit.h"

#define NONE BSTI_SEAT_NONE

static struct bsti_topo topo;

static int teardown(void **state)
{
    (void)state;
    bsti_topo_fini(&topo);
    return bsti_alloc_balance() != 0;
}

/* Loads a machine; `cpus` are those allowed, in bits, 0: all. */
static void load(const char *synthetic, uint64_t cpus)
{
    struct bsti_cpu_mask mask = {{cpus}};

    bsti_topo_fini(&topo);
    assert_int_equal(bsti_topo_load(&topo, synthetic), 0);
    if (cpus != 0)
        bsti_topo_restrict(&topo, &mask);
}

/* ---- victims ------------------------------------------------------------- */

static void assert_victims(uint32_t nworkers, uint32_t most, uint32_t index,
                           const uint32_t *expected)
{
    uint32_t victims[64];

    bsti_seat_victims(&topo, nworkers, most, index, victims);
    for (uint32_t i = 0; i + 1 < most; i++)
        assert_int_equal(victims[i], expected[i]);
}

#define VICTIMS(nworkers, most, index, ...)                                    \
    assert_victims(nworkers, most, index, (const uint32_t[]){__VA_ARGS__})

static void victims_of_two_nodes_begin_at_home(void **state)
{
    (void)state;
    load("pack:2 [numa] core:4 pu:1", 0);
    VICTIMS(8, 8, 0, 1, 2, 3, 4, 5, 6, 7);
    /* Ties begin behind the thief and go round. */
    VICTIMS(8, 8, 2, 3, 0, 1, 4, 5, 6, 7);
    VICTIMS(8, 8, 5, 6, 7, 4, 0, 1, 2, 3);
    VICTIMS(8, 8, 7, 4, 5, 6, 0, 1, 2, 3);
}

static void victims_with_hardware_threads_begin_on_the_core(void **state)
{
    (void)state;
    load("pack:2 [numa] core:2 pu:2", 0);
    VICTIMS(8, 8, 0, 1, 2, 3, 4, 5, 6, 7);
    VICTIMS(8, 8, 3, 2, 0, 1, 4, 5, 6, 7);
    VICTIMS(8, 8, 6, 7, 4, 5, 0, 1, 2, 3);
    /* The threads of a core are numbered far apart, as on most machines. */
    load("pack:2 [numa] core:2 pu:2(indexes=0,4,1,5,2,6,3,7)", 0);
    VICTIMS(8, 8, 0, 4, 1, 5, 2, 3, 6, 7);
    VICTIMS(8, 8, 5, 1, 0, 4, 6, 7, 2, 3);
    VICTIMS(8, 8, 2, 6, 3, 7, 4, 5, 0, 1);
}

static void victims_follow_the_caches(void **state)
{
    (void)state;
    load("pack:1 [numa] l3:2 l2:2 core:2 pu:1", 0);
    VICTIMS(8, 8, 0, 1, 2, 3, 4, 5, 6, 7);
    VICTIMS(8, 8, 3, 2, 0, 1, 4, 5, 6, 7);
    VICTIMS(8, 8, 4, 5, 6, 7, 0, 1, 2, 3);
}

static void victims_where_numbers_have_holes(void **state)
{
    (void)state;
    /* CPUs 0, 2 of one node and 5, 7 of the other. */
    load("pack:2 [numa] core:4 pu:1", 0xa5);
    assert_int_equal(topo.ncpus, 4);
    assert_int_equal(topo.cpus[2].os_index, 5);
    VICTIMS(4, 4, 0, 1, 2, 3);
    VICTIMS(4, 4, 1, 0, 2, 3);
    VICTIMS(4, 4, 2, 3, 0, 1);
    VICTIMS(4, 4, 3, 2, 0, 1);
}

static void victims_under_a_mask_know_the_nodes_that_are_left(void **state)
{
    (void)state;
    /* One hardware thread of node 0, and all of node 1. */
    load("pack:2 [numa] core:2 pu:2", 0xf2);
    assert_int_equal(topo.ncpus, 5);
    assert_int_equal(topo.nnodes, 2);
    VICTIMS(5, 5, 1, 2, 3, 4, 0);
    VICTIMS(5, 5, 4, 3, 1, 2, 0);
    /* Only node 1: its node is the first now. */
    load("pack:2 [numa] core:2 pu:2", 0xf0);
    assert_int_equal(topo.nnodes, 1);
    assert_int_equal(topo.cpus[0].node, 0);
    assert_int_equal(topo.cpus[0].os_node, 1);
    VICTIMS(4, 4, 2, 3, 0, 1);
}

static void victims_of_more_workers_than_cpus_share_a_cpu_first(void **state)
{
    (void)state;
    load("pack:2 [numa] core:1 pu:1", 0);
    VICTIMS(4, 4, 0, 2, 1, 3);
    VICTIMS(4, 4, 3, 1, 0, 2);
}

static void victims_that_are_spares_come_last(void **state)
{
    (void)state;
    load("pack:2 [numa] core:2 pu:1", 0);
    VICTIMS(4, 7, 2, 3, 0, 1, 4, 5, 6);
    /* A spare sits where it would if there were so many CPUs. */
    VICTIMS(4, 7, 6, 2, 3, 0, 1, 4, 5);
    VICTIMS(1, 3, 0, 1, 2);
}

/* ---- assignment ---------------------------------------------------------- */

static struct bsti_seat seats[8];

static void seats_begin(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        seats[i] = (struct bsti_seat){.home = topo.cpus[i].os_index,
                                      .os_node = topo.cpus[i].os_node,
                                      .cpu = topo.cpus[i].os_index,
                                      .on = true};
}

static void assert_seats(uint32_t wanted, uint32_t n, const uint32_t *cpus)
{
    assert_int_equal(bsti_seat_assign(&topo, wanted, seats, n), 0);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(seats[i].cpu, cpus[i]);
        assert_int_equal(seats[i].on, cpus[i] != NONE);
    }
}

#define SEATS(wanted, ...)                                                     \
    assert_seats(wanted, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
                 (const uint32_t[]){__VA_ARGS__})

static const char *const two_by_four = "pack:2 [numa] core:4 pu:1";

static void assign_smaller_quota_retires_the_last(void **state)
{
    (void)state;
    load(two_by_four, 0);
    seats_begin(8);
    SEATS(8, 0, 1, 2, 3, 4, 5, 6, 7);
    SEATS(3, 0, 1, 2, NONE, NONE, NONE, NONE, NONE);
    SEATS(1, 0, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
    SEATS(5, 0, 1, 2, 3, 4, NONE, NONE, NONE);
    SEATS(8, 0, 1, 2, 3, 4, 5, 6, 7);
    SEATS(20, 0, 1, 2, 3, 4, 5, 6, 7);
}

static void assign_smaller_mask_retires_who_lost_its_cpu(void **state)
{
    (void)state;
    load(two_by_four, 0);
    seats_begin(8);
    load(two_by_four, 0xa5);
    SEATS(4, 0, NONE, 2, NONE, NONE, 5, NONE, 7);
    load(two_by_four, 0);
    SEATS(8, 0, 1, 2, 3, 4, 5, 6, 7);
}

static void assign_other_cpus_prefers_the_own_node(void **state)
{
    (void)state;
    load(two_by_four, 0x11); /* 0 and 4 */
    seats_begin(2);
    load(two_by_four, 0x2c); /* 2, 3 and 5 */
    SEATS(2, 2, 5);
    load(two_by_four, 0x0c); /* nothing of node 1 */
    SEATS(2, 2, 3);
    load(two_by_four, 0);
    SEATS(2, 2, 3); /* who has a CPU stays */
}

static void assign_comes_back_to_the_first_cpu(void **state)
{
    (void)state;
    load(two_by_four, 0x0f);
    seats_begin(4);
    load(two_by_four, 0x30);
    SEATS(2, 4, 5, NONE, NONE);
    load(two_by_four, 0x38); /* 3 is back, and it was the last one's */
    SEATS(3, 4, 5, NONE, 3);
    load(two_by_four, 0x0f);
    SEATS(4, 0, 1, 2, 3);
}

static void assign_more_workers_than_cpus_binds_nobody(void **state)
{
    (void)state;
    load(two_by_four, 0x07);
    seats_begin(3);
    load(two_by_four, 0x03);
    assert_int_equal(bsti_seat_assign(&topo, 3, seats, 3), 0);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(seats[i].on);
        assert_int_equal(seats[i].cpu, NONE);
    }
    load(two_by_four, 0x07);
    SEATS(3, 0, 1, 2);
}

static void assign_without_memory_changes_nothing(void **state)
{
    (void)state;
    load(two_by_four, 0);
    seats_begin(8);
    bsti_alloc_fail_at(1);
    assert_true(bsti_seat_assign(&topo, 1, seats, 8) < 0);
    bsti_alloc_fail_at(0);
    for (uint32_t i = 0; i < 8; i++)
        assert_true(seats[i].on && seats[i].cpu == i);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

UNIT_MAIN(TEST(victims_of_two_nodes_begin_at_home),
          TEST(victims_with_hardware_threads_begin_on_the_core),
          TEST(victims_follow_the_caches),
          TEST(victims_where_numbers_have_holes),
          TEST(victims_under_a_mask_know_the_nodes_that_are_left),
          TEST(victims_of_more_workers_than_cpus_share_a_cpu_first),
          TEST(victims_that_are_spares_come_last),
          TEST(assign_smaller_quota_retires_the_last),
          TEST(assign_smaller_mask_retires_who_lost_its_cpu),
          TEST(assign_other_cpus_prefers_the_own_node),
          TEST(assign_comes_back_to_the_first_cpu),
          TEST(assign_more_workers_than_cpus_binds_nobody),
          TEST(assign_without_memory_changes_nothing))
