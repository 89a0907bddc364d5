#include "worker.h"

#include "backoff.h"
#include "cursor.h"
#include "destination.h"
#include "park.h"
#include "progress.h"
#include "secret.h"
#include "state.h"

#include "base/error_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define POLL_MS       50
#define QUIET_MS      1300              /* once: a folder without a head is quiet for a second */
#define ONCE_FAILURES 5
#define SAVE_US       10000000          /* the position of lines that the filter left out */

struct worker {
    struct worker_order order;
    struct notes notes;                 /* with the destination's name */
    struct os_thread *thread;
    struct state *state;                /* owned; NULL: not open */
    struct state_record record;         /* as saved, */
    bool unsaved;                       /* or not yet */
    int64_t saved_at;
    struct bytes secret;
    struct destination_place place;
    const struct destination_class *class;
    void *destination;                  /* owned; NULL: not open */
    struct cursor *cursor;              /* owned; NULL: not open */
    struct batch batch;
    unsigned limit;                     /* lines in the next request */
    struct backoff backoff;
    struct progress progress;
    uint64_t quiet_ms;                  /* since when there is nothing to send; 0: there is */
    bool done;                          /* once: all lines are delivered, or it gave up */
};

static bool worker_is_stopped(const struct worker *worker)
{
    return __atomic_load_n(worker->order.stop, __ATOMIC_ACQUIRE) != 0;
}

static void worker_note(struct worker *worker, const char *text)
{
    notes_add(worker->order.notes, "[to %s] %s", worker->order.target->name, text);
}

static void worker_take_note(void *context, const char *sentence)
{
    worker_note(context, sentence);
}

static void worker_wait(const struct worker *worker, uint32_t wait_ms)
{
    uint64_t begun = os_ticks_ms(), passed;

    while (!worker_is_stopped(worker) && (passed = os_ticks_ms() - begun) < wait_ms)
        os_word_wait(worker->order.stop, 0, (uint32_t)(wait_ms - passed));
}

static void worker_show(struct worker *worker, bool now)
{
    progress_write(worker->order.store, worker->order.target->name, &worker->progress, now);
}

/* --- trouble --- */

static void worker_fail(struct worker *worker, const char *why)
{
    if (strcmp(worker->progress.why, why) || !worker->progress.failures) worker_note(worker, why);
    snprintf(worker->progress.why, sizeof worker->progress.why, "%s", why);
    worker->progress.failed_at = os_now();
    worker->progress.failures++;
}

/* Wait, and let it be tried again. */
static void worker_again(struct worker *worker, const char *why, uint32_t asked_ms)
{
    if (worker_is_stopped(worker)) return;
    worker_fail(worker, why);
    worker_show(worker, true);
    if (worker->order.once && worker->progress.failures >= ONCE_FAILURES) worker->done = true;
    else worker_wait(worker, backoff_next(&worker->backoff, asked_ms));
}

static void worker_halt(struct worker *worker, const char *why)
{
    worker_fail(worker, why);
    worker->progress.halted = true;
    worker_show(worker, true);
}

static void worker_works(struct worker *worker)
{
    if (worker->progress.failures) worker_note(worker, "it works again");
    worker->progress.failures = 0;
    backoff_reset(&worker->backoff);
}

static void worker_again_hr(struct worker *worker, const char *what, HRESULT hr)
{
    char why[DESTINATION_WHY], text[ERROR_TEXT_MAX];

    snprintf(why, sizeof why, "%s: %s", what, error_text(hr, text));
    worker_again(worker, why, 0);
}

/* --- the state --- */

/* True: the position is on disk. Else it was waited, and nothing may be sent. */
static bool worker_save(struct worker *worker)
{
    HRESULT hr = worker->unsaved ? state_save(worker->state, &worker->record) : S_OK;

    if (SUCCEEDED(hr)) {
        worker->unsaved = false;
        worker->saved_at = os_now();
        return true;
    }
    worker_again_hr(worker, "the state cannot be saved, so nothing more is sent", hr);
    return false;
}

static void worker_move(struct worker *worker, const struct position *position)
{
    worker->record.position = *position;
    worker->unsaved = true;
}

/* A new destination begins where its startAt says, and says so. */
static bool worker_begin_anew(struct worker *worker)
{
    const struct target *target = worker->order.target;
    struct position position;
    char text[160];
    HRESULT hr = position_find(worker->order.config->journal, (enum config_start)target->start,
                               target->start_sequence, &position);

    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) {
        worker_halt(worker, "startAt lies beyond the end of the journal; correct it");
        return false;
    }
    if (FAILED(hr)) {
        worker_again_hr(worker, "the journal cannot be read", hr);
        return false;
    }
    snprintf(text, sizeof text, "there is no state yet; delivery begins after line %" PRIu64,
             position.sequence);
    worker_note(worker, text);
    worker_move(worker, &position);
    return worker_save(worker);
}

