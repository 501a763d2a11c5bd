#ifndef BST_BASE_CONFIG_H
#define BST_BASE_CONFIG_H

/*
 * The one table of options: environment variable, flag, default and help.
 *
 * Order of precedence, lowest first: the defaults, the environment, flags.
 * The caller applies them in this order; each step overwrites.
 *
 * Numbers are read strictly: decimal digits only, in range, nothing behind.
 *
 * Thread: a configuration belongs to whoever fills it; the table is constant.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/topology.h>

/*
 * X(id, environment variable, flag or NULL, what a value looks like,
 *   default in words, help)
 *
 * The flag of an option that is 0 or 1 takes no value: it gives the option the
 * one that is not its default.
 */
#define BSTI_CONFIG_LIST(X)                                                    \
    X(THREADS, "BASTION_THREADS", "--threads", "N", "0",                       \
      "worker threads, up to 1024; 0: one for each allowed CPU")               \
    X(PIN, "BASTION_PIN", "--no-pin", "0|1", "1",                              \
      "pin each worker to its CPU")                                            \
    X(NEXT_SLOT, "BASTION_NEXT_SLOT", "--no-next-slot", "0|1", "1",            \
      "run what was woken last before what waits")                             \
    X(STEAL_HALF, "BASTION_STEAL_HALF", "--steal-one", "0|1", "1",             \
      "steal half of a queue instead of one process")                          \
    X(CONTENTION_SKIP, "BASTION_CONTENTION_SKIP", "--no-contention-skip",      \
      "0|1", "1", "give up stealing when a victim is contended")               \
    X(BLOCKING_MIN, "BASTION_BLOCKING_MIN", NULL, "N", "2",                    \
      "threads for blocking handlers that stay once started, 1 to 10000")      \
    X(BLOCKING_THREADS, "BASTION_BLOCKING_THREADS", NULL, "N", "512",          \
      "another name for BASTION_BLOCKING_MAX, as in Rust's Bastion")           \
    X(BLOCKING_MAX, "BASTION_BLOCKING_MAX", NULL, "N", "512",                  \
      "threads for blocking handlers at most, 1 to 10000")                     \
    X(LOG, "BASTION_LOG", "--log", "WORD,...", "warn,text",                    \
      "what is logged, none, error, warn, info or debug; and how, text or "    \
      "json")                                                                  \
    X(FORT, "BASTION_FORT", "--fort", "0|1", "0",                              \
      "run under a guardian process, which starts the program again if it "    \
      "dies")                                                                  \
    X(SEED, "BASTION_SEED", NULL, "N", "random",                               \
      "seed of bst_random(), which repeats its numbers")                       \
    X(SIM, "BASTION_SIM", "--sim", "SEED[,faults=RATE,time=DURATION]", "off",  \
      "simulate: one thread, virtual time, all from a seed")                   \
    X(SIM_SEARCH, "BASTION_SIM_SEARCH", "--sim-search", "N", "off",            \
      "simulate N seeds, --sim's and those behind it")                         \
    X(OOM_AFTER, "BASTION_OOM_AFTER", "--oom-after", "N[+]", "never",          \
      "for tests: the Nth allocation fails; with + all behind it, too")

enum bsti_config_id {
#define BSTI_CONFIG_ENUM(id, env, flag, value, fallback, help) BSTI_CONFIG_##id,
    BSTI_CONFIG_LIST(BSTI_CONFIG_ENUM)
#undef BSTI_CONFIG_ENUM
        BSTI_CONFIG_COUNT
};

/** The most workers a system can have. */
#define BSTI_CONFIG_THREADS_MAX 1024

/** One row of the table. All strings are static. */
struct bsti_config_option {
    enum bsti_config_id id;
    const char *env;      /* "BASTION_THREADS" */
    const char *flag;     /* "--threads", or NULL: environment only */
    const char *value;    /* "N": what stands for the value in help texts */
    const char *fallback; /* "0": the default in words */
    const char *help;     /* one line, no full stop */
};

/** Values of all options. */
struct bsti_config {
    uint32_t threads; /* 0: one for each allowed CPU */
    int pin;          /* 1: pin workers, 0: do not */
    int next_slot;    /* these three are 0 only to measure their worth */
    int steal_half;
    int contention_skip;
    uint32_t blocking_min; /* threads of the blocking pool; 0: the default */
    uint32_t blocking_max;
    int log_level;       /* of enum bst_log_level */
    bool log_json;       /* each line of the log is a JSON object */
    int fort;            /* 1: run under a guardian */
    uint64_t seed;       /* meaningful when `seeded` */
    bool seeded;         /* a seed was given */
    bool sim;            /* simulate; `seed` is the seed */
    uint32_t sim_faults; /* handlers out of a million that fail */
    bst_time sim_time;   /* 0: the default */
    uint64_t sim_search; /* seeds; 0: just one run */
    uint64_t oom_after;  /* allocations until one fails; 0: none does */
    bool oom_on;         /* and all behind it */
};

/** Returns the defaults. */
struct bsti_config bsti_config_default(void);

/**
 * Sets one option from its text.
 *
 * Returns NULL, or a static sentence that says what is wrong with `text`;
 * then `config` is unchanged.
 */
const char *bsti_config_set(struct bsti_config *config, enum bsti_config_id id,
                            const char *text);

/**
 * Sets every option whose environment variable is set and not empty. A
 * process with raised privileges ignores the environment.
 *
 * Returns NULL, or what is wrong with the variable named in `*bad_name`;
 * options before that one in the table are then set.
 */
const char *bsti_config_env(struct bsti_config *config, const char **bad_name);

/** Returns what the option's flag sets, which takes no value; NULL: it takes
 * one. */
const char *bsti_config_switch(const struct bsti_config_option *option);

/** Returns row `id` of the table. */
const struct bsti_config_option *bsti_config_option(enum bsti_config_id id);

/**
 * Returns the row whose flag is the `length` bytes at `flag`, such as
 * "--threads", or NULL.
 */
const struct bsti_config_option *bsti_config_find_flag(const char *flag,
                                                       size_t length);

#endif
