/*
 * Printing a program as .bst.
 */

#include "gen.h"

#include <string.h>

static const char *const type_words[] = {
    [F_BOOL] = "bool",
    [F_U8] = "u8",
    [F_U16] = "u16",
    [F_U32] = "u32",
    [F_U64] = "u64",
    [F_I8] = "i8",
    [F_I16] = "i16",
    [F_I32] = "i32",
    [F_I64] = "i64",
    [F_F32] = "f32",
    [F_F64] = "f64",
    [F_ENUM] = "enum gen_color",
    [F_STRUCT] = "struct gen_point",
    [F_TYPEDEF] = "gen_port",
    [F_TEXT] = "text",
    [F_BYTES] = "bytes",
    [F_FD] = "fd",
};

static void print_field(const struct field *field, int index, FILE *out)
{
    if (field->kind == F_REF)
        fprintf(out, "ref a%d", field->actor);
    else
        fputs(type_words[field->kind], out);
    fprintf(out, " f%d", index);
    if (field->count)
        fprintf(out, "[%d]", field->count);
    if (field->has_value && field->kind == F_BOOL)
        fputs(" = true", out);
    else if (field->has_value && field->kind >= F_F32)
        fputs(" = -1.5", out);
    else if (field->has_value)
        fprintf(out, " = %d", 7 + index);
    fputs("; ", out);
}

static void print_message(const struct program *p, int index, FILE *out)
{
    const struct message *message = &p->messages[index];

    if (index % 3 == 0)
        fprintf(out, "/// Message %d; it ends no comment: */ /*.\n", index);
    fprintf(out, "message m%d", index);
    if (message->answer != NONE)
        fprintf(out, " =!> m%d", message->answer);
    if (!message->nfields) {
        fputs(";\n", out);
        return;
    }
    fputs(" { ", out);
    for (int i = 0; i < message->nfields; i++)
        print_field(&message->fields[i], i, out);
    fputs("}\n", out);
}

/* ---- actors -------------------------------------------------------------- */

/* A deadline is longer than those of whoever is asked meanwhile. */
static void print_use(const struct use *use, int actor, FILE *out)
{
    switch (use->how) {
    case U_TELL:
        fprintf(out, " sends g%d.m%d", use->group, use->message);
        break;
    case U_CAST:
        fprintf(out, " sends #g%d.m%d", use->group, use->message);
        break;
    case U_ASK:
        fprintf(out, " asks g%d.m%d within %dms", use->group, use->message,
                10 * (actor + 1));
        break;
    case U_SPAWN:
        fprintf(out, " spawns g%d", use->group);
        break;
    case U_SELF:
        fprintf(out, " sends self.m%d", use->message);
        break;
    case U_SENDER:
        fprintf(out, " sends sender.m%d", use->message);
        break;
    case U_ACTOR:
        fprintf(out, " sends a%d.m%d", use->actor, use->message);
        break;
    }
}

static void print_event(const struct handler *handler, FILE *out)
{
    static const char *const words[] = {
        [E_START] = "on start", [E_RESTART] = "on restart",
        [E_STOP] = "on stop",   [E_EVERY] = "every",
        [E_IDLE] = "idle",      [E_ANY] = "on _",
    };

    if (handler->event == E_MESSAGE)
        fprintf(out, "    %son %sm%d", handler->blocking ? "blocking " : "",
                handler->broadcast ? "#" : "", handler->message);
    else if (handler->period_ms)
        fprintf(out, "    %s %dms", words[handler->event], handler->period_ms);
    else
        fprintf(out, "    %s", words[handler->event]);
}

static void print_handler(const struct program *p, int actor, int index,
                          FILE *out)
{
    const struct handler *handler = &p->actors[actor].handlers[index];
    bool answers = handler->event == E_MESSAGE &&
                   p->messages[handler->message].answer != NONE;

    print_event(handler, out);
    for (int i = 0; i < handler->nuses; i++)
        print_use(&handler->uses[i], actor, out);
    fputs(answers ? " =!>" : " =>", out);
    if (!handler->is_inline) {
        fprintf(out, " h%d_%d;\n", actor, index);
        return;
    }
    fputs(" {\n", out);
    gen_print_body(p, actor, handler, out);
    fputs("    }\n", out);
}

