#ifndef BST_TESTS_CONFORMANCE_SCN_H
#define BST_TESTS_CONFORMANCE_SCN_H

/*
 * Scenario files: a tree, stimuli, and the trace that is expected.
 *
 * All strings point into the text of the file, which the scenario owns.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/topology.h>

/** A child or a supervisor as the file describes it. */
struct scn_node {
    const char *name;
    bool is_supervisor;
    enum bst_lifetime lifetime;
    bool significant;
    bst_time shutdown; /* as in the tables */
    /* A child. */
    bst_time slow_stop;
    bool no_stop_handler;
    bool declines;
    bool cannot_start;
    /* A supervisor. */
    int strategy; /* -1: a word that is none */
    int64_t restarts;
    bst_time window; /* -1: none that a table can hold */
    enum bst_auto_shutdown auto_shutdown;
    struct scn_node *children;
    size_t nchildren;
};

struct scn {
    char *text;
    struct scn_node top;
    char **stimuli;
    size_t nstimuli;
    const char *expected; /* the lines after `expect`; "" if there are none */
};

/** Reads a file. Returns false after a message on stderr. */
bool scn_load(struct scn *scn, const char *file);
void scn_free(struct scn *scn);

/** Reads the words of a child, such as "child a transient". */
bool scn_read_node(struct scn_node *node, char *line);

/** Reads "200ms". Returns -1 if it is no time, or a negative one. */
bst_time scn_duration(const char *word);

#endif
