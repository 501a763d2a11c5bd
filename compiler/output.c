/*
 * Temporary files and renames.
 */

#define _GNU_SOURCE

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void bstc_outputs_init(struct bstc_outputs *outputs, struct bstc_arena *arena)
{
    memset(outputs, 0, sizeof *outputs);
    outputs->arena = arena;
}

struct bstc_out *bstc_outputs_add(struct bstc_outputs *outputs,
                                  const char *path)
{
    struct bstc_output *output;

    if (outputs->count == outputs->capacity) {
        uint32_t old = outputs->capacity;

        outputs->capacity = old ? old * 2 : 8;
        outputs->items = bstc_arena_grow(
            outputs->arena, outputs->items, old * sizeof *outputs->items,
            outputs->capacity * sizeof *outputs->items);
    }
    output = &outputs->items[outputs->count++];
    memset(output, 0, sizeof *output);
    output->path = path;
    bstc_out_init(&output->text, outputs->arena);
    return &output->text;
}

void bstc_outputs_add_replacement(struct bstc_outputs *outputs,
                                  const char *path, const struct bstc_out *text)
{
    *bstc_outputs_add(outputs, path) = *text;
    outputs->items[outputs->count - 1].keeps_mode = true;
}

static const char *failure(struct bstc_outputs *outputs, const char *path,
                           int error)
{
    return bstc_arena_format(outputs->arena, "cannot write `%s`: %s", path,
                             strerror(error));
}

static const char *temporary_name(struct bstc_outputs *outputs,
                                  const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;

    return bstc_arena_format(outputs->arena, "%.*s.%s.%ld.tmp", folder, path,
                             path + folder, (long)getpid());
}

static const char *write_temporary(struct bstc_outputs *outputs,
                                   struct bstc_output *output)
{
    const char *name = temporary_name(outputs, output->path);
    struct stat status;
    int error;
    int fd;
    bool exists = stat(output->path, &status) == 0;

    /* A rename onto a folder would fail when it is too late. */
    if (exists && S_ISDIR(status.st_mode))
        return failure(outputs, output->path, EISDIR);
    fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return failure(outputs, output->path, errno);
    output->temporary = name;
    error = bstc_out_write(&output->text, fd);
    if (!error && output->keeps_mode && exists &&
        fchmod(fd, status.st_mode & 07777) < 0)
        error = errno;
    if (close(fd) < 0 && !error)
        error = errno;
    return error ? failure(outputs, output->path, error) : NULL;
}

static void remove_temporaries(struct bstc_outputs *outputs)
{
    for (uint32_t i = 0; i < outputs->count; i++) {
        if (outputs->items[i].temporary)
            unlink(outputs->items[i].temporary);
        outputs->items[i].temporary = NULL;
    }
}

const char *bstc_outputs_write(struct bstc_outputs *outputs)
{
    const char *why = NULL;

    for (uint32_t i = 0; !why && i < outputs->count; i++)
        why = write_temporary(outputs, &outputs->items[i]);
    for (uint32_t i = 0; !why && i < outputs->count; i++) {
        struct bstc_output *output = &outputs->items[i];

        if (rename(output->temporary, output->path) < 0)
            why = failure(outputs, output->path, errno);
        else
            output->temporary = NULL;
    }
    remove_temporaries(outputs);
    return why;
}
