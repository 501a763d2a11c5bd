#ifndef BSTC_SCOPE_H
#define BSTC_SCOPE_H

/*
 * The program that the checks look at: every declared thing of all files in
 * flat arrays, with the names between them resolved to indices.
 *
 * scope.c declares, resolve.c fills in what refers to what, check_*.c judge,
 * lower.c turns the result into the model. A name that cannot be resolved is
 * reported once and becomes BSTC_NONE ("poison"); whatever meets a BSTC_NONE
 * keeps silent, so that one mistake yields one finding.
 *
 * Declaration order never matters: everything is declared before anything is
 * resolved.
 *
 * Threads: as the context.
 */

#include "ast.h"
#include "attrs.h"
#include "context.h"
#include "map.h"
#include "model.h"

/** A parsed file. */
struct bstc_program_file {
    const struct bstc_ast_file *ast; /* NULL: read, but not part of it */
    const char *name;   /* as seen from the folder of the root file */
    const char *path;   /* for #line; never absolute */
    const char *prefix; /* of the C names that the file declares; "" */
};

struct bstc_sym_message {
    const struct bstc_ast_message *ast;
    uint32_t answer; /* message; BSTC_NONE: no question, or unknown */
};

/** A send, ask or spawn after resolution. */
struct bstc_sym_use {
    const struct bstc_ast_target *ast;
    const struct bstc_ast_use *clause; /* `sends`, `asks`, `spawns` around it */
    enum bstc_how how;
    enum bstc_target target;
    uint32_t group;   /* BSTC_TO_GROUP */
    uint32_t actor;   /* who receives; BSTC_NONE: unknown, or the sender */
    uint32_t message; /* BSTC_NONE: unknown, or a spawn */
    bool is_poisoned; /* reported already: nothing more to say */
};

struct bstc_sym_handler {
    const struct bstc_ast_handler *ast;
    enum bstc_event event;
    uint32_t message; /* BSTC_ON_MESSAGE; BSTC_NONE: unknown */
    uint32_t timer;   /* BSTC_ON_TIMER: index among the timers of its kind */
    uint32_t emits;   /* message after `~>`; BSTC_NONE: none, or unknown */
    const char *label;
    const char *stem;
    bool is_skipped; /* a duplicate, or not supported: takes no further part */
    struct bstc_sym_use *uses;
    uint32_t nuses;
};

struct bstc_sym_actor {
    const struct bstc_ast_actor *ast;
    struct bstc_sym_handler *handlers;
    uint32_t nhandlers;
    uint32_t ntimers;
    bool has_run;     /* `on m;` without an arrow is legal then */
    bool has_unknown; /* a handler of a message that is not declared */
    const struct bstc_sym_handler *start;  /* `on start`, or NULL */
    const struct bstc_sym_handler *demand; /* `on demand`, or NULL */
};

struct bstc_sym_group {
    const struct bstc_ast_group *ast;
    struct bstc_span span;
    uint32_t actor;      /* BSTC_NONE: unknown */
    uint32_t supervisor; /* that holds it */
    struct bstc_settings settings;
    uint32_t *nodes; /* of the cluster, where it runs */
    uint32_t nnodes; /* 0: everywhere */
};

/** Groups in a row, between which items flow. */
struct bstc_sym_stream {
    const struct bstc_ast_stream *ast;
    struct bstc_span span;
    uint32_t supervisor; /* that holds it */
    struct bstc_settings settings;
    uint32_t *stages; /* groups; BSTC_NONE: unknown */
    uint32_t nstages;
};

/** `listen "tcp:..." => conns` */
struct bstc_sym_listen {
    const struct bstc_ast_listen *ast;
    uint32_t group; /* BSTC_NONE: unknown */
};

/** A cluster; there is at most one. */
struct bstc_sym_cluster {
    const struct bstc_ast_cluster *ast; /* NULL: none */
    struct bstc_settings settings;
    const struct bstc_ast_node **nodes;
    uint32_t nnodes;
};

struct bstc_sym_supervisor {
    const struct bstc_ast_supervisor *ast;
    uint32_t parent; /* BSTC_NONE: at the top of a file */
    enum bstc_strategy strategy;
    struct bstc_child *children;
    uint32_t nchildren;
    struct bstc_settings settings;
    /* By setting: the nearest supervisor that has it, this one or one around
     * it, because walking up for each group takes long in a deep tree. */
    uint32_t holders[BSTC_SETTING_COUNT];
};

