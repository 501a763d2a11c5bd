/*
 * Reading scenario files.
 */

#define _GNU_SOURCE

#include "scn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 16, INDENT = 2 };

/* ---- words --------------------------------------------------------------- */

/* Splits a line at its blanks, in place. */
static size_t split(char *line, char *words[MOST_WORDS])
{
    size_t n = 0;
    char *rest = NULL;

    for (char *word = strtok_r(line, " ", &rest); word && n < MOST_WORDS;
         word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    return n;
}

bst_time scn_duration(const char *word)
{
    char *unit;
    long long n = strtoll(word, &unit, 10);

    if (unit == word || n < 0)
        return -1;
    if (strcmp(unit, "ms") == 0)
        return BST_MS(n);
    return strcmp(unit, "s") == 0 ? BST_S(n) : -1;
}

/* Returns what follows "key=" in a word, or NULL. */
static const char *value_of(const char *word, const char *key)
{
    size_t length = strlen(key);

    return strncmp(word, key, length) == 0 && word[length] == '='
               ? word + length + 1
               : NULL;
}

static enum bst_auto_shutdown auto_shutdown(const char *word)
{
    if (strcmp(word, "never") == 0)
        return BST_AUTO_NEVER;
    if (strcmp(word, "any_significant") == 0)
        return BST_AUTO_ANY;
    return strcmp(word, "all_significant") == 0 ? BST_AUTO_ALL
                                                : (enum bst_auto_shutdown)99;
}

static int strategy(const char *word)
{
    static const char *const words[] = {"one_for_one", "one_for_all",
                                        "rest_for_one"};

    for (int i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

/* A time of the tables, in which 0 is the default and -1 means `kill`. */
static bst_time shutdown(const char *word)
{
    bst_time time = scn_duration(word);

    if (strcmp(word, "kill") == 0)
        return BST_SHUTDOWN_KILL;
    if (time < 0)
        return -2;
    return time > 0 ? time : 1;
}

static bool read_value(struct scn_node *node, const char *word)
{
    const char *value;

    if ((value = value_of(word, "restarts")))
        node->restarts = strtoll(value, NULL, 10);
    else if ((value = value_of(word, "window")))
        node->window = scn_duration(value) > 0 ? scn_duration(value) : -1;
    else if ((value = value_of(word, "auto_shutdown")))
        node->auto_shutdown = auto_shutdown(value);
    else if ((value = value_of(word, "shutdown")))
        node->shutdown = shutdown(value);
    else if ((value = value_of(word, "slow_stop")))
        node->slow_stop = scn_duration(value);
    return value != NULL;
}

static bool read_word(struct scn_node *node, const char *word)
{
    if (strcmp(word, "permanent") == 0)
        node->lifetime = BST_PERMANENT;
    else if (strcmp(word, "transient") == 0)
        node->lifetime = BST_TRANSIENT;
    else if (strcmp(word, "temporary") == 0)
        node->lifetime = BST_TEMPORARY;
    else if (strcmp(word, "significant") == 0)
        node->significant = true;
    else if (strcmp(word, "no_stop_handler") == 0)
        node->no_stop_handler = true;
    else if (strcmp(word, "declines") == 0)
        node->declines = true;
    else if (strcmp(word, "cannot_start") == 0)
        node->cannot_start = true;
    else
        return read_value(node, word);
    return true;
}

bool scn_read_node(struct scn_node *node, char *line)
{
    char *words[MOST_WORDS];
    size_t n = split(line, words);
    size_t first = 2;

    *node = (struct scn_node){.lifetime = BST_PERMANENT,
                              .restarts = 1,
                              .window = BST_S(5),
                              .strategy = BST_ONE_FOR_ONE};
    if (n < 2)
        return false;
    node->name = words[1];
    node->is_supervisor = strcmp(words[0], "sup") == 0;
    if (node->is_supervisor && n > 2)
        node->strategy = strategy(words[first++]);
    else if (strcmp(words[0], "child") != 0)
        return false;
    if (!node->is_supervisor)
        node->shutdown = BST_MS(200);
    for (; first < n; first++)
        if (!read_word(node, words[first]))
            return false;
    return true;
}

/* ---- the tree ------------------------------------------------------------ */

static size_t indent_of(const char *line)
{
    return strspn(line, " ");
}

/* Reads the node at lines[*at] and what is below it. */
static bool read_tree(struct scn_node *node, char **lines, size_t n, size_t *at)
{
    size_t indent = indent_of(lines[*at]);

    if (!scn_read_node(node, lines[(*at)++]))
        return false;
    while (*at < n && indent_of(lines[*at]) == indent + INDENT) {
        node->children = realloc(node->children, (node->nchildren + 1) *
                                                     sizeof *node->children);
        if (!read_tree(&node->children[node->nchildren++], lines, n, at))
            return false;
    }
    return true;
}

/* ---- the file ------------------------------------------------------------ */

static char *read_file(const char *file)
{
    FILE *stream = fopen(file, "r");
    char *text = NULL;
    size_t size = 0;

    if (!stream)
        return NULL;
    if (getdelim(&text, &size, '\0', stream) < 0) {
        free(text);
        text = NULL;
    }
    fclose(stream);
    return text;
}

/* Cuts off the text from the line `word` on. Returns what follows it. */
static char *cut(char *text, const char *word)
{
    size_t length = strlen(word);

    for (char *line = text; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, word, length) != 0 ||
            (line[length] != '\n' && line[length] != '\0'))
            continue;
        *line = '\0';
        return line + length + (line[length] == '\n');
    }
    return NULL;
}

/* Splits a text into its lines, without those that are empty or a comment. */
static char **lines_of(char *text, size_t *n)
{
    char **lines = NULL;
    char *rest = NULL;

    *n = 0;
    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (*line == '#')
            continue;
        lines = realloc(lines, (*n + 1) * sizeof *lines);
        lines[(*n)++] = line;
    }
    return lines;
}

bool scn_load(struct scn *scn, const char *file)
{
    char *stimuli;
    char *expected;
    char **lines;
    size_t n;
    size_t at = 0;
    bool is_good;

    *scn = (struct scn){.text = read_file(file), .expected = ""};
    stimuli = scn->text ? cut(scn->text, "do") : NULL;
    if (!stimuli) {
        fprintf(stderr, "%s: not a scenario\n", file);
        return false;
    }
    expected = cut(stimuli, "expect");
    if (expected)
        scn->expected = expected;
    scn->stimuli = lines_of(stimuli, &scn->nstimuli);
    lines = lines_of(scn->text, &n);
    is_good = n > 0 && read_tree(&scn->top, lines, n, &at) && at == n &&
              scn->top.is_supervisor;
    free(lines);
    if (!is_good)
        fprintf(stderr, "%s: line %zu of the tree is not understood\n", file,
                at);
    return is_good;
}

static void free_node(struct scn_node *node)
{
    for (size_t i = 0; i < node->nchildren; i++)
        free_node(&node->children[i]);
    free(node->children);
}

void scn_free(struct scn *scn)
{
    free_node(&scn->top);
    free(scn->stimuli);
    free(scn->text);
}
