/*
 * gen SEED NAME - writes a random, correct program: NAME.bst, NAME.h and
 * NAME.c, and perhaps NAME_messages.bst. The same seed gives the same bytes.
 */

#include "gen.h"

#include <stdlib.h>
#include <string.h>

static FILE *create(const char *name, const char *ending)
{
    char path[256];
    FILE *out;

    snprintf(path, sizeof path, "%s%s", name, ending);
    out = fopen(path, "w");
    if (!out) {
        perror(path);
        exit(1);
    }
    return out;
}

static void finish(FILE *out)
{
    if (fclose(out) != 0) {
        perror("gen");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static struct program program;
    FILE *bst;
    FILE *messages;
    FILE *c;
    FILE *header;

    if (argc != 3) {
        fprintf(stderr, "usage: gen SEED NAME\n");
        return 2;
    }
    program.state = strtoull(argv[1], NULL, 10);
    program.name = argv[2];
    gen_choose(&program);
    bst = create(program.name, ".bst");
    messages = create(program.name, "_messages.bst");
    gen_print_bst(&program, bst, messages);
    finish(bst);
    finish(messages);
    header = create(program.name, ".h");
    gen_print_header(&program, header);
    finish(header);
    c = create(program.name, ".c");
    gen_print_c(&program, c);
    finish(c);
    return 0;
}
