/*
 * plat/topo: this machine, and machines that hwloc imagines.
 */

#define _GNU_SOURCE

#include "plat/topo.h"

#include <errno.h>
#include <sched.h>

#include "base/alloc.h"

#include "unit/unit.h"

static struct bsti_topo topo;

static unsigned distance(uint32_t a, uint32_t b)
{
    return topo.distance[a * topo.ncpus + b];
}

/* What holds on every machine. */
static void check_shape(void)
{
    assert_true(topo.ncpus >= 1 && topo.nnodes >= 1);
    for (uint32_t i = 0; i < topo.ncpus; i++) {
        assert_true(topo.cpus[i].node < topo.nnodes);
        assert_true(i == 0 ||
                    topo.cpus[i - 1].os_index < topo.cpus[i].os_index);
        assert_int_equal(distance(i, i), 0);
        for (uint32_t k = 0; k < topo.ncpus; k++) {
            assert_int_equal(distance(i, k), distance(k, i));
            assert_true(i == k || distance(i, k) > 0);
        }
    }
}

static void load_this_machine_matches_the_affinity_mask(void **state)
{
    cpu_set_t set;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    assert_int_equal(bsti_topo_load(&topo, NULL), 0);
    check_shape();
    assert_int_equal(topo.ncpus, CPU_COUNT(&set));
    for (uint32_t i = 0; i < topo.ncpus; i++) {
        assert_true(CPU_ISSET(topo.cpus[i].os_index, &set));
    }
    bsti_topo_fini(&topo);
}

static void load_one_cpu_allowed_sees_one(void **state)
{
    cpu_set_t before;
    cpu_set_t one;
    uint32_t cpu = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    for (uint32_t i = 0; i < CPU_SETSIZE; i++) {
        cpu = CPU_ISSET(i, &before) ? i : cpu;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(bsti_topo_load(&topo, NULL), 0);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
    assert_int_equal(topo.ncpus, 1);
    assert_int_equal(topo.cpus[0].os_index, cpu);
    check_shape();
    bsti_topo_fini(&topo);
}

static void load_two_nodes_orders_distances(void **state)
{
    (void)state;
    assert_int_equal(bsti_topo_load(&topo, "pack:2 [numa] l3:1 core:2 pu:2"),
                     0);
    check_shape();
    assert_int_equal(topo.ncpus, 8);
    assert_int_equal(topo.nnodes, 2);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(topo.cpus[i].os_index, i);
        assert_int_equal(topo.cpus[i].core, i / 2);
        assert_int_equal(topo.cpus[i].node, i / 4);
    }
    /* The same core, the same package, the other package. */
    assert_true(distance(0, 1) < distance(0, 2));
    assert_true(distance(0, 2) < distance(0, 4));
    assert_int_equal(distance(0, 2), distance(0, 3));
    assert_int_equal(distance(0, 4), distance(3, 7));
    bsti_topo_fini(&topo);
}

static void load_scattered_numbers_are_sorted(void **state)
{
    (void)state;
    /* Hardware threads of a core are numbered far apart, as on most PCs. */
    assert_int_equal(
        bsti_topo_load(&topo, "core:4 pu:2(indexes=0,4,1,5,2,6,3,7)"), 0);
    check_shape();
    assert_int_equal(topo.ncpus, 8);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(topo.cpus[i].core, topo.cpus[i + 4].core);
        assert_true(distance(i, i + 4) < distance(i, (i + 1) % 4));
    }
    bsti_topo_fini(&topo);
}

static void load_large_machine_works(void **state)
{
    (void)state;
    assert_int_equal(
        bsti_topo_load(&topo, "pack:4 [numa] l3:8 l2:8 core:1 pu:2"), 0);
    check_shape();
    assert_int_equal(topo.ncpus, 512);
    assert_int_equal(topo.nnodes, 4);
    assert_true(distance(0, 1) < distance(0, 2));
    assert_true(distance(0, 2) < distance(0, 16));
    assert_true(distance(0, 16) < distance(0, 128));
    bsti_topo_fini(&topo);
}

static void load_bad_description_is_invalid(void **state)
{
    (void)state;
    assert_int_equal(bsti_topo_load(&topo, "this is no machine"), -EINVAL);
    assert_null(topo.cpus);
    assert_null(topo.distance);
}

static void load_without_memory_fails_cleanly(void **state)
{
    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        bsti_alloc_fail_at(nth);
        assert_int_equal(bsti_topo_load(&topo, "pu:2"), -ENOMEM);
        assert_null(topo.cpus);
    }
    bsti_alloc_fail_at(0);
}

static int no_leak(void **state)
{
    (void)state;
    return bsti_alloc_balance() != 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, no_leak)

static void flat_is_what_hwloc_says_of_equal_cpus(void **state)
{
    struct bsti_topo flat;
    struct bsti_topo told;

    (void)state;
    assert_int_equal(bsti_topo_flat(&flat, 4), 0);
    assert_int_equal(bsti_topo_load(&told, "pu:4"), 0);
    assert_int_equal(flat.ncpus, told.ncpus);
    assert_int_equal(flat.nnodes, told.nnodes);
    for (uint32_t a = 0; a < 4; a++) {
        assert_int_equal(flat.cpus[a].os_index, told.cpus[a].os_index);
        assert_int_equal(flat.cpus[a].node, 0);
        for (uint32_t b = 0; b < 4; b++)
            for (uint32_t c = 0; c < 4; c++)
                assert_int_equal(
                    flat.distance[a * 4 + b] < flat.distance[a * 4 + c],
                    told.distance[a * 4 + b] < told.distance[a * 4 + c]);
    }
    bsti_topo_fini(&flat);
    bsti_topo_fini(&told);
    for (uint64_t nth = 1; nth <= 2; nth++) {
        int64_t balance = bsti_alloc_balance();

        (void)bsti_alloc_fail_at(nth);
        assert_int_equal(bsti_topo_flat(&flat, 4), -ENOMEM);
        (void)bsti_alloc_fail_at(0);
        assert_int_equal(bsti_alloc_balance(), balance);
    }
}

UNIT_MAIN(cmocka_unit_test(flat_is_what_hwloc_says_of_equal_cpus),
          TEST(load_this_machine_matches_the_affinity_mask),
          TEST(load_one_cpu_allowed_sees_one),
          TEST(load_two_nodes_orders_distances),
          TEST(load_scattered_numbers_are_sorted),
          TEST(load_large_machine_works), TEST(load_bad_description_is_invalid),
          TEST(load_without_memory_fails_cleanly))
