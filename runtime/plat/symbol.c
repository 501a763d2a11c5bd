/*
 * Finds functions, files and lines by libdw, or by symbol tables.
 *
 * Nothing is looked up outside of this machine: debugging information that
 * lies in a file of its own is found by its build id, never fetched.
 */

#define _GNU_SOURCE

#include "plat/symbol.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "plat/elfsym.h"
#include "plat/unwind.h"

/* What is used of the library. */
#define LIBRARY(X)                                                             \
    X(dwarf_attr_integrate)                                                    \
    X(dwarf_dieoffset)                                                         \
    X(dwarf_diename)                                                           \
    X(dwarf_filesrc)                                                           \
    X(dwarf_formudata)                                                         \
    X(dwarf_getscopes)                                                         \
    X(dwarf_getscopes_die)                                                     \
    X(dwarf_getsrc_die)                                                        \
    X(dwarf_getsrcfiles)                                                       \
    X(dwarf_haspc)                                                             \
    X(dwarf_lineno)                                                            \
    X(dwarf_linesrc)                                                           \
    X(dwarf_offdie)                                                            \
    X(dwarf_tag)                                                               \
    X(dwfl_addrmodule)                                                         \
    X(dwfl_begin)                                                              \
    X(dwfl_build_id_find_debuginfo)                                            \
    X(dwfl_end)                                                                \
    X(dwfl_linux_proc_report)                                                  \
    X(dwfl_module_addrdie)                                                     \
    X(dwfl_module_addrinfo)                                                    \
    X(dwfl_module_getdwarf)                                                    \
    X(dwfl_module_nextcu)                                                      \
    X(dwfl_report_end)

struct library {
#define X(name) __typeof__(name) *name;
    LIBRARY(X)
#undef X
};

static struct library dw;
static const char *library_name = "libdw.so.1";
static bool was_tried;       /* to load it */
static bool is_loaded;       /* and all of it is there */
static Dwfl *session;        /* NULL: none yet */
static Dwfl_Callbacks calls; /* of the session */

/* The file that the symbol table was last read from. */
static struct bsti_elfsym table;
static char table_path[512];

/* ---- the library --------------------------------------------------------- */

/* A function's address comes as one of an object. */
static bool load_one(void *library, const char *name, void *place, size_t size)
{
    void *address = dlsym(library, name);

    memcpy(place, &address, size);
    return address != NULL;
}

/* It stays loaded: others may use it, too. */
static void load(void)
{
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);

    is_loaded = library != NULL;
#define X(name)                                                                \
    is_loaded = is_loaded && load_one(library, #name, &dw.name, sizeof dw.name);
    LIBRARY(X)
#undef X
    was_tried = true;
}

/* The program is open even if its file was replaced. */
static int find_file(Dwfl_Module *module, void **data, const char *name,
                     Dwarf_Addr base, char **path, Elf **elf)
{
    char program[512];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    const char *open_as = name;

    (void)module;
    (void)data;
    (void)base;
    (void)elf;
    if (name[0] != '/') {
        return -1;
    }
    program[BSTI_MAX(length, 0)] = '\0';
    if (strcmp(name, program) == 0) {
        open_as = "/proc/self/exe";
    }
    *path = bsti_alloc_apart(strlen(name) + 1);
    if (*path) {
        strcpy(*path, name);
    }
    return open(open_as, O_RDONLY | O_CLOEXEC);
}

/* Returns the module at `pc`, in a session that knows it; or NULL. */
static Dwfl_Module *module_at(uintptr_t pc)
{
    Dwfl_Module *module = session ? dw.dwfl_addrmodule(session, pc) : NULL;

    if (module) {
        return module;
    }
    /* Modules may have been loaded since the session began. */
    if (session) {
        dw.dwfl_end(session);
    }
    calls.find_elf = find_file;
    calls.find_debuginfo = dw.dwfl_build_id_find_debuginfo;
    session = dw.dwfl_begin(&calls);
    if (!session) {
        return NULL;
    }
    if (dw.dwfl_linux_proc_report(session, getpid()) != 0 ||
        dw.dwfl_report_end(session, NULL, NULL) != 0) {
        dw.dwfl_end(session);
        session = NULL;
        return NULL;
    }
    return dw.dwfl_addrmodule(session, pc);
}

/* ---- functions ----------------------------------------------------------- */

static const char *file_of(Dwarf_Die *unit, Dwarf_Die *inlined, int *line)
{
    Dwarf_Attribute attribute;
    Dwarf_Files *files;
    Dwarf_Word number;
    size_t count;

    *line = 0;
    if (dw.dwarf_formudata(
            dw.dwarf_attr_integrate(inlined, DW_AT_call_line, &attribute),
            &number) == 0) {
        *line = (int)number;
    }
    if (dw.dwarf_getsrcfiles(unit, &files, &count) != 0 ||
        dw.dwarf_formudata(
            dw.dwarf_attr_integrate(inlined, DW_AT_call_file, &attribute),
            &number) != 0 ||
        number >= count) {
        return NULL;
    }
    return dw.dwarf_filesrc(files, number, NULL, NULL);
}

/* Returns the scopes around an instruction as they were inlined into each
 * other, the innermost first; the caller frees them. Or 0. */
