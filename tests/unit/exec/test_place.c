/*
 * exec/place: an executor on an imaginary machine of two nodes with four CPUs
 * each. Workers, queues, blocks and stacks are where they belong, and work
 * passes from one node to the other.
 */

#include "exec/block.h"
#include "exec/worker.h"
#include "unit/exec/job.h"

#include "base/alloc.h"

enum { WORKERS = 8, PER_NODE = 4 };

static const struct bsti_machine two_by_four = {
    .synthetic = "pack:2 [numa] core:4 pu:1"};

static struct bsti_exec *exec;

static int setup(void **state)
{
    struct bsti_exec_options options = {.machine = &two_by_four};

    (void)state;
    exec = bsti_exec_create(&options);
    return exec == NULL;
}

static int teardown(void **state)
{
    (void)state;
    destroy(exec);
    return bsti_alloc_balance() != 0;
}

static void worker_is_at_its_place(void **state)
{
    (void)state;
    assert_int_equal(bsti_exec_workers(exec), WORKERS);
    assert_int_equal(bsti_exec_workers_on(exec), WORKERS);
    assert_int_equal(exec->nplaces, 2);
    assert_ptr_not_equal(exec->places[0].injector, exec->places[1].injector);
    for (uint32_t i = 0; i < WORKERS; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);
        struct bsti_place *place = &exec->places[i / PER_NODE];

        assert_int_equal(worker->place, i / PER_NODE);
        assert_ptr_equal(worker->injector, place->injector);
        assert_int_equal(worker->victims[0] / PER_NODE, i / PER_NODE);
        for (unsigned k = 0; k < BSTI_BLOCK_CLASSES; k++)
            assert_ptr_equal(worker->magazines[k].depot, &place->depots[k]);
    }
}

static void place_of_a_foreign_thread_is_where_it_runs(void **state)
{
    (void)state;
    for (uint32_t place = 0; place < 2; place++) {
        for (uint32_t i = 0; i < exec->ncpus_known; i++)
            exec->place_of_cpu[i] = place;
        if (bsti_thread_cpu() < exec->ncpus_known)
            assert_ptr_equal(bsti_place_foreign(exec), &exec->places[place]);
    }
    /* On CPUs that it does not know, each in turn. */
    for (uint32_t i = 0; i < exec->ncpus_known; i++)
        exec->place_of_cpu[i] = BSTI_PLACE_UNKNOWN;
    assert_ptr_not_equal(bsti_place_foreign(exec), bsti_place_foreign(exec));
}

static void place_of_each_cpu_is_known(void **state)
{
    (void)state;
    assert_int_equal(exec->ncpus_known, WORKERS);
    for (uint32_t i = 0; i < WORKERS; i++)
        assert_int_equal(exec->place_of_cpu[i], i / PER_NODE);
}

/* ---- running ------------------------------------------------------------- */

/* Puts a job that was just made into the injector of a place. */
static void inject(struct job *job, uint32_t place)
{
    bsti_store_relaxed(&job->pokes, 1u);
    assert_true(bsti_proc_signal(&job->proc, BSTI_SIGNAL_START));
    bsti_injector_push(exec->places[place].injector, &job->proc.link);
    bsti_exec_wake_one(exec);
}

/* Keeps all workers of the second node until it is told to end. */
static struct job blockers[PER_NODE];
static _Atomic uint32_t blocking;
static _Atomic uint32_t released;

static void block(struct job *self)
{
    (void)self;
    bsti_fetch_add_release(&blocking, 1u);
    while (!bsti_load_acquire(&released))
        bsti_thread_sleep(BST_US(100));
}

/* After a turn in the wrong place it is put there again. */
static void block_turn(struct bsti_proc *proc)
{
    struct job *job = bsti_container_of(proc, struct job, proc);

    if (bsti_worker_current()->place == 0) {
        bsti_injector_push(exec->places[1].injector, &proc->link);
        bsti_exec_wake_one(exec);
        bsti_thread_sleep(BST_US(100));
        return;
    }
    job_turn(&job->proc);
}

