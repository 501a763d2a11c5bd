/*
 * The constant tables of X.bst.c: uses, groups, supervisors, messages, app.
 *
 * Every table has designated initialisers and a comment that names the place
 * in the .bst it stands for. What has its default value is left out where the
 * runtime knows the default, but for the figures people look for first.
 */

#include "emit.h"

#include <string.h>

#include "arena.h"
#include "text.h"

void bstc_emit_place(struct bstc_out *out, const struct bstc_place *place,
                     const char *what, const char *name)
{
    bstc_out_text(out, "\n/* ");
    bstc_out_in_comment(out, place->file);
    bstc_out_format(out, ":%u  %s %s */\n", (unsigned)place->line, what, name);
}

/* ---- uses ---------------------------------------------------------------- */

static const char *how_text(enum bstc_how how)
{
    switch (how) {
    case BSTC_TELL:
        return "BST_USE_TELL";
    case BSTC_CAST:
        return "BST_USE_CAST";
    case BSTC_SPAWN:
        return "BST_USE_SPAWN";
    case BSTC_ASK:
        break;
    }
    return "BST_USE_ASK";
}

/* A row stands on one line if it fits, else with one member on each. */
static void emit_row(struct bstc_out *out, const char *const *members,
                     uint32_t count)
{
    size_t width = sizeof "    {}," - 1;

    for (uint32_t i = 0; i < count; i++)
        width += strlen(members[i]) + (i > 0 ? 2 : 0);
    if (width <= 80) {
        bstc_out_list(out, "    {", members, count, "},\n");
        return;
    }
    bstc_out_text(out, "    {\n");
    for (uint32_t i = 0; i < count; i++)
        bstc_out_format(out, "        %s,\n", members[i]);
    bstc_out_text(out, "    },\n");
}

static void emit_use(struct bstc_out *out, const struct bstc_model *model,
                     const struct bstc_use *use)
{
    struct bstc_arena *arena = out->arena;
    const char *members[4];
    uint32_t count = 0;

    if (use->message != BSTC_NONE)
        members[count++] = bstc_join(arena, ".kind = KIND_",
                                     model->messages[use->message].name, NULL);
    members[count++] = bstc_join(arena, ".how = ", how_text(use->how), NULL);
    if (use->group != BSTC_NONE)
        members[count++] =
            bstc_join(arena, ".group = &", model->groups[use->group].symbol,
                      "_group", NULL);
    if (use->how == BSTC_ASK)
        members[count++] = bstc_join(
            arena, ".within = ", bstc_duration_c(arena, use->within), NULL);
    emit_row(out, members, count);
}

void bstc_emit_uses(struct bstc_out *out, const struct bstc_model *model,
                    const char *tag, const char *stem,
                    const struct bstc_use *uses, uint32_t nuses)
{
    if (nuses == 0)
        return;
    bstc_out_format(out, "\nstatic const struct bst_use %s_%s_uses[] = {\n",
                    tag, stem);
    for (uint32_t i = 0; i < nuses; i++)
        emit_use(out, model, &uses[i]);
    bstc_out_text(out, "};\n");
}

/* ---- settings ------------------------------------------------------------ */

static void emit_number(struct bstc_out *out, const char *member,
                        uint64_t value)
{
    bstc_out_format(out, "    .%s = %llu,\n", member,
                    (unsigned long long)value);
}

static void emit_time(struct bstc_out *out, const char *indent,
                      const char *member, int64_t ns)
{
    bstc_out_format(out, "%s.%s = %s,\n", indent, member,
                    bstc_duration_c(out->arena, ns));
}

static const char *mode_text(enum bstc_restart_mode mode)
{
    switch (mode) {
    case BSTC_RESTART_SHARED:
        return "BST_RESTART_SHARED";
    case BSTC_RESTART_LIMITED:
        return "BST_RESTART_LIMITED";
    case BSTC_RESTART_ALWAYS:
        return "BST_RESTART_ALWAYS";
    case BSTC_RESTART_NEVER:
        break;
    }
    return "BST_RESTART_NEVER";
}

