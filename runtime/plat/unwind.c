/*
 * Walks over a stack and judges its frames.
 *
 * Rows are cached by program counter, for each thread: most failures of a
 * program are the same one.
 */

#define _GNU_SOURCE

#include "plat/unwind.h"

#include <string.h>

#include "base/attr.h"
#include "plat/plt.h"
#include "plat/probe.h"
#include "plat/unwind_known.h"

enum {
    CACHE = 128,      /* rows */
    FRAMES = 1 << 20, /* more than the largest stack holds */
};

struct cached {
    uintptr_t pc;
    enum owner class;
    struct bsti_cfi_row row;
};

struct bsti_unwind_cache {
    const struct knowledge *knowledge; /* that it was filled from */
    struct cached rows[CACHE];
};

size_t bsti_unwind_cache_size(void)
{
    return sizeof(struct bsti_unwind_cache);
}

/* ---- frames -------------------------------------------------------------- */

BSTI_NO_SANITIZE static enum owner classify(const struct knowledge *knowledge,
                                            const struct module *module,
                                            uintptr_t pc, uintptr_t start)
{
    if (pc >= (uintptr_t)runtime_begin && pc < (uintptr_t)runtime_end) {
        return RUNTIME;
    }
    for (size_t i = 0; i < knowledge->nnamed; i++) {
        if (knowledge->named[i].start == start &&
            (module->is_libc || knowledge->named[i].class == ALLOC)) {
            return knowledge->named[i].class;
        }
    }
    return module->is_libc ? LIBC : module->is_checker ? CHECKER : USER;
}

BSTI_NO_SANITIZE static struct cached *
look_up(const struct knowledge *knowledge, struct bsti_unwind_cache *cache,
        uintptr_t pc)
{
    struct cached *place = &cache->rows[(pc ^ pc >> 7) % CACHE];
    const struct module *module;

    if (place->pc == pc) {
        return place;
    }
    module = bsti_unwind_find_module(knowledge, pc);
    place->pc = 0;
    if (!module || !bsti_cfi_find(&module->table, pc, &place->row) ||
        place->row.is_signal) {
        return NULL;
    }
    place->class = classify(knowledge, module, pc, place->row.start);
    place->pc = pc;
    return place;
}

/*
 * A call of an address where no code is: the caller's frame is as it was at
 * the call. Returns false if that cannot have happened.
 */
BSTI_NO_SANITIZE static bool undo_call(struct bsti_unwind *walk)
{
#if defined(__x86_64__)
    uintptr_t sp = walk->regs.r[BSTI_CFI_SP];

    if (sp % 8 != 0 || sp < walk->low || sp > walk->high - 8) {
        return false;
    }
    walk->regs.r[BSTI_CFI_PC] = *(const uintptr_t *)sp;
    walk->regs.r[BSTI_CFI_SP] = sp + 8;
    return true;
#elif defined(__aarch64__)
    walk->regs.r[BSTI_CFI_PC] = walk->regs.r[30];
    return true;
#else
    (void)walk;
    return false;
#endif
}

/* ---- judging ------------------------------------------------------------- */

/* Whose frames the walk has come through. */
enum stage {
    FIRST,
    IN_PROBE, /* the runtime's, which looks at a pointer it was given */
    IN_LEAF,
    IN_ABORT,
    IN_USER,
    IN_SORT, /* the C library's, which is hoped to be qsort */
    AT_END   /* the runtime's, which has called the user's function */
};

struct judge {
    enum stage stage;
    enum owner last;
    enum bsti_walk verdict;
};

static bool is_libc(enum owner class)
{
    return class == LIBC || class == LEAF || class == ABORT || class == SORT;
}

BSTI_NO_SANITIZE static bool refuse(struct judge *judge, enum owner class)
{
    judge->verdict = class == ALLOC     ? BSTI_WALK_ALLOC
                     : is_libc(class)   ? BSTI_WALK_LIBC
                     : class == RUNTIME ? BSTI_WALK_RUNTIME
                                        : BSTI_WALK_NESTED;
    return false;
}

BSTI_NO_SANITIZE static bool judge_first(struct judge *judge,
                                         const struct bsti_unwind *walk,
                                         enum owner class)
{
    if (class == USER) {
        judge->stage = IN_USER;
    } else if (class == RUNTIME && !walk->is_abort &&
               bsti_probe_is_at(walk->regs.r[BSTI_CFI_PC])) {
        judge->stage = IN_PROBE;
    } else if (is_libc(class)) {
        judge->stage = walk->is_abort  ? IN_ABORT
                       : class == LEAF ? IN_LEAF
                                       : IN_SORT;
    } else {
        return refuse(judge, class);
    }
    return true;
}

