#include "queue.h"

#include "base/utc.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_COST 256                  /* what an entry takes besides its text, roughly */
#define LOW_GAP_MS 60000 /* between two gaps while the space is low: they take from it, too */
#define LINE_COST  1024                 /* what a line takes besides it */

enum {
    WAITED_FOR,
    DONE,
    ABANDONED
}; /* the states of an entry: caller and writer race for the step away from the first */

struct queue {
    struct os_monitor *monitor;         /* guards all the rest */
    size_t bytes_max;
    uint32_t wait_ms;
    struct entry *first, **last;
    struct entry *taken;                /* what the writer has and has not finished */
    size_t bytes;
    struct losses lost;                 /* what did not fit; no journal.gap tells of it yet */
    struct losses telling; /* what the writer is about to tell; changed by the writer only */
    bool low;                           /* the volume has less than the least */
    uint64_t tell_at;                   /* in ticks: before that what is lost waits to be told */
    bool stuck; /* a caller has waited in vain, and nothing was written since */
    bool writer_is_there, closed;
    uint64_t give_up_at;                /* with closed */
    bool left, ended;
};

HRESULT queue_create(size_t bytes, uint32_t wait_ms, struct queue **out)
{
    struct queue *queue = calloc(1, sizeof *queue);
    HRESULT hr = queue ? os_monitor_create(&queue->monitor) : E_OUTOFMEMORY;

    *out = NULL;
    if (FAILED(hr)) {
        free(queue);
        return hr;
    }
    queue->bytes_max = bytes;
    queue->wait_ms = wait_ms;
    queue->last = &queue->first;
    *out = queue;
    return S_OK;
}

void queue_free(struct queue *queue)
{
    if (!queue) return;
    os_monitor_free(queue->monitor);
    free(queue);
}

/* Inside the monitor. */
static void wait_until(struct queue *queue, uint64_t time)
{
    uint64_t now = os_ticks_ms(), left = time > now ? time - now : 0;

    os_monitor_wait(queue->monitor, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX);
}

bool queue_wait_for_writer(struct queue *queue)
{
    uint64_t deadline = os_ticks_ms() + queue->wait_ms;
    bool there;

    os_monitor_enter(queue->monitor);
    while (!queue->writer_is_there && os_ticks_ms() < deadline) wait_until(queue, deadline);
    there = queue->writer_is_there;
    queue->stuck = !there;              /* whoever comes next has waited already */
    os_monitor_leave(queue->monitor);
    return there;
}

void queue_announce_writer(struct queue *queue)
{
    os_monitor_enter(queue->monitor);
    queue->writer_is_there = true;
    queue->stuck = false;
    os_monitor_wake_all(queue->monitor);
    os_monitor_leave(queue->monitor);
}

static HRESULT entry_create(const struct journal_event *event, struct entry **out)
{
    size_t type = strlen(event->type),
           requester = event->requester ? strnlen(event->requester, LOSSES_NAME_MAX + 1) : 0;
    char when[UTC_TEXT_MAX];
    struct entry *entry;
    HRESULT hr;

    if (type > LINE_TYPE_MAX || !utc_text(event->time, true, when))
        return E_INVALIDARG; /* now, not when the writer meets it */
    if (FAILED(hr = line_check_data(event->data))) return hr;
    if (!(entry = malloc(sizeof *entry + event->data.size + requester + 1))) return E_OUTOFMEMORY;
    memset(entry, 0, sizeof *entry);
    memcpy(entry->type, event->type, type);
    memcpy(entry->data, event->data.text, event->data.size);
    memcpy(entry->data + event->data.size, requester ? event->requester : "", requester);
    entry->data[event->data.size + requester] = 0;
    entry->requester = entry->data + event->data.size;
    entry->yields = event->yields;
    entry->has_request = event->has_request;
    entry->request_id = event->request_id;
    entry->time = event->time;
    entry->size = event->data.size;
    entry->cost = event->data.size + ENTRY_COST;
    *out = entry;
    return S_OK;
}

/* Inside the monitor. A writer that waits for work has seen the queue empty. The last half is for
 * what does not yield. */
static HRESULT enqueue(struct queue *queue, struct entry *entry)
{
    if (entry->yields && queue->low) return JOURNAL_SPACE_KEPT;
    if (queue->bytes + entry->cost > queue->bytes_max) return JOURNAL_QUEUE_FULL;
    if (entry->yields && queue->bytes + entry->cost > queue->bytes_max / 2)
        return JOURNAL_QUEUE_KEPT;
    if (!queue->first) os_monitor_wake_all(queue->monitor);
    *queue->last = entry;
    queue->last = &entry->next;
    queue->bytes += entry->cost;
    return S_OK;
}