static void print_actor(struct program *p, int index, FILE *out)
{
    const struct actor *actor = &p->actors[index];

    fprintf(out, "\nactor a%d {\n", index);
    if (actor->nstate) {
        fputs("    state { ", out);
        for (int i = 0; i < actor->nstate; i++) {
            fputs(actor->state[i].is_kept ? "keep " : "", out);
            print_field(&actor->state[i], i, out);
        }
        fputs("}\n", out);
    }
    if (actor->nargs) {
        fputs("    args { ", out);
        for (int i = 0; i < actor->nargs; i++)
            fprintf(out, "u32 x%d; ", i);
        fputs("}\n", out);
    }
    for (int i = 0; i < actor->nhandlers; i++)
        print_handler(p, index, i, out);
    fputs("}\n", out);
}

/* ---- the tree ------------------------------------------------------------ */

/* Takes a number below `n` from the dice of a thing. */
static unsigned take(uint64_t *dice, unsigned n)
{
    unsigned number = (unsigned)(*dice % n);

    *dice /= n;
    return number;
}

static void print_restart(uint64_t *dice, bool of_group, FILE *out)
{
    static const char *const texts[] = {
        "restart 1000 in 1s;",
        "restart 3 in 100ms backoff linear 2ms;",
        "restart always backoff exponential 1ms to 20ms jitter 10%;",
        "restart 5 in 1s backoff exponential 1ms factor 3 to 9ms then "
        "escalate;",
        "restart 4 then remove;",
        "backoff linear 500us;",
    };

    /* The last one stands alone in a supervisor only. */
    unsigned ntexts = sizeof texts / sizeof *texts - of_group;

    fprintf(out, "%s%s\n", of_group ? "        " : "    ",
            texts[take(dice, ntexts)]);
}

static void print_mailbox(const struct actor *actor, uint64_t *dice, FILE *out)
{
    static const char *const modes[] = {"", " overflow reject",
                                        " overflow drop_oldest",
                                        " keep overflow drop_newest"};
    unsigned places = 4 + take(dice, 60);
    const char *mode = modes[take(dice, 4)];

    if (actor->may_block_senders && take(dice, 2))
        mode = " overflow block 3ms";
    fprintf(out, "        mailbox %u%s;\n", places, mode);
}

static void print_hooks(uint64_t *dice, bool of_group, FILE *out)
{
    static const char *const events[] = {"before_start", "after_start",
                                         "before_restart", "after_restart",
                                         "after_stop"};
    const char *indent = of_group ? "        " : "    ";

    for (int i = 0; i < 5; i++) {
        unsigned which = take(dice, 8);

        if (which == 0)
            fprintf(out, "%son %s => { (void)event; }\n", indent, events[i]);
        else if (which == 1)
            fprintf(out, "%son %s => gen_told;\n", indent, events[i]);
    }
    if (take(dice, 5) == 0)
        fprintf(out, "%son failure => gen_decide;\n", indent);
}

