#include "rate_limit.h"

bool rate_limit_take(struct rate_limit *limit, const struct rate_rule *rule, uint64_t now_ms,
                     uint64_t *held)
{
    *held = 0;
    if (limit->due_ms > now_ms + (rule->burst - 1) * rule->period_ms) {
        limit->held++;
        return false;
    }
    if (limit->due_ms < now_ms) limit->due_ms = now_ms;
    limit->due_ms += rule->period_ms;
    *held = limit->held;
    limit->held = 0;
    return true;
}

void rate_limit_not_said(struct rate_limit *limit, uint64_t held)
{
    limit->held += held + 1;
}
