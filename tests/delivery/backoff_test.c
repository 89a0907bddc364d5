/* The time between attempts: longer and longer, never the same for all, and never shorter than the far end asked for. */
#include "lib/test.h"

#include "delivery/pace/backoff.h"

TEST(each_failure_doubles_the_time_up_to_five_minutes)
{
    struct backoff backoff = {.random = 1};
    uint32_t most = BACKOFF_LEAST_MS;

    for (int i = 0; i < 40; i++) {
        uint32_t wait = backoff_next(&backoff, 0);

        check(wait >= most / 2 && wait <= most);
        most = most > BACKOFF_MOST_MS / 2 ? BACKOFF_MOST_MS : 2 * most;
    }
    backoff_reset(&backoff);
    check(backoff_next(&backoff, 0) <= BACKOFF_LEAST_MS);
}

TEST(destinations_that_failed_together_do_not_return_together)
{
    unsigned same = 0;

    for (uint64_t seed = 1; seed < 100; seed++) {
        struct backoff one = {.random = seed, .failures = 9}, other = {.random = seed + 1000, .failures = 9};

        same += backoff_next(&one, 0) == backoff_next(&other, 0);
    }
    check(same < 5);
}

TEST(retry_after_is_honoured_up_to_an_hour)
{
    struct backoff backoff = {.random = 1};

    check_int(backoff_next(&backoff, 30000), 30000);
    check_int(backoff_next(&backoff, UINT32_MAX), BACKOFF_ASKED_MS);
}
