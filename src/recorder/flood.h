/*
 * Who asks for how much: events that an enrollee can cause at will, counted by requester.
 *
 * The first FLOOD_EVENTS of one requester within an hour are recorded in full. An hour begins with the first event. FLOOD_REQUESTERS are told
 * apart; further ones, and those whose name is not known, count as one. Any thread.
 */
#ifndef FLOOD_H
#define FLOOD_H

#include <windows.h>
#include <stdbool.h>
#include <stdint.h>

#define FLOOD_EVENTS     100
#define FLOOD_REQUESTERS 256
#define FLOOD_NAME_MAX   128            /* bytes of a name, in UTF-8, that tell requesters apart */

struct flood_count {
    uint64_t began;                     /* in ticks */
    uint32_t events;
    char name[FLOOD_NAME_MAX + 1];
};

/* {.lock = SRWLOCK_INIT} has seen nobody. */
struct flood {
    SRWLOCK lock;
    unsigned count;
    struct flood_count requesters[FLOOD_REQUESTERS], others;
};

/* Count an event of `requester` at `now_ms`, in ticks; "" is not known. True: it is beyond the first FLOOD_EVENTS of its hour. */
bool flood_count(struct flood *flood, const char *requester, uint64_t now_ms);

#endif
