/*
 * Contexts: the low half of the number is a slot, counted from 1, the high half how often it has
 * been used. So a number that a module kept is recognised as dead until its slot has been used
 * 32767 times more.
 *
 * No lock: every question of every module comes by here, on as many threads as there are.
 */
#include "contexts.h"

enum { SLOTS = 1024, USES = 0x7FFF, OPEN = 0x10000 };

/* In the high half how often it has been used, and OPEN while it is; in the low half the request,
 * the last one's where it is free. Changed only as a whole. */
static volatile LONG64 slots[SLOTS];
static volatile LONG next; /* slots take turns, so that a dead one is not soon alive again */

static LONG uses_of(LONG64 slot) { return (LONG)(slot >> 32) & USES; }
static bool is_open(LONG64 slot) { return slot >> 32 & OPEN; }
static LONG contexts_request_of(LONG64 slot) { return (LONG)slot; }

static bool replace(LONG number, LONG64 old, LONG64 new)
{
    return InterlockedCompareExchange64(&slots[number], new, old) == old;
}

/* 0: they were all in use. */
static LONG contexts_try_to_open(LONG request_id)
{
    for (int tried = 0; tried < SLOTS; tried++) {
        LONG number = (LONG)((ULONG)InterlockedIncrement(&next) % SLOTS);
        LONG64 slot = slots[number];
        LONG uses = uses_of(slot) % USES + 1;

        if (is_open(slot)) continue;
        if (replace(number, slot, (LONG64)(uses | OPEN) << 32 | (ULONG)request_id))
            return uses << 16 | (number + 1);
    }
    return 0;
}

LONG context_open(LONG request_id)
{
    LONG context;

    while (!(context = contexts_try_to_open(request_id))) Sleep(1);
    return context;
}

/* Its slot as it stands, if nobody has used that since; else 0. */
static LONG64 slot_of(LONG context)
{
    LONG number = (context & 0xFFFF) - 1;
    LONG64 slot = number >= 0 && number < SLOTS ? slots[number] : 0;

    return uses_of(slot) && uses_of(slot) == context >> 16 ? slot : 0;
}

void context_close(LONG context)
{
    LONG64 slot = slot_of(context);
    LONG64 closed = (LONG64)uses_of(slot) << 32 | (ULONG)contexts_request_of(slot);

    if (is_open(slot)) replace((context & 0xFFFF) - 1, slot, closed);
}

static bool contexts_look_up(LONG context, bool linger, LONG *request_id)
{
    LONG64 slot = slot_of(context);

    if (!linger && !is_open(slot)) slot = 0;
    *request_id = contexts_request_of(slot);
    return slot;
}

bool context_request(LONG context, LONG *request_id)
{
    return contexts_look_up(context, false, request_id);
}

bool context_lingers(LONG context, LONG *request_id)
{
    return contexts_look_up(context, true, request_id);
}
