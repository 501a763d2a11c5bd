/*
 * Questions about a finished model: its layout hashes and its validity.
 */

#include "model.h"

#define FNV_OFFSET 14695981039346656037u
#define FNV_PRIME 1099511628211u

/* 64-bit FNV-1a. The terminating NUL is hashed too, so that the borders
 * between strings count: ("ab","c") and ("a","bc") differ. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    do {
        hash ^= (unsigned char)*text;
        hash *= FNV_PRIME;
    } while (*text++);
    return hash;
}

static uint64_t hash_message(const struct bstc_message *message)
{
    uint64_t hash = hash_text(FNV_OFFSET, message->name);

    for (uint32_t i = 0; i < message->nfields; i++) {
        const struct bstc_field *field = &message->fields[i];

        hash = hash_text(hash, field->name);
        hash = hash_text(hash, field->spell);
        hash = hash_text(hash, field->array ? field->array : "");
    }
    return hash;
}

void bstc_model_hash(struct bstc_model *model)
{
    for (uint32_t i = 0; i < model->nmessages; i++)
        model->messages[i].hash = hash_message(&model->messages[i]);
}

const char *const bstc_hook_words[BSTC_HOOKS + 1] = {
    [BSTC_BEFORE_START] = "before_start",
    [BSTC_AFTER_START] = "after_start",
    [BSTC_BEFORE_RESTART] = "before_restart",
    [BSTC_AFTER_RESTART] = "after_restart",
    [BSTC_AFTER_STOP] = "after_stop",
    [BSTC_FAILURE] = "failure",
};

bool bstc_hooks_any(const struct bstc_hook *hooks)
{
    for (int i = 0; i < BSTC_HOOKS; i++) {
        if (hooks[i].function)
            return true;
    }
    return false;
}

const struct bstc_supervisor *bstc_model_root(const struct bstc_model *model)
{
    return &model->supervisors[model->nsupervisors - 1];
}

static const char *invalid_use(const struct bstc_model *model,
                               const struct bstc_use *use)
{
    if ((use->how == BSTC_SPAWN) != (use->message == BSTC_NONE))
        return "a spawn has no message, and everything else has";
    if (use->message != BSTC_NONE && use->message >= model->nmessages)
        return "a use names no message";
    if ((use->target == BSTC_TO_GROUP) != (use->group != BSTC_NONE))
        return "a use names a group exactly if it goes to one";
    if (use->group != BSTC_NONE && use->group >= model->ngroups)
        return "a use names no group";
    if (use->how == BSTC_SPAWN &&
        (use->group == BSTC_NONE || model->groups[use->group].max.value < 1))
        return "a spawn names no dynamic group";
    if ((use->how == BSTC_ASK) != (use->within > 0))
        return "an ask has a deadline, and nothing else has";
    return NULL;
}

static const char *invalid_handler(const struct bstc_model *model,
                                   const struct bstc_actor *actor,
                                   const struct bstc_handler *handler)
{
    bool on_message = handler->event == BSTC_ON_MESSAGE;
    bool on_timer = handler->event == BSTC_ON_TIMER;

    if (on_message != (handler->message != BSTC_NONE))
        return "a handler has a message exactly if it is for one";
    if (on_message && handler->message >= model->nmessages)
        return "a handler names no message";
    if (on_timer != (handler->timer != BSTC_NONE))
        return "a handler has a timer exactly if it is for one";
    if (on_timer && handler->timer >= actor->ntimers)
        return "a handler names no timer";
    if (!handler->function || !handler->stem || !handler->label)
        return "a handler lacks a name";
    for (uint32_t i = 0; i < handler->nuses; i++) {
        const char *why = invalid_use(model, &handler->uses[i]);

        if (why)
            return why;
    }
    return NULL;
}

static const char *invalid_actor(const struct bstc_model *model,
                                 const struct bstc_actor *actor)
{
    if (actor->nkeep > actor->nfields)
        return "an actor keeps more fields than it has";
    for (uint32_t i = 0; i < actor->ntargets; i++) {
        if (actor->targets[i] >= model->ngroups)
            return "an actor has an unknown target";
    }
    for (uint32_t i = 0; i < actor->nreplies; i++) {
        if (actor->replies[i] >= model->nmessages)
            return "an actor replies with an unknown message";
    }
    for (uint32_t i = 0; i < actor->ntimers; i++) {
        if (actor->timers[i].period <= 0)
            return "a timer has no period";
    }
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        const char *why = invalid_handler(model, actor, &actor->handlers[i]);

        if (why)
            return why;
    }
    return NULL;
}

static const char *invalid_messages(const struct bstc_model *model)
{
    for (uint32_t i = 0; i < model->nmessages; i++) {
        uint32_t answer = model->messages[i].answer;

        if (answer != BSTC_NONE && answer >= model->nmessages)
            return "a question has an unknown answer";
        if (model->layout[i] >= model->nmessages)
            return "the layout order names no message";
    }
    return NULL;
}

static const char *invalid_groups(const struct bstc_model *model)
{
    for (uint32_t i = 0; i < model->ngroups; i++) {
        const struct bstc_group *group = &model->groups[i];

        if (group->actor >= model->nactors)
            return "a group has no actor";
        if (!model->actors[group->actor].is_used)
            return "the actor of a group counts as unused";
        if ((group->redundancy.value < 1) != (group->max.value > 0))
            return "a group has members exactly if it is static";
        if ((group->args != NULL) !=
            (group->max.value == 0 && model->actors[group->actor].nargs > 0))
            return "a static group has arguments exactly if its actor has";
        if (group->block < 0 ||
            (group->block > 0 && group->overflow != BSTC_BLOCK))
            return "a mailbox has a time to wait and does not block";
    }
    return NULL;
}

/* Children come before their supervisor, and each has exactly one; so the
 * supervisors are a tree with the last one as its root. */
static const char *invalid_tree(const struct bstc_model *model)
{
    uint64_t children = 0;

    if (model->nsupervisors == 0)
        return "there is no supervisor";
    for (uint32_t i = 0; i < model->nsupervisors; i++) {
        const struct bstc_supervisor *sup = &model->supervisors[i];

        children += sup->nchildren;
        for (uint32_t k = 0; k < sup->nchildren; k++) {
            const struct bstc_child *child = &sup->children[k];

            if ((child->group == BSTC_NONE) == (child->supervisor == BSTC_NONE))
                return "a child is a group or a supervisor";
            if (child->group != BSTC_NONE && child->group >= model->ngroups)
                return "a child names no group";
            if (child->supervisor != BSTC_NONE && child->supervisor >= i)
                return "a supervisor comes before one of its children";
        }
    }
    if (children != (uint64_t)model->ngroups + model->nsupervisors - 1)
        return "the supervisors are not a tree";
    return NULL;
}

bool bstc_model_is_valid(const struct bstc_model *model, const char **why)
{
    *why = invalid_messages(model);
    for (uint32_t i = 0; !*why && i < model->nactors; i++)
        *why = invalid_actor(model, &model->actors[i]);
    if (!*why)
        *why = invalid_groups(model);
    if (!*why)
        *why = invalid_tree(model);
    for (uint32_t i = 0; !*why && i < model->noutside; i++)
        *why = invalid_use(model, &model->outside[i]);
    return *why == NULL;
}
