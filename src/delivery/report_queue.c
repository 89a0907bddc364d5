#include "report_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_waiting {
    enum report_kind kind;
    char *sentence;                     /* owned */
};

struct report_queue {
    struct reports out;
    struct os_monitor *turn;            /* owned; guards what follows */
    struct os_thread *thread;           /* owned */
    struct report_waiting waiting[REPORT_QUEUE_MAX];
    unsigned first, count;
    uint64_t dropped;                   /* since the last sentence about it */
    bool ending;
};

static void report_queue_take(void *context, enum report_kind kind, const char *sentence)
{
    struct report_queue *queue = context;
    char *copy = strdup(sentence);

    os_monitor_enter(queue->turn);
    if (copy && queue->count < REPORT_QUEUE_MAX) {
        unsigned at = (queue->first + queue->count++) % REPORT_QUEUE_MAX;

        queue->waiting[at] = (struct report_waiting){kind, copy};
        copy = NULL;
    } else queue->dropped++;
    os_monitor_wake_all(queue->turn);
    os_monitor_leave(queue->turn);
    free(copy);
}

struct reports report_queue_in(struct report_queue *queue)
{
    return (struct reports){report_queue_take, queue};
}

static void report_queue_tell_dropped(struct report_queue *queue, uint64_t dropped)
{
    char text[160];

    snprintf(text, sizeof text,
             "%" PRIu64 " more sentences were not written, since the log took them too slowly; "
             "\"certwitness-delivery status\" says how things are", dropped);
    queue->out.take(queue->out.context, REPORT_TROUBLE, text);
}

/* False: nothing comes any more. */
static bool report_queue_next(struct report_queue *queue, struct report_waiting *next,
                              uint64_t *dropped)
{
    bool any;

    *next = (struct report_waiting){0};
    *dropped = 0;
    os_monitor_enter(queue->turn);
    while (!queue->count && !queue->dropped && !queue->ending)
        os_monitor_wait(queue->turn, 60000);
    any = queue->count || queue->dropped;
    if (queue->count) {
        *next = queue->waiting[queue->first];
        queue->first = (queue->first + 1) % REPORT_QUEUE_MAX;
        queue->count--;
    } else {
        *dropped = queue->dropped;
        queue->dropped = 0;
    }
    os_monitor_leave(queue->turn);
    return any;
}

static void report_queue_run(void *context)
{
    struct report_queue *queue = context;
    struct report_waiting next;
    uint64_t dropped;

    while (report_queue_next(queue, &next, &dropped)) {
        if (next.sentence) queue->out.take(queue->out.context, next.kind, next.sentence);
        else report_queue_tell_dropped(queue, dropped);
        free(next.sentence);
    }
}

HRESULT report_queue_open(const struct reports *out, struct report_queue **queue)
{
    struct report_queue *made = calloc(1, sizeof *made);
    HRESULT hr = made ? os_monitor_create(&made->turn) : E_OUTOFMEMORY;

    *queue = NULL;
    if (FAILED(hr)) goto failed;
    made->out = *out;
    hr = os_thread_start(report_queue_run, made, &made->thread);
    if (FAILED(hr)) goto failed;
    *queue = made;
    return S_OK;
failed:
    if (made) os_monitor_free(made->turn);
    free(made);
    return hr;
}

/* False: its thread was given up. */
static bool report_queue_finish(struct report_queue *queue)
{
    os_monitor_enter(queue->turn);
    queue->ending = true;
    os_monitor_wake_all(queue->turn);
    os_monitor_leave(queue->turn);
    if (os_thread_join(queue->thread, REPORT_QUEUE_END_MS)) return true;
    os_thread_forget(queue->thread);
    return false;
}

void report_queue_close(struct report_queue *queue)
{
    if (!queue || !report_queue_finish(queue)) return;
    os_monitor_free(queue->turn);
    free(queue);
}

void report_queue_end(struct report_queue *queue)
{
    report_queue_finish(queue);         /* the process ends: nothing is freed */
}
