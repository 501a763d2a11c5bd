/*
 * Runs a compiled scenario as the runner of the scenarios does its own. APP is
 * the program.
 */

#include "run.h"

extern const struct bst_app APP;

int main(int argc, char **argv)
{
    return run_main(&APP, argc, argv);
}
