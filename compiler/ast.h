#ifndef BSTC_AST_H
#define BSTC_AST_H

/*
 * The syntax tree of one .bst file.
 *
 * Nodes mirror the text: nothing is resolved, defaulted or checked, and all
 * lists are in source order, linked through `next`. Every name, setting,
 * argument, use and target carries its span. A name with `text == NULL` was
 * not written. Names are interned: equal names are equal pointers.
 *
 * Ownership: the arena of the compilation owns all nodes and texts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"
#include "token.h"

struct bstc_ast_name {
    const char *text; /* interned; NULL: absent */
    struct bstc_span span;
};

/** A name in a list: `at a, b`, `spawns x, y`, stages of a stream. */
struct bstc_ast_ident {
    struct bstc_ast_name name;
    struct bstc_ast_ident *next;
};

/* ---- values and settings ------------------------------------------------- */

enum bstc_ast_value_kind {
    BSTC_AST_VALUE_INT,      /* number, negative */
    BSTC_AST_VALUE_SIZE,     /* number: bytes */
    BSTC_AST_VALUE_DURATION, /* duration: ns, never negative */
    BSTC_AST_VALUE_PERCENT,  /* number */
    BSTC_AST_VALUE_RANGE,    /* low, high: as written, perhaps reversed */
    BSTC_AST_VALUE_FLOAT,    /* real: the sign is applied already */
    BSTC_AST_VALUE_STRING,   /* text, length: decoded, without quotes */
    BSTC_AST_VALUE_NAME,     /* text: interned */
    BSTC_AST_VALUE_GREATER,  /* `>` */
    BSTC_AST_VALUE_LESS      /* `<` */
};

struct bstc_ast_value {
    enum bstc_ast_value_kind kind;
    bool negative;    /* INT: `number` is the magnitude of a negative number */
    bool starts_line; /* first on its line */
    struct bstc_span span;
    struct bstc_ast_value *next; /* next argument */
    union {
        uint64_t number;
        int64_t duration;
        double real;
        uint64_t low;
        const char *text;
    };
    union {
        uint64_t high;
        size_t length;
    };
};

/** The generic `name arguments ;` that the table of settings gives meaning. */
struct bstc_ast_setting {
    struct bstc_ast_name name;
    struct bstc_ast_value *args;
    uint32_t nargs;
    struct bstc_span span; /* name to last argument, without the `;` */
    const struct bstc_doc *doc;
    struct bstc_ast_setting *next;
};

/* ---- fields -------------------------------------------------------------- */

enum bstc_ast_type_kind {
    BSTC_AST_TYPE_NAME, /* u32, text, a typedef name */
    BSTC_AST_TYPE_STRUCT,
    BSTC_AST_TYPE_UNION,
    BSTC_AST_TYPE_ENUM,
    BSTC_AST_TYPE_REF /* name: of an actor */
};

struct bstc_ast_type {
    enum bstc_ast_type_kind kind;
    struct bstc_ast_name name;
    bool pointer;          /* `*` follows */
    bool is_c;             /* written with words of C; reported as E0110 */
    const char *meant;     /* the word that replaced them in `name`, or NULL */
    struct bstc_span span; /* all words and the `*` */
};

enum bstc_ast_array_kind {
    BSTC_AST_ARRAY_NONE,
    BSTC_AST_ARRAY_NUMBER,
    BSTC_AST_ARRAY_NAME
};

enum bstc_ast_keep {
    BSTC_AST_KEEP_NONE,
    BSTC_AST_KEEP_RESTART,
    BSTC_AST_KEEP_PERSIST
};

/** A field of a message, of a `state` or of an `args` block. */
struct bstc_ast_field {
    struct bstc_ast_type type;
    struct bstc_ast_name name;
    enum bstc_ast_array_kind array;
    uint64_t array_count;            /* BSTC_AST_ARRAY_NUMBER */
    struct bstc_ast_name array_name; /* BSTC_AST_ARRAY_NAME: a C constant */
    struct bstc_span array_span;     /* between the brackets */
    struct bstc_ast_value *init;     /* or NULL */
    enum bstc_ast_keep keep;         /* `state` only */
    struct bstc_span keep_span;
    struct bstc_span span; /* without the `;` */
    const struct bstc_doc *doc;
    struct bstc_ast_field *next;
};

