/*
 * Prints a syntax tree: one node per line, two blanks per level, its place,
 * its kind and what it says. The order is that of the file within each kind
 * of part.
 */

#include "ast_print.h"

#include <inttypes.h>

struct printer {
    FILE *out;
    const struct bstc_sources *sources;
    int depth;
};

/* Begins the line of a node. */
static void begin(const struct printer *p, struct bstc_span span,
                  const char *kind)
{
    const struct bstc_source *source = bstc_sources_at(p->sources, span.file);

    fprintf(p->out, "%*s%s", p->depth * 2, "", kind);
    if (source) {
        struct bstc_position from = bstc_source_position(source, span.start);
        struct bstc_position to = bstc_source_position(source, span.end);

        fprintf(p->out, " %u:%u-%u:%u", from.line, from.column, to.line,
                to.column);
    }
}

static void put_name(const struct printer *p, const char *before,
                     const struct bstc_ast_name *name)
{
    if (name->text)
        fprintf(p->out, "%s%s", before, name->text);
}

static void put_doc(const struct printer *p, const struct bstc_doc *doc)
{
    const char *at;

    if (!doc)
        return;
    fputs(" doc=\"", p->out);
    for (at = doc->text; *at; at++) {
        if (*at == '\n')
            fputs("\\n", p->out);
        else
            fputc(*at, p->out);
    }
    fputc('"', p->out);
}

static void end(const struct printer *p)
{
    fputc('\n', p->out);
}

static void put_quoted(const struct printer *p, const char *text, size_t length)
{
    size_t i;

    fputs(" \"", p->out);
    for (i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f)
            fprintf(p->out, "\\x%02x", byte);
        else
            fputc(byte, p->out);
    }
    fputc('"', p->out);
}

static void put_value(const struct printer *p,
                      const struct bstc_ast_value *value)
{
    switch (value->kind) {
    case BSTC_AST_VALUE_INT:
        fprintf(p->out, " %s%" PRIu64, value->negative ? "-" : "",
                value->number);
        break;
    case BSTC_AST_VALUE_SIZE:
        fprintf(p->out, " %" PRIu64 "B", value->number);
        break;
    case BSTC_AST_VALUE_DURATION:
        fprintf(p->out, " %" PRId64 "ns", value->duration);
        break;
    case BSTC_AST_VALUE_PERCENT:
        fprintf(p->out, " %" PRIu64 "%%", value->number);
        break;
    case BSTC_AST_VALUE_RANGE:
        fprintf(p->out, " %" PRIu64 "..%" PRIu64, value->low, value->high);
        break;
    case BSTC_AST_VALUE_FLOAT:
        fprintf(p->out, " %g", value->real);
        break;
    case BSTC_AST_VALUE_STRING:
        put_quoted(p, value->text, value->length);
        break;
    case BSTC_AST_VALUE_NAME:
        fprintf(p->out, " %s", value->text);
        break;
    case BSTC_AST_VALUE_GREATER:
        fputs(" >", p->out);
        break;
    case BSTC_AST_VALUE_LESS:
        fputs(" <", p->out);
        break;
    }
}

static void print_settings(struct printer *p,
                           const struct bstc_ast_setting *setting)
{
    for (; setting; setting = setting->next) {
        const struct bstc_ast_value *arg;

        begin(p, setting->span, "setting");
        put_name(p, " ", &setting->name);
        for (arg = setting->args; arg; arg = arg->next)
            put_value(p, arg);
        put_doc(p, setting->doc);
        end(p);
    }
}

static void print_fields(struct printer *p, const char *kind,
                         const struct bstc_ast_field *field)
{
    static const char *const tags[] = {"", "struct ", "union ", "enum ",
                                       "ref "};
    static const char *const keeps[] = {"", " keep", " persist"};

    for (; field; field = field->next) {
        begin(p, field->span, kind);
        fprintf(p->out, "%s %s%s%s", keeps[field->keep], tags[field->type.kind],
                field->type.name.text, field->type.pointer ? " *" : "");
        put_name(p, " ", &field->name);
        if (field->array == BSTC_AST_ARRAY_NUMBER)
            fprintf(p->out, "[%" PRIu64 "]", field->array_count);
        else if (field->array == BSTC_AST_ARRAY_NAME)
            fprintf(p->out, "[%s]", field->array_name.text);
        if (field->init) {
            fputs(" =", p->out);
            put_value(p, field->init);
        }
        put_doc(p, field->doc);
        end(p);
    }
}

