/*
 * CPU quotas of Linux control groups.
 *
 * A process is in one group of version 2, and in one group for each controller
 * of version 1; the smallest quota on the way up to the root counts. All paths
 * are below a given root, so tests can build a machine of their own.
 */

#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "plat/topo.h"

#define PATH_SIZE 4096
#define TEXT_SIZE 8192

/* Reads a small file as a string; false if it is not there. */
static bool read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t n;

    if (fd < 0) {
        return false;
    }
    while (used < size - 1 &&
           (n = read(fd, text + used, size - 1 - used)) > 0) {
        used += (size_t)n;
    }
    text[used] = '\0';
    (void)close(fd);
    return true;
}

/* The CPUs that `quota` of every `period` amounts to, rounded up; 0: none. */
static uint32_t cpus_of(long long quota, long long period)
{
    if (quota <= 0 || period <= 0) {
        return 0;
    }
    return (uint32_t)BSTI_MIN((quota - 1) / period + 1, 1 << 20);
}

/* The quota of one group of version 2: "max 100000" or "150000 100000". */
static uint32_t quota_v2(const char *group)
{
    char path[PATH_SIZE];
    char text[64];
    char *end;
    long long quota;

    if (snprintf(path, sizeof(path), "%s/cpu.max", group) >= PATH_SIZE ||
        !read_file(path, text, sizeof(text))) {
        return 0;
    }
    quota = strtoll(text, &end, 10); /* "max" gives 0 */
    return cpus_of(quota, strtoll(end, NULL, 10));
}

/* The quota of one group of version 1; -1 means none. */
static uint32_t quota_v1(const char *group)
{
    char path[PATH_SIZE];
    char text[64];
    long long quota;

    if (snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", group) >=
            PATH_SIZE ||
        !read_file(path, text, sizeof(text))) {
        return 0;
    }
    quota = strtoll(text, NULL, 10);
    if (snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", group) >=
            PATH_SIZE ||
        !read_file(path, text, sizeof(text))) {
        return 0;
    }
    return cpus_of(quota, strtoll(text, NULL, 10));
}

/* The smallest quota from `mount` + `group` up to `mount` itself. */
static uint32_t quota_upwards(const char *mount, const char *group,
                              uint32_t (*quota)(const char *group))
{
    size_t top = strlen(mount);
    uint32_t least = 0;
    char path[PATH_SIZE];

    if (snprintf(path, sizeof(path), "%s%s", mount, group) >= PATH_SIZE) {
        return 0;
    }
    for (;;) {
        uint32_t cpus = quota(path);
        char *slash;

        if (cpus != 0 && (least == 0 || cpus < least)) {
            least = cpus;
        }
        slash = strrchr(path, '/');
        if (slash == NULL || (size_t)(slash - path) < top) {
            return least;
        }
        *slash = '\0';
    }
}

/* Returns whether "cpu" is among the comma separated controllers. */
static bool has_cpu(const char *controllers, size_t length)
{
    const char *end = controllers + length;

    while (controllers < end) {
        size_t n = strcspn(controllers, ",:");

        if (n == 3 && memcmp(controllers, "cpu", 3) == 0) {
            return true;
        }
        controllers += n + 1;
    }
    return false;
}

/* The quota that one line "ID:CONTROLLERS:PATH" leads to. */
static uint32_t quota_of_line(const char *root, const char *line)
{
    const char *controllers = strchr(line, ':');
    const char *group =
        controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    char mount[PATH_SIZE];
    bool v2;

    if (group == NULL) {
        return 0;
    }
    controllers++;
    v2 = group == controllers;
    if (!v2 && !has_cpu(controllers, (size_t)(group - controllers))) {
        return 0;
    }
    /* The root group's path is "/" itself. */
    group = strcmp(group + 1, "/") == 0 ? "" : group + 1;
    if (snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup%s", root,
                 v2 ? "" : "/cpu") >= PATH_SIZE) {
        return 0;
    }
    return quota_upwards(mount, group, v2 ? quota_v2 : quota_v1);
}

uint32_t bsti_topo_quota_at(const char *root)
{
    uint32_t least = 0;
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    char *line;
    char *rest = NULL;

    if (snprintf(path, sizeof(path), "%s/proc/self/cgroup", root) >=
            PATH_SIZE ||
        !read_file(path, text, sizeof(text))) {
        return 0;
    }
    for (line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        uint32_t cpus = quota_of_line(root, line);

        if (cpus != 0 && (least == 0 || cpus < least)) {
            least = cpus;
        }
    }
    return least;
}

uint32_t bsti_topo_quota(void)
{
    return bsti_topo_quota_at("");
}