static int scopes_at(Dwfl_Module *module, Dwarf_Die *unit, Dwarf_Addr address,
                     Dwarf_Die **scopes)
{
    Dwarf_Die *found = NULL;
    Dwarf_Die innermost;
    Dwarf_Addr bias;
    int count = dw.dwarf_getscopes(unit, address, &found);

    *scopes = NULL;
    if (count <= 0) {
        return 0;
    }
    /* Around an inlined function that gives where it was written. */
    if (!dw.dwarf_offdie(dw.dwfl_module_getdwarf(module, &bias),
                         dw.dwarf_dieoffset(&found[0]), &innermost)) {
        bsti_free_apart(found);
        return 0;
    }
    bsti_free_apart(found);
    count = dw.dwarf_getscopes_die(&innermost, scopes);
    return BSTI_MAX(count, 0);
}

/* Returns the compilation unit of an instruction, or NULL. Clang writes no
 * table of them, so they are looked through. */
static Dwarf_Die *unit_at(Dwfl_Module *module, uintptr_t pc, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dw.dwfl_module_addrdie(module, pc, bias);

    if (unit) {
        return unit;
    }
    do {
        unit = dw.dwfl_module_nextcu(module, unit, bias);
    } while (unit && dw.dwarf_haspc(unit, pc - *bias) != 1);
    return unit;
}

/* Finds the line of an instruction. */
static void find_line(Dwarf_Die *unit, Dwarf_Addr address,
                      struct bsti_symbol *symbol)
{
    Dwarf_Line *line = dw.dwarf_getsrc_die(unit, address);

    if (line) {
        symbol->file = dw.dwarf_linesrc(line, NULL, NULL);
        (void)dw.dwarf_lineno(line, &symbol->line);
    }
}

/*
 * Tells the functions of one frame. `symbol` has what is known of the
 * instruction: its line is that of the innermost function, and the line of
 * each other one is where it calls that.
 */
static bool tell_scopes(Dwfl_Module *module, Dwarf_Die *unit,
                        Dwarf_Addr address, struct bsti_symbol *symbol,
                        bsti_symbol_fn *fn, void *arg)
{
    Dwarf_Die *scopes = NULL;
    int count = scopes_at(module, unit, address, &scopes);
    bool told = false;

    for (int i = 0; i < count && !told; i++) {
        int tag = dw.dwarf_tag(&scopes[i]);

        if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine) {
            continue;
        }
        symbol->function = dw.dwarf_diename(&scopes[i]);
        symbol->inlined = tag == DW_TAG_inlined_subroutine;
        told = !symbol->inlined;
        fn(arg, symbol);
        if (symbol->inlined) {
            symbol->file = file_of(unit, &scopes[i], &symbol->line);
        }
    }
    bsti_free_apart(scopes);
    return told;
}

static void find_by_library(uintptr_t pc, struct bsti_symbol *symbol,
                            bsti_symbol_fn *fn, void *arg)
{
    Dwfl_Module *module = module_at(pc);
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = module ? unit_at(module, pc, &bias) : NULL;
    GElf_Off offset;
    GElf_Sym sym;

    if (unit) {
        find_line(unit, pc - bias, symbol);
        if (tell_scopes(module, unit, pc - bias, symbol, fn, arg)) {
            return;
        }
    }
    symbol->inlined = false;
    if (module) {
        symbol->function = dw.dwfl_module_addrinfo(module, pc, &offset, &sym,
                                                   NULL, NULL, NULL);
        symbol->start = symbol->function ? pc - offset : 0;
    }
    fn(arg, symbol);
}

/* ---- symbol tables ------------------------------------------------------- */

static void find_by_table(uintptr_t pc, struct bsti_symbol *symbol,
                          bsti_symbol_fn *fn, void *arg)
{
    uintptr_t base = pc - symbol->offset;
    uintptr_t start = 0;

    if (symbol->module && strcmp(symbol->module, table_path) != 0 &&
        strlen(symbol->module) < sizeof table_path) {
        bsti_elfsym_close(&table);
        strcpy(table_path, symbol->module);
        (void)bsti_elfsym_open(&table, table_path);
    }
    if (symbol->module) {
        symbol->function = bsti_elfsym_find(&table, symbol->offset, &start);
        symbol->start = symbol->function ? base + start : 0;
    }
    fn(arg, symbol);
}

/* ---- both ---------------------------------------------------------------- */

void bsti_symbol_find(uintptr_t pc, bool is_return, bsti_symbol_fn *fn,
                      void *arg)
{
    struct bsti_symbol symbol;

    if (!was_tried) {
        load();
    }
    memset(&symbol, 0, sizeof symbol);
    /* What follows a call may belong to another line, or function. */
    pc -= is_return ? 1 : 0;
    symbol.module = bsti_unwind_module(pc, &symbol.offset);
    if (is_loaded) {
        find_by_library(pc, &symbol, fn, arg);
    } else {
        find_by_table(pc, &symbol, fn, arg);
    }
}

void bsti_symbol_set_library(const char *name)
{
    library_name = name;
    was_tried = false;
}

void bsti_symbol_end(void)
{
    if (session) {
        dw.dwfl_end(session);
    }
    session = NULL;
    bsti_elfsym_close(&table);
    table_path[0] = '\0';
}
