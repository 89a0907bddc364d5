/*
 * Contexts: the low half of the number is a slot, counted from 1, the high half how often it has been used. So a number
 * that a module kept is recognised as dead until its slot has been used 32767 times more.
 */
#include "contexts.h"

enum { SLOTS = 1024, USES = 0x7FFF };

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE freed = CONDITION_VARIABLE_INIT;
static struct {
    LONG request_id;
    LONG uses;
    bool open;
} slots[SLOTS];
static int next;                        /* slots take turns, so that a dead one is not soon alive again */

static int free_slot(void)
{
    for (int tried = 0; tried < SLOTS; tried++, next = (next + 1) % SLOTS) {
        if (!slots[next].open) return next;
    }
    return -1;
}

LONG context_open(LONG request_id)
{
    int slot;
    LONG context;

    AcquireSRWLockExclusive(&lock);
    while ((slot = free_slot()) < 0) SleepConditionVariableSRW(&freed, &lock, INFINITE, 0);
    next = (slot + 1) % SLOTS;
    slots[slot].request_id = request_id;
    slots[slot].open = true;
    slots[slot].uses = slots[slot].uses % USES + 1;
    context = slots[slot].uses << 16 | (slot + 1);
    ReleaseSRWLockExclusive(&lock);
    return context;
}

static int slot_of(LONG context)
{
    int slot = (context & 0xFFFF) - 1;

    return slot >= 0 && slot < SLOTS && slots[slot].uses && slots[slot].uses == context >> 16 ? slot : -1;
}

void context_close(LONG context)
{
    int slot;

    AcquireSRWLockExclusive(&lock);
    if ((slot = slot_of(context)) >= 0) slots[slot].open = false;
    ReleaseSRWLockExclusive(&lock);
    WakeConditionVariable(&freed);
}

static bool look_up(LONG context, bool linger, LONG *request_id)
{
    int slot;

    AcquireSRWLockShared(&lock);
    slot = slot_of(context);
    if (slot >= 0 && !slots[slot].open && !linger) slot = -1;
    *request_id = slot < 0 ? 0 : slots[slot].request_id;
    ReleaseSRWLockShared(&lock);
    return slot >= 0;
}

bool context_request(LONG context, LONG *request_id)
{
    return look_up(context, false, request_id);
}

bool context_lingers(LONG context, LONG *request_id)
{
    return look_up(context, true, request_id);
}
