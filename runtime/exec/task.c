/*
 * Tasks: spawning them, their turns and their end.
 *
 * A task that spawns many lets them run now and then: it puts one behind all
 * others and waits until that one starts. What it has spawned is then still
 * in the cache, and the blocks of those that have ended serve the next ones.
 */

#include "exec/task.h"

#include "base/assert.h"
#include "exec/block.h"
#include "exec/exec.h"
#include "exec/oust.h"
#include "plat/probe.h"
#include "proc/arena.h"
#include "sync/atomic.h"

enum { SPAWN_BUDGET = 128 /* tasks between two such waits */ };

_Static_assert(sizeof(struct bst_task) <= BSTI_HANDLE_BYTES &&
                   sizeof(struct bsti_task) <= BSTI_TASK_BYTES,
               "the pools of an executor are for other sizes");

static const struct bsti_proc_class task_class;
static const struct bsti_proc_class steps_class;

struct bsti_task *bsti_task_of(struct bsti_proc *proc)
{
    if (proc->cls != &task_class && proc->cls != &steps_class)
        return NULL;
    return bsti_container_of(proc, struct bsti_task, proc);
}

/* ---- the life of a task -------------------------------------------------- */

static void call_hook(struct bsti_task *task,
                      void (*hook)(const struct bst_task_info *info),
                      bst_status status)
{
    struct bst_task_info info = {.pid = task->handle->pid,
                                 .state = task->extras->state,
                                 .status = status};

    if (hook)
        hook(&info);
}

/* Counts with a release: who learns from it of the end of a task also sees
 * that it was spawned, and that all it has spawned was. */
static inline void count(struct bsti_exec *exec, struct bsti_worker *own,
                         unsigned counter)
{
    _Atomic uint64_t *place;

    if (BSTI_UNLIKELY(!own)) {
        bsti_fetch_add_release(&exec->foreign[counter], (uint64_t)1);
        return;
    }
    place = &own->counters[counter];
    /* Only this thread writes it, so a load and a store are enough. */
    bsti_store_release(place, bsti_load_relaxed(place) + 1);
}

/* Returns the worker that runs the task, which may not be the first one. */
static struct bsti_worker *worker_of(struct bsti_task *task)
{
    /* relaxed: it was written here, when the turn began */
    return task->is.job ? NULL : bsti_load_relaxed(&task->proc.home);
}

/* The end of a task without hooks; of others, what comes after the last. */
static inline void finish(struct bsti_task *task, bst_status status,
                          void *result)
{
    struct bst_task *handle = task->handle;
    struct bsti_exec *exec = handle->exec;
    struct bsti_worker *own = worker_of(task);

    if (BSTI_UNLIKELY(task->proc.arena != NULL)) {
        bsti_arena_destroy(task->proc.arena);
        task->proc.arena = NULL;
    }
    /* Before the block is freed: until then somebody may cancel it. */
    bsti_handle_publish(handle, status, result);
    if (BSTI_UNLIKELY(task->extras != NULL))
        bsti_block_free(exec, own, task->extras, sizeof *task->extras);
    if (task->is.job)
        bsti_block_free(exec, own, task, sizeof(struct bsti_job_task));
    else
        bsti_pool_free(exec, own, BSTI_POOL_TASKS, task);
    count(exec, own, BSTI_COUNTER_TASKS_ENDED);
}

/* Nobody can cancel the task any more. A cancel that came too late is
 * dropped, so that a hook is not thrown away for it. */
static void seal(struct bsti_task *task)
{
    uint32_t state = bsti_handle_lock(task->handle);

    task->is.sealed = true;
    bsti_handle_unlock(task->handle, state);
    (void)bsti_proc_take_signals(&task->proc, BSTI_SIGNAL_KILL);
}

/* With all that few tasks need. */
static BSTI_NOINLINE void end(struct bsti_task *task, bst_status status,
                              void *result)
{
    const struct bsti_task_extras *extras = task->extras;

    (void)bsti_proc_drop_wait(&task->proc);
    if (task->joining)
        bsti_handle_leave(task->joining);
    task->joining = NULL;
    if (extras) {
        seal(task);
        task->is.status = (uint8_t)status;
        task->result = result;
        task->is.phase = BSTI_TASK_ENDED;
        call_hook(task,
                  status == BST_OK ? extras->after_complete
                                   : extras->after_panic,
                  status);
    }
    finish(task, status, result);
}

