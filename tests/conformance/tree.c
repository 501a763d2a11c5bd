/*
 * From the file to tables, as generated code has them.
 */

#include <stdlib.h>
#include <string.h>

#include "run.h"

struct piece {
    struct piece *next;
    max_align_t memory[];
};

void *run_alloc(struct run *run, size_t size)
{
    struct piece *piece = calloc(1, sizeof *piece + size);

    piece->next = run->pieces;
    run->pieces = piece;
    return piece->memory;
}

char *run_strdup(struct run *run, const char *text)
{
    return strcpy(run_alloc(run, strlen(text) + 1), text);
}

struct role *run_add_role(struct run *run, const struct scn_node *node,
                          const char *parent)
{
    struct role *role = run_alloc(run, sizeof *role);

    role->run = run;
    role->node = *node;
    role->parent = parent;
    role->group = (struct bst_group){
        .name = node->name,
        .where = "scenario",
        .actor = node->no_stop_handler ? run->actor_unstopped : run->actor,
        .index = UINT32_MAX,
        .redundancy = 1,
        .lifetime = node->lifetime,
        .shutdown = node->shutdown,
        .significant = node->significant,
        .args = &role->args};
    role->part.role = role;
    role->args = &role->part;
    role->next = run->roles;
    run->roles = role;
    return role;
}

static const struct bst_group *add_group(struct run *run,
                                         const struct scn_node *node,
                                         const struct scn_node *parent)
{
    struct role *role = run_add_role(run, node, parent->name);

    role->in_a_row = parent->strategy != BST_ONE_FOR_ONE;
    role->group.index = run->app.ngroups++;
    run->groups =
        realloc(run->groups, run->app.ngroups * sizeof(struct bst_group *));
    run->groups[role->group.index] = &role->group;
    return &role->group;
}

static struct bst_supervisor *add_supervisor(struct run *run,
                                             const struct scn_node *node)
{
    struct bst_supervisor *table = run_alloc(run, sizeof *table);
    struct bst_child *children =
        run_alloc(run, (node->nchildren + 1) * sizeof *children);

    for (size_t i = 0; i < node->nchildren; i++) {
        const struct scn_node *child = &node->children[i];

        if (child->is_supervisor)
            children[i].supervisor = add_supervisor(run, child);
        else
            children[i].group = add_group(run, child, node);
    }
    *table = (struct bst_supervisor){
        .name = node->name,
        .where = "scenario",
        .strategy = node->strategy < 0 ? (enum bst_strategy)99
                                       : (enum bst_strategy)node->strategy,
        .restart = {.mode = BST_RESTART_LIMITED,
                    .tries = (uint32_t)node->restarts,
                    .in = node->window},
        .children = children,
        .nchildren = (uint32_t)node->nchildren,
        .lifetime = node->lifetime,
        .significant = node->significant,
        .auto_shutdown = node->auto_shutdown};
    return table;
}

void run_build(struct run *run)
{
    run->app = (struct bst_app){.abi = BST_TOPOLOGY_ABI,
                                .name = "conformance",
                                .messages = role_messages,
                                .nmessages = ROLE_KINDS};
    run->actor = &role_actor;
    run->actor_unstopped = &role_actor_unstopped;
    run->root = add_supervisor(run, &run->scn.top);
    run->app.root = run->root;
    run->app.groups = run->groups;
}
