#ifndef CALLBACKS_H
#define CALLBACKS_H

#include <bastion/callbacks.h>

/* Prints what has happened to whom. */
void note(const struct bst_event *event, const char *what);

#endif
