/* The parser under a fuzzer. */

#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    oracle_parse((const char *)data, size);
    return 0;
}
