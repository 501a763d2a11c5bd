/*
 * The ration of reports: a ring of instants, and a list of counts.
 *
 * One that has counted something stays in the list until it is asked for as
 * the next one, so its place there needs no second look.
 */

#include "actor/ration.h"

#include "base/attr.h"

void bsti_ration_init(struct bsti_ration *ration)
{
    *ration = (struct bsti_ration){.shown = 0};
    bsti_spin_init(&ration->lock);
}

static bool has_room(struct bsti_ration *ration, bst_time now)
{
    if (ration->shown < BSTI_RATION) {
        ration->last[ration->shown++] = now;
        return true;
    }
    if (now - ration->last[ration->at] < BST_S(1))
        return false;
    ration->last[ration->at] = now;
    ration->at = (ration->at + 1) % BSTI_RATION;
    return true;
}

bool bsti_ration_take(struct bsti_ration *ration, struct bsti_hush *hush,
                      bst_time now)
{
    bool shown;

    bsti_spin_lock(&ration->lock);
    shown = has_room(ration, now);
    if (!shown) {
        hush->count++;
        if (!hush->is_listed) {
            hush->is_listed = true;
            hush->next = ration->hushed;
            ration->hushed = hush;
        }
    }
    bsti_spin_unlock(&ration->lock);
    return shown;
}

uint64_t bsti_ration_collect(struct bsti_ration *ration, struct bsti_hush *hush)
{
    uint64_t count;

    bsti_spin_lock(&ration->lock);
    count = hush->count;
    hush->count = 0;
    bsti_spin_unlock(&ration->lock);
    return count;
}

struct bsti_hush *bsti_ration_next(struct bsti_ration *ration, uint64_t *count)
{
    struct bsti_hush *hush;

    *count = 0;
    bsti_spin_lock(&ration->lock);
    do {
        hush = ration->hushed;
        if (!hush)
            break;
        ration->hushed = hush->next;
        hush->is_listed = false;
        *count = hush->count;
        hush->count = 0;
    } while (*count == 0);
    bsti_spin_unlock(&ration->lock);
    return hush;
}