/* ---- what handlers do ---------------------------------------------------- */

enum bstc_ast_use_kind {
    BSTC_AST_USE_SENDS,
    BSTC_AST_USE_ASKS,
    BSTC_AST_USE_SPAWNS
};

/** `who.what`, `#who.what`; in `spawns` only `who`, a group. */
struct bstc_ast_target {
    bool broadcast;            /* `#` */
    struct bstc_ast_name who;  /* self, sender, a group or an actor */
    struct bstc_ast_name what; /* a message; absent in `spawns` */
    struct bstc_span span;     /* `#` to `what` */
    struct bstc_ast_target *next;
};

struct bstc_ast_use {
    enum bstc_ast_use_kind kind;
    struct bstc_ast_target *targets;
    bool has_within;              /* `asks ... within 1s` */
    int64_t within;               /* ns */
    struct bstc_span within_span; /* of the duration */
    struct bstc_span span;        /* keyword to the end */
    struct bstc_ast_use *next;
};

/** Text between braces, the braces included, as it stands in the file. */
struct bstc_ast_raw {
    const char *text; /* inside the source buffer, not terminated */
    size_t length;
    struct bstc_span span;
};

enum bstc_ast_impl_kind {
    BSTC_AST_IMPL_NONE,     /* `;`: declared only */
    BSTC_AST_IMPL_FUNCTION, /* `=> name;` */
    BSTC_AST_IMPL_INLINE    /* `=> { C }` */
};

struct bstc_ast_impl {
    enum bstc_ast_impl_kind kind;
    bool answers;           /* `=!>` instead of `=>` */
    struct bstc_span arrow; /* of the arrow */
    struct bstc_ast_name function;
    struct bstc_ast_raw raw; /* braces included */
};

enum bstc_ast_handler_kind {
    BSTC_AST_HANDLER_ON,    /* on MESSAGE, on #MESSAGE, on _ */
    BSTC_AST_HANDLER_EVERY, /* every DURATION */
    BSTC_AST_HANDLER_IDLE,  /* idle DURATION */
    BSTC_AST_HANDLER_RUN    /* run */
};

struct bstc_ast_handler {
    enum bstc_ast_handler_kind kind;
    bool blocking;
    bool broadcast; /* on #m */
    bool any;       /* on _; `message` is absent then */
    struct bstc_span blocking_span;
    struct bstc_ast_name message; /* also start stop restart down demand */
    struct bstc_span head;        /* `on #ball`, `every 50ms`: what to mark */
    int64_t period;               /* every, idle: ns */
    struct bstc_span period_span;
    struct bstc_ast_name emits; /* `~> m` */
    struct bstc_ast_use *uses;
    struct bstc_ast_impl impl;
    struct bstc_span span; /* all of it */
    const struct bstc_doc *doc;
    struct bstc_ast_handler *next;
};

/** `on before_start => f;`, `on failure => decide;` in trees. */
struct bstc_ast_hook {
    struct bstc_ast_name event;
    struct bstc_ast_impl impl;
    struct bstc_span span;
    const struct bstc_doc *doc;
    struct bstc_ast_hook *next;
};

/* ---- items --------------------------------------------------------------- */

struct bstc_ast_message {
    struct bstc_ast_name name;
    struct bstc_ast_name answer; /* `=!> prime`; absent: not a question */
    struct bstc_ast_field *fields;
    const struct bstc_doc *doc;
};

struct bstc_ast_actor {
    struct bstc_ast_name name;
    struct bstc_ast_field *state; /* all `state` blocks, in order */
    struct bstc_ast_field *args;  /* all `args` blocks, in order */
    bool has_state;               /* a block was written, perhaps empty */
    bool has_args;
    struct bstc_span state_span; /* the word `state` of the first block */
    struct bstc_span args_span;
    struct bstc_ast_handler *handlers; /* on, every, idle, run in one order */
    struct bstc_ast_setting *settings;
    const struct bstc_doc *doc;
};