static bool queue_step(struct entry *entry, int32_t to)
{
    int32_t from = WAITED_FOR;

    return __atomic_compare_exchange_n(&entry->state, &from, to, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

/* Where the writer holds nothing and nothing waits, it has made progress in the meantime. */
static void set_stuck(struct queue *queue)
{
    os_monitor_enter(queue->monitor);
    queue->stuck = queue->first || queue->taken;
    os_monitor_leave(queue->monitor);
}

/* The entry is the writer's alone, or freed, after this. `wait_ms` is 0 where others have waited in
 * vain. */
static HRESULT wait_for_entry(struct queue *queue, struct entry *entry, uint32_t wait_ms)
{
    uint64_t deadline = os_ticks_ms() + wait_ms, now;
    HRESULT hr;

    while (__atomic_load_n(&entry->state, __ATOMIC_ACQUIRE) == WAITED_FOR &&
           (now = os_ticks_ms()) < deadline)
        os_word_wait(&entry->state, WAITED_FOR, (uint32_t)(deadline - now));
    if (queue_step(entry, ABANDONED)) {
        if (wait_ms) set_stuck(queue);
        return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    }
    hr = entry->hr;
    free(entry);
    return hr;
}

/* Inside the monitor. The writer is woken: what could not be recorded has to be told even if
 * nothing else ever comes. */
static void queue_count_lost(struct queue *queue, const struct journal_event *event,
                             enum loss_cause cause)
{
    char when[UTC_TEXT_MAX];
    int64_t time = utc_text(event->time, true, when) ? event->time : os_now();

    losses_add(&queue->lost, &(struct loss){time, event->has_request, event->request_id, cause,
                                            event->yields, event->requester});
    os_monitor_wake_all(queue->monitor);
}

static void queue_add_entry(struct losses *losses, const struct entry *entry, enum loss_cause cause)
{
    losses_add(losses, &(struct loss){entry->time, entry->has_request, entry->request_id, cause,
                                      entry->yields, entry->requester});
}

static enum loss_cause queue_cause_of(HRESULT hr)
{
    if (hr == JOURNAL_QUEUE_FULL) return LOSS_QUEUE;
    if (hr == JOURNAL_QUEUE_KEPT) return LOSS_QUEUE_HALF;
    if (hr == JOURNAL_SPACE_KEPT) return LOSS_LOW_SPACE;
    return is_no_memory(hr) ? LOSS_MEMORY : LOSS_NO_LINE;
}

HRESULT queue_append(struct queue *queue, const struct journal_event *event)
{
    struct entry *entry = NULL;
    HRESULT hr = entry_create(event, &entry);
    uint32_t wait_ms;

    os_monitor_enter(queue->monitor);
    if (SUCCEEDED(hr) && FAILED(hr = enqueue(queue, entry))) free(entry);
    if (FAILED(hr)) queue_count_lost(queue, event, queue_cause_of(hr));
    wait_ms = queue->stuck ? 0 : queue->wait_ms;
    os_monitor_leave(queue->monitor);
    return SUCCEEDED(hr) ? wait_for_entry(queue, entry, wait_ms) : hr;
}

void queue_lose(struct queue *queue, const struct journal_event *event, enum loss_cause cause)
{
    os_monitor_enter(queue->monitor);
    queue_count_lost(queue, event, cause);
    os_monitor_leave(queue->monitor);
}

void queue_close(struct queue *queue, uint64_t give_up_at)
{
    os_monitor_enter(queue->monitor);
    queue->closed = true;
    queue->give_up_at = give_up_at;
    os_monitor_wake_all(queue->monitor);
    os_monitor_leave(queue->monitor);
}

void queue_set_low(struct queue *queue, bool low)
{
    os_monitor_enter(queue->monitor);
    queue->low = low;
    if (!low) queue->tell_at = 0;
    os_monitor_leave(queue->monitor);
}

/* Inside the monitor: what was lost is to be told now. */
static bool is_to_tell(const struct queue *queue)
{
    return queue->lost.events && (queue->closed || os_ticks_ms() >= queue->tell_at);
}

/* Inside the monitor: until when the writer may sleep. */
static uint64_t sleeps_until(const struct queue *queue, uint64_t chore)
{
    return queue->lost.events && queue->tell_at < chore ? queue->tell_at : chore;
}

bool queue_take(struct queue *queue, size_t bytes, uint64_t chore, struct work *out)
{
    struct entry **cut;
    size_t size = 0;
    bool any;

    os_monitor_enter(queue->monitor);
    while (!queue->first && !is_to_tell(queue) && !queue->closed && os_ticks_ms() < chore)
        wait_until(queue, sleeps_until(queue, chore));
    out->entries = queue->first;
    for (cut = &out->entries; *cut && size < bytes; cut = &(*cut)->next)
        size += (*cut)->size + LINE_COST;
    queue->first = *cut;
    *cut = NULL;
    if (!queue->first) queue->last = &queue->first;
    queue->taken = out->entries;
    if (is_to_tell(queue)) {
        losses_merge(&queue->telling, &queue->lost);
        losses_clear(&queue->lost);
    }
    out->lost = &queue->telling;
    any = out->entries || queue->telling.events || !queue->closed;
    os_monitor_leave(queue->monitor);
    return any;
}

/* Outside the monitor: the caller may free the entry as soon as it is done. */
static void finish_entry(struct entry *entry, HRESULT hr)
{
    entry->hr = hr;
    if (queue_step(entry, DONE)) os_word_wake(&entry->state); /* which may be freed by now */
    else free(entry);
}

void queue_drop(struct queue *queue, struct work *work, struct entry **link, HRESULT hr,
                enum loss_cause cause)
{
    struct entry *entry = *link;

    os_monitor_enter(queue->monitor);
    queue_add_entry(&queue->telling, entry, cause);
    queue->bytes -= entry->cost;
    *link = entry->next;
    queue->taken = work->entries;
    os_monitor_leave(queue->monitor);
    finish_entry(entry, hr);
}

void queue_finish(struct queue *queue, struct work *work, HRESULT hr)
{
    struct entry *entry, *next;

    os_monitor_enter(queue->monitor);
    if (SUCCEEDED(hr) && queue->telling.events && queue->low)
        queue->tell_at = os_ticks_ms() + LOW_GAP_MS;
    if (FAILED(hr)) losses_merge(&queue->lost, &queue->telling);
    losses_clear(&queue->telling);
    queue->taken = NULL;
    for (entry = work->entries; entry; entry = entry->next) {
        if (FAILED(hr)) queue_add_entry(&queue->lost, entry, LOSS_UNWRITTEN);
        queue->bytes -= entry->cost;
    }
    if (SUCCEEDED(hr)) queue->stuck = false;
    os_monitor_leave(queue->monitor);
    for (entry = work->entries; entry; entry = next) {
        next = entry->next;
        finish_entry(entry, hr);
    }
    work->entries = NULL;
}

void queue_give_up(struct queue *queue, HRESULT hr)
{
    struct work rest;

    os_monitor_enter(queue->monitor);
    queue->taken = rest.entries = queue->first;
    queue->first = NULL;
    queue->last = &queue->first;
    os_monitor_leave(queue->monitor);
    queue_finish(queue, &rest, hr);
}

/* Inside the monitor. Whoever closes the journal waits for what can still be written, but not for
 * ever, and not for nothing. */
static bool is_hopeless(const struct queue *queue, bool holds)
{
    if (!queue->closed) return false;
    return (!holds && !queue->first) || os_ticks_ms() >= queue->give_up_at;
}

bool queue_pause(struct queue *queue, uint32_t ms, bool holds)
{
    uint64_t until = os_ticks_ms() + ms;
    bool hopeless;

    os_monitor_enter(queue->monitor);
    while (!(hopeless = is_hopeless(queue, holds)) && os_ticks_ms() < until)
        wait_until(queue, queue->closed && queue->give_up_at < until ? queue->give_up_at : until);
    os_monitor_leave(queue->monitor);
    return !hopeless;
}

/* Inside the monitor. NULL where there is no memory to count in. */
static struct losses *collect_unwritten(const struct queue *queue)
{
    const struct entry *const lists[] = {queue->taken, queue->first};
    struct losses *all = calloc(1, sizeof *all);

    if (!all) return NULL;
    for (int i = 0; i < 2; i++) {
        for (const struct entry *entry = lists[i]; entry; entry = entry->next)
            queue_add_entry(all, entry, LOSS_UNWRITTEN);
    }
    losses_merge(all, &queue->telling);
    losses_merge(all, &queue->lost);
    return all;
}

struct losses *queue_unwritten(struct queue *queue)
{
    struct losses *all;

    os_monitor_enter(queue->monitor);
    all = collect_unwritten(queue);
    os_monitor_leave(queue->monitor);
    return all;
}

bool queue_leave(struct queue *queue, struct losses **unwritten)
{
    bool left;

    *unwritten = NULL;
    os_monitor_enter(queue->monitor);
    left = queue->left = !queue->ended;
    if (left) *unwritten = collect_unwritten(queue);
    os_monitor_leave(queue->monitor);
    return left;
}

bool queue_end(struct queue *queue)
{
    bool left;

    os_monitor_enter(queue->monitor);
    queue->ended = true;
    left = queue->left;
    os_monitor_leave(queue->monitor);
    return left;
}

const struct losses *queue_lost(const struct queue *queue)
{
    return &queue->lost;
}