/* With all that few tasks need; as start(). */
static BSTI_NOINLINE bool start_slowly(struct bsti_task *task)
{
    if (task->is.awaited)
        bsti_handle_started(task->handle);
    if (bsti_proc_signals(&task->proc) & BSTI_SIGNAL_KILL) {
        end(task, BST_DEAD, NULL);
        return false;
    }
    if (task->extras)
        call_hook(task, task->extras->before_start, BST_OK);
    task->is.phase = BSTI_TASK_RUNNING;
    return true;
}

/* Returns false if the task has ended, as it was cancelled before. */
static inline bool start(struct bsti_task *task)
{
    if (BSTI_UNLIKELY(task->is.awaited || task->extras ||
                      bsti_proc_signals(&task->proc)))
        return start_slowly(task);
    task->is.phase = BSTI_TASK_RUNNING;
    return true;
}

static inline void call(struct bsti_task *task)
{
    void *result;

    if (!start(task))
        return;
    result = task->code.fn(task->arg);
    if (BSTI_UNLIKELY(task->extras != NULL))
        end(task, BST_OK, result);
    else
        finish(task, BST_OK, result);
}

void bsti_task_call(struct bsti_task *task)
{
    call(task);
}

void bsti_task_abandoned(struct bsti_task *task)
{
    bst_status status = (bst_status)task->is.status;

    if (task->is.phase == BSTI_TASK_ENDED) /* its last hook has panicked */
        finish(task, status, task->result);
    else
        end(task, status == BST_OK ? BST_DEAD : status, NULL);
}

static void turn(struct bsti_proc *proc)
{
    call(bsti_container_of(proc, struct bsti_task, proc));
}

static void turn_step(struct bsti_proc *proc)
{
    struct bsti_task *task = bsti_container_of(proc, struct bsti_task, proc);

    if (task->is.phase == BSTI_TASK_NEW) {
        if (!start(task))
            return;
    } else if (bsti_proc_signals(proc) & BSTI_SIGNAL_KILL) {
        end(task, BST_DEAD, NULL);
        return;
    }
    if (task->code.step(task->arg))
        bsti_worker_enqueue(worker_of(task), proc);
    else
        end(task, BST_OK, task->arg);
}

static void abandoned(struct bsti_proc *proc)
{
    bsti_task_abandoned(bsti_container_of(proc, struct bsti_task, proc));
}

static void blame(struct bsti_proc *proc, struct bsti_blame *blame)
{
    (void)proc;
    blame->path = "a task";
}

static void faulted(struct bsti_proc *proc, const char *text)
{
    bsti_task_note_failure(bsti_container_of(proc, struct bsti_task, proc),
                           text);
}

static const struct bsti_proc_class task_class = {
    .name = "task",
    .turn = turn,
    .abandoned = abandoned,
    .blame = blame,
    .faulted = faulted,
};

static const struct bsti_proc_class steps_class = {
    .name = "task in steps",
    .turn = turn_step,
    .abandoned = abandoned,
    .blame = blame,
    .faulted = faulted,
};

/* ---- spawning ------------------------------------------------------------ */

struct bsti_exec *bsti_task_exec(struct bst_executor *executor,
                                 struct bsti_worker *worker)
{
    struct bsti_exec *exec;

    if (executor)
        return (void *)bsti_probe_word(executor);
    exec = worker ? bsti_worker_exec(worker) : bsti_job_exec();
    bsti_check(exec, "bst_spawn without an executor, outside of a task");
    return exec;
}

/* Unique without a counter that all workers share. */
static inline uint64_t next_pid(struct bsti_exec *exec, struct bsti_worker *own)
{
    if (BSTI_LIKELY(own != NULL))
        return ++own->pids << 16 | (own->index + 1);
    return (bsti_fetch_add_relaxed(&exec->foreign_pids, (uint64_t)1) + 1) << 16;
}

static inline bool wants_extras(const struct bst_task_options *options)
{
    return options && (options->state || options->before_start ||
                       options->after_complete || options->after_panic);
}

/* Returns NULL when there is no memory for the hooks. */
static BSTI_NOINLINE struct bsti_task_extras *
make_extras(struct bsti_exec *exec, struct bsti_worker *own,
            const struct bst_task_options *options)
{
    struct bsti_task_extras *extras =
        bsti_block_alloc(exec, own, sizeof *extras);

    if (!extras)
        return NULL;
    extras->state = options->state;
    extras->before_start = options->before_start;
    extras->after_complete = options->after_complete;
    extras->after_panic = options->after_panic;
    return extras;
}

