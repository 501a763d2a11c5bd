#ifndef BSTC_TEMPLATES_H
#define BSTC_TEMPLATES_H

/*
 * The files of new projects, from the folder templates/. An @ in a name or a
 * text stands for the name of the project; see new.c.
 */

struct bstc_template {
    const char *set;  /* "common", or which template it belongs to */
    const char *path; /* in the project */
    const char *text;
};

/** All files, the last one followed by NULLs. */
extern const struct bstc_template bstc_templates[];

#endif
