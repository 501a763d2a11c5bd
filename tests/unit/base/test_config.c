/*
 * base/config: the option table and its strict readers.
 */

#define _DEFAULT_SOURCE

#include "base/config.h"

#include <bastion/system.h>

#include "unit/unit.h"

static void clear_env(void)
{
    for (int i = 0; i < BSTI_CONFIG_COUNT; i++) {
        unsetenv(bsti_config_option((enum bsti_config_id)i)->env);
    }
}

static void default_is_what_the_table_says(void **state)
{
    struct bsti_config config = bsti_config_default();

    (void)state;
    assert_int_equal(config.threads, 0);
    assert_int_equal(config.pin, 1);
    assert_int_equal(config.next_slot, 1);
    assert_int_equal(config.steal_half, 1);
    assert_int_equal(config.contention_skip, 1);
    assert_int_equal(config.log_level, BST_LOG_WARN);
    assert_false(config.seeded);
}

static void set_good_value_is_taken(void **state)
{
    struct bsti_config config = bsti_config_default();

    (void)state;
    assert_null(bsti_config_set(&config, BSTI_CONFIG_THREADS, "1024"));
    assert_int_equal(config.threads, 1024);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_THREADS, "007"));
    assert_int_equal(config.threads, 7);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_PIN, "0"));
    assert_int_equal(config.pin, 0);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_NEXT_SLOT, "0"));
    assert_int_equal(config.next_slot, 0);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_STEAL_HALF, "0"));
    assert_int_equal(config.steal_half, 0);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_CONTENTION_SKIP, "0"));
    assert_int_equal(config.contention_skip, 0);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_LOG, "debug"));
    assert_int_equal(config.log_level, BST_LOG_DEBUG);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_LOG, "none"));
    assert_int_equal(config.log_level, BST_LOG_NONE);
    assert_false(config.log_json);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_LOG, "json"));
    assert_int_equal(config.log_level, BST_LOG_NONE);
    assert_true(config.log_json);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_LOG, "info,text"));
    assert_int_equal(config.log_level, BST_LOG_INFO);
    assert_false(config.log_json);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_LOG, "json,warn"));
    assert_int_equal(config.log_level, BST_LOG_WARN);
    assert_true(config.log_json);
    assert_null(
        bsti_config_set(&config, BSTI_CONFIG_SEED, "18446744073709551615"));
    assert_true(config.seed == UINT64_MAX);
    assert_true(config.seeded);
}

