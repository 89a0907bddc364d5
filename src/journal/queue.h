/*
 * The queue between a journal's callers and its writer: events, and a count of those that did not
 * fit. Any number of callers add events, one writer takes them.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "journal_event.h"
#include "line.h"
#include "losses.h"

/* A queued event. The writer may read it between queue_take and queue_finish. */
struct entry {
    struct entry *next;
    char type[LINE_TYPE_MAX + 1];
    bool has_request;
    int32_t request_id;
    int64_t time;
    bool yields;
    const char *requester;              /* stored after `data`; "": unknown */

    /* Private to the queue. Caller and writer both hold an entry: the caller frees it once it is
     * done, the writer if the caller has given up. `state` says which. Each caller waits for its
     * own entry, so that no caller is woken without a result. */
    int32_t state;
    HRESULT hr;                         /* once done */
    size_t cost;

    size_t size;
    char data[];
};

struct queue;

/* `bytes` is the queue's capacity, `wait_ms` the longest time that a caller waits. */
HRESULT queue_create(size_t bytes, uint32_t wait_ms, struct queue **out) MUST_CHECK;
void queue_free(struct queue *queue);   /* takes NULL; must be empty, with no thread in it */

/* --- callers, any thread --- */

/*
 * Wait at most `wait_ms` until the writer has announced itself. If it has not, later queue_append
 * calls do not wait either.
 */
bool queue_wait_for_writer(struct queue *queue);

/* As journal_append and journal_lose. */
HRESULT queue_append(struct queue *queue, const struct journal_event *event) MUST_CHECK;
void queue_lose(struct queue *queue, const struct journal_event *event, enum loss_cause cause);

/*
 * The events that have not reached the disk. The caller frees the result; NULL if memory is short.
 */
struct losses *queue_unwritten(struct queue *queue);

/*
 * No caller appends any more. The writer has until `give_up_at` (in ticks) to write the queued
 * events.
 */
void queue_close(struct queue *queue, uint64_t give_up_at);

/*
 * Abandon the queue to its writer, which then frees it. Returns false if the writer has already
 * finished. `*unwritten` is as from queue_unwritten, and NULL if the result is false.
 */
bool queue_leave(struct queue *queue, struct losses **unwritten);

/* --- the writer --- */

void queue_announce_writer(struct queue *queue);

struct work {
    struct entry *entries;
    const struct losses *lost;          /* losses to be reported with the entries; .events is 0
                                         * if there are none */
};

/*
 * Take queued events, about `bytes` of them. Sleeps until there are events, or until `chore` (in
 * ticks), and then returns none. Returns false once the queue is closed and empty.
 */
bool queue_take(struct queue *queue, size_t bytes, uint64_t chore, struct work *out);

/*
 * Give up one taken entry, `*link`: its caller gets `hr` at once. The loss is counted, and is
 * included in `work->lost` from now on.
 */
void queue_drop(struct queue *queue, struct work *work, struct entry **link, HRESULT hr,
                enum loss_cause cause);

/*
 * Set whether the volume has less than min_free_bytes. If so, events that yield are counted and
 * not accepted, and losses are reported at most once a minute.
 */
void queue_set_low(struct queue *queue, bool low);

/*
 * Finish the taken entries with `hr`, which their callers get. A failure is final: the entries
 * count as lost, and the next queue_take returns these losses.
 */
void queue_finish(struct queue *queue, struct work *work, HRESULT hr);

/* Finish all queued entries with the failure `hr`. */
void queue_give_up(struct queue *queue, HRESULT hr);

/*
 * Wait `ms` before the next attempt. Returns false, at once, if the queue is closed and either its
 * deadline has passed or nothing is queued and the writer holds nothing itself (`holds`): then at
 * most one more attempt makes sense.
 */
bool queue_pause(struct queue *queue, uint32_t ms, bool holds);

/* The writer's last call. Returns true if the queue was abandoned to it. */
bool queue_end(struct queue *queue);

/* The losses that were not reported; may be read once the writer has ended. */
const struct losses *queue_lost(const struct queue *queue);

#endif