static void emit_backoff(struct bstc_out *out,
                         const struct bstc_restart *restart)
{
    if (restart->backoff == BSTC_BACKOFF_NONE)
        return;
    bstc_out_format(out, "            .backoff = %s,\n",
                    restart->backoff == BSTC_LINEAR ? "BST_LINEAR"
                                                    : "BST_EXPONENTIAL");
    emit_time(out, "            ", "step", restart->step);
    if (restart->cap)
        emit_time(out, "            ", "cap", restart->cap);
    if (restart->factor)
        bstc_out_format(out, "            .factor = %u,\n",
                        (unsigned)restart->factor);
    if (restart->jitter)
        bstc_out_format(out, "            .jitter = %u,\n",
                        (unsigned)restart->jitter);
}

static void emit_restart(struct bstc_out *out,
                         const struct bstc_restart *restart)
{
    if (restart->mode == BSTC_RESTART_SHARED)
        return;
    bstc_out_text(out, "    .restart =\n        {\n");
    bstc_out_format(out, "            .mode = %s,\n", mode_text(restart->mode));
    if (restart->mode == BSTC_RESTART_LIMITED) {
        bstc_out_format(out, "            .tries = %u,\n",
                        (unsigned)restart->tries);
        if (restart->in)
            emit_time(out, "            ", "in", restart->in);
        bstc_out_format(out, "            .then = %s,\n",
                        restart->then == BSTC_REMOVE ? "BST_REMOVE"
                                                     : "BST_ESCALATE");
    }
    emit_backoff(out, restart);
    bstc_out_text(out, "        },\n");
}

static const char *lifetime_text(int64_t lifetime)
{
    if (lifetime == BSTC_TRANSIENT)
        return "BST_TRANSIENT";
    return lifetime == BSTC_TEMPORARY ? "BST_TEMPORARY" : "BST_PERMANENT";
}

static void emit_shutdown(struct bstc_out *out, const struct bstc_value *value)
{
    if (value->origin.from == BSTC_FROM_DEFAULT)
        return;
    if (value->value == BSTC_SHUTDOWN_KILL)
        bstc_out_text(out, "    .shutdown = BST_SHUTDOWN_KILL,\n");
    else
        emit_time(out, "    ", "shutdown", value->value);
}

static void emit_overflow(struct bstc_out *out, const struct bstc_group *group)
{
    static const char *const texts[] = {
        "BST_OVERFLOW_REJECT", "BST_OVERFLOW_DROP_OLDEST",
        "BST_OVERFLOW_DROP_NEWEST", "BST_OVERFLOW_BLOCK"};

    if (group->overflow == BSTC_REJECT)
        return;
    bstc_out_format(out, "    .overflow = %s,\n", texts[group->overflow]);
    if (group->block)
        emit_time(out, "    ", "block", group->block);
}

static void emit_named(struct bstc_out *out, const char *name,
                       const struct bstc_place *place)
{
    bstc_out_text(out, "    .name = ");
    bstc_out_string(out, name);
    bstc_out_text(out, ",\n    .where = ");
    bstc_out_where(out, place->file, place->line);
    bstc_out_text(out, ",\n");
}

/* ---- the tree ------------------------------------------------------------ */

