#ifndef BSTC_LOWER_H
#define BSTC_LOWER_H

/*
 * From the checked program to the model.
 */

#include "scope.h"

/**
 * Returns the model of a program in which no check found an error. It lives
 * in the arena of the context; the syntax tree is not needed any more, but
 * for the texts of the sources.
 */
struct bstc_model *bstc_lower(const struct bstc_program *program);

#endif