static bool worker_open_state(struct worker *worker)
{
    HRESULT hr;

    if (worker->state && !worker->unsaved) return true;
    if (worker->state) return worker->record.generation ? worker_save(worker)
                                                        : worker_begin_anew(worker);
    hr = state_open(worker->order.store, worker->order.target->name, &worker->state,
                    &worker->record);
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) {
        worker_halt(worker, "its state is damaged, so it is unknown what was delivered. Look at "
                            "the far end for the last line that it has, then say where to go on: "
                            "certwitness-delivery seek NAME SEQUENCE");
        return false;
    }
    if (FAILED(hr)) {
        worker_again_hr(worker, "its state cannot be read", hr);
        return false;
    }
    if (hr == S_OK) return true;
    worker->unsaved = true;             /* until worker_begin_anew has succeeded */
    return worker_begin_anew(worker);
}

/* --- the journal --- */

static void worker_halt_at(struct worker *worker, const struct position_check *check)
{
    char why[DESTINATION_WHY];
    uint64_t sequence = worker->record.position.sequence;

    if (check->verdict == POSITION_CHANGED)
        snprintf(why, sizeof why,
                 "line %" PRIu64 " of the journal was changed since it was delivered. Keep the "
                 "journal as evidence and verify it; certwitness-delivery seek goes on elsewhere",
                 sequence);
    else if (check->verdict == POSITION_SET_BACK)
        snprintf(why, sizeof why,
                 "the journal was set back: it ends before line %" PRIu64 ", which was delivered. "
                 "If an older copy was restored, certwitness-delivery seek says where to go on",
                 sequence);
    else
        snprintf(why, sizeof why,
                 "the journal is that of the CA %.100s, but its state belongs to the CA %.100s; "
                 "correct [journal], or give this destination another name",
                 check->ca, worker->record.position.ca);
    worker_halt(worker, why);
}

static bool worker_open_cursor(struct worker *worker)
{
    const char *journal = worker->order.config->journal;
    struct position_check check;
    static const struct position none;
    HRESULT hr;

    position_check(journal, &worker->record.position, &check);
    if (check.verdict == POSITION_UNREADABLE) {
        worker_again_hr(worker, "the journal cannot be read", check.hr);
        return false;
    }
    if (check.verdict != POSITION_FINE && check.verdict != POSITION_PRUNED) {
        worker_halt_at(worker, &check);
        return false;
    }
    hr = cursor_open(journal, check.oldest > worker->record.position.sequence
                                  ? &none : &worker->record.position,
                     &worker->order.target->filter, &worker->notes, &worker->cursor);
    batch_empty(&worker->batch);
    if (SUCCEEDED(hr) && check.verdict == POSITION_PRUNED)
        hr = cursor_tell_pruned(worker->cursor, &worker->batch,
                                worker->record.position.sequence + 1, check.oldest - 1);
    if (SUCCEEDED(hr)) return true;
    cursor_close(worker->cursor);
    worker->cursor = NULL;
    worker_again_hr(worker, "the journal cannot be read", hr);
    return false;
}

/* --- the far end --- */

static bool worker_open_destination(struct worker *worker)
{
    char why[DESTINATION_WHY] = "";
    HRESULT hr;

    bytes_reset(&worker->secret, 0);
    hr = secret_load(worker->order.config->state, worker->order.target->name, &worker->secret);
    if (FAILED(hr)) {
        worker_again_hr(worker, "its secret cannot be read", hr);
        return false;
    }
    worker->place.secret = (struct span){worker->secret.data, worker->secret.size};
    hr = worker->class->open(&worker->place, &worker->destination, why);
    if (FAILED(hr)) worker_again(worker, why, 0);
    return SUCCEEDED(hr);
}

/* It is opened anew then, with what an administrator may have mended: a secret, a certificate. */
static void worker_close_destination(struct worker *worker)
{
    if (worker->destination) worker->class->close(worker->destination);
    worker->destination = NULL;
}

/* True: the line is dealt with. */
static bool worker_refuse(struct worker *worker, unsigned index, const char *reason)
{
    const struct batch_line *line = &worker->batch.lines[index];
    char why[2 * DESTINATION_WHY];
    HRESULT hr;

    snprintf(why, sizeof why, "line %" PRIu64 " was refused: %s", line->position.sequence, reason);
    if (worker->order.target->stops_on_refusal) {
        worker_halt(worker, why);
        return false;
    }
    hr = park_add(worker->order.store, worker->order.target->name, &worker->record,
                  line->own ? 0 : line->position.sequence, batch_line(&worker->batch, index),
                  reason);
    if (FAILED(hr)) {
        worker_again_hr(worker, "a refused line cannot be parked, so nothing more is sent", hr);
        return false;
    }
    strncat(why, "; it is parked", sizeof why - strlen(why) - 1);
    worker_note(worker, why);
    worker_move(worker, &line->position);
    return true;
}

