/*
 * The handlers of primes.bst.
 *
 * Four clients put 120 questions to eight finders, each of which crashes one
 * time in six. The supervisor restarts them, and who asked a crashed finder
 * is told so. At the end the desk has an outcome for every question.
 */

#include "primes.bst.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CLIENTS = 4,
    QUESTIONS = 30, /* of each client, unless an argument says how many */
    CRASH_ONE_IN = 6,
    MAX_DIGITS = 18
};

/* ---- finding primes ------------------------------------------------------ */

/* Not in C11, but known to gcc and clang wherever a word has 64 bits. */
__extension__ typedef unsigned __int128 wide;

/* Returns a * b mod m without overflow. */
static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((wide)a * b % m);
}

static uint64_t pow_mod(uint64_t base, uint64_t exponent, uint64_t m)
{
    uint64_t power = 1;

    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            power = mul_mod(power, base, m);
        base = mul_mod(base, base, m);
    }
    return power;
}

/*
 * Returns whether the odd n > 3 fails to be exposed as composite by the base
 * `a`: one round of the test of Miller and Rabin.
 */
static bool survives(uint64_t n, uint64_t a)
{
    uint64_t odd = n - 1;
    int twos = 0;
    uint64_t x;

    while (odd % 2 == 0) {
        odd /= 2;
        twos++;
    }
    x = pow_mod(a, odd, n);
    if (x == 1 || x == n - 1)
        return true;
    while (--twos > 0) {
        x = mul_mod(x, x, n);
        if (x == n - 1)
            return true;
    }
    return false;
}

/* Sorts out four of five odd numbers cheaply. */
static bool has_small_factor(uint64_t n)
{
    static const uint8_t primes[] = {3,  5,  7,  11, 13, 17, 19, 23,
                                     29, 31, 37, 41, 43, 47, 53, 59};

    for (size_t i = 0; i < sizeof primes && n > primes[i]; i++) {
        if (n % primes[i] == 0)
            return true;
    }
    return false;
}

/* Returns whether the odd n > 3 is prime, wrongly so once in 4^rounds. */
static bool is_prime(struct finder *self, uint64_t n)
{
    if (has_small_factor(n))
        return false;
    for (uint32_t i = 0; i < self->rounds; i++) {
        if (!survives(n, 2 + bst_random(self) % (n - 3)))
            return false;
    }
    return true;
}

bst_status finder_find(struct finder *self, const struct digits *m,
                       struct prime *answer)
{
    uint64_t low = 1;
    uint64_t dice = bst_random(self) % CRASH_ONE_IN;
    uint64_t candidate;
    uint32_t tested = 0;

    if (m->n < 2 || m->n > MAX_DIGITS)
        return BST_INVALID;
    if (dice == 0 && m->n % 2 == 0)
        return BST_FAIL;
    if (dice == 0)
        bst_panic(self, "no luck with %u digits", (unsigned)m->n);

    for (uint8_t i = 1; i < m->n; i++)
        low *= 10;
    do {
        candidate = (low + bst_random(self) % (9 * low)) | 1;
        tested++;
    } while (!is_prime(self, candidate));

    answer->value = candidate;
    answer->tested = tested;
    answer->finder = bst_index(self);
    return BST_OK;
}

/* ---- asking -------------------------------------------------------------- */

static uint32_t questions_of(void *self)
{
    int argc;
    char **argv;

    bst_args(self, &argc, &argv);
    return argc > 0 ? (uint32_t)strtoul(argv[0], NULL, 10) : QUESTIONS;
}

bst_status client_ask(struct client *self)
{
    const uint32_t questions = questions_of(self);
    struct digits question = {
        .n = (uint8_t)(2 + bst_random(self) % (MAX_DIGITS - 1))};
    struct outcome outcome;
    struct prime prime;
    bst_status status;

    if (self->asked == questions)
        return BST_OK;
    if (self->asked == questions / 2)
        finder_cast_retune(self->to.workers, &(struct retune){.rounds = 12});

    status = finder_ask_digits(self->to.workers, &question, &prime);
    outcome.answered = status == BST_OK;
    if (outcome.answered)
        printf("%2u digits: %" PRIu64 " (finder %u, %u tested)\n",
               (unsigned)question.n, prime.value, (unsigned)prime.finder,
               (unsigned)prime.tested);
    else
        printf("%2u digits: no answer, %s\n", (unsigned)question.n,
               bst_status_text(status));

    self->asked++;
    status = desk_tell_outcome(self->to.desk, &outcome);
    if (status == BST_OK && self->asked == questions)
        status =
            desk_tell_done(self->to.desk, &(struct done){.asked = self->asked});
    return status;
}

/* ---- the accounts -------------------------------------------------------- */

bst_status desk_close(struct desk *self)
{
    struct bst_stats stats;

    /* A finder that crashed last may still wait for its restart. */
    bst_system_stats(bst_system_of(self), &stats);
    if (self->clients < CLIENTS || stats.restarts < stats.failed)
        return BST_OK;

    printf("failures: %" PRIu64 ", restarts: %" PRIu64 "\n", stats.failed,
           stats.restarts);
    printf("%u questions: %u answered, %u refused, %d lost\n",
           (unsigned)self->asked, (unsigned)self->answered,
           (unsigned)self->refused,
           (int)self->asked - (int)self->answered - (int)self->refused);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bst_main(&primes_app, argc, argv);
}
