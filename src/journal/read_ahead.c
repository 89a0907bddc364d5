/*
 * Two batches take turns: the pieces of one are given while those of the other are judged. All that
 * threads share is guarded by the monitor: which pieces nobody has claimed yet, and which are done.
 * A thread claims some pieces at once and judges them outside of it. The pieces of a batch are
 * written by the reader's thread before it is opened for claims, and are read by it once they are
 * done; batches are filled again only when no claim is open.
 */
#include "read_ahead.h"

#include <stdlib.h>
#include <string.h>

#define CLAIM       4                   /* pieces that a thread claims at once: some ten
                                         * microseconds' work, beside which the monitor is cheap */
#define START_SIZE  (128u << 10)        /* bytes of a batch that are worth beginning threads */
#define VALUES_KEPT 512                 /* places of values that a piece keeps for the next */
#define WAIT_MS     60000               /* for a wake-up; then the question is asked again */

struct slot {
    struct judged_piece judged;
    struct json_values values;          /* owned */
};

struct batch {
    struct segment_batch pieces;        /* owned */
    struct slot slots[SEGMENT_BATCH_MAX];
    unsigned given, known;              /* the reader's thread alone uses them: pieces given, and
                                         * known to be done */
    unsigned claimed, open;             /* guarded: pieces claimed so far; claims not done yet */
    bool done[SEGMENT_BATCH_MAX];       /* guarded */
};

struct thread {
    struct ahead *ahead;
    struct os_thread *thread;
    struct json_check check;            /* owned */
};

struct ahead {
    struct read_ahead read_ahead;       /* first: the reader has a pointer to it */
    struct os_monitor *monitor;         /* owned */
    bool stopping;                      /* guarded */
    bool reader_waits;                  /* guarded */
    struct batch batches[2];
    struct batch *current;              /* whose pieces are given */
    unsigned wanted, started;           /* threads besides the reader's */
    struct thread threads[READ_AHEAD_THREADS_MAX];
    struct json_check check;            /* owned; the reader's thread's */
};

static void judge(struct slot *slot, struct json_check *check)
{
    struct judged_piece *judged = &slot->judged;
    struct span text = judged->piece.text;

    judged->fault = line_read_piece(text.text, text.size, &judged->line);
    if (judged->fault != LINE_OK) return;
    judged->json = line_check_json(check, &judged->line, &slot->values, &judged->data);
}

/* Inside the monitor: pieces of a batch that nobody has claimed. */
static bool claim_of(struct batch *batch, unsigned *first, unsigned *last)
{
    *first = batch->claimed;
    *last = *first + CLAIM < batch->pieces.count ? *first + CLAIM : batch->pieces.count;
    if (*first >= *last) return false;
    batch->claimed = *last;
    batch->open++;
    return true;
}

/* The same of that which the reader comes to first. */
static struct batch *claim(struct ahead *ahead, unsigned *first, unsigned *last)
{
    struct batch *current = ahead->current, *other = &ahead->batches[current == ahead->batches];

    if (claim_of(current, first, last)) return current;
    return claim_of(other, first, last) ? other : NULL;
}

/* Inside the monitor, which is left meanwhile. False: there is nothing to claim. */
static bool judge_some(struct ahead *ahead, struct json_check *check)
{
    unsigned first, last;
    struct batch *batch = claim(ahead, &first, &last);

    if (!batch) return false;
    os_monitor_leave(ahead->monitor);
    for (unsigned i = first; i < last; i++) judge(&batch->slots[i], check);
    os_monitor_enter(ahead->monitor);
    for (unsigned i = first; i < last; i++) batch->done[i] = true;
    batch->open--;
    if (ahead->reader_waits) os_monitor_wake_all(ahead->monitor);
    return true;
}

static void read_ahead_run(void *context)
{
    struct thread *thread = context;
    struct ahead *ahead = thread->ahead;

    os_monitor_enter(ahead->monitor);
    while (!ahead->stopping)
        if (!judge_some(ahead, &thread->check)) os_monitor_wait(ahead->monitor, WAIT_MS);
    os_monitor_leave(ahead->monitor);
}

/* Those that cannot be begun are not tried again. */
static void start_threads(struct ahead *ahead)
{
    for (; ahead->started < ahead->wanted; ahead->started++) {
        struct thread *thread = &ahead->threads[ahead->started];

        thread->ahead = ahead;
        if (FAILED(os_thread_start(read_ahead_run, thread, &thread->thread))) break;
    }
    ahead->wanted = ahead->started;
}

/* Inside the monitor: until nobody judges a piece of the batch. */
static void await_claims(struct ahead *ahead, const struct batch *batch)
{
    ahead->reader_waits = true;
    while (batch->open) os_monitor_wait(ahead->monitor, WAIT_MS);
    ahead->reader_waits = false;
}

static void empty_batch(struct batch *batch)
{
    batch->pieces.count = batch->given = batch->known = batch->claimed = 0;
}