static const struct bsti_proc_class blocker_class = {
    .name = "blocker", .turn = block_turn, .abandoned = job_abandoned};

static void block_second_node(void)
{
    bsti_store_relaxed(&blocking, 0u);
    bsti_store_relaxed(&released, 0u);
    for (int i = 0; i < PER_NODE; i++) {
        job_init(&blockers[i], exec, block, 0);
        blockers[i].proc.cls = &blocker_class;
        inject(&blockers[i], 1);
    }
    wait_for(&blocking, PER_NODE);
}

static void release_second_node(void)
{
    bsti_store_release(&released, 1u);
    for (int i = 0; i < PER_NODE; i++)
        wait_for(&blockers[i].turns, 1);
}

/* On a busy machine it may also be a spare that helps. */
static void note_place(struct job *self)
{
    struct bsti_worker *worker = bsti_worker_current();

    *(uint32_t *)self->arg = worker->is_spare ? UINT32_MAX : worker->place;
}

static void injector_of_a_stuck_node_is_served_by_idle_workers(void **state)
{
    static struct job jobs[50];
    uint32_t place = 1;

    (void)state;
    block_second_node();
    for (uint32_t i = 0; i < 50; i++) {
        job_init(&jobs[i], exec, note_place, 0);
        jobs[i].arg = &place;
        inject(&jobs[i], 1);
        wait_for(&jobs[i].turns, 1);
        assert_int_not_equal(place, 1);
    }
    release_second_node();
}

/* Never goes idle until the second node is released. */
static void run_on(struct job *self)
{
    if (!bsti_load_acquire(&released))
        bsti_fetch_add_relaxed(&self->pokes, 1u);
}

static void injector_of_a_stuck_node_is_served_by_busy_workers(void **state)
{
    enum { BUSY = 3 * PER_NODE };
    static struct job busy[BUSY];
    static struct job job;
    uint32_t place = 1;

    (void)state;
    block_second_node();
    for (int i = 0; i < BUSY; i++) {
        job_init(&busy[i], exec, run_on, 0);
        poke(&busy[i]);
    }
    job_init(&job, exec, note_place, 0);
    job.arg = &place;
    inject(&job, 1);
    wait_for(&job.turns, 1);
    assert_int_not_equal(place, 1);
    release_second_node();
    for (int i = 0; i < BUSY; i++)
        while (bsti_load_acquire(&busy[i].pokes) > 0)
            bsti_thread_yield();
}

/* ---- blocks and stacks --------------------------------------------------- */

/* Jobs hand blocks to each other, wherever they run. */
enum { JOBS = 64, HOPS = 300, CELLS = 256 };
static void *_Atomic cells[CELLS];
static _Atomic uint32_t places_seen;

static void exchange(struct job *self)
{
    struct bsti_worker *worker = bsti_worker_current();
    uint32_t turn = bsti_load_relaxed(&self->turns);
    uint32_t cell = (turn * 61 + (uint32_t)(uintptr_t)self->arg * 7) % CELLS;
    uint32_t *block = bsti_block_alloc(exec, worker, 200);

    assert_non_null(block);
    for (int i = 0; i < 50; i++)
        block[i] = turn;
    block = bsti_xchg_acq_rel(&cells[cell], block);
    if (block) {
        for (int i = 1; i < 50; i++)
            assert_int_equal(block[i], block[0]);
        bsti_block_free(exec, worker, block, 200);
    }
    bsti_fetch_or_seq_cst(&places_seen, 1u << worker->place);
    if (turn % 50 == 0 && !worker->is_spare) {
        assert_true(bsti_yield(&self->proc));
        assert_ptr_equal(bsti_worker_current(), worker);
        assert_int_equal(worker->stack->node, worker->place);
    }
    if (turn + 1 < HOPS)
        bsti_fetch_add_relaxed(&self->pokes, 1u);
}

