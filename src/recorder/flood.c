#include "flood.h"

#include <string.h>

#define HOUR_MS 3600000

/* Of two threads that have looked at the clock the later one may come first. */
static bool is_over(const struct flood_count *count, uint64_t now_ms)
{
    return now_ms > count->began && now_ms - count->began >= HOUR_MS;
}

/* Inside the lock. A place whose hour is over is anybody's. */
static struct flood_count *flood_place_of(struct flood *flood, const char *requester,
                                          uint64_t now_ms)
{
    struct flood_count *free = NULL;

    for (struct flood_count *count = flood->requesters;
         *requester && count < flood->requesters + flood->count; count++) {
        if (!strncmp(count->name, requester, FLOOD_NAME_MAX)) return count;
        if (is_over(count, now_ms)) free = count;
    }
    if (!*requester) return &flood->others;
    if (!free && flood->count < FLOOD_REQUESTERS) free = &flood->requesters[flood->count++];
    if (!free) return &flood->others;
    memset(free, 0, sizeof *free);
    strncpy(free->name, requester, FLOOD_NAME_MAX);
    return free;
}

bool flood_count(struct flood *flood, const char *requester, uint64_t now_ms)
{
    struct flood_count *count;
    bool beyond;

    AcquireSRWLockExclusive(&flood->lock);
    count = flood_place_of(flood, requester, now_ms);
    if (!count->events || is_over(count, now_ms)) {
        count->began = now_ms;
        count->events = 0;
    }
    beyond = count->events >= FLOOD_EVENTS;
    if (!beyond) count->events++;
    ReleaseSRWLockExclusive(&flood->lock);
    return beyond;
}