/* Frames of the C library that the last of them may excuse. */
BSTI_NO_SANITIZE static bool judge_libc(struct judge *judge, enum owner class,
                                        enum owner excuse)
{
    if (is_libc(class)) {
        return true;
    }
    if (class != USER || judge->last != excuse) {
        return refuse(judge, class == USER ? LIBC : class);
    }
    judge->stage = IN_USER;
    return true;
}

/* Returns false if the walk is over: see the verdict. */
BSTI_NO_SANITIZE static bool
judge(struct judge *judge, const struct bsti_unwind *walk, enum owner class)
{
    bool good = true;

    /* The user's functions call it where they do not know of it. */
    if (class == CHECKER) {
        class = USER;
    }
    switch (judge->stage) {
    case FIRST:
        good = judge_first(judge, walk, class);
        break;
    case IN_PROBE:
        judge->stage = class == USER ? IN_USER : IN_PROBE;
        good = class == USER || class == RUNTIME || refuse(judge, class);
        break;
    case IN_LEAF:
        judge->stage = IN_USER;
        good = class == USER || refuse(judge, is_libc(class) ? LIBC : class);
        break;
    case IN_ABORT:
        good = judge_libc(judge, class, ABORT);
        break;
    case IN_SORT:
        good = judge_libc(judge, class, SORT);
        break;
    case IN_USER:
        if (class == ALLOC) {
            good = refuse(judge, class);
        } else if (class != USER) {
            judge->stage = class == RUNTIME ? AT_END : IN_SORT;
        }
        break;
    case AT_END:
        good = class == RUNTIME || refuse(judge, USER);
        break;
    }
    judge->last = class;
    return good;
}

/* After a step to the caller: whether the bottom of it all was reached. */
BSTI_NO_SANITIZE static bool is_around(const struct bsti_unwind *walk)
{
    return walk->limit != 0 && walk->regs.r[BSTI_CFI_SP] > walk->limit;
}

BSTI_NO_SANITIZE static enum bsti_walk
walk_frames(struct bsti_unwind *walk, const struct knowledge *knowledge,
            uintptr_t back)
{
    struct judge state = {.stage = FIRST, .verdict = BSTI_WALK_UNKNOWN};

    for (unsigned n = 0; n < FRAMES; n++) {
        uintptr_t sp = walk->regs.r[BSTI_CFI_SP];
        struct cached *frame =
            look_up(knowledge, walk->cache, walk->regs.r[BSTI_CFI_PC] - back);
        enum stage before = state.stage;

        if (!frame) {
            return n == 0 || state.stage != AT_END ? BSTI_WALK_UNKNOWN
                                                   : BSTI_WALK_NESTED;
        }
        /* A call of nowhere that the runtime seems to have made is that of the
         * user's function, which is no function, or has jumped there last. */
        if (n == 0 && back != 0 && frame->class == RUNTIME &&
            !judge(&state, walk, USER)) {
            return state.verdict;
        }
        if (!judge(&state, walk, frame->class)) {
            return state.verdict;
        }
        if (state.stage != AT_END && frame->class != RUNTIME) {
            bsti_frames_add(&walk->frames, walk->regs.r[BSTI_CFI_PC],
                            frame->row.start);
        }
        if (before != AT_END && state.stage == AT_END) {
            walk->landing = sp;
        }
        if (before == IN_ABORT || state.stage == IN_ABORT) {
            walk->is_assert |= frame->row.start == knowledge->assert_fail[0] ||
                               frame->row.start == knowledge->assert_fail[1];
        }
        if (frame->row.ends) {
            return state.stage == AT_END && walk->limit == 0 ? BSTI_WALK_OK
                                                             : BSTI_WALK_NESTED;
        }
        if (!bsti_cfi_step(&frame->row, &walk->regs, walk->low, walk->high) ||
            walk->regs.r[BSTI_CFI_SP] < sp) {
            return BSTI_WALK_STACK;
        }
        if (is_around(walk)) {
            return state.stage == AT_END ? BSTI_WALK_OK : BSTI_WALK_NESTED;
        }
        back = 1;
    }
    return BSTI_WALK_STACK;
}

BSTI_NO_SANITIZE static bool is_usable(const struct knowledge *knowledge)
{
    return BSTI_CFI_EXISTS && knowledge && !knowledge->is_static;
}

/* What was cached of other modules is forgotten. */
BSTI_NO_SANITIZE static void prepare(struct bsti_unwind_cache *cache,
                                     const struct knowledge *knowledge)
{
    if (cache->knowledge != knowledge) {
        /* Not by memset(), which is a sanitizer's. */
        for (size_t i = 0; i < CACHE; i++) {
            cache->rows[i].pc = 0;
        }
        cache->knowledge = knowledge;
    }
}