static void put_impl(const struct printer *p, const struct bstc_ast_impl *impl)
{
    if (impl->kind == BSTC_AST_IMPL_NONE)
        return;
    fputs(impl->answers ? " =!>" : " =>", p->out);
    if (impl->kind == BSTC_AST_IMPL_INLINE)
        fprintf(p->out, " {%zu bytes}", impl->raw.length);
    else
        put_name(p, " ", &impl->function);
}

static void print_uses(struct printer *p, const struct bstc_ast_use *use)
{
    static const char *const kinds[] = {"sends", "asks", "spawns"};

    for (; use; use = use->next) {
        const struct bstc_ast_target *target;

        begin(p, use->span, kinds[use->kind]);
        for (target = use->targets; target; target = target->next) {
            put_name(p, target->broadcast ? " #" : " ", &target->who);
            put_name(p, ".", &target->what);
        }
        if (use->has_within)
            fprintf(p->out, " within %" PRId64 "ns", use->within);
        end(p);
    }
}

static void print_handlers(struct printer *p,
                           const struct bstc_ast_handler *handler)
{
    static const char *const kinds[] = {"on", "every", "idle", "run"};

    for (; handler; handler = handler->next) {
        begin(p, handler->span, kinds[handler->kind]);
        if (handler->blocking)
            fputs(" blocking", p->out);
        if (handler->any)
            fputs(" _", p->out);
        put_name(p, handler->broadcast ? " #" : " ", &handler->message);
        if (handler->period)
            fprintf(p->out, " %" PRId64 "ns", handler->period);
        put_name(p, " ~> ", &handler->emits);
        put_impl(p, &handler->impl);
        put_doc(p, handler->doc);
        end(p);
        p->depth++;
        print_uses(p, handler->uses);
        p->depth--;
    }
}

static void print_hooks(struct printer *p, const struct bstc_ast_hook *hook)
{
    for (; hook; hook = hook->next) {
        begin(p, hook->span, "hook");
        put_name(p, " ", &hook->event);
        put_impl(p, &hook->impl);
        put_doc(p, hook->doc);
        end(p);
    }
}

static void put_idents(const struct printer *p, const char *before,
                       const struct bstc_ast_ident *ident)
{
    for (; ident; ident = ident->next) {
        put_name(p, before, &ident->name);
        before = ", ";
    }
}

static void print_group(struct printer *p, const struct bstc_ast_group *group)
{
    put_name(p, " ", &group->actor);
    if (group->name.text != group->actor.text)
        put_name(p, " as ", &group->name);
    if (group->is_dynamic) {
        fputs(" dynamic", p->out);
        if (group->dynamic_word.text) {
            put_name(p, " ", &group->dynamic_word);
            fprintf(p->out, " %" PRIu64, group->dynamic_max);
        }
    }
    put_idents(p, " at ", group->at);
    put_doc(p, group->doc);
    end(p);
    p->depth++;
    print_settings(p, group->settings);
    print_hooks(p, group->hooks);
    p->depth--;
}

static void print_listen(struct printer *p,
                         const struct bstc_ast_listen *listen)
{
    put_value(p, listen->address);
    put_name(p, " => ", &listen->target);
    put_doc(p, listen->doc);
    end(p);
    p->depth++;
    print_settings(p, listen->settings);
    print_hooks(p, listen->hooks);
    p->depth--;
}

static void print_stream(struct printer *p,
                         const struct bstc_ast_stream *stream)
{
    const struct bstc_ast_ident *stage;

    for (stage = stream->stages; stage; stage = stage->next)
        put_name(p, stage == stream->stages ? " " : " ~> ", &stage->name);
    put_doc(p, stream->doc);
    end(p);
    p->depth++;
    print_settings(p, stream->settings);
    print_hooks(p, stream->hooks);
    p->depth--;
}

/* Prints what stands behind the word `supervisor`, and what is inside. */
static void begin_supervisor(struct printer *p,
                             const struct bstc_ast_supervisor *supervisor)
{
    put_name(p, " ", &supervisor->name);
    put_name(p, " : ", &supervisor->strategy);
    put_doc(p, supervisor->doc);
    end(p);
    p->depth++;
    print_settings(p, supervisor->settings);
    print_hooks(p, supervisor->hooks);
}

