/*
 * `bastionc new NAME`: a project that builds and runs at once.
 *
 * Templates are lines of text in which @ stands for the name. All files are
 * written into a new folder; an existing one is never touched.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag_report.h"
#include "driver.h"
#include "names.h"
#include "output.h"

static const char makefile[] =
    "# Builds @. BASTION=PATH uses a source tree of Bastion that has been\n"
    "# built; without it pkg-config finds an installed one.\n"
    "\n"
    "CC ?= cc\n"
    "CFLAGS ?= -O2 -g\n"
    "ifdef BASTION\n"
    "BASTION_BUILD ?= $(BASTION)/build\n"
    "BASTIONC ?= $(BASTION_BUILD)/bastionc\n"
    "BASTION_CFLAGS := -I$(BASTION)/runtime/include -pthread\n"
    "BASTION_FILES := $(BASTION_BUILD)/libbastion.a\n"
    "BASTION_LIBS := $(BASTION_FILES) -lhwloc -pthread\n"
    "else\n"
    "PKG_CONFIG ?= pkg-config\n"
    "ifneq ($(shell $(PKG_CONFIG) --exists bastion 2>/dev/null && \\\n"
    "  echo yes),yes)\n"
    "$(if $(filter clean,$(MAKECMDGOALS)),,$(error Bastion is not found: \\\n"
    "install it, or name a source tree that is built: make BASTION=PATH))\n"
    "endif\n"
    "BASTIONC ?= $(shell $(PKG_CONFIG) --variable=bindir bastion)/bastionc\n"
    "BASTION_CFLAGS := $(shell $(PKG_CONFIG) --cflags bastion)\n"
    "BASTION_LIBS := $(shell $(PKG_CONFIG) --libs bastion)\n"
    "endif\n"
    "\n"
    "# A wrong send must not compile, so these warnings are errors.\n"
    "WARNINGS := -std=c11 -Wall -Wextra -fstack-clash-protection \\\n"
    "  -Werror=implicit-function-declaration \\\n"
    "  -Werror=incompatible-pointer-types\n"
    "ALL_CFLAGS = $(WARNINGS) -I. -Ibuild $(BASTION_CFLAGS) $(CFLAGS)\n"
    "\n"
    "OBJECTS := build/@.bst.o build/@.o\n"
    "\n"
    "@: $(OBJECTS) $(BASTION_FILES)\n"
    "\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(BASTION_LIBS) \\\n"
    "\t  $(LDLIBS)\n"
    "\n"
    "build/%.bst.c build/%.bst.h: %.bst | build\n"
    "\t$(BASTIONC) -MD -MP -o build $<\n"
    "build/%.o: build/%.c\n"
    "\t$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<\n"
    "build/%.o: %.c | build/@.bst.h\n"
    "\t$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<\n"
    "build:\n"
    "\tmkdir -p $@\n"
    "\n"
    "run: @\n"
    "\t./@\n"
    "\n"
    "# Prints the handlers that @.c does not define yet.\n"
    "stubs:\n"
    "\t@$(BASTIONC) stubs @.bst @.c\n"
    "\n"
    "test: @\n"
    "\t./@ | grep -q 'Hello, world!'\n"
    "\n"
    "clean:\n"
    "\trm -rf build @\n"
    "\n"
    ".PHONY: run stubs test clean\n"
    ".PRECIOUS: build/%.bst.c build/%.bst.h\n"
    "-include $(wildcard build/*.d)\n";

static const char topology[] =
    "// @.bst - who there is, who may send what to whom, who restarts whom.\n"
    "\n"
    "/// Asks for one greeting.\n"
    "message greet { u32 times; }\n"
    "\n"
    "/// Greets, and stops the program after that.\n"
    "actor greeter {\n"
    "    state { keep u64 greeted; }         // `keep` survives a restart\n"
    "    on greet => greeter_greet;\n"
    "}\n"
    "\n"
    "actor visitor {\n"
    "    on start sends greeters.greet => visitor_start;\n"
    "}\n"
    "\n"
    "supervisor root {\n"
    "    restart 5 in 10s;\n"
    "    children greeter as greeters;\n"
    "    children visitor;\n"
    "}\n";

static const char handlers[] =
    "/* @.c - what the actors of @.bst do. */\n"
    "#include <stdio.h>\n"
    "\n"
    "#include \"@.bst.h\"\n"
    "\n"
    "bst_status greeter_greet(struct greeter *self, const struct greet *m)\n"
    "{\n"
    "    for (uint32_t i = 0; i < m->times; i++)\n"
    "        printf(\"Hello, world!\\n\");\n"
    "    self->greeted++;\n"
    "    bst_stop_system(self);\n"
    "    return BST_OK;\n"
    "}\n"
    "\n"
    "bst_status visitor_start(struct visitor *self)\n"
    "{\n"
    "    return greeter_tell_greet(self->to.greeters,\n"
    "                              &(struct greet){.times = 1});\n"
    "}\n"
    "\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    return bst_main(&@_app, argc, argv);\n"
    "}\n";

