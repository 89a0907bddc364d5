#include "calls.h"

#include <stdlib.h>

static void calls_add(struct call **list, struct call *call)
{
    call->previous = NULL;
    call->next = *list;
    if (*list) (*list)->previous = call;
    *list = call;
}

static void take_out(struct call **list, struct call *call)
{
    if (call->previous) call->previous->next = call->next;
    else *list = call->next;
    if (call->next) call->next->previous = call->previous;
}

struct call *calls_begin(struct calls *calls)
{
    struct call *call = calloc(1, sizeof *call);

    if (!call) return NULL;
    call->unwindings.all = &calls->unwindings;
    AcquireSRWLockExclusive(&calls->lock);
    calls_add(&calls->first, call);
    ReleaseSRWLockExclusive(&calls->lock);
    return call;
}

static void call_free(struct call *call)
{
    event_free(&call->record);
    free(call);
}

void calls_end(struct calls *calls, struct call *call)
{
    AcquireSRWLockExclusive(&calls->lock);
    take_out(&calls->first, call);
    ReleaseSRWLockExclusive(&calls->lock);
    call_free(call);
}

static LONG calls_count_of(struct unwindings *unwindings)
{
    return InterlockedCompareExchange(&unwindings->count, 0, 0);
}

/* One that is counted for all calls and not for its own yet is found next time. */
static struct call *take_unwound(struct calls *calls)
{
    struct call *unwound = NULL, *next;

    AcquireSRWLockExclusive(&calls->lock);
    for (struct call *call = calls->first; call; call = next) {
        next = call->next;
        if (!calls_count_of(&call->unwindings)) continue;
        InterlockedExchangeAdd(&calls->unwindings.count, -calls_count_of(&call->unwindings));
        take_out(&calls->first, call);
        calls_add(&unwound, call);
    }
    ReleaseSRWLockExclusive(&calls->lock);
    return unwound;
}

void calls_take_back(struct calls *calls,
                     void (*lost)(void *context, const struct event_record *record), void *context)
{
    struct call *call, *next;

    if (!calls_count_of(&calls->unwindings)) return;
    for (call = take_unwound(calls); call; call = next) {
        next = call->next;
        lost(context, &call->record);
        call_free(call);
    }
}
