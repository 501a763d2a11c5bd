/*
 * Tables that bastionc has made, in the place of those that tree.c makes.
 *
 * They are for the same tree as the file describes, down to the words that
 * matter to a trace: a scenario says nothing of another tree.
 */

#include <stdio.h>
#include <string.h>

#include "run.h"

static bool differ(const char *name, const char *what)
{
    fprintf(stderr, "the program and the file differ in %s of %s\n", what,
            name);
    return false;
}

/* ---- messages ------------------------------------------------------------ */

/* The runner tells messages by these kinds. */
static bool has_messages(const struct bst_app *app)
{
    if (app->nmessages != ROLE_KINDS)
        return differ(app->name, "the messages");
    for (size_t i = 0; i < ROLE_KINDS; i++) {
        const struct bst_message *message = &app->messages[i];

        if (strcmp(message->name, role_messages[i].name) != 0 ||
            message->size != role_messages[i].size ||
            message->answer != role_messages[i].answer)
            return differ(app->name, message->name);
    }
    return true;
}

/* ---- the tree ------------------------------------------------------------ */

static bool has_stop_handler(const struct bst_actor *actor)
{
    for (size_t i = 0; i < actor->nhandlers; i++)
        if (actor->handlers[i].kind == BST_KIND_STOP)
            return true;
    return false;
}

static bool take_group(struct run *run, const struct bst_group *group,
                       const struct scn_node *node,
                       const struct scn_node *parent)
{
    const struct bst_actor *actor = group->actor;
    struct part *const *args = group->args;
    struct role *role;

    if (strcmp(group->name, node->name) != 0)
        return differ(group->name, "the name");
    if (group->lifetime != node->lifetime ||
        group->significant != node->significant ||
        group->shutdown != node->shutdown || group->redundancy != 1)
        return differ(group->name, "the settings");
    if (has_stop_handler(actor) == node->no_stop_handler)
        return differ(group->name, "`on stop`");
    if (!args || actor->args_size != sizeof *args)
        return differ(group->name, "the arguments");
    if (node->no_stop_handler)
        run->actor_unstopped = actor;
    else
        run->actor = actor;
    role = run_add_role(run, node, parent->name);
    role->in_a_row = parent->strategy != BST_ONE_FOR_ONE;
    (*args)->role = role;
    return true;
}

static bool has_settings(const struct bst_supervisor *table,
                         const struct scn_node *node)
{
    return (int)table->strategy == node->strategy &&
           table->restart.mode == BST_RESTART_LIMITED &&
           table->restart.tries == node->restarts &&
           table->restart.in == node->window &&
           table->restart.then == BST_ESCALATE &&
           table->lifetime == node->lifetime &&
           table->significant == node->significant &&
           table->auto_shutdown == node->auto_shutdown;
}

static bool take_supervisor(struct run *run, const struct bst_supervisor *table,
                            const struct scn_node *node)
{
    if (strcmp(table->name, node->name) != 0)
        return differ(table->name, "the name");
    if (!has_settings(table, node))
        return differ(table->name, "the settings");
    if (table->nchildren != node->nchildren)
        return differ(table->name, "the number of children");
    for (size_t i = 0; i < node->nchildren; i++) {
        const struct bst_child *child = &table->children[i];
        const struct scn_node *below = &node->children[i];

        if (!child->group != below->is_supervisor)
            return differ(below->name, "the kind");
        if (child->group ? !take_group(run, child->group, below, node)
                         : !take_supervisor(run, child->supervisor, below))
            return false;
    }
    return true;
}

bool run_take(struct run *run, const struct bst_app *app)
{
    run->app = *app;
    run->actor = &role_actor;
    run->actor_unstopped = &role_actor_unstopped;
    return has_messages(app) && take_supervisor(run, app->root, &run->scn.top);
}
