/* How often something may be said: so many at once, then one per period, and a count of what was held back. */
#ifndef RATE_LIMIT_H
#define RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_rule {
    uint64_t burst;                     /* at once, at least 1 */
    uint64_t period_ms;                 /* until there may be one more */
};

/* All zeros before the first call. Callers see to it that one thread at a time is here. */
struct rate_limit {
    uint64_t due_ms;                    /* when all of the burst may be had again */
    uint64_t held;
};

/* Whether it may be said at `now_ms`, of a clock that does not go back. True: `*held` were held back since it last was. */
bool rate_limit_take(struct rate_limit *limit, const struct rate_rule *rule, uint64_t now_ms, uint64_t *held);

/* What rate_limit_take allowed could not be said after all: it, and the `held` that it would have told of, count as held back. */
void rate_limit_not_said(struct rate_limit *limit, uint64_t held);

#endif
