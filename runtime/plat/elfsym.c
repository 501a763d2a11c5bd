/*
 * Reads the symbol table of an ELF file that is mapped into memory.
 *
 * The file may be anything: each offset is checked against its size before
 * something is read there.
 */

#define _GNU_SOURCE

#include "plat/elfsym.h"

#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FUNCTION = 2, INDIRECT = 10, TYPE = 15 };

/* Returns `count` things of `size` at `offset`, or NULL: they are not there. */
static const void *at(const struct bsti_elfsym *file, uint64_t offset,
                      uint64_t count, size_t size)
{
    if (offset > file->bytes || offset % 8 != 0 ||
        count > (file->bytes - offset) / size) {
        return NULL;
    }
    return (const char *)file->memory + offset;
}

static bool is_ours(const struct bsti_elfsym *file)
{
    const ElfW(Ehdr) *head = at(file, 0, 1, sizeof(*head));

    return head && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 &&
           head->e_ident[EI_CLASS] ==
               (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) &&
           head->e_shentsize == sizeof(ElfW(Shdr));
}

bool bsti_elfsym_open(struct bsti_elfsym *file, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    file->memory = NULL;
    file->bytes = 0;
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
        file->bytes = (size_t)status.st_size;
        file->memory = mmap(NULL, file->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    (void)close(fd);
    if (file->memory == MAP_FAILED) {
        file->memory = NULL;
    }
    if (file->memory && !is_ours(file)) {
        bsti_elfsym_close(file);
    }
    return file->memory != NULL;
}

void bsti_elfsym_close(struct bsti_elfsym *file)
{
    if (file->memory) {
        (void)munmap(file->memory, file->bytes);
    }
    file->memory = NULL;
}

/* Returns the name if it ends within its table. */
static const char *name_of(const struct bsti_elfsym *file,
                           const ElfW(Shdr) * names, uint64_t offset)
{
    const char *text = (const char *)file->memory + names->sh_offset;

    if (names->sh_offset > file->bytes ||
        names->sh_size > file->bytes - names->sh_offset ||
        offset >= names->sh_size ||
        !memchr(text + offset, '\0', names->sh_size - offset)) {
        return NULL;
    }
    return text + offset;
}

/* Finds it in one table, which ties are better than what was found before. */
static const ElfW(Sym) * search(const struct bsti_elfsym *file,
                                const ElfW(Shdr) * table, uintptr_t offset)
{
    uint64_t count = table->sh_size / sizeof(ElfW(Sym));
    const ElfW(Sym) *symbols =
        at(file, table->sh_offset, count, sizeof(*symbols));
    const ElfW(Sym) *best = NULL;

    for (uint64_t i = 0; symbols && i < count; i++) {
        const ElfW(Sym) *symbol = &symbols[i];
        unsigned type = symbol->st_info & TYPE;

        if ((type != FUNCTION && type != INDIRECT) ||
            symbol->st_shndx == SHN_UNDEF || offset < symbol->st_value) {
            continue;
        }
        /* A function that does not say how long it is may be in assembly. */
        if (offset - symbol->st_value >= symbol->st_size &&
            symbol->st_size > 0) {
            continue;
        }
        if (!best || symbol->st_value > best->st_value) {
            best = symbol;
        }
    }
    return best;
}

const char *bsti_elfsym_find(const struct bsti_elfsym *file, uintptr_t offset,
                             uintptr_t *start)
{
    const ElfW(Ehdr) *head = file->memory;
    const ElfW(Shdr) *sections =
        head ? at(file, head->e_shoff, head->e_shnum, sizeof(*sections)) : NULL;
    const char *found = NULL;

    for (size_t i = 0; sections && i < head->e_shnum; i++) {
        const ElfW(Shdr) *table = &sections[i];
        const ElfW(Sym) * symbol;

        /* The full table has more, so it is taken if there are both. */
        if ((table->sh_type != SHT_SYMTAB &&
             (table->sh_type != SHT_DYNSYM || found)) ||
            table->sh_link >= head->e_shnum) {
            continue;
        }
        symbol = search(file, table, offset);
        if (symbol) {
            found = name_of(file, &sections[table->sh_link], symbol->st_name);
            *start = symbol->st_value;
        }
    }
    return found;
}
