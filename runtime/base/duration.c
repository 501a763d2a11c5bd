/*
 * Durations as text, without stdio so that every layer may use it.
 */

#include "base/duration.h"

#include <string.h>

#include "base/attr.h"

struct unit {
    const char *name;
    uint64_t ns;
};

static const struct unit units[] = {
    {"d", 86400000000000u},
    {"h", 3600000000000u},
    {"min", 60000000000u},
    {"s", 1000000000u},
    {"ms", 1000000u},
    {"us", 1000u},
    {"ns", 1u},
};

enum { WHOLE_UNITS = 3 /* the first ones, which are written without parts */ };

/* A buffer that counts what does not fit. */
struct out {
    char *buffer;
    size_t size;
    size_t length;
};

static void put(struct out *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (out->length + 1 < out->size) {
            out->buffer[out->length] = text[i];
        }
        out->length++;
    }
}

static void put_number(struct out *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(out, &digits[at], sizeof(digits) - at);
}

/* Writes the thousandths 0 .. 999 as ".5" or ".125", nothing for 0. */
static void put_decimals(struct out *out, uint64_t thousandths)
{
    char digits[4] = {
        '.',
        (char)('0' + thousandths / 100),
        (char)('0' + thousandths / 10 % 10),
        (char)('0' + thousandths % 10),
    };
    size_t length = 4;

    while (length > 1 && digits[length - 1] == '0') {
        length--;
    }
    put(out, digits, length > 1 ? length : 0);
}

static void put_span(struct out *out, uint64_t ns)
{
    const struct unit *unit = units;

    for (; unit < units + WHOLE_UNITS; unit++) {
        if (ns >= unit->ns && ns % unit->ns == 0) {
            put_number(out, ns / unit->ns);
            put(out, unit->name, strlen(unit->name));
            return;
        }
    }
    while (unit->ns > 1 && ns < unit->ns) {
        unit++;
    }
    put_number(out, ns / unit->ns);
    if (unit->ns > 1) {
        put_decimals(out, ns % unit->ns / (unit->ns / 1000));
    }
    put(out, unit->name, strlen(unit->name));
}

bool bsti_duration_parse(const char *text, size_t length, bst_time *ns)
{
    uint64_t number = 0;
    size_t at = 0;

    for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
        uint64_t digit = (uint64_t)(text[at] - '0');

        if (number > (INT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(units) && at > 0; i++) {
        if (strlen(units[i].name) != length - at ||
            memcmp(units[i].name, text + at, length - at) != 0) {
            continue;
        }
        if (number == 0 || number > INT64_MAX / units[i].ns) {
            return false;
        }
        *ns = (bst_time)(number * units[i].ns);
        return true;
    }
    return false;
}

size_t bsti_duration_format(char *buffer, size_t size, bst_time ns)
{
    struct out out = {buffer, size, 0};

    if (ns == BST_INFINITE) {
        put(&out, "infinite", 8);
    } else if (ns == 0) {
        put(&out, "0s", 2);
    } else {
        if (ns < 0) {
            put(&out, "-", 1);
        }
        put_span(&out, ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns);
    }
    if (size > 0) {
        buffer[out.length < size ? out.length : size - 1] = '\0';
    }
    return out.length;
}