static void emit_group(struct bstc_out *out, const struct bstc_model *model,
                       uint32_t index)
{
    const struct bstc_group *group = &model->groups[index];

    bstc_emit_place(out, &group->place, "children", group->name);
    if (group->args)
        bstc_emit_group_args(out, model, group);
    bstc_out_format(out, "static const struct bst_group %s_group = {\n",
                    group->symbol);
    emit_named(out, group->name, &group->place);
    bstc_out_format(out, "    .actor = &%s_actor,\n",
                    model->actors[group->actor].tag);
    emit_number(out, "index", index);
    if (group->max.value > 0)
        emit_number(out, "max", (uint64_t)group->max.value);
    else
        emit_number(out, "redundancy", (uint64_t)group->redundancy.value);
    if (group->args)
        bstc_out_format(out, "    .args = &%s_args,\n", group->symbol);
    emit_number(out, "mailbox", (uint64_t)group->mailbox.value);
    emit_overflow(out, group);
    bstc_out_text(out, "    .dispatch = BST_ROUND_ROBIN,\n");
    bstc_out_format(out, "    .lifetime = %s,\n",
                    lifetime_text(group->lifetime.value));
    emit_restart(out, &group->restart);
    emit_shutdown(out, &group->shutdown);
    if (group->stack.origin.from != BSTC_FROM_DEFAULT)
        emit_number(out, "stack_bytes", (uint64_t)group->stack.value);
    if (group->is_significant)
        emit_number(out, "significant", 1);
    if (bstc_hooks_any(group->hooks))
        bstc_out_format(out, "    .callbacks = &%s_group_callbacks,\n",
                        group->symbol);
    bstc_out_text(out, "};\n");
}

static const char *strategy_text(enum bstc_strategy strategy)
{
    switch (strategy) {
    case BSTC_ONE_FOR_ALL:
        return "BST_ONE_FOR_ALL";
    case BSTC_REST_FOR_ONE:
        return "BST_REST_FOR_ONE";
    case BSTC_ONE_FOR_ONE:
        break;
    }
    return "BST_ONE_FOR_ONE";
}

static void emit_children(struct bstc_out *out, const struct bstc_model *model,
                          const struct bstc_supervisor *supervisor)
{
    bstc_out_format(out, "static const struct bst_child %s_children[] = {\n",
                    supervisor->symbol);
    for (uint32_t i = 0; i < supervisor->nchildren; i++) {
        const struct bstc_child *child = &supervisor->children[i];

        if (child->group != BSTC_NONE)
            bstc_out_format(out, "    /* %u */ {.group = &%s_group},\n",
                            (unsigned)i, model->groups[child->group].symbol);
        else
            bstc_out_format(
                out, "    /* %u */ {.supervisor = &%s_supervisor},\n",
                (unsigned)i, model->supervisors[child->supervisor].symbol);
    }
    bstc_out_text(out, "};\n\n");
}

/* What most supervisors do not set. */
static void emit_ending(struct bstc_out *out,
                        const struct bstc_supervisor *supervisor)
{
    if (supervisor->lifetime.value != BSTC_PERMANENT)
        bstc_out_format(out, "    .lifetime = %s,\n",
                        lifetime_text(supervisor->lifetime.value));
    if (supervisor->is_significant)
        emit_number(out, "significant", 1);
    if (supervisor->auto_shutdown != BSTC_AUTO_NEVER)
        bstc_out_format(out, "    .auto_shutdown = %s,\n",
                        supervisor->auto_shutdown == BSTC_AUTO_ANY
                            ? "BST_AUTO_ANY"
                            : "BST_AUTO_ALL");
}

static void emit_supervisor(struct bstc_out *out,
                            const struct bstc_model *model,
                            const struct bstc_supervisor *supervisor)
{
    bstc_emit_place(out, &supervisor->place, "supervisor", supervisor->name);
    if (supervisor->nchildren > 0)
        emit_children(out, model, supervisor);
    bstc_out_format(out,
                    "static const struct bst_supervisor %s_supervisor = {\n",
                    supervisor->symbol);
    emit_named(out, supervisor->name, &supervisor->place);
    bstc_out_format(out, "    .strategy = %s,\n",
                    strategy_text(supervisor->strategy));
    emit_restart(out, &supervisor->restart);
    if (supervisor->nchildren > 0) {
        bstc_out_format(out, "    .children = %s_children,\n",
                        supervisor->symbol);
        emit_number(out, "nchildren", supervisor->nchildren);
    }
    emit_ending(out, supervisor);
    if (bstc_hooks_any(supervisor->hooks))
        bstc_out_format(out, "    .callbacks = &%s_supervisor_callbacks,\n",
                        supervisor->symbol);
    bstc_out_text(out, "};\n");
}

