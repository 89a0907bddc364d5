/* Who asks for how much: the counts of requesters, hour by hour. */
#include "lib/test.h"

#include "recorder/flood.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600000u

static struct flood *nobody(void)
{
    return calloc(1, sizeof(struct flood));             /* SRWLOCK_INIT is zeros */
}

/* How many of `events` at `now` are within the first of their hour. */
static int within(struct flood *flood, const char *requester, uint64_t now, int events)
{
    int count = 0;

    while (events--) count += !flood_count(flood, requester, now);
    return count;
}

TEST(the_first_100_of_an_hour_are_within_and_the_rest_beyond)
{
    struct flood *flood = nobody();

    check_int(within(flood, "CORP\\mallory", 5, 100), 100);
    check(flood_count(flood, "CORP\\mallory", 6));
    check_int(within(flood, "CORP\\mallory", HOUR + 4, 50), 0);
    free(flood);
}

TEST(an_hour_begins_with_its_first_event_and_not_with_one_that_was_beyond)
{
    struct flood *flood = nobody();

    check_int(within(flood, "a", 1000, 60), 60);
    check_int(within(flood, "a", 1000 + HOUR / 2, 60), 40);
    check_int(within(flood, "a", 1000 + HOUR - 1, 5), 0);
    check_int(within(flood, "a", 1000 + HOUR, 150), 100);
    check_int(within(flood, "a", 1000 + 2 * HOUR - 1, 5), 0);
    free(flood);
}

TEST(a_thread_that_looked_at_the_clock_before_the_hour_began_does_not_end_it)
{
    struct flood *flood = nobody();

    check_int(within(flood, "a", 1000, 100), 100);
    check(flood_count(flood, "a", 999));
    check(flood_count(flood, "a", 1001));
    check_int(within(flood, "b", 999, 1), 1);
    check(flood_count(flood, "a", 1001));               /* its place is still its own */
    free(flood);
}

TEST(requesters_are_told_apart)
{
    struct flood *flood = nobody();
    char name[32];

    for (int i = 0; i < FLOOD_REQUESTERS; i++) {
        snprintf(name, sizeof name, "CORP\\user%d", i);
        check_int(within(flood, name, 0, 101), 100);
    }
    check_int(within(flood, "CORP\\user1", 1, 1), 0);
    check_int(within(flood, "CORP\\user17", 1, 1), 0);
    check_int(within(flood, "corp\\user1", 1, 1), 1);   /* of those who have no place any more */
    free(flood);
}

TEST(beyond_256_and_without_a_name_they_count_as_one)
{
    struct flood *flood = nobody();
    char name[32];

    for (int i = 0; i < FLOOD_REQUESTERS; i++) {
        snprintf(name, sizeof name, "u%d", i);
        check_int(within(flood, name, 0, 1), 1);
    }
    check_int(within(flood, "late", 1, 40), 40);
    check_int(within(flood, "", 1, 40), 40);
    check_int(within(flood, "later", 1, 40), 20);
    check_int(within(flood, "u0", 1, 99), 99);
    free(flood);
}

TEST(a_place_whose_hour_is_over_is_taken_by_another_and_nobody_elses_is)
{
    struct flood *flood = nobody();
    char name[32];

    for (int i = 0; i < FLOOD_REQUESTERS; i++) {
        snprintf(name, sizeof name, "u%d", i);
        within(flood, name, i == 77 ? 1000 : 2000, 100);
    }
    check_int(within(flood, "new", HOUR + 1000, 100), 100);     /* u77's hour is over */
    check(flood_count(flood, "new", HOUR + 1001));
    check(flood_count(flood, "u76", HOUR + 1001));
    check(!flood_count(flood, "u77", HOUR + 1001));     /* with the rest */
    check_int(within(flood, "newer", HOUR + 1002, 100), 99);
    free(flood);
}

TEST(names_differ_by_their_first_128_bytes)
{
    struct flood *flood = nobody();
    char one[200], other[200];

    memset(one, 'n', sizeof one);
    memset(other, 'n', sizeof other);
    one[FLOOD_NAME_MAX - 1] = '1';
    one[150] = other[199] = one[199] = 0;
    check_int(within(flood, one, 0, 100), 100);
    check(!flood_count(flood, other, 0));
    one[FLOOD_NAME_MAX] = 'x';
    check(flood_count(flood, one, 0));
    free(flood);
}
