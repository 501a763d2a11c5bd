/*
 * Reads the modules of the program and the functions that matter in them.
 */

#define _GNU_SOURCE

#include "plat/unwind_known.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "sync/atomic.h"

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static struct knowledge sets[2];
static const struct knowledge *_Atomic known;

BSTI_NO_SANITIZE const struct knowledge *bsti_unwind_knowledge(void)
{
    /* acquire: pairs with the release in bsti_unwind_load() */
    return bsti_load_acquire(&known);
}

static const char *const leaves[] = {
    "strlen",       "strnlen",       "strcpy",       "strncpy",
    "stpcpy",       "stpncpy",       "strcat",       "strncat",
    "strcmp",       "strncmp",       "strcasecmp",   "strncasecmp",
    "strchr",       "strrchr",       "strchrnul",    "strstr",
    "strcasestr",   "strspn",        "strcspn",      "strpbrk",
    "strsep",       "strtok_r",      "memcpy",       "memmove",
    "mempcpy",      "memset",        "memcmp",       "memchr",
    "memrchr",      "rawmemchr",     "memmem",       "memccpy",
    "bcmp",         "bzero",         "wcslen",       "wcsnlen",
    "wcscpy",       "wcsncpy",       "wcscat",       "wcscmp",
    "wcsncmp",      "wcschr",        "wcsrchr",      "wmemcpy",
    "wmemmove",     "wmemset",       "wmemcmp",      "wmemchr",
    "__memcpy_chk", "__memmove_chk", "__memset_chk", "__mempcpy_chk",
    "__strcpy_chk", "__strncpy_chk", "__strcat_chk", "__stpcpy_chk",
};
static const char *const aborts[] = {"abort", "raise", "__assert_fail",
                                     "__assert"};
static const char *const sorts[] = {"qsort", "qsort_r", "bsearch"};
static const char *const allocators[] = {
    "malloc",   "calloc",        "realloc",        "free",   "reallocarray",
    "memalign", "aligned_alloc", "posix_memalign", "valloc", "pvalloc",
};

static const char *const checkers[] = {"__asan_init", "__tsan_init",
                                       "__ubsan_handle_add_overflow"};

static void name(struct knowledge *knowledge, void *library, enum owner class,
                 const char *const *names, size_t n)
{
    for (size_t i = 0; i < n && knowledge->nnamed < NAMED; i++) {
        void *start = dlsym(library, names[i]);

        if (start) {
            knowledge->named[knowledge->nnamed++] =
                (struct named){(uintptr_t)start, class};
        }
    }
}

static void name_all(struct knowledge *knowledge)
{
    void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    void *library = libc ? libc : RTLD_DEFAULT;

    name(knowledge, library, LEAF, leaves, BSTI_ARRAY_LEN(leaves));
    name(knowledge, library, ABORT, aborts, BSTI_ARRAY_LEN(aborts));
    name(knowledge, library, SORT, sorts, BSTI_ARRAY_LEN(sorts));
    name(knowledge, library, ALLOC, allocators, BSTI_ARRAY_LEN(allocators));
    /* The program may have another allocator than the C library's. */
    name(knowledge, RTLD_DEFAULT, ALLOC, allocators,
         BSTI_ARRAY_LEN(allocators));
    knowledge->assert_fail[0] = (uintptr_t)dlsym(library, "__assert_fail");
    knowledge->assert_fail[1] = (uintptr_t)dlsym(library, "__assert");
    if (libc) {
        (void)dlclose(libc);
    }
}

/* The program itself is given no name. */
static void name_module(struct module *module, const char *given)
{
    ssize_t length = (ssize_t)strlen(given);

    if (length == 0) {
        length = readlink("/proc/self/exe", module->name, NAME - 1);
    } else {
        length = BSTI_MIN(length, (ssize_t)NAME - 1);
        memcpy(module->name, given, (size_t)length);
    }
    module->name[BSTI_MAX(length, 0)] = '\0';
}

