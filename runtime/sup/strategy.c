/*
 * The rules of OTP's supervisors, with Bastion's additions.
 */

#include "sup/strategy.h"

#include "base/attr.h"

bool bsti_strategy_is_failure(enum bsti_exit how)
{
    return how == BSTI_EXIT_FAILED || how == BSTI_EXIT_KILLED ||
           how == BSTI_EXIT_START_FAILED;
}

bool bsti_strategy_restarts(enum bst_lifetime lifetime, enum bsti_exit how)
{
    if (how == BSTI_EXIT_DECLINED)
        return false;
    switch (lifetime) {
    case BST_PERMANENT:
        return true;
    case BST_TRANSIENT:
        return bsti_strategy_is_failure(how);
    case BST_TEMPORARY:
        break;
    }
    return false;
}

bool bsti_strategy_is_group(enum bst_strategy strategy)
{
    return strategy != BST_ONE_FOR_ONE;
}

uint32_t bsti_strategy_first(enum bst_strategy strategy, uint32_t failed)
{
    return strategy == BST_ONE_FOR_ALL ? 0 : failed;
}

enum bst_strategy bsti_strategy_decided(enum bst_strategy strategy,
                                        enum bst_decision decision)
{
    if (decision == BST_DECIDE_RESTART)
        return BST_ONE_FOR_ONE;
    return decision == BST_DECIDE_RESTART_GROUP ? BST_ONE_FOR_ALL : strategy;
}

enum bsti_verdict bsti_strategy_decide(enum bst_decision decision,
                                       enum bst_lifetime lifetime,
                                       enum bsti_exit how)
{
    switch (decision) {
    case BST_DECIDE_DEFAULT:
        break;
    case BST_DECIDE_RESTART:
    case BST_DECIDE_RESTART_GROUP:
        return BSTI_VERDICT_RESTART;
    case BST_DECIDE_REMOVE:
        return BSTI_VERDICT_REMOVE;
    case BST_DECIDE_ESCALATE:
        return BSTI_VERDICT_ESCALATE;
    case BST_DECIDE_STOP_SYSTEM:
        return BSTI_VERDICT_STOP;
    }
    return bsti_strategy_restarts(lifetime, how) ? BSTI_VERDICT_RESTART
                                                 : BSTI_VERDICT_REMOVE;
}

static enum bsti_verdict exceeded(const struct bst_restart *restart)
{
    return restart->then == BST_REMOVE ? BSTI_VERDICT_REMOVE
                                       : BSTI_VERDICT_ESCALATE;
}

enum bsti_verdict bsti_strategy_judge(const struct bst_restart *restart,
                                      bool within_window, uint64_t restarts)
{
    switch (restart->mode) {
    case BST_RESTART_ALWAYS:
        return BSTI_VERDICT_RESTART;
    case BST_RESTART_NEVER:
        return exceeded(restart);
    case BST_RESTART_SHARED:
    case BST_RESTART_LIMITED:
        break;
    }
    if (restart->in == 0)
        return restarts < restart->tries ? BSTI_VERDICT_RESTART
                                         : exceeded(restart);
    return within_window ? BSTI_VERDICT_RESTART : exceeded(restart);
}

bst_time bsti_strategy_quiet_time(const struct bst_restart *restart,
                                  bst_time last_delay)
{
    bst_time window = restart->in > 0 ? restart->in : BST_S(10);

    if (last_delay > BST_INFINITE / 2)
        return BST_INFINITE;
    return BSTI_MAX(window, 2 * last_delay);
}
