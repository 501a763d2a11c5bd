/*
 * The handlers of faults.bst: eleven ways to fail.
 *
 * The compiler must not see through them, or it would be right to make of an
 * undefined operation what it likes: hence `volatile`.
 */

#define _GNU_SOURCE
#undef NDEBUG

#include "faults.bst.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static volatile uintptr_t zero;

/* ---- what the processor finds -------------------------------------------- */

bst_status null_pointer_fail(struct null_pointer *self)
{
    volatile int *nowhere = (volatile int *)zero;

    (void)self;
    *nowhere = 1;
    return BST_OK;
}

bst_status wild_pointer_fail(struct wild_pointer *self)
{
    volatile int *anywhere = (volatile int *)(zero + 0x456789abc000);

    (void)self;
    *anywhere = 1;
    return BST_OK;
}

/* Not a loop: each call needs the room of the one before. */
static int deeper(int n)
{
    volatile char room[512];

    room[0] = (char)n;
    return zero ? n : deeper(n + 1) + room[0];
}

bst_status stack_overflow_fail(struct stack_overflow *self)
{
    (void)self;
    return deeper(0) > 0 ? BST_OK : BST_FAIL;
}

bst_status division_fail(struct division *self)
{
    volatile int number = 7;

    (void)self;
    number = number / (int)zero;
    return BST_OK;
}

bst_status illegal_fail(struct illegal *self)
{
    (void)self;
    if (!zero)
        __builtin_trap();
    return BST_OK;
}

static void unmap(void *page)
{
    munmap(page, 4096);
}

/* There is nothing behind the end of an empty file. */
bst_status bus_error_fail(struct bus_error *self)
{
    FILE *file = tmpfile();
    volatile char *page;

    if (!file)
        return BST_FAIL;
    page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    fclose(file);
    if (page == MAP_FAILED)
        return BST_FAIL;
    bst_defer(self, unmap, (void *)(uintptr_t)page);
    page[0] = 1;
    return BST_OK;
}

/* ---- what the program finds ---------------------------------------------- */

bst_status aborting_fail(struct aborting *self)
{
    (void)self;
    abort();
}

bst_status asserting_fail(struct asserting *self)
{
    (void)self;
    assert(zero == 1);
    return BST_OK;
}

bst_status panicking_fail(struct panicking *self)
{
    bst_panic(self, "%d is not %d", 1, 2);
}

bst_status failing_fail(struct failing *self)
{
    (void)self;
    return BST_FAIL;
}

/* bst_alloc() never returns NULL: who asks for too much fails. */
bst_status hungry_fail(struct hungry *self)
{
    char *memory = bst_alloc(self, SIZE_MAX);

    memory[0] = 1;
    return BST_OK;
}

/* ---- who tries them all -------------------------------------------------- */

static unsigned trouble;

static void show(const char *what, bst_status told, bst_status asked,
                 const struct lives *lives)
{
    bool good = told == BST_FAILED && asked == BST_OK && lives->n == 2;

    printf("%-15s %-11s %s, life %u\n", what, bst_status_name(told),
           asked == BST_OK ? "restarted" : bst_status_name(asked), lives->n);
    trouble += !good;
}

/* The typed functions of each actor have its name. */
#define TRY(actor)                                                             \
    do {                                                                       \
        struct lives lives = {.n = 0};                                         \
        bst_status told = actor##_ask_fail(self->to.actor);                    \
        bst_status asked = actor##_ask_health(self->to.actor, &lives);         \
                                                                               \
        show(#actor, told, asked, &lives);                                     \
    } while (0)

bst_status tester_start(struct tester *self)
{
    printf("%-15s %-11s %s\n", "actor", "its asker", "and then");
    TRY(null_pointer);
    TRY(wild_pointer);
    TRY(stack_overflow);
    TRY(division);
    TRY(illegal);
    TRY(bus_error);
    TRY(aborting);
    TRY(asserting);
    TRY(panicking);
    TRY(failing);
    TRY(hungry);
    printf("%s\n", trouble ? "something is wrong" : "all of them live again");
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bst_main(&faults_app, argc, argv);
}
