/*
 * plat/quota: control groups of both versions, built in a temporary folder.
 */

#define _XOPEN_SOURCE 700

#include "plat/topo.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>

#include "unit/unit.h"

static char root[64];

/* Writes a file below the root, with the folders that lead to it. */
static void put(const char *path, const char *text)
{
    char full[512];
    FILE *file;

    assert_true(snprintf(full, sizeof(full), "%s%s", root, path) <
                (int)sizeof(full));
    for (char *slash = full + strlen(root) + 1;
         (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static int setup(void **state)
{
    (void)state;
    strcpy(root, "/tmp/bastion-quota-XXXXXX");
    return mkdtemp(root) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void quota_nothing_there_is_none(void **state)
{
    (void)state;
    assert_int_equal(bsti_topo_quota_at(root), 0);
    put("/proc/self/cgroup", "0::/\n");
    assert_int_equal(bsti_topo_quota_at(root), 0);
    put("/proc/self/cgroup", "nonsense\n\n::\n");
    assert_int_equal(bsti_topo_quota_at(root), 0);
}

static void quota_v2_is_rounded_up(void **state)
{
    static const struct {
        const char *text;
        uint32_t cpus;
    } cases[] = {
        {"100000 100000\n", 1},   {"100001 100000\n", 2},
        {"150000 100000\n", 2},   {"10000 100000\n", 1},
        {"1600000 100000\n", 16}, {"max 100000\n", 0},
        {"0 100000\n", 0},        {"100000\n", 0},
        {"100000 0\n", 0},        {"", 0},
        {"-1 100000\n", 0},
    };

    (void)state;
    put("/proc/self/cgroup", "0::/app\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put("/sys/fs/cgroup/app/cpu.max", cases[i].text);
        assert_int_equal(bsti_topo_quota_at(root), cases[i].cpus);
    }
}

static void quota_v2_smallest_on_the_way_up_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/sys/fs/cgroup/a/cpu.max", "300000 100000\n");
    put("/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 3);
    put("/sys/fs/cgroup/a/b/cpu.max", "200000 100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 2);
    put("/sys/fs/cgroup/cpu.max", "100000 100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 1);
    put("/sys/fs/cgroup/a/b/c/d/cpu.max", "10000 1000000\n");
    put("/sys/fs/cpu.max", "10000 1000000\n");
    assert_int_equal(bsti_topo_quota_at(root), 1);
}

static void quota_v2_root_group_is_read(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "500000 100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 5);
}

static void quota_v1_is_read(void **state)
{
    (void)state;
    put("/proc/self/cgroup",
        "12:cpuset:/x\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n");
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "250000\n");
    assert_int_equal(bsti_topo_quota_at(root), 0);
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 3);
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "-1\n");
    assert_int_equal(bsti_topo_quota_at(root), 0);
}

static void quota_v1_other_controllers_do_not_count(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "3:cpuset:/a\n4:cpuacct:/a\n5:xcpu,cpux:/a\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "250000\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 0);
    put("/proc/self/cgroup", "3:memory,cpu:/a\n");
    assert_int_equal(bsti_topo_quota_at(root), 3);
}

static void quota_both_versions_smaller_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "2:cpu:/a\n0::/b\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "400000\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/b/cpu.max", "200000 100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 2);
    put("/sys/fs/cgroup/b/cpu.max", "900000 100000\n");
    assert_int_equal(bsti_topo_quota_at(root), 4);
}

static void quota_of_this_machine_can_be_asked(void **state)
{
    (void)state;
    assert_true(bsti_topo_quota() < 100000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

UNIT_MAIN(TEST(quota_nothing_there_is_none), TEST(quota_v2_is_rounded_up),
          TEST(quota_v2_smallest_on_the_way_up_counts),
          TEST(quota_v2_root_group_is_read), TEST(quota_v1_is_read),
          TEST(quota_v1_other_controllers_do_not_count),
          TEST(quota_both_versions_smaller_counts),
          TEST(quota_of_this_machine_can_be_asked))
