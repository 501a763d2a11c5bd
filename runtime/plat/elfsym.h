#ifndef BST_PLAT_ELFSYM_H
#define BST_PLAT_ELFSYM_H

/*
 * The functions of an ELF file, by its symbol table: also static ones, which
 * the dynamic linker does not know.
 *
 * Thread: a file belongs to whoever has opened it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bsti_elfsym {
    void *memory; /* the file; NULL: it is not open */
    size_t bytes;
};

/** Opens a file of the machine's own kind. Returns whether it is one. */
bool bsti_elfsym_open(struct bsti_elfsym *file, const char *path);

/** Returns the name of the function at `offset` and where it begins, or NULL.
 * The name lives as long as the file is open. */
const char *bsti_elfsym_find(const struct bsti_elfsym *file, uintptr_t offset,
                             uintptr_t *start);

/** Closes it; one that is not open is allowed. */
void bsti_elfsym_close(struct bsti_elfsym *file);

#endif