struct bstc_ast_group {
    struct bstc_ast_name name;  /* of the group: `as` name, else the actor's */
    struct bstc_ast_name actor; /* after `children` */
    bool is_dynamic;
    struct bstc_span dynamic_span;     /* of the word `dynamic` */
    struct bstc_ast_name dynamic_word; /* absent, or must be `max` */
    uint64_t dynamic_max;
    struct bstc_span max_span; /* of that number */
    struct bstc_ast_ident *at; /* nodes */
    struct bstc_ast_setting *settings;
    struct bstc_ast_hook *hooks;
    const struct bstc_doc *doc;
};

/** `listen "tcp:..." => conns { ... }` */
struct bstc_ast_listen {
    struct bstc_ast_value *address; /* a string */
    struct bstc_ast_name target;
    struct bstc_ast_setting *settings;
    struct bstc_ast_hook *hooks;
    const struct bstc_doc *doc;
};

struct bstc_ast_stream {
    struct bstc_ast_ident *stages; /* at least two */
    struct bstc_ast_setting *settings;
    struct bstc_ast_hook *hooks;
    const struct bstc_doc *doc;
};

enum bstc_ast_member_kind {
    BSTC_AST_MEMBER_SUPERVISOR,
    BSTC_AST_MEMBER_GROUP,
    BSTC_AST_MEMBER_LISTEN,
    BSTC_AST_MEMBER_STREAM
};

/** What a supervisor holds, in start order. */
struct bstc_ast_member {
    enum bstc_ast_member_kind kind;
    union {
        struct bstc_ast_supervisor *supervisor;
        struct bstc_ast_group *group;
        struct bstc_ast_listen *listen;
        struct bstc_ast_stream *stream;
    };
    struct bstc_span span; /* all of it */
    struct bstc_ast_member *next;
};

struct bstc_ast_supervisor {
    struct bstc_ast_name name;
    struct bstc_ast_name strategy; /* hyphens normalised, any word; or absent */
    struct bstc_ast_member *members;
    struct bstc_ast_setting *settings;
    struct bstc_ast_hook *hooks;
    const struct bstc_doc *doc;
};

struct bstc_ast_node {
    struct bstc_ast_name name;
    struct bstc_ast_value *address; /* a string */
    struct bstc_span span;
    const struct bstc_doc *doc;
    struct bstc_ast_node *next;
};

struct bstc_ast_cluster {
    struct bstc_ast_name name;
    struct bstc_ast_node *nodes;
    struct bstc_ast_setting *settings;
    const struct bstc_doc *doc;
};

/** `use "x.h";`, `use <x.h>;` */
struct bstc_ast_include {
    const char *text; /* without quotes or angle brackets */
    size_t length;
    bool system; /* `<x.h>` */
    struct bstc_span span;
};

/** `import "x.bst";` */
struct bstc_ast_import {
    const char *text;
    size_t length;
    struct bstc_span span; /* of the string */
};

enum bstc_ast_item_kind {
    BSTC_AST_ITEM_USE,        /* include */
    BSTC_AST_ITEM_IMPORT,     /* import */
    BSTC_AST_ITEM_C,          /* raw */
    BSTC_AST_ITEM_MESSAGE,    /* message */
    BSTC_AST_ITEM_ACTOR,      /* actor */
    BSTC_AST_ITEM_SUPERVISOR, /* supervisor */
    BSTC_AST_ITEM_CLUSTER,    /* cluster */
    BSTC_AST_ITEM_OUTSIDE,    /* uses */
    BSTC_AST_ITEM_SETTING     /* setting */
};

struct bstc_ast_item {
    enum bstc_ast_item_kind kind;
    union {
        struct bstc_ast_include *include;
        struct bstc_ast_import *import;
        struct bstc_ast_raw *raw;
        struct bstc_ast_message *message;
        struct bstc_ast_actor *actor;
        struct bstc_ast_supervisor *supervisor;
        struct bstc_ast_cluster *cluster;
        struct bstc_ast_use *uses; /* outside */
        struct bstc_ast_setting *setting;
    };
    struct bstc_span span; /* all of it */
    struct bstc_ast_item *next;
};

struct bstc_ast_file {
    const struct bstc_source *source;
    struct bstc_ast_item *items;
};

#endif
