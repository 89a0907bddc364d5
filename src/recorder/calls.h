/*
 * The running calls of Notify, and the resources that each holds.
 *
 * The CA is called inside them and may throw; then the call does not return and cannot free its
 * resources. Therefore they are kept here, where the next call finds them. Any thread; the lock is
 * never held during a call of the CA.
 */
#ifndef CALLS_H
#define CALLS_H

#include "event.h"
#include "unwinding.h"

struct call {
    struct event_record record;
    struct unwindings unwindings;       /* not 0: an exception passed, the call does not return */
    struct call *next, *previous;       /* private to calls.c */
};

/* {.lock = SRWLOCK_INIT} has no running calls. */
struct calls {
    SRWLOCK lock;
    struct unwindings unwindings;       /* of calls that were not yet taken back */
    struct call *first;
};

/* Begin a call, with an empty record. NULL if memory is short. */
struct call *calls_begin(struct calls *calls);

/* End a call that has returned: frees all that it held. */
void calls_end(struct calls *calls, struct call *call);

/*
 * Pass the record of each call that an exception unwound, as far as it was read, to `lost`, then
 * free the call. Costs nothing if there is none.
 */
void calls_take_back(struct calls *calls,
                     void (*lost)(void *context, const struct event_record *record), void *context);

#endif
