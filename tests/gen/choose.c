/*
 * Drawing a program.
 */

#include "gen.h"

#include <string.h>

static uint64_t next(struct program *p)
{
    uint64_t z = p->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t gen_below(struct program *p, uint32_t n)
{
    return (uint32_t)(next(p) >> 33) % n;
}

bool gen_percent(struct program *p, uint32_t n)
{
    return gen_below(p, 100) < n;
}

static int between(struct program *p, int least, int most)
{
    return least + (int)gen_below(p, (uint32_t)(most - least + 1));
}

/* ---- messages ------------------------------------------------------------ */

static struct field choose_field(struct program *p, bool in_message)
{
    struct field field = {
        .kind = (enum field_kind)gen_below(p, in_message ? F_FD + 1 : F_REF)};

    if (field.kind == F_REF)
        field.actor = (int)gen_below(p, (uint32_t)p->nactors);
    else if (gen_percent(p, 15))
        field.count = between(p, 1, 9);
    return field;
}

static void choose_messages(struct program *p)
{
    p->nmessages = between(p, 3, MAX_MESSAGES);
    for (int i = 0; i < p->nmessages; i++) {
        struct message *message = &p->messages[i];

        message->answer = NONE;
        if (gen_percent(p, 25))
            continue;
        message->nfields = between(p, 1, MAX_FIELDS - 1);
        for (int k = 0; k < message->nfields; k++)
            message->fields[k] = choose_field(p, true);
    }
    for (int i = 0; i + 1 < p->nmessages; i++) {
        if (!p->messages[i].is_answer && gen_percent(p, 40)) {
            p->messages[i].answer = i + 1;
            p->messages[i + 1].is_answer = true;
        }
    }
}

/* ---- actors -------------------------------------------------------------- */

const struct handler *gen_handler(const struct actor *actor, int message)
{
    for (int i = 0; i < actor->nhandlers; i++) {
        if (actor->handlers[i].event == E_MESSAGE &&
            actor->handlers[i].message == message)
            return &actor->handlers[i];
    }
    return NULL;
}

static void add_handler(struct program *p, struct actor *actor,
                        enum event event, int message)
{
    struct handler *handler = &actor->handlers[actor->nhandlers++];

    handler->event = event;
    handler->message = message;
    handler->is_inline = gen_percent(p, 40);
    if (event == E_EVERY || event == E_IDLE)
        handler->period_ms = between(p, 1, 20);
    if (event != E_MESSAGE)
        return;
    handler->broadcast =
        p->messages[message].answer == NONE && gen_percent(p, 30);
    handler->blocking = gen_percent(p, 10);
}

static void choose_actor(struct program *p, int index)
{
    static const enum event others[] = {E_START, E_RESTART, E_STOP,
                                        E_EVERY, E_IDLE,    E_ANY};
    struct actor *actor = &p->actors[index];
    bool useful = false;

    actor->nstate = between(p, 0, MAX_FIELDS);
    for (int i = 0; i < actor->nstate; i++) {
        actor->state[i] = choose_field(p, false);
        actor->state[i].has_value = !actor->state[i].count &&
                                    actor->state[i].kind < F_ENUM &&
                                    gen_percent(p, 50);
        actor->state[i].is_kept = gen_percent(p, 30);
    }
    actor->nargs = gen_percent(p, 30) ? between(p, 1, 3) : 0;
    actor->may_block_senders = gen_percent(p, 25);
    for (int i = 0; i < p->nmessages; i++) {
        /* Somebody has to take each of them. */
        if (i % p->nactors == index || gen_percent(p, 30))
            add_handler(p, actor, E_MESSAGE, i);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (gen_percent(p, others[i] == E_EVERY ? 60 : 30)) {
            add_handler(p, actor, others[i], NONE);
            useful = true;
        }
    }
    if (!useful)
        add_handler(p, actor, E_EVERY, NONE);
}

/* ---- the tree ------------------------------------------------------------ */

static void choose_tree(struct program *p)
{
    p->nsupervisors = between(p, 1, MAX_SUPERVISORS);
    for (int i = 0; i < p->nsupervisors; i++) {
        p->supervisors[i].parent = i ? (int)gen_below(p, (uint32_t)i) : NONE;
        p->supervisors[i].dice = next(p);
    }
    p->ngroups = between(p, p->nactors, MAX_GROUPS);
    for (int i = 0; i < p->ngroups; i++) {
        struct group *group = &p->groups[i];

        group->actor =
            i < p->nactors ? i : (int)gen_below(p, (uint32_t)p->nactors);
        /* The first groups leave no supervisor without a child. */
        group->supervisor = i < p->nsupervisors
                                ? i
                                : (int)gen_below(p, (uint32_t)p->nsupervisors);
        group->is_dynamic = gen_percent(p, 20);
        group->dice = next(p);
    }
}

/* ---- uses ---------------------------------------------------------------- */

/* Whether `from` may send what its receiver may make it wait for. */
static bool may_send(const struct program *p, int from, int to,
                     const struct handler *handler)
{
    return !p->actors[to].may_block_senders ||
           (from > to && handler->event != E_STOP);
}

static bool is_repeated(const struct handler *handler, const struct use *use)
{
    for (int i = 0; i < handler->nuses; i++) {
        const struct use *other = &handler->uses[i];

        if (other->how == use->how && other->group == use->group &&
            other->message == use->message && other->actor == use->actor)
            return true;
    }
    return false;
}

static void add_use(struct handler *handler, struct use use)
{
    if (handler->nuses < MAX_USES && !is_repeated(handler, &use))
        handler->uses[handler->nuses++] = use;
}

/* A question that is told is answered by a message, for which there must be a
 * handler. */
static bool takes_answer(const struct program *p, int from, int message)
{
    int answer = p->messages[message].answer;

    return answer == NONE || gen_handler(&p->actors[from], answer);
}

static void try_group(struct program *p, int from, struct handler *handler,
                      int index)
{
    const struct group *group = &p->groups[index];
    int message = (int)gen_below(p, (uint32_t)p->nmessages);
    const struct handler *taker =
        gen_handler(&p->actors[group->actor], message);
    struct use use = {U_TELL, index, group->actor, message, NONE};
    bool is_question = p->messages[message].answer != NONE;

    if (group->is_dynamic && gen_percent(p, 40)) {
        if (handler->event == E_START || handler->event == E_RESTART ||
            handler->event == E_STOP)
            return;
        use.how = U_SPAWN;
        use.message = NONE;
        add_use(handler, use);
        return;
    }
    if (!taker)
        return;
    if (is_question && gen_percent(p, 70)) {
        use.how = U_ASK;
        if (group->actor < from &&
            (handler->event == E_MESSAGE || handler->event == E_EVERY))
            add_use(handler, use);
        return;
    }
    if (taker->broadcast && gen_percent(p, 50))
        use.how = U_CAST;
    if (may_send(p, from, group->actor, handler) &&
        takes_answer(p, from, message))
        add_use(handler, use);
}

static void try_self(struct program *p, int from, struct handler *handler)
{
    int message = (int)gen_below(p, (uint32_t)p->nmessages);
    struct use use = {U_SELF, NONE, from, message, NONE};

    if (gen_handler(&p->actors[from], message) &&
        takes_answer(p, from, message) && handler->event != E_STOP &&
        !p->actors[from].may_block_senders)
        add_use(handler, use);
}

/* Sends to an actor that the message names. */
static void try_named(struct program *p, int from, struct handler *handler)
{
    const struct message *in;

    if (handler->event != E_MESSAGE)
        return;
    in = &p->messages[handler->message];
    for (int i = 0; i < in->nfields; i++) {
        int message = (int)gen_below(p, (uint32_t)p->nmessages);
        struct use use = {U_ACTOR, NONE, in->fields[i].actor, message, i};

        if (in->fields[i].kind == F_REF &&
            gen_handler(&p->actors[use.actor], message) &&
            may_send(p, from, use.actor, handler) &&
            takes_answer(p, from, message))
            add_use(handler, use);
    }
}

/* Whether all who send `message` to the actor take `reply`. Answers come from
 * whoever was asked, and nobody is known to have sent what nobody sends. */
static bool all_take(const struct program *p, int actor, int message, int reply)
{
    bool any = false;

    for (int i = 0; i < p->nactors; i++) {
        for (int h = 0; h < p->actors[i].nhandlers; h++) {
            const struct handler *handler = &p->actors[i].handlers[h];

            for (int u = 0; u < handler->nuses; u++) {
                const struct use *use = &handler->uses[u];

                if (use->actor != actor || use->message != message)
                    continue;
                if (use->how == U_ASK || use->how == U_SENDER ||
                    p->actors[i].may_block_senders ||
                    !gen_handler(&p->actors[i], reply))
                    return false;
                any = true;
            }
        }
    }
    return any;
}

static void choose_replies(struct program *p, int from)
{
    for (int h = 0; h < p->actors[from].nhandlers; h++) {
        struct handler *handler = &p->actors[from].handlers[h];
        int reply = (int)gen_below(p, (uint32_t)p->nmessages);
        struct use use = {U_SENDER, NONE, NONE, reply, NONE};

        if (handler->event != E_MESSAGE || !gen_percent(p, 40) ||
            p->messages[handler->message].is_answer ||
            p->messages[handler->message].answer != NONE ||
            p->messages[reply].answer != NONE ||
            !all_take(p, from, handler->message, reply))
            continue;
        add_use(handler, use);
    }
}

static void choose_uses(struct program *p, int from)
{
    for (int h = 0; h < p->actors[from].nhandlers; h++) {
        struct handler *handler = &p->actors[from].handlers[h];

        for (int i = 0; i < 6; i++)
            try_group(p, from, handler,
                      (int)gen_below(p, (uint32_t)p->ngroups));
        if (gen_percent(p, 30))
            try_self(p, from, handler);
        if (gen_percent(p, 50))
            try_named(p, from, handler);
    }
}

void gen_choose(struct program *p)
{
    p->prefix = gen_percent(p, 30) ? "app_" : "";
    p->imports = gen_percent(p, 30);
    p->nactors = between(p, 2, MAX_ACTORS);
    choose_messages(p);
    for (int i = 0; i < p->nactors; i++)
        choose_actor(p, i);
    choose_tree(p);
    for (int i = 0; i < p->nactors; i++)
        choose_uses(p, i);
    /* A reply is a send to whoever sent, and so must come last: it changes
     * who sends what. One that is answered by a reply would make a circle. */
    for (int i = 0; i < p->nactors; i++)
        choose_replies(p, i);
}