static inline struct bst_task *init(struct bsti_task *task,
                                    struct bsti_exec *exec,
                                    struct bsti_worker *own,
                                    const struct bst_task_options *options)
{
    struct bst_task *handle = bsti_pool_alloc(exec, own, BSTI_POOL_HANDLES);

    if (BSTI_UNLIKELY(!handle))
        return NULL;
    task->is = (struct bsti_task_marks){
        .phase = BSTI_TASK_NEW, .status = BST_OK, .born = true};
    task->extras = NULL;
    if (BSTI_UNLIKELY(wants_extras(options))) {
        task->extras = make_extras(exec, own, options);
        if (!task->extras) {
            bsti_pool_free(exec, own, BSTI_POOL_HANDLES, handle);
            return NULL;
        }
    }
    task->joining = NULL;
    task->handle = handle;
    bsti_store_relaxed(&handle->state, (uint32_t)BSTI_HANDLE_RUNNING);
    handle->task = task;
    handle->exec = exec;
    handle->pid = next_pid(exec, own);
    count(exec, own, BSTI_COUNTER_TASKS);
    return handle;
}

struct bst_task *bsti_task_init(struct bsti_task *task, struct bsti_exec *exec,
                                struct bsti_worker *own,
                                const struct bst_task_options *options)
{
    return init(task, exec, own, options);
}

/* The block is a new one, and zeroed, or one that a task has left. */
static inline void init_proc(struct bsti_task *task,
                             const struct bsti_proc_class *cls,
                             unsigned stack_class)
{
    struct bsti_proc *proc = &task->proc;

    if (BSTI_UNLIKELY(!task->is.born)) {
        bsti_proc_init(proc, cls, 0, stack_class);
        return;
    }
    bsti_assert(!proc->stack && !proc->timed && !proc->arena &&
                bsti_wait_phase(bsti_load_relaxed(&proc->waiter.word)) ==
                    BSTI_WAIT_IDLE);
    /* relaxed: whoever runs it takes it from a queue */
    bsti_store_relaxed(&proc->signals, 0u);
    proc->stack_class = (uint8_t)stack_class;
    proc->cls = cls;
}

/* Makes a new task ready on this worker, behind those that were spawned before
 * it; the current one may have to let others run. */
static inline void make_ready(struct bsti_worker *worker,
                              struct bsti_task *task)
{
    struct bsti_task *self = worker->proc ? bsti_task_of(worker->proc) : NULL;

    if (BSTI_UNLIKELY(self && self->is.phase == BSTI_TASK_RUNNING &&
                      ++self->is.spawned >= SPAWN_BUDGET)) {
        self->is.spawned = 0;
        bsti_join_start(self, worker, task);
    } else if (bsti_slot_is_empty(&worker->slot)) {
        bsti_worker_ready(worker, &task->proc);
    } else {
        bsti_worker_enqueue(worker, &task->proc);
    }
}

static struct bst_task *spawn(struct bst_executor *executor,
                              const struct bsti_proc_class *cls,
                              union bsti_task_code code, void *arg,
                              const struct bst_task_options *options)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_exec *exec;
    struct bsti_worker *own;
    struct bsti_task *task;
    struct bst_task *handle;

    bsti_probe_code((bsti_probe_fn *)code.fn);
    if (options)
        bsti_probe_small(options, sizeof *options);
    if (bsti_is_barred())
        return NULL;
    exec = bsti_task_exec(executor, worker);
    own = bsti_own_worker(exec, worker);
    task = bsti_pool_alloc(exec, own, BSTI_POOL_TASKS);
    if (BSTI_UNLIKELY(!task))
        return NULL;
    init_proc(task, cls, options ? bsti_stack_class(options->stack_bytes) : 0);
    handle = init(task, exec, own, options);
    if (BSTI_UNLIKELY(!handle)) {
        bsti_pool_free(exec, own, BSTI_POOL_TASKS, task);
        return NULL;
    }
    task->code = code;
    task->arg = arg;
    if (BSTI_LIKELY(own != NULL))
        make_ready(own, task);
    else
        bsti_exec_ready(exec, &task->proc);
    return handle;
}

struct bst_task *bst_spawn(struct bst_executor *executor,
                           void *(*fn)(void *arg), void *arg,
                           const struct bst_task_options *options)
{
    return spawn(executor, &task_class, (union bsti_task_code){.fn = fn}, arg,
                 options);
}

struct bst_task *bst_spawn_steps(struct bst_executor *executor,
                                 bool (*step)(void *arg), void *arg,
                                 const struct bst_task_options *options)
{
    return spawn(executor, &steps_class, (union bsti_task_code){.step = step},
                 arg, options);
}
