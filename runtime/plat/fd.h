#ifndef BST_PLAT_FD_H
#define BST_PLAT_FD_H

/*
 * File descriptors that travel in messages.
 */

/** Closes `fd`; a negative one is nothing. errno stays as it is. */
void bsti_fd_close(int fd);

/** Returns another descriptor of the same file, or -1. */
int bsti_fd_copy(int fd);

#endif
