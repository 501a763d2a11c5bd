/*
 * The language server under a fuzzer. Each line of the data is one message,
 * which gets its header here; data that begins with a header itself is fed as
 * it is.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lsp/lsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void forget(void *arg, const char *bytes, size_t size)
{
    (void)arg;
    (void)bytes;
    (void)size;
}

static void feed(struct bstc_lsp *lsp, const char *bytes, size_t size)
{
    char header[48];
    int length =
        snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", size);

    bstc_lsp_feed(lsp, header, (size_t)length);
    bstc_lsp_feed(lsp, bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bstc_options options = {.prefix = ""};
    struct bstc_lsp *lsp = bstc_lsp_create(&options, forget, NULL);
    const char *text = (const char *)data;
    const char *end = text + size;

    if (size > 8 && memcmp(text, "Content-", 8) == 0) {
        bstc_lsp_feed(lsp, text, size);
        text = end;
    }
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        stop = stop ? stop : end;
        feed(lsp, text, (size_t)(stop - text));
        text = stop < end ? stop + 1 : end;
    }
    while (!bstc_lsp_has_ended(lsp) && bstc_lsp_step(lsp))
        continue;
    bstc_lsp_destroy(lsp);
    return 0;
}
