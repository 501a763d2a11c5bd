/*
 * The whole compiler under a fuzzer. A byte 0x1c, which is no part of the
 * language, divides the data into a root file and one that it imports.
 */

#include <string.h>

#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *cut = size ? memchr(data, 0x1c, size) : NULL;
    size_t first = cut ? (size_t)(cut - data) : size;
    struct oracle_file files[2] = {{"t.bst", (const char *)data, first}};

    if (cut) {
        files[1].name = "u.bst";
        files[1].text = (const char *)cut + 1;
        files[1].size = size - first - 1;
    }
    oracle_compile(files, cut ? 2 : 1);
    return 0;
}
