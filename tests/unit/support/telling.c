/*
 * Callbacks that tell.
 */

#include "unit/support/telling.h"

#include <string.h>

#include "base/attr.h"
#include "sync/atomic.h"

/* A fault that a sanitizer would find before the processor does. */
#define UNCHECKED                                                              \
    BSTI_NO_SANITIZE BSTI_NOINLINE __attribute__((no_sanitize("undefined")))

static volatile uintptr_t null_address;

UNCHECKED static void hit_null(void)
{
    *(volatile char *)null_address = 1;
}

/* Which callback fails, and how; tests run one after the other. */
static struct {
    const char *name;
    bst_status status; /* BST_OK: it faults */
    _Atomic uint32_t times;
} bad;

void telling_fails(const char *name, bst_status status, uint32_t times)
{
    bad.name = name;
    bad.status = status;
    /* release: pairs with the look at it, in a turn */
    bsti_store_release(&bad.times, times);
}

static bool is_bad(const char *name)
{
    uint32_t times = bsti_load_acquire(&bad.times);

    if (times == 0 || strcmp(bad.name, name) != 0)
        return false;
    bsti_store_relaxed(&bad.times, times - 1);
    return true;
}

bst_status telling_note(const struct bst_event *event, const char *name)
{
    static const char *const exits[] = {"none",     "normal", "shutdown",
                                        "failed",   "killed", "declined",
                                        "startfail"};

    /* Which block a spawn gets is none of our business. */
    rig_note(rig_of(event->system), "%s %s#%llu %s", name,
             strstr(event->path, "/kids/") ? "kid"
                                           : strrchr(event->path, '/') + 1,
             (unsigned long long)event->incarnation + 1, exits[event->exit]);
    if (!is_bad(name))
        return BST_OK;
    if (bad.status == BST_OK)
        hit_null();
    return bad.status;
}

#define TELLING(name)                                                          \
    static bst_status name(const struct bst_event *event)                      \
    {                                                                          \
        return telling_note(event, #name);                                     \
    }

TELLING(before_start)
TELLING(after_start)
TELLING(before_restart)
TELLING(after_restart)
TELLING(after_stop)

const struct bst_callbacks telling_all = {.before_start = before_start,
                                          .after_start = after_start,
                                          .before_restart = before_restart,
                                          .after_restart = after_restart,
                                          .after_stop = after_stop};
const struct bst_callbacks telling_few = {.before_start = before_start,
                                          .after_stop = after_stop};
