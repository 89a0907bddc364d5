/*
 * A rate limit for messages: a burst at once, then one per period, and a count of those held back.
 */
#ifndef RATE_LIMIT_H
#define RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_rule {
    uint64_t burst;                     /* messages allowed at once, at least 1 */
    uint64_t period_ms;                 /* time until one more is allowed */
};

/* All zeros before the first call. The caller ensures that one thread at a time uses it. */
struct rate_limit {
    uint64_t due_ms;                    /* when the whole burst is available again */
    uint64_t held;
};

/*
 * Ask for permission for a message at `now_ms`, of a monotonic clock. True: it is allowed, and
 * `*held` were held back since the last one.
 */
bool rate_limit_take(struct rate_limit *limit, const struct rate_rule *rule, uint64_t now_ms,
                     uint64_t *held);

/*
 * A message that rate_limit_take allowed could not be sent: it and the `held` before it count as
 * held back again.
 */
void rate_limit_not_said(struct rate_limit *limit, uint64_t held);

#endif
