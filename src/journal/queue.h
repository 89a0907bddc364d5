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
    int64_t time;                       /* microseconds, as os_now */
    bool yields;
    const char *requester;              /* stored after `data`; "": unknown */

    /* Private to the queue, down to `cost`. Caller and writer both hold an entry. If it is done
     * first, the caller frees it; if the caller gives up first, queue_finish or queue_drop does.
     * `state` tells which came first. Each caller waits for its own entry, so that no caller is
     * woken without a result. */
    int32_t state;
    HRESULT hr;                         /* once done */
    size_t cost;                        /* bytes of the queue's capacity */

    size_t size;                        /* bytes of `data`, without the requester */
    char data[];
};

struct queue;

/*
 * `bytes` is the queue's capacity, `wait_ms` the longest time that a caller waits. On failure
 * `*out` is NULL.
 */
HRESULT queue_create(size_t bytes, uint32_t wait_ms, struct queue **out) MUST_CHECK;
void queue_free(struct queue *queue);   /* takes NULL; must be empty, with no thread in it */

/* --- callers, any thread --- */

/*
 * Wait at most `wait_ms` until the writer has announced itself. False: it has not, and queue_append
 * does not wait either until it has.
 */
bool queue_wait_for_writer(struct queue *queue);

/* As journal_append and journal_lose. */
HRESULT queue_append(struct queue *queue, const struct journal_event *event) MUST_CHECK;
void queue_lose(struct queue *queue, const struct journal_event *event, enum loss_cause cause);

/*
 * Count the events that have not reached the disk: queued, taken, and lost without a report. The
 * queue is not changed. The caller frees the result with free(); NULL if memory is short. The
 * writer may call it, too.
 */
struct losses *queue_unwritten(struct queue *queue);

/*
 * Close the queue: no caller appends any more. The writer has until `give_up_at` (in ticks, as
 * os_ticks_ms) to write the queued events. Does not wait for it.
 */
void queue_close(struct queue *queue, uint64_t give_up_at);

/*
 * Abandon the queue to its writer. True: the writer frees the queue, perhaps at once, and the
 * caller must not touch it again; `*unwritten` is as from queue_unwritten. False: the writer has
 * called queue_end already, the queue is still the caller's, and `*unwritten` is NULL.
 */
bool queue_leave(struct queue *queue, struct losses **unwritten);

/* --- the writer --- */

void queue_announce_writer(struct queue *queue);

/* What the writer has taken; valid until queue_finish. */
struct work {
    struct entry *entries;              /* the queue's; NULL: none */
    const struct losses *lost;          /* losses to be reported with the entries; .events is 0
                                         * if there are none */
};

/*
 * Take the oldest queued events, until their lines have about `bytes`: at least one if there are
 * any. Sleeps while there is nothing to write, at most until `chore` (in ticks). Losses that are to
 * be reported are something to write. `out` may therefore have no entries. Returns false, with
 * nothing taken, once the queue is closed and nothing is left.
 */
bool queue_take(struct queue *queue, size_t bytes, uint64_t chore, struct work *out);

/*
 * Give up one taken entry, `*link`: its caller gets `hr` at once. `*link` is then the next entry.
 * The loss is counted, and is included in `work->lost` from now on.
 */
void queue_drop(struct queue *queue, struct work *work, struct entry **link, HRESULT hr,
                enum loss_cause cause);

/*
 * Set whether the volume has less than min_free_bytes. If so, events that yield are counted and
 * not accepted, and losses are reported at most once a minute.
 */
void queue_set_low(struct queue *queue, bool low);

/*
 * Finish the taken entries with `hr`, which their callers get. S_OK: `work->lost` is on record,
 * too. A failure is final: the entries count as lost, and a later queue_take returns these losses
 * together with those of `work`. `work` then has no entries.
 */
void queue_finish(struct queue *queue, struct work *work, HRESULT hr);

/* Finish all queued entries with the failure `hr`. The writer must hold none that it has taken. */
void queue_give_up(struct queue *queue, HRESULT hr);

/*
 * Wait `ms` before the next attempt. `holds`: the writer has taken events. Returns true after the
 * wait. Returns false as soon as at most one more attempt makes sense: the queue is closed, and
 * either its deadline has passed, or nothing is queued and the writer holds nothing.
 */
bool queue_pause(struct queue *queue, uint32_t ms, bool holds);

/* The writer's last call. True: the queue was abandoned, and the writer has to free it. */
bool queue_end(struct queue *queue);

/* The losses that were not reported, as a view; may be read once the writer has ended. */
const struct losses *queue_lost(const struct queue *queue);

#endif
