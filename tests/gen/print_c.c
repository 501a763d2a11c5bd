/*
 * Printing what handlers do. Each throws its dice once and does then, or does
 * not, what its actor has declared; now and then it fails.
 */

#include "gen.h"

#include <string.h>

static bool has_body(const struct program *p, const struct handler *handler)
{
    return handler->event == E_ANY || (handler->event == E_MESSAGE &&
                                       p->messages[handler->message].nfields);
}

static int answer_of(const struct program *p, const struct handler *handler)
{
    int answer = handler->event == E_MESSAGE
                     ? p->messages[handler->message].answer
                     : NONE;

    return answer != NONE && p->messages[answer].nfields ? answer : NONE;
}

static const char *fill_owned(enum field_kind kind)
{
    switch (kind) {
    case F_TEXT:
        return "bst_text_format(\"dice %u\", (unsigned)(dice % 100))";
    case F_BYTES:
        return "bst_bytes_dup(\"\\1\\2\\3\", 1 + dice % 3)";
    default:
        return "-1";
    }
}

/* Fills a field of `what`, which ends with "." or "->". */
static void fill(const struct field *field, int index, int actor,
                 const char *what, FILE *out)
{
    char element[32] = "";

    if (field->count)
        snprintf(element, sizeof element, "[dice %% %d]", field->count);
    if (field->kind == F_REF) {
        if (field->actor == actor)
            fprintf(out, "        %sf%d.ref = bst_self(self);\n", what, index);
    } else if (field->kind >= F_TEXT && field->count) {
        for (int i = 0; i < field->count; i++)
            fprintf(out, "        %sf%d[%d] = %s;\n", what, index, i,
                    fill_owned(field->kind));
    } else if (field->kind >= F_TEXT) {
        fprintf(out, "        %sf%d = %s;\n", what, index,
                fill_owned(field->kind));
    } else if (field->kind == F_STRUCT) {
        fprintf(out, "        %sf%d%s.x = (int32_t)(dice %% 1000);\n", what,
                index, element);
    } else if (field->kind == F_ENUM) {
        fprintf(out, "        %sf%d%s = dice %% 2 ? GEN_RED : GEN_BLUE;\n",
                what, index, element);
    } else {
        static const char *const casts[] = {
            [F_BOOL] = "bool",    [F_U8] = "uint8_t",
            [F_U16] = "uint16_t", [F_U32] = "uint32_t",
            [F_U64] = "uint64_t", [F_I8] = "int8_t",
            [F_I16] = "int16_t",  [F_I32] = "int32_t",
            [F_I64] = "int64_t",  [F_F32] = "float",
            [F_F64] = "double",   [F_TYPEDEF] = "gen_port",
        };

        fprintf(out, "        %sf%d%s = (%s)(dice %% 100);\n", what, index,
                element, casts[field->kind]);
    }
}

static void fill_message(const struct program *p, int message, int actor,
                         const char *what, FILE *out)
{
    for (int i = 0; i < p->messages[message].nfields; i++)
        fill(&p->messages[message].fields[i], i, actor, what, out);
}

static void free_owned(const struct message *message, FILE *out)
{
    for (int i = 0; i < message->nfields; i++) {
        const struct field *field = &message->fields[i];
        const char *kind = field->kind == F_TEXT ? "text" : "bytes";

        if (field->kind != F_TEXT && field->kind != F_BYTES)
            continue;
        for (int k = 0; k < field->count; k++)
            fprintf(out, "            bst_%s_free(reply.f%d[%d]);\n", kind, i,
                    k);
        if (!field->count)
            fprintf(out, "            bst_%s_free(reply.f%d);\n", kind, i);
    }
}

static void print_ask(const struct program *p, const struct use *use, FILE *out)
{
    int answer = p->messages[use->message].answer;
    const char *prefix = gen_message_prefix(p);

    if (p->messages[answer].nfields)
        fprintf(out, "        struct %sm%d reply;\n\n", prefix, answer);
    fprintf(out, "        if (%sa%d_ask_m%d(self->to.g%d%s%s) == BST_OK) {\n",
            p->prefix, use->actor, use->message, use->group,
            p->messages[use->message].nfields ? ", &out" : "",
            p->messages[answer].nfields ? ", &reply" : "");
    if (p->messages[answer].nfields)
        free_owned(&p->messages[answer], out);
    fputs("            sum++;\n        }\n", out);
}

static void print_spawn(const struct program *p, const struct use *use,
                        FILE *out)
{
    if (p->actors[use->actor].nargs)
        fprintf(out,
                "        struct %sa%d_args args = {0};\n\n"
                "        args.x0 = (uint32_t)(dice %% 10);\n"
                "        sum += (unsigned)%sg%d_spawn(self, &args, NULL);\n",
                p->prefix, use->actor, p->prefix, use->group);
    else
        fprintf(out, "        sum += (unsigned)%sg%d_spawn(self, NULL);\n",
                p->prefix, use->group);
}

static void print_send(const struct program *p, const struct use *use,
                       int actor, FILE *out)
{
    const char *argument = p->messages[use->message].nfields ? ", &out" : "";

    switch (use->how) {
    case U_TELL:
    case U_CAST:
        fprintf(out, "        sum += (unsigned)%sa%d_%s_m%d(self->to.g%d%s);\n",
                p->prefix, use->actor, use->how == U_CAST ? "cast" : "tell",
                use->message, use->group, argument);
        break;
    case U_SELF:
        fprintf(out,
                "        sum += (unsigned)%sa%d_tell_m%d(self->to.self%s);\n",
                p->prefix, use->actor, use->message, argument);
        break;
    case U_SENDER:
        fprintf(out, "        sum += (unsigned)%sa%d_reply_m%d(self%s);\n",
                p->prefix, actor, use->message, argument);
        break;
    case U_ACTOR:
        fprintf(out, "        sum += (unsigned)%sa%d_tell_m%d(m->f%d%s);\n",
                p->prefix, use->actor, use->message, use->field, argument);
        break;
    case U_ASK:
    case U_SPAWN:
        break;
    }
}

