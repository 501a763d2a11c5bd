#ifndef BST_TESTS_GEN_H
#define BST_TESTS_GEN_H

/*
 * A random program: what is declared in its .bst and done by its handlers.
 *
 * choose.c draws one that has no mistakes. What makes it correct: asks, and
 * sends into mailboxes that block, go from an actor to one of a lower number,
 * so that nobody waits for himself, and a deadline grows with that number.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    MAX_MESSAGES = 12,
    MAX_FIELDS = 5,
    MAX_ACTORS = 7,
    MAX_HANDLERS = 20,
    MAX_USES = 4,
    MAX_GROUPS = 16,
    MAX_SUPERVISORS = 6,
    NONE = -1
};

enum field_kind {
    F_BOOL,
    F_U8,
    F_U16,
    F_U32,
    F_U64,
    F_I8,
    F_I16,
    F_I32,
    F_I64,
    F_F32,
    F_F64,
    F_ENUM,
    F_STRUCT,
    F_TYPEDEF,
    F_REF,
    F_TEXT, /* these three belong to messages only */
    F_BYTES,
    F_FD
};

struct field {
    enum field_kind kind;
    int actor;      /* of F_REF */
    int count;      /* elements of an array; 0: none */
    bool has_value; /* a state field that begins with one */
    bool is_kept;
};

struct message {
    struct field fields[MAX_FIELDS];
    int nfields;
    int answer; /* message, or NONE */
    bool is_answer;
};

enum event { E_MESSAGE, E_START, E_RESTART, E_STOP, E_EVERY, E_IDLE, E_ANY };
enum how { U_TELL, U_CAST, U_ASK, U_SPAWN, U_SELF, U_SENDER, U_ACTOR };

struct use {
    enum how how;
    int group;   /* U_TELL, U_CAST, U_ASK, U_SPAWN */
    int actor;   /* who receives */
    int message; /* NONE: a spawn */
    int field;   /* U_ACTOR: where the reference is */
};

struct handler {
    enum event event;
    int message;
    bool broadcast;
    bool blocking;
    bool is_inline;
    int period_ms;
    struct use uses[MAX_USES];
    int nuses;
};

struct actor {
    struct field state[MAX_FIELDS];
    int nstate;
    int nargs; /* numbers */
    bool may_block_senders;
    struct handler handlers[MAX_HANDLERS];
    int nhandlers;
};

struct group {
    int actor;
    int supervisor;
    bool is_dynamic;
    uint64_t dice; /* what else it has */
};

struct supervisor {
    int parent; /* NONE: the root */
    uint64_t dice;
};

struct program {
    uint64_t state; /* of the random numbers */
    const char *name;
    const char *prefix; /* "" for none */
    bool imports;       /* the messages are in a file of their own */
    struct message messages[MAX_MESSAGES];
    int nmessages;
    struct actor actors[MAX_ACTORS];
    int nactors;
    struct group groups[MAX_GROUPS];
    int ngroups;
    struct supervisor supervisors[MAX_SUPERVISORS];
    int nsupervisors;
};

/** Returns a number below `n`. */
uint32_t gen_below(struct program *p, uint32_t n);

/** True in `n` of a hundred cases. */
bool gen_percent(struct program *p, uint32_t n);

/** Draws a program; its random numbers must be seeded. */
void gen_choose(struct program *p);

/** Returns the handler of an actor for a message, or NULL. */
const struct handler *gen_handler(const struct actor *actor, int message);

/** Prints the .bst, and the messages if these are in a file of their own. */
void gen_print_bst(struct program *p, FILE *out, FILE *imported);

/** Prints the header that the .bst uses. */
void gen_print_header(const struct program *p, FILE *out);

/** Prints the functions that are not written in the .bst. */
void gen_print_c(const struct program *p, FILE *out);

/** Prints the body of a handler, without its braces. */
void gen_print_body(const struct program *p, int actor,
                    const struct handler *handler, FILE *out);

/** Returns the prefix of the names of messages. */
static inline const char *gen_message_prefix(const struct program *p)
{
    return p->imports ? "" : p->prefix;
}

#endif