/** The kinds of names, for lookups and suggestions. */
enum bstc_kind { BSTC_A_MESSAGE, BSTC_AN_ACTOR, BSTC_A_GROUP, BSTC_A_NODE };
enum { BSTC_KIND_COUNT = BSTC_A_NODE + 1 };

struct bstc_program {
    struct bstc_context *context;
    const char *unit;                /* name of the root file, without .bst */
    struct bstc_span unit_span;      /* start of the root file */
    const char *prefix;              /* of --prefix, for files without one */
    struct bstc_program_file *files; /* by number of the source */
    uint32_t nfiles;
    uint32_t *order; /* numbers of the files, imported ones first */
    uint32_t norder;

    struct bstc_sym_message *messages;
    uint32_t nmessages, message_capacity;
    struct bstc_sym_actor *actors;
    uint32_t nactors, actor_capacity;
    struct bstc_sym_group *groups;
    uint32_t ngroups, group_capacity;
    struct bstc_sym_supervisor *supervisors; /* parents before children */
    uint32_t nsupervisors, supervisor_capacity;
    struct bstc_sym_stream *streams;
    uint32_t nstreams, stream_capacity;
    struct bstc_sym_listen *listens;
    uint32_t nlistens, listen_capacity;
    struct bstc_sym_cluster cluster;
    struct bstc_sym_use *outside;
    uint32_t noutside;
    enum bstc_faults faults;
    int64_t memory;                                /* bytes; 0: none is set */
    const struct bstc_ast_setting *memory_setting; /* or NULL */
    uint32_t root; /* supervisor; BSTC_NONE: none, or several */

    struct bstc_map message_names;
    struct bstc_map actor_names;
    struct bstc_map group_names;
    struct bstc_map supervisor_names;
    struct bstc_map node_names;
    struct bstc_map handlers; /* (actor, message) -> index of the handler */

    /* What E0201 has been reported of, by kind. */
    struct bstc_map unknown_names[BSTC_KIND_COUNT];
    struct bstc_diag **unknown;
    uint32_t nunknown, unknown_capacity;
};

/** Nested supervisors may be this deep. */
#define BSTC_MAX_DEPTH 256

/** Makes a program without files. */
void bstc_program_init(struct bstc_program *program,
                       struct bstc_context *context);

/** Declares everything that the files hold; reports duplicates. */
void bstc_scope_declare(struct bstc_program *program);

/** Resolves answers, handlers, uses and groups. */
void bstc_scope_resolve(struct bstc_program *program);

/** Resolves the stages of streams, and the nodes of groups. */
void bstc_scope_resolve_places(struct bstc_program *program);

/** Returns the index of a declared name, or BSTC_NONE. */
uint32_t bstc_scope_find(const struct bstc_program *program,
                         enum bstc_kind kind, const char *name);

/** Returns the handler of `actor` for `message`, or NULL. */
const struct bstc_sym_handler *
bstc_scope_handler(const struct bstc_program *program, uint32_t actor,
                   uint32_t message);

/**
 * Returns the settings that hold for a group where `setting` is looked for:
 * its own, or those of the nearest supervisor around it that have it; NULL if
 * none has.
 */
const struct bstc_settings *
bstc_scope_nearest(const struct bstc_program *program,
                   const struct bstc_sym_group *group,
                   enum bstc_setting setting);

/** Returns those of the supervisor `at`, or of the nearest one around it. */
const struct bstc_settings *
bstc_scope_around(const struct bstc_program *program, uint32_t at,
                  enum bstc_setting setting);

/**
 * Reports E0201 for an unknown name, once, with the nearest of the same kind,
 * else of another kind.
 */
void bstc_scope_unknown(struct bstc_program *program, enum bstc_kind kind,
                        const struct bstc_ast_name *name);

/**
 * Reports E0201 for a word of a fixed list, ended by NULL: "unknown
 * WHAT `word`" with the list and the nearest one.
 */
void bstc_scope_unknown_word(struct bstc_program *program, const char *what,
                             const struct bstc_span *span, const char *word,
                             const char *const *words);

/** Returns whether `name` is a message of the language itself. */
bool bstc_is_builtin(const char *name);

/** Returns the prefix of the C names declared in the file of `span`. */
const char *bstc_program_prefix(const struct bstc_program *program,
                                struct bstc_span span);

/** Returns file and line of a span. */
struct bstc_place bstc_program_place(const struct bstc_program *program,
                                     struct bstc_span span);

/**
 * Reports E0900 if the table unsupported.def has a row for the construct,
 * and returns whether it does.
 */
bool bstc_unsupported(struct bstc_program *program, const char *area,
                      const char *word, struct bstc_span span);

#endif