/* One request. Returns how many lines are dealt with. */
static unsigned worker_send(struct worker *worker, unsigned first)
{
    unsigned rest = worker->batch.count - first;
    unsigned count = worker->limit < rest ? worker->limit : rest;
    struct destination_report report = {0};

    worker->class->send(worker->destination, &worker->batch, first, count, &report);
    if (report.taken) {
        worker_move(worker, &worker->batch.lines[first + report.taken - 1].position);
        worker->progress.sent += report.taken;
        worker->progress.sent_at = os_now();
    }
    if (report.result == DESTINATION_TAKEN) {
        worker_works(worker);
        worker->limit = worker->limit < BATCH_LINES / 2 ? 2 * worker->limit : BATCH_LINES;
        return count;
    }
    if (report.result == DESTINATION_AGAIN) {
        if (report.needs_hands) worker_close_destination(worker);
        if (!worker->unsaved || worker_save(worker))
            worker_again(worker, report.why, report.after_ms);
        return report.taken;
    }
    rest = count - report.taken;
    if (rest > 1 && !report.single) {
        worker->limit = rest / 2;
        return report.taken;
    }
    return report.taken + worker_refuse(worker, first + report.taken, report.why);
}

static bool worker_goes_on(const struct worker *worker)
{
    return !worker_is_stopped(worker) && !worker->progress.halted && !worker->done;
}

static void worker_deliver(struct worker *worker)
{
    unsigned at = 0;

    while (at < worker->batch.count && worker_goes_on(worker)) {
        if (!worker->destination && !worker_open_destination(worker)) continue;
        at += worker_send(worker, at);
        if (at == worker->batch.count) worker_move(worker, cursor_position(worker->cursor));
        while (worker->unsaved && !worker_save(worker) && worker_goes_on(worker)) {}
        worker_show(worker, false);
    }
}

/* Nothing more for now. */
static void worker_rest(struct worker *worker)
{
    const struct position *at = cursor_position(worker->cursor);

    if (worker->order.once) {
        if (!worker->quiet_ms) worker->quiet_ms = os_ticks_ms();
        else if (os_ticks_ms() - worker->quiet_ms > QUIET_MS) worker->done = true;
    }
    if (at->sequence && memcmp(at->hash, worker->record.position.hash, LINE_HASH_SIZE) &&
        (worker->done || os_now() - worker->saved_at > SAVE_US)) {
        worker_move(worker, at);
        worker_save(worker);
    }
    worker_show(worker, false);
    if (!worker->done) worker_wait(worker, POLL_MS);
}

static void worker_step(struct worker *worker)
{
    HRESULT hr = cursor_fill(worker->cursor, &worker->batch);

    if (FAILED(hr)) {
        cursor_close(worker->cursor);
        worker->cursor = NULL;
        worker_again_hr(worker, "the journal cannot be read", hr);
        return;
    }
    if (worker->batch.count) {
        worker->quiet_ms = 0;
        worker_deliver(worker);
        batch_empty(&worker->batch);
    } else if (hr == S_FALSE) worker_rest(worker);
}

static void worker_run(void *context)
{
    struct worker *worker = context;

    worker->progress.since = os_now();
    worker_show(worker, true);
    while (worker_goes_on(worker)) {
        if (!worker_open_state(worker)) continue;
        if (!worker->destination && !worker_open_destination(worker)) continue;
        if (!worker->cursor && !worker_open_cursor(worker)) continue;
        worker_step(worker);
    }
    worker_show(worker, true);
}

HRESULT worker_start(const struct worker_order *order, struct worker **out)
{
    struct worker *worker = calloc(1, sizeof *worker);
    HRESULT hr = E_OUTOFMEMORY;

    *out = NULL;
    if (!worker) return hr;
    worker->order = *order;
    worker->notes = (struct notes){worker_take_note, worker};
    worker->class = destination_class(order->target->kind);
    worker->place = (struct destination_place){.target = order->target,
                                               .journal = order->config->journal,
                                               .stop = order->stop};
    worker->limit = BATCH_LINES;
    hr = batch_open(&worker->batch);
    if (SUCCEEDED(hr)) hr = os_thread_start(worker_run, worker, &worker->thread);
    if (SUCCEEDED(hr)) *out = worker;
    else worker_close(worker);
    return hr;
}

bool worker_join(struct worker *worker, uint32_t wait_ms)
{
    if (worker->thread && !os_thread_join(worker->thread, wait_ms)) return false;
    worker->thread = NULL;
    return true;
}

enum outcome worker_close(struct worker *worker)
{
    bool wrong = worker->progress.halted || worker->record.parked ||
                 (worker->order.once && worker->progress.failures);

    cursor_close(worker->cursor);
    worker_close_destination(worker);
    state_close(worker->state);
    batch_free(&worker->batch);
    if (worker->secret.data) memset(worker->secret.data, 0, worker->secret.size);
    bytes_free(&worker->secret);
    free(worker);
    return wrong ? OUTCOME_WRONG : OUTCOME_FINE;
}