static void set_bad_value_leaves_config_alone(void **state)
{
    static const struct {
        enum bsti_config_id id;
        const char *text;
    } bad[] = {
        {BSTI_CONFIG_THREADS, ""},
        {BSTI_CONFIG_THREADS, "1025"},
        {BSTI_CONFIG_THREADS, "-1"},
        {BSTI_CONFIG_THREADS, "+1"},
        {BSTI_CONFIG_THREADS, " 1"},
        {BSTI_CONFIG_THREADS, "1 "},
        {BSTI_CONFIG_THREADS, "0x10"},
        {BSTI_CONFIG_THREADS, "1.5"},
        {BSTI_CONFIG_THREADS, "two"},
        {BSTI_CONFIG_THREADS, "4294967297"},
        {BSTI_CONFIG_PIN, "2"},
        {BSTI_CONFIG_PIN, "yes"},
        {BSTI_CONFIG_PIN, ""},
        {BSTI_CONFIG_LOG, "warning"},
        {BSTI_CONFIG_LOG, "WARN"},
        {BSTI_CONFIG_SEED, "random"},
        {BSTI_CONFIG_SEED, "-5"},
        {BSTI_CONFIG_SEED, ""},
        {BSTI_CONFIG_LOG, ""},
        {BSTI_CONFIG_LOG, "json,"},
        {BSTI_CONFIG_LOG, ",json"},
        {BSTI_CONFIG_LOG, "debug,xml"},
        {BSTI_CONFIG_LOG, "debug json"},
        {BSTI_CONFIG_COUNT, "1"},
        {BSTI_CONFIG_SEED, "18446744073709551616"},
        {BSTI_CONFIG_SEED, "99999999999999999999999"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bsti_config before = bsti_config_default();
        struct bsti_config config = before;

        assert_non_null(bsti_config_set(&config, bad[i].id, bad[i].text));
        assert_int_equal(config.threads, before.threads);
        assert_int_equal(config.pin, before.pin);
        assert_int_equal(config.log_level, before.log_level);
        assert_int_equal(config.log_json, before.log_json);
        assert_true(config.seed == before.seed);
        assert_int_equal(config.seeded, before.seeded);
    }
}

static void env_set_variables_are_taken(void **state)
{
    struct bsti_config config = bsti_config_default();
    const char *bad = NULL;

    (void)state;
    clear_env();
    setenv("BASTION_THREADS", "3", 1);
    setenv("BASTION_LOG", "", 1);
    setenv("BASTION_SEED", "42", 1);
    assert_null(bsti_config_env(&config, &bad));
    assert_null(bad);
    assert_int_equal(config.threads, 3);
    assert_int_equal(config.pin, 1);
    assert_int_equal(config.log_level, BST_LOG_WARN);
    assert_true(config.seeded && config.seed == 42);
    clear_env();
}

static void env_bad_variable_is_named(void **state)
{
    struct bsti_config config = bsti_config_default();
    const char *bad = NULL;

    (void)state;
    clear_env();
    setenv("BASTION_THREADS", "3", 1);
    setenv("BASTION_LOG", "loud", 1);
    assert_non_null(bsti_config_env(&config, &bad));
    assert_string_equal(bad, "BASTION_LOG");
    assert_int_equal(config.threads, 3);
    clear_env();
}

static void table_rows_are_complete(void **state)
{
    (void)state;
    for (int i = 0; i < BSTI_CONFIG_COUNT; i++) {
        const struct bsti_config_option *row =
            bsti_config_option((enum bsti_config_id)i);

        assert_int_equal(row->id, i);
        assert_int_equal(strncmp(row->env, "BASTION_", 8), 0);
        assert_true(strlen(row->help) > 0 && strlen(row->value) > 0);
        assert_true(strlen(row->fallback) > 0);
        if (row->flag != NULL) {
            assert_ptr_equal(
                bsti_config_find_flag(row->flag, strlen(row->flag)), row);
        }
    }
}

static void find_flag_needs_the_whole_flag(void **state)
{
    (void)state;
    assert_ptr_equal(bsti_config_find_flag("--threads=4", 9),
                     bsti_config_option(BSTI_CONFIG_THREADS));
    assert_null(bsti_config_find_flag("--thread", 8));
    assert_null(bsti_config_find_flag("--threads=4", 11));
    assert_null(bsti_config_find_flag("--pin", 5));
    assert_null(bsti_config_find_flag("", 0));
}

static void sim_is_a_seed_and_words(void **state)
{
    struct bsti_config config = bsti_config_default();

    (void)state;
    assert_false(config.sim);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_SIM, "7"));
    assert_true(config.sim && config.seeded);
    assert_true(config.seed == 7);
    assert_int_equal(config.sim_faults, 0);
    assert_true(config.sim_time == 0);
    assert_null(
        bsti_config_set(&config, BSTI_CONFIG_SIM, "8,faults=0.25%,time=90min"));
    assert_true(config.seed == 8);
    assert_int_equal(config.sim_faults, 2500);
    assert_true(config.sim_time == BST_S(5400));
    assert_null(bsti_config_set(&config, BSTI_CONFIG_SIM, "9,faults=0.000001"));
    assert_int_equal(config.sim_faults, 1);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_SIM, "9,faults=1"));
    assert_int_equal(config.sim_faults, 1000000);
    assert_null(bsti_config_set(&config, BSTI_CONFIG_SIM, "9,faults=100%"));
    assert_int_equal(config.sim_faults, 1000000);
}

static void sim_bad_value_changes_nothing(void **state)
{
    static const char *const bad[] = {
        "",         "x",           "-1",          "1,",
        "1,faults", "1,faults=",   "1,faults=%",  "1,faults=1.1",
        "1,f=1",    "1,faults=.",  "1,faults=2.", "1,faults=101%",
        "1,time=1", "1,time=0s",   "1,time=s",    "1,faults=1e3",
        "1;2",      "1,faults=--", "1 ,time=1s",  "99999999999999999999999"};
    struct bsti_config config = bsti_config_default();

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_non_null(bsti_config_set(&config, BSTI_CONFIG_SIM, bad[i]));
        assert_false(config.sim);
        assert_int_equal(config.sim_faults, 0);
        assert_true(config.sim_time == 0);
    }
    assert_non_null(bsti_config_set(&config, BSTI_CONFIG_SIM_SEARCH, "0"));
    assert_null(bsti_config_set(&config, BSTI_CONFIG_SIM_SEARCH, "20"));
    assert_true(config.sim_search == 20);
}

UNIT_MAIN(cmocka_unit_test(sim_is_a_seed_and_words),
          cmocka_unit_test(sim_bad_value_changes_nothing),
          cmocka_unit_test(default_is_what_the_table_says),
          cmocka_unit_test(set_good_value_is_taken),
          cmocka_unit_test(set_bad_value_leaves_config_alone),
          cmocka_unit_test(env_set_variables_are_taken),
          cmocka_unit_test(env_bad_variable_is_named),
          cmocka_unit_test(table_rows_are_complete),
          cmocka_unit_test(find_flag_needs_the_whole_flag))
