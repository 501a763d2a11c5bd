/*
 * The shared part of the benchmarks without actors. They are linked with the
 * executor alone, so the command line is read here.
 */

#include <stddef.h>
#include <string.h>

#include "common.h"

static const struct {
    const char *name;
    size_t offset; /* of an int in the options */
} switches[] = {
    {"--no-pin", offsetof(struct bst_executor_options, no_pin)},
    {"--no-next-slot", offsetof(struct bst_executor_options, no_next_slot)},
    {"--steal-one", offsetof(struct bst_executor_options, steal_one)},
    {"--no-contention-skip",
     offsetof(struct bst_executor_options, no_contention_skip)},
};

static bool read_switch(struct bst_executor_options *options, const char *arg)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (strcmp(arg, switches[i].name) != 0)
            continue;
        *(int *)((char *)options + switches[i].offset) = 1;
        return true;
    }
    return false;
}

/* Returns the value of `name`, which may be behind `=` or the next argument;
 * NULL: that is not what is at argv[*at]. */
static const char *value_at(const char *name, int argc, char **argv, int *at)
{
    size_t length = strlen(name);

    if (strncmp(argv[*at], name, length) != 0)
        return NULL;
    if (argv[*at][length] == '=')
        return argv[*at] + length + 1;
    if (argv[*at][length] != '\0')
        return NULL;
    bench_check(*at + 1 < argc, "the value of an option is missing");
    return argv[++*at];
}

void bench_tasks_read(struct bench_tasks *tasks, const char *own, int argc,
                      char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = value_at("--n", argc, argv, &i);

        if (value) {
            tasks->n = bench_number(value);
            continue;
        }
        value = value_at("--threads", argc, argv, &i);
        if (value) { /* 0, which is no number here, is the default */
            tasks->options.threads =
                strcmp(value, "0") == 0 ? 0 : (uint32_t)bench_number(value);
            continue;
        }
        value = own ? value_at(own, argc, argv, &i) : NULL;
        if (value)
            tasks->more = bench_number(value);
        else
            bench_check(read_switch(&tasks->options, argv[i]),
                        "there is no such option");
    }
}

struct bst_executor *bench_tasks_start(const struct bench_tasks *tasks)
{
    struct bst_executor *executor = bst_executor_create(&tasks->options);

    bench_check(executor != NULL, "the executor could not be started");
    return executor;
}
