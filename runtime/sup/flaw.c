/*
 * The checks come in the order of OTP's: the supervisor itself first, then
 * its children one by one, each with the names before it.
 */

#include "sup/flaw.h"

#include <string.h>

/* More restarts than that are a negative number in disguise. */
#define MOST_TRIES ((uint32_t)INT32_MAX)

const char *bsti_flaw_word(enum bsti_flaw flaw)
{
    static const char *const words[] = {
#define FLAW_WORD(name, word) word,
        BSTI_FLAW_LIST(FLAW_WORD)
#undef FLAW_WORD
    };

    return words[flaw];
}

enum bsti_flaw bsti_flaw_of_restart(const struct bst_restart *restart)
{
    if (restart->mode != BST_RESTART_LIMITED)
        return BSTI_FLAW_NONE;
    if (restart->tries > MOST_TRIES)
        return BSTI_FLAW_INTENSITY;
    return restart->in < 0 ? BSTI_FLAW_PERIOD : BSTI_FLAW_NONE;
}

static const char *name_of(const struct bst_child *child)
{
    return child->group ? child->group->name : child->supervisor->name;
}

enum bsti_flaw bsti_flaw_of_child(const struct bst_child *child,
                                  enum bst_auto_shutdown auto_shutdown)
{
    const struct bst_group *group = child->group;
    const struct bst_supervisor *inner = child->supervisor;
    enum bst_lifetime lifetime;
    bst_time shutdown;
    bool significant;

    if (!group == !inner || !name_of(child) || (group && !group->actor) ||
        (group && (group->redundancy == 0) != (group->max > 0)))
        return BSTI_FLAW_CHILD;
    lifetime = group ? group->lifetime : inner->lifetime;
    shutdown = group ? group->shutdown : inner->shutdown;
    significant = group ? group->significant : inner->significant;
    if ((unsigned)lifetime > (unsigned)BST_TEMPORARY)
        return BSTI_FLAW_LIFETIME;
    if (significant &&
        (auto_shutdown == BST_AUTO_NEVER || lifetime == BST_PERMANENT))
        return BSTI_FLAW_COMBINATION;
    if (shutdown < 0 && shutdown != BST_SHUTDOWN_KILL)
        return BSTI_FLAW_SHUTDOWN;
    return BSTI_FLAW_NONE;
}

static bool is_taken(const struct bst_supervisor *table, uint32_t index)
{
    const char *name = name_of(&table->children[index]);

    for (uint32_t i = 0; i < index; i++)
        if (strcmp(name_of(&table->children[i]), name) == 0)
            return true;
    return false;
}

enum bsti_flaw bsti_flaw_of_supervisor(const struct bst_supervisor *table,
                                       const char **child)
{
    enum bsti_flaw flaw;

    *child = NULL;
    if ((unsigned)table->strategy > (unsigned)BST_REST_FOR_ONE)
        return BSTI_FLAW_STRATEGY;
    flaw = bsti_flaw_of_restart(&table->restart);
    if (flaw != BSTI_FLAW_NONE)
        return flaw;
    if ((unsigned)table->auto_shutdown > (unsigned)BST_AUTO_ALL)
        return BSTI_FLAW_AUTO_SHUTDOWN;
    for (uint32_t i = 0; i < table->nchildren; i++) {
        flaw = bsti_flaw_of_child(&table->children[i], table->auto_shutdown);
        if (flaw == BSTI_FLAW_NONE && is_taken(table, i))
            flaw = BSTI_FLAW_DUPLICATE;
        if (flaw == BSTI_FLAW_NONE)
            continue;
        if (flaw != BSTI_FLAW_CHILD)
            *child = name_of(&table->children[i]);
        return flaw;
    }
    return BSTI_FLAW_NONE;
}