static void print_group(struct program *p, int index, FILE *out)
{
    struct group *group = &p->groups[index];
    const struct actor *actor = &p->actors[group->actor];
    uint64_t dice = group->dice;

    fprintf(out, "    children a%d as g%d", group->actor, index);
    if (group->is_dynamic)
        fprintf(out, " dynamic max %u", 1 + take(&dice, 20));
    fputs(" {\n", out);
    if (!group->is_dynamic && take(&dice, 2))
        fprintf(out, "        redundancy %u;\n", 1 + take(&dice, 5));
    if (!group->is_dynamic && actor->nargs) {
        fputs("        args", out);
        for (int i = 0; i < actor->nargs; i++)
            fprintf(out, " %u", take(&dice, 1000));
        fputs(";\n", out);
    }
    if (take(&dice, 2) || actor->may_block_senders)
        print_mailbox(actor, &dice, out);
    if (take(&dice, 3) == 0)
        print_restart(&dice, true, out);
    if (take(&dice, 4) == 0)
        fprintf(out, "        lifetime %s;\n",
                take(&dice, 2) ? "transient" : "temporary");
    if (take(&dice, 4) == 0)
        fprintf(out, "        shutdown %s;\n",
                take(&dice, 2) ? "20ms" : "kill");
    if (take(&dice, 5) == 0)
        fputs("        stack 128KiB; dispatch round_robin;\n", out);
    print_hooks(&dice, true, out);
    fputs("    }\n", out);
}

/* A child whose end ends the supervisor around it. */
static void print_significant(const struct program *p, int supervisor,
                              FILE *out)
{
    int index = supervisor % p->nactors;

    fprintf(out,
            "    children a%d as s%d_job {\n        significant;\n"
            "        lifetime transient;\n",
            index, supervisor);
    if (p->actors[index].nargs) {
        fputs("        args", out);
        for (int i = 0; i < p->actors[index].nargs; i++)
            fprintf(out, " %d", i);
        fputs(";\n", out);
    }
    fputs("    }\n", out);
}

/* Supervisors are nested, so their members are printed where their blocks
 * are open; there are few. */
static void print_supervisor(struct program *p, int index, FILE *out)
{
    static const char *const strategies[] = {
        "", " : one-for-one", " : one-for-all", " : rest-for-one"};
    uint64_t dice = p->supervisors[index].dice;

    fprintf(out, "supervisor s%d%s {\n", index, strategies[take(&dice, 4)]);
    if (index == 0)
        fputs("    restart always;\n", out);
    else if (take(&dice, 2))
        print_restart(&dice, false, out);
    if (take(&dice, 4) == 0)
        fputs("    mailbox 100; stack 64KiB;\n", out);
    if (take(&dice, 4) == 0)
        print_hooks(&dice, false, out);
    if (index && take(&dice, 4) == 0) {
        fprintf(out, "    auto_shutdown %s;\n", take(&dice, 2) ? "any" : "all");
        print_significant(p, index, out);
    }
    for (int i = 0; i < p->ngroups; i++) {
        if (p->groups[i].supervisor == index)
            print_group(p, i, out);
    }
    for (int i = index + 1; i < p->nsupervisors; i++) {
        if (p->supervisors[i].parent == index)
            print_supervisor(p, i, out);
    }
    fputs("}\n", out);
}

static void print_outside(struct program *p, FILE *out)
{
    for (int i = 0; i < p->ngroups; i++) {
        int message = (int)gen_below(p, (uint32_t)p->nmessages);

        if (p->groups[i].is_dynamic)
            fprintf(out, "outside spawns g%d;\n", i);
        if (gen_handler(&p->actors[p->groups[i].actor], message) &&
            p->messages[message].answer == NONE)
            fprintf(out, "outside sends g%d.m%d;\n", i, message);
    }
}

void gen_print_bst(struct program *p, FILE *out, FILE *imported)
{
    FILE *messages = p->imports ? imported : out;

    if (*p->prefix)
        fprintf(out, "prefix %s;\n", p->prefix);
    fprintf(out, "use \"%s.h\";\n", p->name);
    if (p->imports)
        fprintf(out, "import \"%s_messages.bst\";\n", p->name);
    for (int i = 0; i < p->nmessages; i++)
        print_message(p, i, messages);
    for (int i = 0; i < p->nactors; i++)
        print_actor(p, i, out);
    fputs("\n", out);
    print_outside(p, out);
    fputs("\nc {\n    enum { GEN_MOST = 50 };\n}\n\n", out);
    print_supervisor(p, 0, out);
}
