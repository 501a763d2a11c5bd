/*
 * Memory of more than one page, and the table of the instructions.
 */

#include "plat/probe.h"

#include <string.h>

enum { STEP = 4096 /* no page is smaller */ };

extern const int32_t probes_begin[] __asm__("__start_bsti_probes")
    __attribute__((visibility("hidden")));
extern const int32_t probes_end[] __asm__("__stop_bsti_probes")
    __attribute__((visibility("hidden")));

void bsti_probe(const void *memory, size_t size)
{
    const char *at = memory;

    if (size == 0) {
        return;
    }
    for (size_t i = 0; i < size; i += STEP) {
        bsti_probe_byte(at + i);
    }
    bsti_probe_byte(at + size - 1);
}

size_t bsti_probe_text(const char *text)
{
    const char *at = text;

    for (;;) {
        size_t rest = STEP - (uintptr_t)at % STEP;
        const char *end;

        bsti_probe_byte(at);
        end = memchr(at, '\0', rest);
        if (end) {
            return (size_t)(end - text);
        }
        at += rest;
    }
}

void bsti_probe_out(void *memory, size_t size)
{
    char *at = memory;

    if (size == 0) {
        return;
    }
    for (size_t i = 0; i < size; i += STEP) {
        bsti_probe_write(at + i);
    }
    bsti_probe_write(at + size - 1);
}

BSTI_NO_SANITIZE bool bsti_probe_is_at(uintptr_t pc)
{
    for (const int32_t *probe = probes_begin; probe < probes_end; probe++) {
        if ((uintptr_t)probe + (uintptr_t)(intptr_t)*probe == pc) {
            return true;
        }
    }
    return false;
}
