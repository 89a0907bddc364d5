/*
 * What waits for a journal's writer: events, and the count of those that did not fit. Any number of callers put in, one writer takes out.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "journal_event.h"
#include "line.h"
#include "losses.h"

/* An event that waits. To be read by the writer between queue_take and queue_finish. */
struct entry {
    struct entry *next;
    char type[LINE_TYPE_MAX + 1];
    bool has_request;
    int32_t request_id;
    int64_t time;
    bool yields;
    const char *requester;              /* behind `data`; "": not known */

    /* The queue's. Caller and writer both hold an entry: the caller frees it once it is done, the writer where the caller has given up.
     * `state` says which; each caller waits for its own, so that nobody is woken in vain. */
    int32_t state;
    HRESULT hr;                         /* once done */
    size_t cost;

    size_t size;
    char data[];
};

struct queue;

/* `bytes` is the most that may wait, `wait_ms` the longest that a caller does. */
HRESULT queue_create(size_t bytes, uint32_t wait_ms, struct queue **out) MUST_CHECK;
void queue_free(struct queue *queue);   /* takes NULL; empty, and nobody in it */

/* --- callers, any thread --- */

/* Wait until the writer has announced that it is there: `wait_ms` at most, and whoever appends then waits no more if that was in vain. */
bool queue_wait_for_writer(struct queue *queue);

/* As journal_append and journal_lose. */
HRESULT queue_append(struct queue *queue, const struct journal_event *event) MUST_CHECK;
void queue_lose(struct queue *queue, const struct journal_event *event, enum loss_cause cause);

/* What has not reached the disk, freed by the caller; NULL where memory is short. */
struct losses *queue_unwritten(struct queue *queue);

/* Nobody appends any more. The writer has until `give_up_at` (in ticks) to write what waits. */
void queue_close(struct queue *queue, uint64_t give_up_at);

/* Leave the queue to its writer, who then frees it. False where the writer has finished already. `*unwritten` is as from
 * queue_unwritten; NULL too where the answer is false. */
bool queue_leave(struct queue *queue, struct losses **unwritten);

/* --- the writer --- */

void queue_announce_writer(struct queue *queue);

struct work {
    struct entry *entries;
    const struct losses *lost;          /* to be told together with them; .events is 0 where there is nothing to tell */
};

/* Take what waits, `bytes` of it or a little more. Sleeps until there is something, or until `chore` (in ticks): then with nothing.
 * False once the queue is closed and empty. */
bool queue_take(struct queue *queue, size_t bytes, uint64_t chore, struct work *out);

/* Give up one entry of what was taken, `*link`: its caller is told `hr` at once, and it counts as lost, in `work->lost` already. */
void queue_drop(struct queue *queue, struct work *work, struct entry **link, HRESULT hr, enum loss_cause cause);

/* Whether the volume has less than the least: then events that yield are counted and not taken, and what is lost is told once a minute at most. */
void queue_set_low(struct queue *queue, bool low);

/* Tell the callers how writing what was taken has ended. On failure, which is final, it counts as lost; the next queue_take would give it. */
void queue_finish(struct queue *queue, struct work *work, HRESULT hr);

/* Finish all that waits with the failure `hr`. */
void queue_give_up(struct queue *queue, HRESULT hr);

/* Sleep `ms` between attempts. False, at once, where the queue is closed and the time is over or nothing waits (`holds`: the writer itself holds
 * something): then at most one more attempt is worth while. */
bool queue_pause(struct queue *queue, uint32_t ms, bool holds);

/* The writer's last call. True where the queue was left to it. */
bool queue_end(struct queue *queue);

/* What was lost and not told: to be read once the writer has ended. */
const struct losses *queue_lost(const struct queue *queue);

#endif