static const char readme[] =
    "# @\n"
    "\n"
    "A program built on Bastion: actors in C under a supervisor.\n"
    "\n"
    "    make && ./@                     # with an installed Bastion\n"
    "    make BASTION=PATH && ./@        # with a source tree of it\n"
    "\n"
    "`@.bst` declares the actors and who may send what to whom; `@.c` holds\n"
    "what they do. After a change of `@.bst`, `make stubs` prints the\n"
    "handlers that are still to be written. `./@ --help` lists the flags\n"
    "that every such program has.\n";

static const char ignore[] = "/build/\n/@\n";

/* An @ beside a '$' belongs to make: "$@", and "@$(...)" for a command that
 * is not shown. */
static void fill(struct bstc_out *out, const char *template, const char *name)
{
    for (const char *at = template; *at; at++) {
        bool own =
            *at == '@' && (at == template || at[-1] != '$') && at[1] != '$';

        if (own)
            bstc_out_text(out, name);
        else
            bstc_out_bytes(out, at, 1);
    }
}

static int usage(const struct bstc_options *options, const char *why)
{
    struct bstc_diag_style style = bstc_style_of(options);

    bstc_report_failure(&style, "E0910", NULL, "`%s` %s",
                        options->inputs.items[0], why);
    return BSTC_EXIT_USAGE;
}

static int failure(const struct bstc_options *options, const char *why)
{
    struct bstc_diag_style style = bstc_style_of(options);

    bstc_report_failure(&style, "E0911", NULL, "%s", why);
    return BSTC_EXIT_MISTAKES;
}

static void add(struct bstc_outputs *outputs, const char *name,
                const char *file, const char *template)
{
    const char *path = bstc_arena_format(outputs->arena, "%s/%s", name, file);

    fill(bstc_outputs_add(outputs, path), template, name);
}

static int write_project(const struct bstc_options *options,
                         struct bstc_arena *arena, const char *name)
{
    struct bstc_outputs outputs;
    const char *why;

    bstc_outputs_init(&outputs, arena);
    add(&outputs, name, "Makefile", makefile);
    add(&outputs, name, bstc_arena_format(arena, "%s.bst", name), topology);
    add(&outputs, name, bstc_arena_format(arena, "%s.c", name), handlers);
    add(&outputs, name, "README.md", readme);
    add(&outputs, name, ".gitignore", ignore);
    why = bstc_outputs_write(&outputs);
    if (why) {
        rmdir(name);
        return failure(options, why);
    }
    printf("made %s: cd %s && make && ./%s\n", name, name, name);
    return BSTC_EXIT_OK;
}

int bstc_new(const struct bstc_options *options)
{
    const char *name = options->inputs.items[0];
    struct bstc_arena arena;
    int status;

    if (!bstc_name_is_identifier(name))
        return usage(options,
                     "is no name of a project: use letters, digits and `_`");
    if (bstc_name_member(name) != BSTC_NAME_FREE || strlen(name) > 50)
        return usage(options, "cannot be part of the names in a C program");
    if (strcmp(name, "build") == 0 || strcmp(name, "run") == 0 ||
        strcmp(name, "stubs") == 0 || strcmp(name, "test") == 0 ||
        strcmp(name, "clean") == 0)
        return usage(options, "is the name of a target in the Makefile");
    if (strcmp(name, "Makefile") == 0 || strcmp(name, "README") == 0)
        return usage(options, "is the name of a file of every project");
    bstc_arena_init(&arena);
    if (mkdir(name, 0777) < 0)
        status =
            failure(options,
                    bstc_arena_format(&arena, "cannot make the folder `%s`: %s",
                                      name, strerror(errno)));
    else
        status = write_project(options, &arena, name);
    bstc_arena_fini(&arena);
    return status;
}