/* ---- the program --------------------------------------------------------- */

static void emit_message_row(struct bstc_out *out,
                             const struct bstc_model *model,
                             const struct bstc_message *message)
{
    struct bstc_arena *arena = out->arena;
    const char *members[6];
    uint32_t count = 0;

    members[count++] =
        bstc_join(arena, ".name = \"", message->name, "\"", NULL);
    if (message->nfields > 0)
        members[count++] =
            bstc_join(arena, ".size = sizeof(struct ", message->tag, ")", NULL);
    members[count++] = bstc_arena_format(arena, ".hash = 0x%016llxu",
                                         (unsigned long long)message->hash);
    if (message->answer != BSTC_NONE)
        members[count++] =
            bstc_join(arena, ".answer = KIND_",
                      model->messages[message->answer].name, NULL);
    if (message->owns)
        members[count++] =
            bstc_join(arena, ".owned = ", message->tag, "_owned", NULL);
    if (bstc_message_compares(message))
        members[count++] =
            bstc_join(arena, ".fields = ", message->tag, "_fields", NULL);
    emit_row(out, members, count);
}

static void emit_message_table(struct bstc_out *out,
                               const struct bstc_model *model)
{
    if (model->nmessages == 0)
        return;
    bstc_out_format(out,
                    "\nstatic const struct bst_message %s_messages[] = {\n",
                    model->unit);
    for (uint32_t i = 0; i < model->nmessages; i++)
        emit_message_row(out, model, &model->messages[i]);
    bstc_out_text(out, "};\n");
}

static void emit_group_list(struct bstc_out *out,
                            const struct bstc_model *model)
{
    if (model->ngroups == 0)
        return;
    bstc_out_format(out,
                    "\nstatic const struct bst_group *const %s_groups[] = {\n",
                    model->unit);
    for (uint32_t i = 0; i < model->ngroups; i++)
        bstc_out_format(out, "    /* %u */ &%s_group,\n", (unsigned)i,
                        model->groups[i].symbol);
    bstc_out_text(out, "};\n");
}

static void emit_app(struct bstc_out *out, const struct bstc_model *model)
{
    const char *unit = model->unit;

    bstc_out_format(out, "\nconst struct bst_app %s_app = {\n", unit);
    bstc_out_text(out, "    .abi = BST_TOPOLOGY_ABI,\n    .name = ");
    bstc_out_string(out, unit);
    bstc_out_format(out, ",\n    .root = &%s_supervisor,\n",
                    bstc_model_root(model)->symbol);
    if (model->ngroups > 0) {
        bstc_out_format(out, "    .groups = %s_groups,\n", unit);
        emit_number(out, "ngroups", model->ngroups);
    }
    if (model->nmessages > 0) {
        bstc_out_format(out, "    .messages = %s_messages,\n", unit);
        emit_number(out, "nmessages", model->nmessages);
    }
    if (model->noutside > 0) {
        bstc_out_format(out, "    .outside = %s_outside_uses,\n", unit);
        emit_number(out, "noutside", model->noutside);
    }
    if (model->faults != BSTC_FAULTS_CONTAIN)
        bstc_out_format(out, "    .faults = %s,\n",
                        model->faults == BSTC_FAULTS_STRICT
                            ? "BST_FAULTS_STRICT"
                            : "BST_FAULTS_OFF");
    bstc_out_text(out, "};\n");
}

void bstc_emit_tables(struct bstc_out *out, const struct bstc_model *model)
{
    bstc_out_section(out, "supervision tree", "");
    for (uint32_t i = 0; i < model->ngroups; i++)
        emit_group(out, model, i);
    for (uint32_t i = 0; i < model->nsupervisors; i++)
        emit_supervisor(out, model, &model->supervisors[i]);
    bstc_out_section(out, "the program", "");
    emit_message_table(out, model);
    emit_group_list(out, model);
    bstc_emit_uses(out, model, model->unit, "outside", model->outside,
                   model->noutside);
    emit_app(out, model);
    bstc_emit_spawns(out, model);
}
