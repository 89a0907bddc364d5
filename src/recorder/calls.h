/*
 * The calls of Notify that are under way, and what each of them holds.
 *
 * The CA is asked inside them, and may throw: then nobody comes back to give up what the call held. So that stands here, where the next call
 * finds it. Any thread; the lock is never held while the CA is asked.
 */
#ifndef CALLS_H
#define CALLS_H

#include "event.h"
#include "unwinding.h"

struct call {
    struct event_record record;
    struct unwindings unwindings;       /* not 0: nobody comes back */
    struct call *next, *previous;       /* the room's own */
};

/* {.lock = SRWLOCK_INIT} has none under way. */
struct calls {
    SRWLOCK lock;
    struct unwindings unwindings;       /* of calls that were not taken back yet */
    struct call *first;
};

/* A call begins: its record is empty. NULL where memory is short. */
struct call *calls_begin(struct calls *calls);

/* It has come back: all that it held is freed. */
void calls_end(struct calls *calls, struct call *call);

/* Each call that an exception unwound: `lost` hears of its record, as far as it was read, and then it is freed. Costs nothing where there is none. */
void calls_take_back(struct calls *calls, void (*lost)(void *context, const struct event_record *record), void *context);

#endif