/*
 * Prepares a walk. Returns what is known, or NULL: nothing can be walked. A
 * return address is looked up one before it, and *back is 1.
 */
BSTI_NO_SANITIZE static const struct knowledge *begin(struct bsti_unwind *walk,
                                                      uintptr_t *back)
{
    const struct knowledge *knowledge = bsti_unwind_knowledge();

    walk->frames.total = 0;
    walk->frames.last = 0;
    *back = 0;
    if (!BSTI_CFI_EXISTS || !knowledge) {
        return NULL;
    }
    prepare(walk->cache, knowledge);
    if (!bsti_unwind_find_module(knowledge, walk->regs.r[BSTI_CFI_PC])) {
        if (!undo_call(walk)) {
            return NULL;
        }
        *back = 1;
    }
    walk->frames.exact = *back == 0;
    return knowledge;
}

BSTI_NO_SANITIZE enum bsti_walk bsti_unwind_walk(struct bsti_unwind *walk)
{
    uintptr_t back;
    const struct knowledge *knowledge = begin(walk, &back);

    return knowledge && !knowledge->is_static
               ? walk_frames(walk, knowledge, back)
               : BSTI_WALK_UNKNOWN;
}

/* ---- tracing ------------------------------------------------------------- */

BSTI_NO_SANITIZE void bsti_unwind_trace(struct bsti_unwind *walk, bool is_call)
{
    uintptr_t back;
    const struct knowledge *knowledge = begin(walk, &back);

    for (unsigned n = 0; knowledge && n < FRAMES; n++) {
        uintptr_t pc = walk->regs.r[BSTI_CFI_PC];
        uintptr_t sp = walk->regs.r[BSTI_CFI_SP];
        struct cached *frame = look_up(knowledge, walk->cache, pc - back);

        if (!frame) {
            return;
        }
        if (!is_call || frame->class != RUNTIME) {
            if (walk->frames.total == 0) {
                walk->frames.exact = back == 0;
            }
            bsti_frames_add(&walk->frames, pc, frame->row.start);
        } else if (walk->frames.total > 0) {
            return;
        }
        if (frame->row.ends ||
            !bsti_cfi_step(&frame->row, &walk->regs, walk->low, walk->high) ||
            walk->regs.r[BSTI_CFI_SP] < sp) {
            return;
        }
        back = 1;
    }
}

BSTI_NO_SANITIZE const char *bsti_unwind_module(uintptr_t pc, uintptr_t *offset)
{
    const struct knowledge *knowledge = bsti_unwind_knowledge();
    const struct module *module =
        knowledge ? bsti_unwind_find_module(knowledge, pc) : NULL;

    if (!module) {
        return NULL;
    }
    *offset = pc - module->base;
    return module->name;
}

/* ---- leaving -------------------------------------------------------------- */

/* Notes where the return address of a frame lies from which a step has just
 * led to its caller; 0: in no place. */
BSTI_NO_SANITIZE static void note_return(struct bsti_unwind *walk,
                                         const struct bsti_cfi_row *row)
{
    walk->slot = 0;
    walk->frame = walk->regs.r[BSTI_CFI_SP];
    for (unsigned i = 0; i < row->nsaved; i++) {
        const struct bsti_cfi_saved *saved = &row->saved[i];

        if (saved->reg == row->return_reg && !saved->by_expr) {
            walk->slot = walk->frame + (uintptr_t)(intptr_t)saved->offset;
        }
    }
}

/* What a walk to the last such return has seen so far. */
struct search {
    enum owner last; /* at first, as if called by the user */
    bool was_user;   /* there was some frame of the user's, */
    bool in_runtime; /* or the runtime's, */
    bool in_checker; /* or a sanitizer's */
    bool found;
    uintptr_t slot; /* of the return that was found; 0: it lies nowhere */
    uintptr_t frame;
};

BSTI_NO_SANITIZE static void visit(struct search *search,
                                   struct bsti_unwind *walk,
                                   const struct bsti_cfi_row *before,
                                   enum owner class)
{
    if (class == USER && search->last != USER) {
        note_return(walk, before);
        search->found = true;
        search->slot = walk->slot;
        search->frame = walk->frame;
        walk->in_runtime = search->in_runtime;
    }
    if (class != USER && search->last == USER && search->was_user) {
        walk->landing = walk->regs.r[BSTI_CFI_SP];
    }
    search->in_runtime |= class == RUNTIME;
    search->in_checker |= class == CHECKER;
    search->was_user |= class == USER;
    search->last = class;
}

/*
 * Finds the last return to the user's code that leads to no other code than
 * the user's, up to the runtime's call of it.
 */
