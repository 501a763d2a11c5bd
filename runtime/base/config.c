/*
 * The option table and the strict readers behind it.
 */

#define _GNU_SOURCE

#include "base/config.h"

#include <stdlib.h>
#include <string.h>

#include <bastion/system.h>

#include "base/assert.h"
#include "base/attr.h"
#include "base/duration.h"

static const struct bsti_config_option table[BSTI_CONFIG_COUNT] = {
#define ROW(id, env, flag, value, fallback, help)                              \
    {BSTI_CONFIG_##id, env, flag, value, fallback, help},
    BSTI_CONFIG_LIST(ROW)
#undef ROW
};

static const char *const level_names[] = {
    [BST_LOG_NONE] = "none", [BST_LOG_ERROR] = "error", [BST_LOG_WARN] = "warn",
    [BST_LOG_INFO] = "info", [BST_LOG_DEBUG] = "debug",
};

struct bsti_config bsti_config_default(void)
{
    struct bsti_config config = {
        .threads = 0,
        .pin = 1,
        .next_slot = 1,
        .steal_half = 1,
        .contention_skip = 1,
        .log_level = BST_LOG_WARN,
        .seed = 0,
        .seeded = false,
    };

    return config;
}

/* Reads decimal digits and nothing else; false if that is not what it is. */
static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(unsigned char)*text - '0';

        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    if (value > max) {
        return false;
    }
    *number = value;
    return true;
}

static const char *set_threads(struct bsti_config *config, const char *text)
{
    uint64_t number;

    if (!read_number(text, BSTI_CONFIG_THREADS_MAX, &number)) {
        return "expected a number from 0 to 1024";
    }
    config->threads = (uint32_t)number;
    return NULL;
}

static const char *set_bool(int *value, const char *text)
{
    uint64_t number;

    if (!read_number(text, 1, &number)) {
        return "expected 0 or 1";
    }
    *value = (int)number;
    return NULL;
}

static const char *set_pool(uint32_t *value, const char *text)
{
    uint64_t number;

    if (!read_number(text, 10000, &number) || number == 0) {
        return "expected a number from 1 to 10000";
    }
    *value = (uint32_t)number;
    return NULL;
}

/* Reads one word of the value of --log; false if it means nothing. */
static bool set_log_word(struct bsti_config *config, const char *word,
                         size_t length)
{
    static const char *const forms[] = {"text", "json"};

    for (size_t i = 0; i < BSTI_ARRAY_LEN(level_names); i++) {
        if (strlen(level_names[i]) == length &&
            memcmp(word, level_names[i], length) == 0) {
            config->log_level = (int)i;
            return true;
        }
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(forms); i++) {
        if (strlen(forms[i]) == length && memcmp(word, forms[i], length) == 0) {
            config->log_json = i == 1;
            return true;
        }
    }
    return false;
}

/* A level, a form, or both: what is not mentioned stays as it was. */
static const char *set_log(struct bsti_config *config, const char *text)
{
    struct bsti_config changed = *config;

    for (;;) {
        size_t length = strcspn(text, ",");

        if (!set_log_word(&changed, text, length)) {
            return "expected none, error, warn, info or debug; text or json; "
                   "or both with a comma";
        }
        if (text[length] == '\0') {
            *config = changed;
            return NULL;
        }
        text += length + 1;
    }
}

static const char *set_seed(struct bsti_config *config, const char *text)
{
    if (!read_number(text, UINT64_MAX, &config->seed)) {
        return "expected a number from 0 to 18446744073709551615";
    }
    config->seeded = true;
    return NULL;
}

/* Reads a part of a million: "0.01" or "1%", with up to six decimals. */
static bool read_rate(const char *text, size_t length, uint32_t *millionths)
{
    bool percent = length > 0 && text[length - 1] == '%';
    uint64_t scale = percent ? 10000 : 1000000; /* of the next digit */
    uint64_t whole = 0;
    uint64_t parts = 0;
    bool behind = false;

    length -= percent;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && !behind && i + 1 < length) {
            behind = true;
        } else if (text[i] < '0' || text[i] > '9' || whole > 100) {
            return false;
        } else if (behind) {
            scale /= 10;
            parts += (uint64_t)(text[i] - '0') * scale;
        } else {
            whole = whole * 10 + (uint64_t)(text[i] - '0');
        }
    }
    parts += whole * (percent ? 10000 : 1000000);
    *millionths = (uint32_t)parts;
    return length > 0 && parts <= 1000000;
}

