/*
 * conformance [--executor sim|smp] [--trace] FILE...
 *
 * Runs scenarios that were recorded from OTP's supervisor on this runtime, and
 * says whether the traces are equal.
 */

#include "run.h"

int main(int argc, char **argv)
{
    return run_main(NULL, argc, argv);
}
