#ifndef BSTC_TEXTDIFF_H
#define BSTC_TEXTDIFF_H

/*
 * The difference of two texts, as `diff -u` shows it.
 *
 * Lines that occur once in both texts hold them together; what stands beside
 * a pair of equal lines and is equal, too, belongs to it. That takes
 * n log n steps, whatever the texts are, and shows what people would show;
 * it need not be the shortest difference.
 *
 * Threads: as the arena.
 */

#include "emit_out.h"

/** A text and the name under which it is shown. */
struct bstc_difftext {
    const char *name;
    const char *text; /* without NUL bytes */
    size_t length;
};

/** Appends the difference; nothing if the texts are equal. */
void bstc_textdiff(struct bstc_out *out, const struct bstc_difftext *from,
                   const struct bstc_difftext *to);

#endif