static void print_use(const struct program *p, int actor, const struct use *use,
                      FILE *out)
{
    fputs("    dice = bst_random(self);\n", out);
    fprintf(out, "    if (dice %% 3 == 0) {\n");
    if (use->how == U_SPAWN) {
        print_spawn(p, use, out);
    } else {
        if (p->messages[use->message].nfields) {
            fprintf(out, "        struct %sm%d out;\n\n", gen_message_prefix(p),
                    use->message);
            fputs("        memset(&out, 0, sizeof out);\n", out);
            fill_message(p, use->message, actor, "out.", out);
        }
        if (use->how == U_ASK)
            print_ask(p, use, out);
        else
            print_send(p, use, actor, out);
    }
    fputs("    }\n", out);
}

static void print_take(const struct program *p, const struct handler *handler,
                       FILE *out)
{
    const struct message *message = &p->messages[handler->message];

    for (int i = 0; i < message->nfields; i++) {
        if (message->fields[i].kind == F_TEXT && !message->fields[i].count)
            fprintf(out,
                    "    if (dice %% 5 == 0)\n"
                    "        bst_text_free(%sm%d_take_f%d(self, m));\n",
                    gen_message_prefix(p), handler->message, i);
    }
}

void gen_print_body(const struct program *p, int actor,
                    const struct handler *handler, FILE *out)
{
    const struct actor *self = &p->actors[actor];
    int answer = answer_of(p, handler);

    fputs("    uint64_t dice = bst_random(self);\n    unsigned sum = 0;\n\n",
          out);
    if (has_body(p, handler))
        fputs("    (void)m;\n", out);
    if (answer != NONE) {
        fputs("    {\n", out);
        fill_message(p, answer, actor, "answer->", out);
        fputs("    }\n", out);
    }
    for (int i = 0; i < self->nstate; i++)
        fill(&self->state[i], i, actor, "self->", out);
    if (handler->event == E_MESSAGE)
        print_take(p, handler, out);
    for (int i = 0; i < handler->nuses; i++)
        print_use(p, actor, &handler->uses[i], out);
    fputs("    dice = bst_random(self);\n"
          "    if (dice % 50 == 2)\n        bst_sleep(self, BST_US(700));\n",
          out);
    /* A first start that fails would end the program before it begins. */
    if (handler->event != E_START)
        fputs("    if (dice % 50 == 0)\n        return BST_FAIL;\n"
              "    if (dice % 50 == 1)\n"
              "        bst_panic(self, \"dice %u\", sum);\n"
              "    if (dice % 200 == 3)\n        return BST_STOP;\n",
              out);
    else
        fputs("    (void)sum;\n", out);
    fputs("    return BST_OK;\n", out);
}

static void print_function(const struct program *p, int actor, int index,
                           FILE *out)
{
    const struct handler *handler = &p->actors[actor].handlers[index];
    int answer = answer_of(p, handler);

    fprintf(out, "\nbst_status h%d_%d(struct %sa%d *self", actor, index,
            p->prefix, actor);
    if (handler->event == E_ANY)
        fputs(", const struct bst_msg *m", out);
    else if (has_body(p, handler))
        fprintf(out, ", const struct %sm%d *m", gen_message_prefix(p),
                handler->message);
    if (answer != NONE)
        fprintf(out, ", struct %sm%d *answer", gen_message_prefix(p), answer);
    fputs(")\n{\n", out);
    gen_print_body(p, actor, handler, out);
    fputs("}\n", out);
}

void gen_print_header(const struct program *p, FILE *out)
{
    (void)p;
    fputs("/* What the fields of messages are made of. */\n"
          "#ifndef GEN_TYPES_H\n#define GEN_TYPES_H\n"
          "#include <stdint.h>\n#include <string.h>\n\n"
          "enum gen_color { GEN_RED, GEN_BLUE };\n"
          "struct gen_point { int32_t x, y; };\n"
          "typedef uint16_t gen_port;\n#endif\n",
          out);
}

void gen_print_c(const struct program *p, FILE *out)
{
    fprintf(out, "#include \"%s.bst.h\"\n", p->name);
    for (int i = 0; i < p->nactors; i++) {
        for (int k = 0; k < p->actors[i].nhandlers; k++) {
            if (!p->actors[i].handlers[k].is_inline)
                print_function(p, i, k, out);
        }
    }
    fputs("\nbst_status gen_told(const struct bst_event *event);\n"
          "bst_status gen_told(const struct bst_event *event)\n{\n"
          "    return event->incarnation % 16 == 15 ? BST_FAIL : BST_OK;\n}\n"
          "\nenum bst_decision gen_decide(const struct bst_failure *failure);\n"
          "enum bst_decision gen_decide(const struct bst_failure *failure)\n{\n"
          "    static const enum bst_decision all[] = {\n"
          "        BST_DECIDE_DEFAULT, BST_DECIDE_RESTART,\n"
          "        BST_DECIDE_RESTART_GROUP, BST_DECIDE_DEFAULT,\n    };\n\n"
          "    return all[failure->restarts % 4];\n}\n",
          out);
}