static void blocks_and_stacks_pass_between_nodes(void **state)
{
    static struct job jobs[JOBS];
    uint64_t blocks;

    (void)state;
    for (uint32_t i = 0; i < JOBS; i++) {
        job_init(&jobs[i], exec, exchange, 0);
        jobs[i].arg = (void *)(uintptr_t)i;
        inject(&jobs[i], i % 2);
    }
    for (uint32_t i = 0; i < JOBS; i++)
        wait_for(&jobs[i].turns, HOPS);
    for (uint32_t i = 0; i < CELLS; i++) {
        void *block = bsti_xchg_acq_rel(&cells[i], NULL);

        if (block)
            bsti_block_free(exec, NULL, block, 200);
    }
    blocks =
        exec->places[0].depots[2].blocks + exec->places[1].depots[2].blocks;
    assert_in_range(blocks, 64, 2 * (CELLS + JOBS + 24 * 2 * 65 + 18 * 64));
}

static void both_nodes_work_when_there_is_work_for_both(void **state)
{
    (void)state;
    for (int round = 0; bsti_load_acquire(&places_seen) != 3; round++) {
        assert_true(round < 1000);
        blocks_and_stacks_pass_between_nodes(state);
        destroy(exec); /* the jobs begin anew */
        assert_int_equal(setup(state), 0);
    }
}

/* With all workers of a node retired, or kept, whoever is busy elsewhere takes
 * from there as often as from home. */
static void injector_of_another_node_is_next_to_an_empty_one(void **state)
{
    static struct bsti_injector injectors[3];
    static struct bsti_exec other;
    static struct bsti_worker worker;
    struct bsti_place places[3] = {{.injector = &injectors[0]},
                                   {.injector = &injectors[1]},
                                   {.injector = &injectors[2]}};
    struct bsti_link links[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        bsti_injector_init(&injectors[i]);
    other.places = places;
    other.nplaces = 3;
    worker.exec = &other;
    worker.place = 1;
    worker.injector = &injectors[1];
    bsti_injector_push(&injectors[0], &links[0]);
    bsti_injector_push(&injectors[1], &links[1]);
    bsti_injector_push(&injectors[2], &links[2]);
    assert_ptr_equal(bsti_worker_from_outside(&worker, BSTI_INJECTOR_INTERVAL),
                     &links[1]);
    assert_ptr_equal(bsti_worker_from_outside(&worker, BSTI_INJECTOR_INTERVAL),
                     &links[2]);
    assert_ptr_equal(bsti_worker_from_outside(&worker, BSTI_INJECTOR_INTERVAL),
                     &links[0]);
    assert_null(bsti_worker_from_outside(&worker, BSTI_INJECTOR_INTERVAL));
    bsti_store_relaxed(&worker.retired, 1u);
    bsti_injector_push(&injectors[2], &links[2]);
    assert_null(bsti_worker_from_outside(&worker, BSTI_INJECTOR_INTERVAL));
}

static void create_without_memory_leaves_nothing(void **state)
{
    struct bsti_exec_options options = {.machine = &two_by_four};
    int64_t before = bsti_alloc_balance();
    struct bsti_exec *other = NULL;

    (void)state;
    for (uint64_t nth = 1; !other; nth++) {
        bsti_alloc_fail_at(nth);
        other = bsti_exec_create(&options);
        bsti_alloc_fail_at(0);
        if (!other)
            assert_int_equal(bsti_alloc_balance(), before);
        assert_true(nth < 1000);
    }
    destroy(other);
    assert_int_equal(bsti_alloc_balance(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

UNIT_MAIN(TEST(worker_is_at_its_place),
          TEST(place_of_a_foreign_thread_is_where_it_runs),
          TEST(place_of_each_cpu_is_known),
          TEST(injector_of_a_stuck_node_is_served_by_idle_workers),
          TEST(injector_of_a_stuck_node_is_served_by_busy_workers),
          cmocka_unit_test(injector_of_another_node_is_next_to_an_empty_one),
          TEST(blocks_and_stacks_pass_between_nodes),
          TEST(both_nodes_work_when_there_is_work_for_both),
          cmocka_unit_test(create_without_memory_leaves_nothing))