static int add_module(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct knowledge *knowledge = arg;
    struct module *module = &knowledge->modules[knowledge->nmodules];
    const uint8_t *header = NULL;

    (void)size;
    knowledge->changes = info->dlpi_adds + info->dlpi_subs;
    if (knowledge->nmodules == MODULES) {
        return 1;
    }
    memset(module, 0, sizeof(*module));
    module->low = UINTPTR_MAX;
    module->base = (uintptr_t)info->dlpi_addr;
    name_module(module, info->dlpi_name);
    /* The dynamic linker, and what the kernel gives every program. */
    module->is_libc =
        info->dlpi_addr != 0 && (info->dlpi_addr == getauxval(AT_BASE) ||
                                 info->dlpi_addr == getauxval(AT_SYSINFO_EHDR));
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t begin = (uintptr_t)(info->dlpi_addr + part->p_vaddr);

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            module->low = BSTI_MIN(module->low, begin);
            module->high = BSTI_MAX(module->high, begin + part->p_memsz);
        } else if (part->p_type == PT_GNU_EH_FRAME) {
            header = (const uint8_t *)begin;
        }
    }
    if (module->high > 0 && header && bsti_cfi_open(&module->table, header)) {
        knowledge->nmodules++;
    }
    return 0;
}

BSTI_NO_SANITIZE struct module *
bsti_unwind_find_module(const struct knowledge *knowledge, uintptr_t pc)
{
    for (size_t i = 0; i < knowledge->nmodules; i++) {
        const struct module *module = &knowledge->modules[i];

        if (pc >= module->low && pc < module->high) {
            return (struct module *)(uintptr_t)module;
        }
    }
    return NULL;
}

static int read_changes(struct dl_phdr_info *info, size_t size, void *arg)
{
    uint64_t *changes = arg;

    (void)size;
    *changes = info->dlpi_adds + info->dlpi_subs;
    return 1;
}

/* Marks the modules that no failure may come from. */
static void mark_all(struct knowledge *knowledge)
{
    const bool is_sanitized = BSTI_ASAN + BSTI_TSAN > 0;
    struct module *own =
        bsti_unwind_find_module(knowledge, (uintptr_t)runtime_begin);
    struct module *allocator = bsti_unwind_find_module(
        knowledge, (uintptr_t)dlsym(RTLD_DEFAULT, "malloc"));

    knowledge->is_static = true;
    for (size_t i = 0; i < knowledge->nnamed; i++) {
        const struct named *named = &knowledge->named[i];
        struct module *module =
            bsti_unwind_find_module(knowledge, named->start);

        if (named->class == ABORT && module && module != own) {
            module->is_libc = true;
            knowledge->is_static = false;
        }
    }
    if (allocator && allocator != own && !is_sanitized) {
        allocator->is_libc = true;
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(checkers) && is_sanitized; i++) {
        struct module *checker = bsti_unwind_find_module(
            knowledge, (uintptr_t)dlsym(RTLD_DEFAULT, checkers[i]));

        knowledge->is_opaque |= checker && checker == own;
        if (checker && checker != own) {
            checker->is_checker = true;
        }
    }
}

void bsti_unwind_load(void)
{
    const struct knowledge *present;
    struct knowledge *knowledge;
    uint64_t changes = 0;

    pthread_mutex_lock(&loading);
    present = bsti_load_relaxed(&known);
    (void)dl_iterate_phdr(read_changes, &changes);
    if (present && present->changes == changes) {
        pthread_mutex_unlock(&loading);
        return;
    }
    /* The set that is in use stays as it is. */
    knowledge = present == &sets[0] ? &sets[1] : &sets[0];
    memset(knowledge, 0, sizeof(*knowledge));
    (void)dl_iterate_phdr(add_module, knowledge);
    name_all(knowledge);
    mark_all(knowledge);
    /* release: pairs with the acquire in bsti_unwind_knowledge() */
    bsti_store_release(&known, knowledge);
    pthread_mutex_unlock(&loading);
}
