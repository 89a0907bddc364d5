/*
 * A count, by requester, of events that an enrollee can cause at will.
 *
 * The first FLOOD_EVENTS of one requester within an hour are recorded in full. The hour begins
 * with the first event. FLOOD_REQUESTERS requesters are counted separately; all further ones, and
 * unknown ones, share one count. Any thread.
 */
#ifndef FLOOD_H
#define FLOOD_H

#include <windows.h>
#include <stdbool.h>
#include <stdint.h>

#define FLOOD_EVENTS     100
#define FLOOD_REQUESTERS 256
#define FLOOD_NAME_MAX   128            /* bytes of a name, in UTF-8, that are compared */

struct flood_count {
    uint64_t began;                     /* in ticks */
    uint32_t events;
    char name[FLOOD_NAME_MAX + 1];
};

/* {.lock = SRWLOCK_INIT} has counted nothing. */
struct flood {
    SRWLOCK lock;
    unsigned count;
    struct flood_count requesters[FLOOD_REQUESTERS], others;
};

/*
 * Count an event of `requester` at `now_ms`, in ticks; "" is unknown. Returns true if it is beyond
 * the first FLOOD_EVENTS of its hour.
 */
bool flood_count(struct flood *flood, const char *requester, uint64_t now_ms);

#endif
