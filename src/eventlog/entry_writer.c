#include "entry_writer.h"

#include <stdlib.h>

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE idle = CONDITION_VARIABLE_INIT;
static struct entry *first, *last;      /* those that wait */
static unsigned waiting;
static bool running;                    /* a thread is there that looks for entries */
static HANDLE thread; /* owned: the last one that was started, until somebody has seen its end */

static WORD entry_writer_type_of(DWORD id)
{
    switch (id >> 30) {
    case 3:  return EVENTLOG_ERROR_TYPE;
    case 2:  return EVENTLOG_WARNING_TYPE;
    default: return EVENTLOG_INFORMATION_TYPE;
    }
}

static void entry_writer_write_entry(const struct entry *entry)
{
    HANDLE source = RegisterEventSourceW(NULL, entry->source);

    if (!source) return;
    ReportEventW(source, entry_writer_type_of(entry->id), 0, entry->id, NULL, entry->count, 0,
                 (const WCHAR **)entry->inserts, NULL);
    DeregisterEventSource(source);
}

static struct entry *entry_writer_take(void)
{
    struct entry *entry;

    AcquireSRWLockExclusive(&lock);
    entry = first;
    if (entry) {
        first = entry->next;
        waiting--;
    } else {
        running = false;
        WakeAllConditionVariable(&idle);
    }
    ReleaseSRWLockExclusive(&lock);
    return entry;
}

/* The thread before this one said that it ends, but may not have done so: who sees the end of this
 * one must have seen that of all. */
static DWORD WINAPI write_entries(void *before)
{
    struct entry *entry;

    if (before) {
        WaitForSingleObject(before, INFINITE);
        CloseHandle(before);
    }
    while ((entry = entry_writer_take())) {
        entry_writer_write_entry(entry);
        free(entry);
    }
    return 0;
}

/* Inside the lock. */
static bool start_thread(void)
{
    HANDLE started = CreateThread(NULL, 0, write_entries, thread, 0, NULL);

    if (!started) return false;
    thread = started;
    running = true;
    return true;
}

bool entry_writer_add(struct entry *entry)
{
    bool taken;

    if (!entry) return false;
    entry->next = NULL;
    AcquireSRWLockExclusive(&lock);
    taken = waiting < ENTRY_WRITER_MAX && (running || start_thread());
    if (taken) {
        if (first) last->next = entry;
        else first = entry;
        last = entry;
        waiting++;
    }
    ReleaseSRWLockExclusive(&lock);
    if (!taken) free(entry);
    return taken;
}

bool entry_writer_drain(uint32_t wait_ms)
{
    uint64_t now = GetTickCount64(), end = now + wait_ms;
    HANDLE ended = NULL;
    bool drained;

    AcquireSRWLockExclusive(&lock);
    while (running && now < end) {
        SleepConditionVariableSRW(&idle, &lock, (DWORD)(end - now), 0);
        now = GetTickCount64();
    }
    drained = !running;
    if (drained) {
        ended = thread;
        thread = NULL;
    }
    ReleaseSRWLockExclusive(&lock);
    if (!ended) return drained;
    drained = WaitForSingleObject(ended, wait_ms) == WAIT_OBJECT_0; /* a few instructions away */
    CloseHandle(ended);
    return drained;
}