/*
 * Prints a supervisor and all below it without recursion: the way back up is
 * a stack of the members that come next, as deep as braces may be nested.
 */
static void print_supervisor(struct printer *p,
                             const struct bstc_ast_supervisor *supervisor)
{
    static const char *const kinds[] = {"supervisor", "children", "listen",
                                        "stream"};
    enum { DEEPEST = 256 };
    const struct bstc_ast_member *next[DEEPEST];
    int base = p->depth;
    int level = 0;

    begin_supervisor(p, supervisor);
    next[0] = supervisor->members;
    while (level >= 0) {
        const struct bstc_ast_member *member = next[level];

        if (!member) {
            level--;
            p->depth--;
            continue;
        }
        next[level] = member->next;
        begin(p, member->span, kinds[member->kind]);
        switch (member->kind) {
        case BSTC_AST_MEMBER_SUPERVISOR:
            begin_supervisor(p, member->supervisor);
            if (level + 1 < DEEPEST)
                next[++level] = member->supervisor->members;
            break;
        case BSTC_AST_MEMBER_GROUP:
            print_group(p, member->group);
            break;
        case BSTC_AST_MEMBER_LISTEN:
            print_listen(p, member->listen);
            break;
        case BSTC_AST_MEMBER_STREAM:
            print_stream(p, member->stream);
            break;
        }
    }
    p->depth = base;
}

static void print_cluster(struct printer *p,
                          const struct bstc_ast_cluster *cluster)
{
    const struct bstc_ast_node *node;

    put_name(p, " ", &cluster->name);
    put_doc(p, cluster->doc);
    end(p);
    p->depth++;
    for (node = cluster->nodes; node; node = node->next) {
        begin(p, node->span, "node");
        put_name(p, " ", &node->name);
        put_value(p, node->address);
        put_doc(p, node->doc);
        end(p);
    }
    print_settings(p, cluster->settings);
    p->depth--;
}

static void print_message(struct printer *p,
                          const struct bstc_ast_message *message)
{
    put_name(p, " ", &message->name);
    put_name(p, " =!> ", &message->answer);
    put_doc(p, message->doc);
    end(p);
    p->depth++;
    print_fields(p, "field", message->fields);
    p->depth--;
}

static void print_actor(struct printer *p, const struct bstc_ast_actor *actor)
{
    put_name(p, " ", &actor->name);
    put_doc(p, actor->doc);
    end(p);
    p->depth++;
    print_settings(p, actor->settings);
    print_fields(p, "state", actor->state);
    print_fields(p, "args", actor->args);
    print_handlers(p, actor->handlers);
    p->depth--;
}

static void print_item(struct printer *p, const struct bstc_ast_item *item)
{
    static const char *const kinds[] = {"use",     "import", "c",
                                        "message", "actor",  "supervisor",
                                        "cluster", "outside"};

    if (item->kind == BSTC_AST_ITEM_SETTING) {
        print_settings(p, item->setting);
        return;
    }
    begin(p, item->span, kinds[item->kind]);
    switch (item->kind) {
    case BSTC_AST_ITEM_USE:
        fputs(item->include->system ? " system" : "", p->out);
        put_quoted(p, item->include->text, item->include->length);
        end(p);
        break;
    case BSTC_AST_ITEM_IMPORT:
        put_quoted(p, item->import->text, item->import->length);
        end(p);
        break;
    case BSTC_AST_ITEM_C:
        fprintf(p->out, " {%zu bytes}\n", item->raw->length);
        break;
    case BSTC_AST_ITEM_MESSAGE:
        print_message(p, item->message);
        break;
    case BSTC_AST_ITEM_ACTOR:
        print_actor(p, item->actor);
        break;
    case BSTC_AST_ITEM_SUPERVISOR:
        print_supervisor(p, item->supervisor);
        break;
    case BSTC_AST_ITEM_CLUSTER:
        print_cluster(p, item->cluster);
        break;
    case BSTC_AST_ITEM_OUTSIDE:
        end(p);
        p->depth++;
        print_uses(p, item->uses);
        p->depth--;
        break;
    case BSTC_AST_ITEM_SETTING:
        break;
    }
}

void bstc_ast_print(const struct bstc_ast_file *file,
                    const struct bstc_sources *sources, FILE *out)
{
    struct printer p = {out, sources, 0};
    const struct bstc_ast_item *item;

    for (item = file->items; item; item = item->next)
        print_item(&p, item);
}
