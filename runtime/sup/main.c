/*
 * bst_main(): the command line of every program.
 *
 * Flags of the runtime come before `--`; all else belongs to the program. The
 * options and their help are those of base/config.
 */

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/config.h"
#include "sup/fort.h"
#include "sup/search.h"
#include "sup/sup.h"

enum { EXIT_OK = 0, EXIT_START_FAILED = 1, EXIT_USAGE = 2, GO_ON = -1 };

int bst_run_app(const struct bst_app *app, const struct bst_options *options)
{
    struct bst_options with_signals = BST_OPTIONS_DEFAULT;
    struct bst_system *system;

    if (options)
        with_signals = *options;
    with_signals.handle_signals = 1;
    if (with_signals.fort && !with_signals.sim) {
        int status = bsti_fort_enter(app, &with_signals);

        if (status != 0)
            return status;
    }
    system = bst_system_start(app, &with_signals, NULL);
    if (system)
        bsti_system_speak(system);
    return system ? bst_system_wait(system) : EXIT_START_FAILED;
}

static void print_help(const struct bst_app *app)
{
    printf("usage: %s [OPTION]... [--] [ARGUMENT]...\n\nOptions:\n", app->name);
    for (unsigned i = 0; i < BSTI_CONFIG_COUNT; i++) {
        const struct bsti_config_option *option =
            bsti_config_option((enum bsti_config_id)i);

        if (!option->flag)
            continue;
        if (bsti_config_switch(option))
            printf("  %-21s %s%s\n", option->flag,
                   bsti_config_switch(option)[0] == '0' ? "do not " : "",
                   option->help);
        else
            printf("  %s %-*s %s (default %s)\n", option->flag,
                   (int)(20 - strlen(option->flag)), option->value,
                   option->help, option->fallback);
    }
    printf("  --help                show this text\n"
           "  --help-env            show the environment variables\n"
           "  --version             show the version of the runtime\n");
}

static void print_help_env(void)
{
    for (unsigned i = 0; i < BSTI_CONFIG_COUNT; i++) {
        const struct bsti_config_option *option =
            bsti_config_option((enum bsti_config_id)i);

        printf("%s=%s\n    %s (default %s)\n", option->env, option->value,
               option->help, option->fallback);
    }
}

static int usage(const struct bst_app *app, const char *what, const char *arg)
{
    fprintf(stderr, "%s: %s `%s`\ntry `%s --help`\n", app->name, what, arg,
            app->name);
    return EXIT_USAGE;
}

static int bad_value(const struct bst_app *app, const char *option,
                     const char *value, const char *why)
{
    fprintf(stderr, "%s: %s: bad value `%s`: %s\n", app->name, option, value,
            why);
    return EXIT_USAGE;
}

/* Reads one flag with a value, as "--flag value" or "--flag=value". */
static int read_option(const struct bst_app *app, struct bsti_config *config,
                       int argc, char **argv, int *at)
{
    const char *arg = argv[*at];
    const char *equals = strchr(arg, '=');
    size_t length = equals ? (size_t)(equals - arg) : strlen(arg);
    const struct bsti_config_option *option =
        bsti_config_find_flag(arg, length);
    const char *value = equals ? equals + 1 : NULL;
    const char *why;

    if (!option)
        return usage(app, "unknown option", arg);
    if (bsti_config_switch(option)) {
        if (value)
            return usage(app, "no value belongs to", arg);
        value = bsti_config_switch(option);
    } else if (!value) {
        if (*at + 1 >= argc)
            return usage(app, "a value is missing after", arg);
        value = argv[++*at];
    }
    why = bsti_config_set(config, option->id, value);
    return why ? bad_value(app, option->flag, value, why) : GO_ON;
}

static int read_flags(const struct bst_app *app, struct bsti_config *config,
                      int argc, char **argv, int *rest_argc, char **rest)
{
    int i = 1;

    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        int status;

        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            rest[(*rest_argc)++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--help") == 0) {
            print_help(app);
            return EXIT_OK;
        }
        if (strcmp(argv[i], "--help-env") == 0) {
            print_help_env();
            return EXIT_OK;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("%s (bastion %s)\n", app->name, BST_VERSION);
            return EXIT_OK;
        }
        status = read_option(app, config, argc, argv, &i);
        if (status != GO_ON)
            return status;
    }
    for (i++; i < argc; i++)
        rest[(*rest_argc)++] = argv[i];
    return GO_ON;
}

static int run(const struct bst_app *app, const struct bsti_config *config,
               int argc, char **argv)
{
    struct bst_options options = BST_OPTIONS_DEFAULT;

    options.threads = config->threads;
    options.pin = config->pin;
    options.blocking_min = config->blocking_min;
    options.blocking_max = config->blocking_max;
    options.no_next_slot = !config->next_slot;
    options.steal_one = !config->steal_half;
    options.no_contention_skip = !config->contention_skip;
    options.log = (enum bst_log_level)config->log_level;
    options.log_json = config->log_json;
    options.fort = config->fort;
    options.seed = config->seed;
    options.seeded = config->seeded;
    options.argc = argc;
    options.argv = argv;
    options.sim = config->sim || config->sim_search > 0;
    options.sim_faults = config->sim_faults;
    options.sim_time = config->sim_time;
    if (config->sim_search > 0)
        return bsti_search(app, &options, config->sim_search);
    return bst_run_app(app, &options);
}

/* Has allocations fail, if that is wanted; once, as it counts. */
static void exhaust(const struct bsti_config *config)
{
    static bool done;

    if (done || config->oom_after == 0)
        return;
    done = true;
    if (config->oom_on)
        bsti_alloc_fail_from(config->oom_after);
    else
        bsti_alloc_fail_at(config->oom_after);
}

/* Whoever tries one after the other has to know where they end. */
static void report_memory(const struct bst_app *app,
                          const struct bsti_config *config)
{
    if (config->oom_after > 0 && !bsti_alloc_has_failed())
        fprintf(
            stderr, "%s: none of %llu allocations failed\n", app->name,
            (unsigned long long)(config->oom_after - bsti_alloc_fail_at(0)));
}

int bst_main(const struct bst_app *app, int argc, char **argv)
{
    struct bsti_config config = bsti_config_default();
    const char *bad_name = NULL;
    const char *why = bsti_config_env(&config, &bad_name);
    char **rest;
    int rest_argc = 0;
    int status;

    if (why) {
        fprintf(stderr, "%s: %s: %s\n", app->name, bad_name, why);
        return EXIT_USAGE;
    }
    exhaust(&config);
    rest = bsti_alloc(sizeof *rest * ((size_t)argc + 1));
    if (!rest) {
        fprintf(stderr, "%s: out of memory\n", app->name);
        return EXIT_START_FAILED;
    }
    status = read_flags(app, &config, argc, argv, &rest_argc, rest);
    if (status == GO_ON) {
        exhaust(&config);
        status = run(app, &config, rest_argc, rest);
        report_memory(app, &config);
    }
    bsti_free(rest);
    if (fflush(stdout) != 0 && status == EXIT_OK)
        status = EXIT_START_FAILED;
    return status;
}