BSTI_NO_SANITIZE static enum bsti_leave
find_return(struct search *search, struct bsti_unwind *walk,
            const struct knowledge *knowledge)
{
    struct bsti_cfi_row row = {.nsaved = 0};
    uintptr_t back = 0;

    for (unsigned n = 0; n < FRAMES; n++) {
        uintptr_t sp = walk->regs.r[BSTI_CFI_SP];
        struct cached *frame =
            look_up(knowledge, walk->cache, walk->regs.r[BSTI_CFI_PC] - back);

        if (!frame) {
            return BSTI_LEAVE_UNKNOWN;
        }
        /* A stub is not the user's, even where it lies in the user's module:
         * the runtime calls by them, too. */
        if (n > 0 || !bsti_plt_is_stub(walk->regs.r[BSTI_CFI_PC])) {
            visit(search, walk, &row, frame->class);
        }
        row = frame->row;
        if (row.ends) {
            break;
        }
        if (!bsti_cfi_step(&row, &walk->regs, walk->low, walk->high) ||
            walk->regs.r[BSTI_CFI_SP] < sp) {
            return BSTI_LEAVE_UNKNOWN;
        }
        if (is_around(walk)) {
            break;
        }
        back = 1;
    }
    walk->slot = search->slot;
    walk->frame = search->frame;
    if (!search->was_user || search->last != RUNTIME ||
        (search->found && !walk->slot)) {
        return BSTI_LEAVE_UNKNOWN;
    }
    return search->found ? BSTI_LEAVE_LATER : BSTI_LEAVE_NOW;
}

BSTI_NO_SANITIZE enum bsti_leave bsti_unwind_leave(struct bsti_unwind *walk)
{
    const struct knowledge *knowledge = bsti_unwind_knowledge();
    struct bsti_unwind copy = *walk;
    struct search search = {.last = USER};
    enum bsti_leave leave;

    if (!is_usable(knowledge) || knowledge->is_opaque) {
        return BSTI_LEAVE_UNKNOWN;
    }
    prepare(walk->cache, knowledge);
    leave = find_return(&search, walk, knowledge);
    if (leave != BSTI_LEAVE_LATER || search.in_checker) {
        return leave;
    }
    /* A function that holds no lock can be left in the middle. */
    if (bsti_unwind_walk(&copy) != BSTI_WALK_OK) {
        return BSTI_LEAVE_LATER;
    }
    walk->landing = copy.landing;
    return BSTI_LEAVE_NOW;
}

/* ---- finding --------------------------------------------------------------- */

bool bsti_unwind_is_ours(uintptr_t pc)
{
    return pc >= (uintptr_t)runtime_begin && pc < (uintptr_t)runtime_end;
}

/* As look_up() without a cache, which a signal would use at the same time. */
static bool read_row(const struct knowledge *knowledge, uintptr_t pc,
                     struct bsti_cfi_row *row)
{
    const struct module *module = bsti_unwind_find_module(knowledge, pc);

    return module && bsti_cfi_find(&module->table, pc, row) && !row->is_signal;
}

bool bsti_unwind_finds(struct bsti_cfi_regs *regs, uintptr_t pc, uintptr_t sp)
{
    const struct knowledge *knowledge = bsti_unwind_knowledge();
    struct bsti_cfi_row row;
    uintptr_t function;

    if (!is_usable(knowledge) || !read_row(knowledge, pc - 1, &row)) {
        return true;
    }
    function = row.start;
    for (unsigned n = 0; n < FRAMES; n++) {
        uintptr_t at = regs->r[BSTI_CFI_PC];
        uintptr_t low = regs->r[BSTI_CFI_SP];

        if (n > 0 && bsti_unwind_is_ours(at)) {
            return false;
        }
        if (!read_row(knowledge, at - (n > 0), &row) ||
            !bsti_cfi_step(&row, regs, low, UINTPTR_MAX)) {
            return true;
        }
        if (row.start == function && sp >= low && sp < regs->r[BSTI_CFI_SP]) {
            return true;
        }
    }
    return true;
}

const char *bsti_walk_text(enum bsti_walk result)
{
    switch (result) {
    case BSTI_WALK_OK:
        return "in a handler";
    case BSTI_WALK_RUNTIME:
        return "in the runtime";
    case BSTI_WALK_LIBC:
        return "in the C library";
    case BSTI_WALK_ALLOC:
        return "in malloc or its kin";
    case BSTI_WALK_NESTED:
        return "in a function that the runtime has called";
    case BSTI_WALK_WILD:
        return "which `faults strict` does not contain";
    case BSTI_WALK_STACK:
        return "on a damaged stack";
    case BSTI_WALK_FOREIGN:
        return "in a thread of the program's own";
    case BSTI_WALK_UNKNOWN:
        break;
    }
    return "in code that says nothing about its callers";
}