/* Reads one of the words behind the seed. */
static bool set_sim_word(struct bsti_config *config, const char *word,
                         size_t length)
{
    if (length > 7 && memcmp(word, "faults=", 7) == 0) {
        return read_rate(word + 7, length - 7, &config->sim_faults);
    }
    return length > 5 && memcmp(word, "time=", 5) == 0 &&
           bsti_duration_parse(word + 5, length - 5, &config->sim_time);
}

static const char *set_sim(struct bsti_config *config, const char *text)
{
    static const char wrong[] =
        "expected SEED[,faults=RATE,time=DURATION], such as "
        "7,faults=1%,time=60s";
    struct bsti_config made = *config;
    size_t length = strcspn(text, ",");
    char seed[24];

    if (length >= sizeof(seed)) {
        return wrong;
    }
    memcpy(seed, text, length);
    seed[length] = '\0';
    if (!read_number(seed, UINT64_MAX, &made.seed)) {
        return wrong;
    }
    while (text[length] == ',') {
        text += length + 1;
        length = strcspn(text, ",");
        if (!set_sim_word(&made, text, length)) {
            return wrong;
        }
    }
    made.sim = true;
    made.seeded = true;
    *config = made;
    return NULL;
}

static const char *set_oom(struct bsti_config *config, const char *text)
{
    char digits[24];
    size_t length = strlen(text);
    bool on = length > 0 && text[length - 1] == '+';

    length -= on;
    if (length < sizeof(digits)) {
        memcpy(digits, text, length);
        digits[length] = '\0';
    }
    if (length >= sizeof(digits) ||
        !read_number(digits, UINT64_MAX, &config->oom_after) ||
        config->oom_after == 0) {
        return "expected a number from 1, with + behind it or not";
    }
    config->oom_on = on;
    return NULL;
}

static const char *set_sim_search(struct bsti_config *config, const char *text)
{
    if (!read_number(text, 1000000000, &config->sim_search) ||
        config->sim_search == 0) {
        return "expected a number from 1 to 1000000000";
    }
    return NULL;
}

const char *bsti_config_set(struct bsti_config *config, enum bsti_config_id id,
                            const char *text)
{
    switch (id) {
    case BSTI_CONFIG_THREADS:
        return set_threads(config, text);
    case BSTI_CONFIG_PIN:
        return set_bool(&config->pin, text);
    case BSTI_CONFIG_NEXT_SLOT:
        return set_bool(&config->next_slot, text);
    case BSTI_CONFIG_STEAL_HALF:
        return set_bool(&config->steal_half, text);
    case BSTI_CONFIG_CONTENTION_SKIP:
        return set_bool(&config->contention_skip, text);
    case BSTI_CONFIG_BLOCKING_MIN:
        return set_pool(&config->blocking_min, text);
    case BSTI_CONFIG_BLOCKING_THREADS:
    case BSTI_CONFIG_BLOCKING_MAX:
        return set_pool(&config->blocking_max, text);
    case BSTI_CONFIG_LOG:
        return set_log(config, text);
    case BSTI_CONFIG_FORT:
        return set_bool(&config->fort, text);
    case BSTI_CONFIG_SEED:
        return set_seed(config, text);
    case BSTI_CONFIG_SIM:
        return set_sim(config, text);
    case BSTI_CONFIG_SIM_SEARCH:
        return set_sim_search(config, text);
    case BSTI_CONFIG_OOM_AFTER:
        return set_oom(config, text);
    case BSTI_CONFIG_COUNT:
        break;
    }
    return "there is no such option";
}

const char *bsti_config_env(struct bsti_config *config, const char **bad_name)
{
    for (size_t i = 0; i < BSTI_CONFIG_COUNT; i++) {
        const char *text = secure_getenv(table[i].env);
        const char *error;

        if (text == NULL || *text == '\0') {
            continue;
        }
        error = bsti_config_set(config, table[i].id, text);
        if (error != NULL) {
            *bad_name = table[i].env;
            return error;
        }
    }
    return NULL;
}

const char *bsti_config_switch(const struct bsti_config_option *option)
{
    if (option->flag == NULL || strcmp(option->value, "0|1") != 0) {
        return NULL;
    }
    return option->fallback[0] == '0' ? "1" : "0";
}

const struct bsti_config_option *bsti_config_option(enum bsti_config_id id)
{
    bsti_assert((unsigned)id < BSTI_CONFIG_COUNT);
    return &table[id];
}

const struct bsti_config_option *bsti_config_find_flag(const char *flag,
                                                       size_t length)
{
    for (size_t i = 0; i < BSTI_CONFIG_COUNT; i++) {
        if (table[i].flag != NULL && strlen(table[i].flag) == length &&
            memcmp(table[i].flag, flag, length) == 0) {
            return &table[i];
        }
    }
    return NULL;
}
