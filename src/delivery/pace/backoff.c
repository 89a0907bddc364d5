#include "backoff.h"

#include "base/os.h"

/* xorshift64: good enough to spread attempts, and needs no lock. */
static uint64_t backoff_random(struct backoff *backoff)
{
    uint64_t x = backoff->random;

    if (!x) x = ((uint64_t)os_now() ^ (uint64_t)(uintptr_t)backoff) | 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return backoff->random = x;
}

uint32_t backoff_next(struct backoff *backoff, uint32_t asked_ms)
{
    uint32_t most = BACKOFF_MOST_MS, wait;

    if (backoff->failures < 9 && (BACKOFF_LEAST_MS << backoff->failures) < BACKOFF_MOST_MS)
        most = BACKOFF_LEAST_MS << backoff->failures;
    if (backoff->failures < UINT32_MAX) backoff->failures++;
    wait = most / 2 + (uint32_t)(backoff_random(backoff) % (most / 2 + 1));
    if (asked_ms > BACKOFF_ASKED_MS) asked_ms = BACKOFF_ASKED_MS;
    return wait > asked_ms ? wait : asked_ms;
}

void backoff_reset(struct backoff *backoff)
{
    backoff->failures = 0;
}