/* Of a batch that is empty: read, and opened for claims. As segment_next. */
static HRESULT fill_batch(struct ahead *ahead, struct batch *batch, struct segment_reader *segment)
{
    struct segment_batch taken = batch->pieces;
    HRESULT hr = segment_take(segment, &taken);
    size_t size = 0;

    if (hr != S_OK) taken.count = 0;
    for (unsigned i = 0; i < taken.count; i++) {
        if (batch->slots[i].values.room > VALUES_KEPT) json_values_free(&batch->slots[i].values);
        batch->slots[i].judged.piece = taken.pieces[i];
        size += taken.pieces[i].text.size;
    }
    if (ahead->started < ahead->wanted && size >= START_SIZE) start_threads(ahead);
    os_monitor_enter(ahead->monitor);
    memset(batch->done, 0, sizeof batch->done);
    batch->pieces = taken;
    if (ahead->started && taken.count) os_monitor_wake_all(ahead->monitor);
    os_monitor_leave(ahead->monitor);
    return hr;
}

/* Until the next piece to be given is judged; then all that follow it and are judged are known. */
static void await_piece(struct ahead *ahead, struct batch *batch)
{
    os_monitor_enter(ahead->monitor);
    while (!batch->done[batch->given]) {
        if (judge_some(ahead, &ahead->check)) continue;
        ahead->reader_waits = true;
        os_monitor_wait(ahead->monitor, WAIT_MS);
        ahead->reader_waits = false;
    }
    for (batch->known = batch->given; batch->known < batch->pieces.count; batch->known++)
        if (!batch->done[batch->known]) break;
    os_monitor_leave(ahead->monitor);
}

static struct batch *other_batch(struct ahead *ahead)
{
    return &ahead->batches[ahead->current == ahead->batches];
}

/* All of the current batch was given: the other's turn. */
static HRESULT turn(struct ahead *ahead, struct segment_reader *segment)
{
    HRESULT hr = S_OK;

    os_monitor_enter(ahead->monitor);
    empty_batch(ahead->current);
    ahead->current = other_batch(ahead);
    os_monitor_leave(ahead->monitor);
    if (!ahead->current->pieces.count) hr = fill_batch(ahead, ahead->current, segment);
    if (hr == S_OK) fill_batch(ahead, other_batch(ahead), segment);     /* else when it is due */
    return hr;
}

static HRESULT read_ahead_next(struct read_ahead *read_ahead, struct segment_reader *segment,
                               const struct judged_piece **out)
{
    struct ahead *ahead = (struct ahead *)read_ahead;
    struct batch *batch = ahead->current;
    HRESULT hr;

    if (batch->given == batch->pieces.count) {
        if ((hr = turn(ahead, segment)) != S_OK) return hr;
        batch = ahead->current;
    }
    if (batch->given == batch->known) await_piece(ahead, batch);
    *out = &batch->slots[batch->given++].judged;
    return S_OK;
}

static void read_ahead_forget(struct read_ahead *read_ahead)
{
    struct ahead *ahead = (struct ahead *)read_ahead;

    os_monitor_enter(ahead->monitor);
    for (int i = 0; i < 2; i++) {
        ahead->batches[i].claimed = ahead->batches[i].pieces.count;
        await_claims(ahead, &ahead->batches[i]);
        empty_batch(&ahead->batches[i]);
    }
    os_monitor_leave(ahead->monitor);
}

HRESULT read_ahead_open(unsigned threads, struct read_ahead **out)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    HRESULT hr = ahead ? os_monitor_create(&ahead->monitor) : E_OUTOFMEMORY;

    *out = NULL;
    if (FAILED(hr)) {
        free(ahead);
        return hr;
    }
    if (!threads) threads = 1;
    if (threads > READ_AHEAD_THREADS_MAX) threads = READ_AHEAD_THREADS_MAX;
    ahead->read_ahead = (struct read_ahead){read_ahead_next, read_ahead_forget};
    ahead->current = ahead->batches;
    ahead->wanted = threads - 1;
    *out = &ahead->read_ahead;
    return S_OK;
}

void read_ahead_close(struct read_ahead *read_ahead)
{
    struct ahead *ahead = (struct ahead *)read_ahead;

    if (!ahead) return;
    os_monitor_enter(ahead->monitor);
    ahead->stopping = true;
    os_monitor_wake_all(ahead->monitor);
    os_monitor_leave(ahead->monitor);
    for (unsigned i = 0; i < ahead->started; i++) {
        while (!os_thread_join(ahead->threads[i].thread, WAIT_MS)) continue;
        json_check_free(&ahead->threads[i].check);
    }
    for (int i = 0; i < 2; i++) {
        for (int slot = 0; slot < SEGMENT_BATCH_MAX; slot++)
            json_values_free(&ahead->batches[i].slots[slot].values);
        free(ahead->batches[i].pieces.window);
    }
    json_check_free(&ahead->check);
    os_monitor_free(ahead->monitor);
    free(ahead);
}
