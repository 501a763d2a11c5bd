// What a handler in C++ may do with exceptions.

#include <stdexcept>

#include "foreign.bst.h"

extern "C" {
bst_status throw_out(void *self);
bst_status throw_within(void *self);
}

static void dive(int n)
{
    if (n == 0)
        throw std::runtime_error("deep down");
    dive(n - 1);
}

bst_status throw_within(void *)
{
    try {
        dive(10);
    } catch (const std::exception &) {
        return BST_OK;
    }
    return BST_FAIL;
}

bst_status throw_out(void *)
{
    dive(10);
    return BST_OK;
}
