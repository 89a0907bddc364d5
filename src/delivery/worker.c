#include "worker.h"

#include "cursor.h"
#include "destination.h"
#include "park.h"
#include "position_fault.h"
#include "progress.h"
#include "secret.h"
#include "state.h"
#include "unacknowledged.h"

#include "base/error_text.h"
#include "base/file_system.h"
#include "delivery/pace/backoff.h"
#include "delivery/pace/batch_limit.h"
#include "delivery/pace/refused_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define POLL_MS       20
#define QUIET_MS      1300              /* once: a folder without a head is quiet for a second */
#define ONCE_FAILURES 5
#define ONCE_WAIT_MS  60000            /* once: the longest wait, which a far end may ask for */
#define REOPEN_AFTER  3                 /* failures in a row: a certificate may have expired */
#define AGE_MS        3600000           /* how often the age of what waits is looked at */
#define HALTED_MS     60000
#define STEADY_MS     5000              /* a connection without acknowledgements works once it has
                                         * stood so long */
#define HOLD_MS       1000              /* lines that have come are taken in */
#define STANDS_MS     1000              /* how often it is looked whether the state is in place */
#define SAVE_MS       10000             /* the position of lines that the filter left out */
#define SEE_MS        1000              /* how often it is asked whether the journal still stands */
#define JOURNAL_MS    2000              /* while it does not */
#define GATHER_MS     1000              /* refused lines are parked together, for so long */
#define GATHER_BYTES  (1u << 20)        /* and up to here */

/* Lines that were refused since the state was saved. */
struct refusals {
    unsigned count;
    uint64_t first, last;               /* sequences */
    uint64_t since_ms;
    char why[DESTINATION_WHY];          /* of the last one */
};

struct worker {
    struct worker_order order;
    struct reports reports;             /* with the destination's name */
    struct os_thread *thread;
    struct state *state;                /* owned; NULL: not open */
    struct state_record record;         /* as saved, */
    bool unsaved;                       /* or not yet; */
    bool due;                           /* it has to be on disk before the next request */
    struct park_entries refused;        /* up to the position in `record`, not on disk yet */
    struct refusals refusals;
    struct refused_row row;
    uint64_t begun_ms, saved_ms;
    uint64_t stood_ms;                  /* when the state was last seen in its place */
    uint64_t seen_ms;                   /* when the journal was seen to stand, or not */
    uint64_t aged_ms;                   /* when the age of what waits was looked at; 0: never */
    struct bytes secret;
    struct destination_place place;
    struct destination_ahead ahead;
    const struct destination_class *class;
    void *destination;                  /* owned; NULL: not open */
    struct cursor *cursor;              /* owned; NULL: not open */
    struct batch batch;
    struct unacknowledged sent;         /* of a far end that acknowledges nothing */
    struct batch_limit limit;
    struct backoff backoff;
    struct progress progress;
    uint64_t last;                      /* once: the journal's last line when it began; 0: none, or
                                         * not known */
    bool looked;                        /* once: the journal was looked at */
    bool ours;                          /* what fails is no answer of the far end */
    unsigned breaks;                    /* of connections, since lines have arrived for good */
    uint64_t quiet_ms;                  /* since when there is nothing to send; 0: there is */
    bool done;                          /* once: all lines are delivered, or it gave up */
    bool left;                          /* once: it ended with lines that are held, or was
                                         * stopped */
};

static bool worker_is_stopped(const struct worker *worker)
{
    return __atomic_load_n(worker->order.stop, __ATOMIC_ACQUIRE) != 0;
}

static void worker_report(struct worker *worker, enum report_kind kind, const char *text)
{
    const struct reports *reports = worker->order.reports;
    struct bytes sentence = {0};

    /* Some sentences, as those of `check`, begin with it already. */
    if (strncmp(text, "[to ", 4)) bytes_printf(&sentence, "[to %s] ", worker->order.target->name);
    bytes_add(&sentence, text, strlen(text) + 1);
    reports->take(reports->context, kind, sentence.failed ? text : sentence.data);
    bytes_free(&sentence);
}

static void worker_note(struct worker *worker, const char *text)
{
    worker_report(worker, REPORT_NOTE, text);
}

static void worker_take_report(void *context, enum report_kind kind, const char *sentence)
{
    worker_report(context, kind, sentence);
}

static void worker_wait(const struct worker *worker, uint32_t wait_ms)
{
    uint64_t begun = os_ticks_ms(), passed;

    while (!worker_is_stopped(worker) && (passed = os_ticks_ms() - begun) < wait_ms)
        os_word_wait(worker->order.stop, 0, (uint32_t)(wait_ms - passed));
}

static void worker_show(struct worker *worker, bool now)
{
    progress_write(worker->order.store, worker->order.target->file, &worker->progress, now);
}

/* --- trouble --- */

static void worker_fail(struct worker *worker, enum report_kind kind, const char *why)
{
    if (strcmp(worker->progress.why, why) || !worker->progress.failures)
        worker_report(worker, kind, why);
    snprintf(worker->progress.why, sizeof worker->progress.why, "%s", why);
    worker->progress.failed_at = os_now();
    worker->progress.failures++;
}

/* Whether what waits is old beside the time that lines are kept. */
static void worker_look_at_age(struct worker *worker)
{
    const struct config *config = worker->order.config;
    int64_t kept_s = (int64_t)config->retain_days * 86400, age_s;
    char text[256];

    if (!kept_s || !worker->record.generation) return;
    if (worker->aged_ms && os_ticks_ms() - worker->aged_ms < AGE_MS) return;
    worker->aged_ms = os_ticks_ms();
    if (FAILED(position_age(config->journal, &worker->record.position, &age_s))) return;
    if (age_s < kept_s / 2) return;
    snprintf(text, sizeof text,
             "%s: what is not delivered is %" PRIi64 " of the %u days old that lines are kept. "
             "\"certwitness prune\" keeps it, so the disk fills; mend this destination, or remove "
             "it from the configuration",
             age_s < kept_s * 8 / 10 ? "warning" : "error", age_s / 86400, config->retain_days);
    worker_report(worker, age_s < kept_s * 8 / 10 ? REPORT_LAG : REPORT_LAG_ERROR, text);
}

static void worker_pause(struct worker *worker, uint32_t asked_ms)
{
    uint32_t wait_ms = backoff_next(&worker->backoff, asked_ms);
    char text[128];

    worker->done = worker->order.once &&
                   (worker->progress.failures >= ONCE_FAILURES ||
                    worker->breaks >= ONCE_FAILURES || wait_ms > ONCE_WAIT_MS);
    if (!worker->done) {
        worker_wait(worker, wait_ms);
        return;
    }
    if (wait_ms <= ONCE_WAIT_MS) return;
    snprintf(text, sizeof text, "run --once does not wait for the %u s that the far end asks for; "
             "the next run goes on", (unsigned)(wait_ms / 1000));
    worker_note(worker, text);
}

static void worker_tell_failure(struct worker *worker, enum report_kind kind, const char *why)
{
    worker_fail(worker, kind, why);
    worker_show(worker, true);
    worker_look_at_age(worker);
}

static void worker_try_again(struct worker *worker, enum report_kind kind, const char *why,
                             uint32_t asked_ms)
{
    if (worker_is_stopped(worker)) return;
    worker_tell_failure(worker, kind, why);
    worker_pause(worker, asked_ms);
}

/* The far end cannot: wait, and let it be tried again. */
static void worker_again(struct worker *worker, enum report_kind kind, const char *why,
                         uint32_t asked_ms)
{
    worker->ours = false;
    worker_try_again(worker, kind, why, asked_ms);
}

/* The same of what fails on this side. If the far end failed before, only its answer ends that. */
static void worker_again_here(struct worker *worker, enum report_kind kind, const char *why)
{
    worker->ours |= !worker->progress.failures;
    worker_try_again(worker, kind, why, 0);
}

static void worker_halt(struct worker *worker, const char *why)
{
    worker_fail(worker, REPORT_HALTED, why);
    worker->progress.halted = true;
    worker_show(worker, true);
}

static void worker_works(struct worker *worker)
{
    if (worker->progress.failures) worker_note(worker, "it works again");
    worker->progress.failures = 0;
    worker->ours = false;
    backoff_reset(&worker->backoff);
}

static void worker_again_hr(struct worker *worker, enum report_kind kind, const char *what,
                            HRESULT hr)
{
    char why[DESTINATION_WHY], text[ERROR_TEXT_MAX];

    snprintf(why, sizeof why, "%s: %s", what, error_text(hr, text));
    worker_again_here(worker, kind, why);
}

/* Until the journal may be back. */
static void worker_await_journal(struct worker *worker, const char *why)
{
    if (worker_is_stopped(worker)) return;
    worker->ours |= !worker->progress.failures;
    worker_tell_failure(worker, REPORT_HANDS, why);
    if (worker->order.once) worker_pause(worker, 0);
    else worker_wait(worker, JOURNAL_MS);
}

/* False: something is wrong with the journal, which was said. */
static bool worker_judge(struct worker *worker, const struct position_check *check)
{
    char why[POSITION_FAULT_MAX];

    switch (position_fault(worker->order.config->journal, &worker->record.position, check, why)) {
    case POSITION_SOUND: return true;
    case POSITION_WAITS: worker_await_journal(worker, why); break;
    case POSITION_HALTS: worker_halt(worker, why); break;
    }
    return false;
}

/* --- the state --- */

static void worker_tell_refused(struct worker *worker)
{
    const struct refusals *refusals = &worker->refusals;
    char text[2 * DESTINATION_WHY];

    if (refusals->count == 1)
        snprintf(text, sizeof text, "line %" PRIu64 " was refused: %s; it is parked",
                 refusals->last, refusals->why);
    else
        snprintf(text, sizeof text,
                 "%u lines from %" PRIu64 " to %" PRIu64 " were refused and are parked; the last "
                 "one: %s", refusals->count, refusals->first, refusals->last, refusals->why);
    if (refusals->count) worker_report(worker, REPORT_HANDS, text);
    worker->refusals.count = 0;
}

/* True: the refused lines are on disk; the state that counts them is not. */
static bool worker_park(struct worker *worker)
{
    const char *name = worker->order.target->file;
    struct park_loss loss = {0};
    char text[256];
    HRESULT hr = worker->refused.count ? park_add(worker->order.store, name, &worker->record,
                                                  &worker->refused, &loss)
                                       : S_OK;

    if (*loss.kept || (loss.count && SUCCEEDED(hr))) {
        park_tell_loss(&loss, name, text, sizeof text);
        worker_report(worker, REPORT_STATE, text);
    }
    if (FAILED(hr))
        worker_again_hr(worker, REPORT_STATE,
                        "refused lines cannot be parked, so nothing more is sent", hr);
    return SUCCEEDED(hr);
}

static void worker_again_state(struct worker *worker, HRESULT hr)
{
    const struct position *at = &worker->record.position;
    char why[DESTINATION_WHY];

    if (hr != HRESULT_FROM_WIN32(ERROR_NOT_FOUND)) {
        worker_again_hr(worker, REPORT_STATE, "the state cannot be saved, so nothing more is sent",
                        hr);
        return;
    }
    snprintf(why, sizeof why,
             "the state cannot be saved, so nothing more is sent: somebody has moved, removed or "
             "exchanged %.40s.state, lock or the folder with them. Put back what was there; or "
             "stop the delivery, say \"certwitness-delivery seek %.100s %" PRIu64 "\", which is "
             "the line after the last one that was delivered, and start it",
             worker->order.target->file, worker->order.target->name, at->sequence + 1);
    worker_again_here(worker, REPORT_STATE, why);
}

/* True: the position is on disk. Else it was waited, and nothing may be sent. */
static bool worker_save(struct worker *worker)
{
    HRESULT hr;

    if (!worker_park(worker)) return false;
    worker->record.row = worker->row.count;
    hr = worker->unsaved ? state_save(worker->state, &worker->record) : S_OK;
    if (SUCCEEDED(hr)) {
        worker->unsaved = worker->due = false;
        worker->saved_ms = worker->stood_ms = os_ticks_ms();
        worker_tell_refused(worker);
        return true;
    }
    worker_again_state(worker, hr);
    return false;
}

/* Without lines, too: another delivery may begin beside this one. */
static bool worker_state_stands(struct worker *worker)
{
    HRESULT hr;

    if (os_ticks_ms() - worker->stood_ms < STANDS_MS) return true;
    if (FAILED(hr = state_stands(worker->state))) {
        worker_again_state(worker, hr);
        return false;
    }
    worker->stood_ms = os_ticks_ms();
    return true;
}

static void worker_move_to(struct worker *worker, const struct position *position)
{
    worker->record.position = *position;
    worker->unsaved = worker->due = true;
}

/* A far end that acknowledges nothing has the lines up to the saved position, as far as is known.
 */
static void worker_look_arrived(struct worker *worker)
{
    uint64_t now = os_ticks_ms();

    if (unacknowledged_stood(&worker->sent, now) > STEADY_MS) worker_works(worker);
    if (!unacknowledged_arrived(&worker->sent, now, &worker->record.position)) return;
    worker->unsaved = true;
    worker->breaks = 0;
}

static void worker_move(struct worker *worker, const struct position *position)
{
    worker->progress.moved_at = os_now();
    if (worker->class->stands) {
        unacknowledged_sent(&worker->sent, position, os_ticks_ms());
        worker_look_arrived(worker);
    } else worker_move_to(worker, position);
}

/* What was sent and has not arrived goes again. */
static void worker_go_back(struct worker *worker, bool in_order)
{
    unacknowledged_lost(&worker->sent, in_order, os_ticks_ms());
    worker->breaks += !in_order;
    cursor_close(worker->cursor);
    worker->cursor = NULL;
}

/* A new destination begins where its startAt says, and says so. */
static bool worker_begin_anew(struct worker *worker)
{
    const struct target *target = worker->order.target;
    struct position position;
    char text[160];
    HRESULT hr = position_find(worker->order.config->journal, (enum config_start)target->start,
                               target->start_sequence, &position);
    struct position_check unread = {.verdict = POSITION_UNREADABLE, .hr = hr};

    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) {
        worker_halt(worker, "startAt lies beyond the end of the journal; correct it");
        return false;
    }
    if (FAILED(hr)) return worker_judge(worker, &unread);
    if (position.sequence && !position_has_line(&position))
        snprintf(text, sizeof text, "there is no state yet; delivery begins with line %" PRIu64
                 ", as the lines up to %" PRIu64 " are not in the journal any more",
                 position.sequence + 1, position.sequence);
    else
        snprintf(text, sizeof text, "there is no state yet; delivery begins after line %" PRIu64,
                 position.sequence);
    worker_note(worker, text);
    worker_move_to(worker, &position);
    return worker_save(worker);
}

/* The answer of the line that was parked last, with a zero at its end. False: there is none. */
static bool worker_last_answer(struct worker *worker, struct bytes *out)
{
    struct store *store = worker->order.store;
    struct park_reader reader;
    struct span entry;
    HRESULT hr = park_open(store_enter(store), worker->order.target->file, &worker->record,
                           &reader);

    store_leave(store);
    if (hr != S_OK) return false;       /* worker_park tells what is wrong with it */
    while ((hr = park_next(&reader, &entry)) == S_OK)
        if (reader.at == reader.end) park_reason(entry, out);
    park_close(&reader);
    return hr == S_FALSE && out->size && !out->failed;
}

/* The row of refused lines in which the last run ended: else each start of the delivery would park
 * as many again. */
static void worker_recall_row(struct worker *worker)
{
    struct bytes answer = {0};

    if (worker->record.row && worker_last_answer(worker, &answer))
        refused_row_resume(&worker->row, (unsigned)worker->record.row, answer.data);
    bytes_free(&answer);
}

static bool worker_open_state(struct worker *worker)
{
    HRESULT hr;

    if (worker->state && !worker->unsaved) return worker_state_stands(worker);
    if (worker->state) return worker->record.generation ? worker_save(worker)
                                                        : worker_begin_anew(worker);
    hr = state_open(worker->order.store, worker->order.target->file, &worker->state,
                    &worker->record);
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) {
        worker_halt(worker, "its state is damaged, so it is unknown what was delivered. Look at "
                            "the far end for the last line that it has, then say where to go on: "
                            "certwitness-delivery seek NAME SEQUENCE");
        return false;
    }
    if (FAILED(hr)) {
        worker_again_hr(worker, REPORT_STATE, "its state cannot be read", hr);
        return false;
    }
    if (hr == S_OK) {
        worker_recall_row(worker);
        return true;
    }
    worker->unsaved = true;             /* until worker_begin_anew has succeeded */
    return worker_begin_anew(worker);
}

/* --- the journal --- */

/*
 * Whether the journal that the cursor reads still stands where it stood, asked each second or
 * `now`; whether its path leads to another folder, each time. False: there is no cursor any more.
 */
static bool worker_sees_journal(struct worker *worker, bool now)
{
    bool elsewhere = cursor_is_elsewhere(worker->cursor), sound;
    struct position_check check;

    if (!now && !elsewhere && os_ticks_ms() - worker->seen_ms < SEE_MS) return true;
    position_check(worker->order.config->journal, &worker->record.position, &check);
    sound = worker_judge(worker, &check);
    worker->seen_ms = os_ticks_ms();
    if (sound && !elsewhere) return true;
    worker_go_back(worker, false);
    return false;
}

/* The lines up to the oldest that is there are passed over, which the far end is told. */
static HRESULT worker_pass_pruned(struct worker *worker, const struct position_check *check)
{
    struct position before = worker->record.position;

    if (!*before.ca) strcpy(before.ca, check->ca);
    return cursor_tell_pruned(worker->cursor, &worker->batch, &before, check->oldest - 1);
}

/* Once: what is written from now on is left to the next run. */
static void worker_note_last(struct worker *worker)
{
    struct position last;

    if (!worker->order.once || worker->last) return;
    if (SUCCEEDED(position_find(worker->order.config->journal, START_NOW, 0, &last)))
        worker->last = last.sequence;
}

static bool worker_open_cursor(struct worker *worker)
{
    const char *journal = worker->order.config->journal;
    struct position_check check;
    HRESULT hr;

    position_check(journal, &worker->record.position, &check);
    if (!worker_judge(worker, &check)) return false;
    hr = cursor_open(journal, &worker->record.position, check.there,
                     &worker->order.target->filter, &worker->reports, &worker->cursor);
    batch_empty(&worker->batch);
    if (SUCCEEDED(hr) && check.verdict == POSITION_PRUNED) hr = worker_pass_pruned(worker, &check);
    if (SUCCEEDED(hr)) {
        worker_note_last(worker);
        return true;
    }
    cursor_close(worker->cursor);
    worker->cursor = NULL;
    worker_again_hr(worker, REPORT_HANDS, "the journal cannot be read", hr);
    return false;
}

/* --- the far end --- */

static bool worker_open_destination(struct worker *worker)
{
    char why[DESTINATION_WHY] = "";
    HRESULT hr;

    bytes_reset(&worker->secret, 0);
    hr = secret_load(worker->order.config->state, worker->order.target->section, &worker->secret);
    if (FAILED(hr)) {
        worker_again_hr(worker, REPORT_HANDS, "its secret cannot be read", hr);
        return false;
    }
    worker->place.secret = (struct span){worker->secret.data, worker->secret.size};
    hr = destination_open(worker->class, &worker->place, &worker->destination, why);
    if (FAILED(hr)) worker_again_here(worker, REPORT_HANDS, why);
    return SUCCEEDED(hr);
}

/* It is opened anew then, with what an administrator may have mended: a secret, a certificate. */
static void worker_close_destination(struct worker *worker)
{
    if (worker->destination) worker->class->close(worker->destination);
    worker->destination = NULL;
}

/*
 * It is not the lines: that far end takes none. A row of them is parked by then; the next one is
 * tried again until somebody has mended it.
 */
static void worker_refuse_no_more(struct worker *worker, const char *reason)
{
    char why[2 * DESTINATION_WHY];

    snprintf(why, sizeof why, "%u lines one after the other were refused with this answer, so no "
             "more are parked, and the next one is tried until it is taken. Mend the far end or "
             "this section, then \"retry\" what is parked; if the lines are wrong, \"seek\" goes "
             "on behind them: %s", REFUSED_ROW_MOST, reason);
    worker_close_destination(worker);
    if (!worker->unsaved || worker_save(worker)) worker_again(worker, REPORT_HANDS, why, 0);
}

/*
 * True: the line is dealt with. It is parked with those that are refused next, before the position
 * behind it is saved: a crash until then sends them again.
 */
static bool worker_refuse(struct worker *worker, unsigned index, const char *reason)
{
    const struct batch_line *line = &worker->batch.lines[index];
    struct refusals *refusals = &worker->refusals;
    uint64_t sequence = line->position.sequence;
    bool due = worker->due;
    char why[2 * DESTINATION_WHY];

    if (worker->order.target->stops_on_refusal) {
        snprintf(why, sizeof why, "line %" PRIu64 " was refused, so it has halted (onRefused = "
                 "stop); restart the delivery once that is mended: %s", sequence, reason);
        worker_halt(worker, why);
        return false;
    }
    if (refused_row_add(&worker->row, reason)) {
        worker_refuse_no_more(worker, reason);
        return false;
    }
    if (FAILED(park_gather(&worker->refused, line->own ? 0 : sequence,
                           batch_line(&worker->batch, index), reason))) {
        worker_again_here(worker, REPORT_STATE,
                          "there is not enough memory to park a refused line");
        return false;
    }
    if (!refusals->count++) {
        refusals->first = sequence;
        refusals->since_ms = os_ticks_ms();
    }
    refusals->last = sequence;
    snprintf(refusals->why, sizeof refusals->why, "%s", reason);
    worker_works(worker);               /* it answers: it is no longer away */
    worker_move(worker, &line->position);
    worker->unsaved = true;
    worker->due = due;
    return true;
}

/* More refused lines may come before the state is saved. */
static bool worker_gathers(const struct worker *worker)
{
    return worker->refused.count && !worker->due &&
           worker->refused.text.size < GATHER_BYTES &&
           os_ticks_ms() - worker->refusals.since_ms < GATHER_MS;
}

/* Nothing is wrong: lines are gathered for one request. */
static void worker_hold(struct worker *worker, const struct destination_report *report)
{
    worker_works(worker);
    worker_show(worker, false);
    worker_look_at_age(worker);
    if (worker->order.once) {
        worker_note(worker, report->why);
        worker_note(worker, "not all lines were sent; the next run goes on");
        worker->done = worker->left = true;
        return;
    }
    worker_wait(worker, report->after_ms < HOLD_MS ? report->after_ms : HOLD_MS);
    if (batch_is_full(&worker->batch) || SUCCEEDED(cursor_fill(worker->cursor, &worker->batch)))
        return;
    cursor_close(worker->cursor);
    worker->cursor = NULL;
}

/* One request. Returns how many lines are dealt with. */
static unsigned worker_send(struct worker *worker, unsigned first)
{
    unsigned rest = worker->batch.count - first;
    unsigned count = worker->limit.lines < rest ? worker->limit.lines : rest;
    struct destination_report report = {0};

    worker->class->send(worker->destination, &worker->batch, first, count, &report);
    if (report.taken) {
        refused_row_end(&worker->row);
        worker_move(worker, &worker->batch.lines[first + report.taken - 1].position);
        worker->progress.sent += report.taken;
        worker->progress.sent_at = os_now();
    }
    if (report.result == DESTINATION_TAKEN) {
        if (!worker->class->stands) worker_works(worker);
        batch_limit_taken(&worker->limit, report.taken, report.taken < count);
        return report.taken;
    }
    if (report.result == DESTINATION_HELD) {
        worker->due |= worker->unsaved;
        worker_hold(worker, &report);
        return report.taken;
    }
    if (report.result == DESTINATION_AGAIN) {
        if (report.needs_hands || worker->progress.failures >= REOPEN_AFTER) {
            worker_close_destination(worker);
            report.lost |= worker->class->stands != NULL;
        }
        if (report.late) batch_limit_late(&worker->limit, count);
        if (report.taken) backoff_reset(&worker->backoff);
        if (report.lost) worker_go_back(worker, report.in_order);
        if (!worker->unsaved || worker_save(worker))
            worker_again(worker, report.needs_hands ? REPORT_HANDS : REPORT_TROUBLE, report.why,
                         report.after_ms);
        return report.taken;
    }
    rest = count - report.taken;
    if (rest > 1 && !report.single) {
        batch_limit_refused(&worker->limit, rest);
        return report.taken;
    }
    return report.taken + worker_refuse(worker, first + report.taken, report.why);
}

static bool worker_goes_on(const struct worker *worker)
{
    return !worker_is_stopped(worker) && !worker->progress.halted && !worker->done;
}

/* Damage and removed lines may be another journal in the place of this one. */
static bool worker_has_own(const struct worker *worker)
{
    for (unsigned i = 0; i < worker->batch.count; i++)
        if (worker->batch.lines[i].own) return true;
    return false;
}

static void worker_deliver(struct worker *worker)
{
    bool now = worker_has_own(worker);
    unsigned at = 0;

    while (at < worker->batch.count && worker->cursor && worker_goes_on(worker)) {
        if (!worker->unsaved && !worker_sees_journal(worker, now)) return;
        now = false;
        if (!worker->destination && !worker_open_destination(worker)) continue;
        at += worker_send(worker, at);
        if (worker->cursor && at == worker->batch.count)
            worker_move(worker, cursor_position(worker->cursor));
        else if (worker->cursor && worker_goes_on(worker) && worker_gathers(worker)) continue;
        while (worker->unsaved && !worker_save(worker) && worker_goes_on(worker)) {}
        worker_show(worker, false);
        if (os_ticks_ms() - worker->begun_ms > AGE_MS) worker_look_at_age(worker);
    }
}

/* With a far end that acknowledges nothing: whether the connection still stands. */
static bool worker_stands(struct worker *worker)
{
    struct destination_report report = {0};

    if (!worker->class->stands || worker->class->stands(worker->destination, &report)) return true;
    if (!worker->sent.count) return true;
    worker_go_back(worker, report.in_order);
    worker_again(worker, report.needs_hands ? REPORT_HANDS : REPORT_TROUBLE, report.why, 0);
    return false;
}

/* Once: all that was there when it began is dealt with, though more may have come. */
static bool worker_is_behind_last(const struct worker *worker)
{
    return worker->last && worker->looked &&
           cursor_position(worker->cursor)->sequence > worker->last;
}

/* The position of lines that the filter left out is saved now and then, and `status` is told. */
static void worker_keep_place(struct worker *worker)
{
    const struct position *at = cursor_position(worker->cursor);

    if (worker->unsaved) worker_save(worker);
    if (at->sequence && !worker->sent.count &&
        memcmp(at->hash, worker->record.position.hash, LINE_HASH_SIZE) &&
        (worker->done || os_ticks_ms() - worker->saved_ms > SAVE_MS)) {
        worker_move_to(worker, at);
        worker_save(worker);
    }
    worker_show(worker, false);
}

/* The filter took none of many lines, and there are more. */
static void worker_pass(struct worker *worker)
{
    if (!worker_stands(worker)) return;
    if (!worker_sees_journal(worker, false)) return;
    worker_look_arrived(worker);
    worker->progress.moved_at = os_now();
    worker_keep_place(worker);
    if (os_ticks_ms() - worker->begun_ms > AGE_MS) worker_look_at_age(worker);
}

/* Nothing more for now. */
static void worker_rest(struct worker *worker)
{
    char why[CURSOR_WHY];

    if (!worker_stands(worker)) return;
    if (!worker_sees_journal(worker, false)) return;
    worker_look_arrived(worker);
    if (cursor_is_lost(worker->cursor) && !worker_is_behind_last(worker)) {
        cursor_say_lost(worker->cursor, why);
        worker_keep_place(worker);
        worker_await_journal(worker, why);
        return;
    }
    worker->progress.moved_at = os_now();
    if (worker_is_behind_last(worker)) worker->done = !worker->sent.count;
    else if (worker->order.once) {
        if (!worker->quiet_ms || cursor_awaits_line(worker->cursor))
            worker->quiet_ms = os_ticks_ms();
        else if (os_ticks_ms() - worker->quiet_ms > QUIET_MS) worker->done = !worker->sent.count;
    }
    worker_keep_place(worker);
    if (!worker->done) worker_wait(worker, POLL_MS);
}

static void worker_step(struct worker *worker)
{
    HRESULT hr;

    if (worker_is_behind_last(worker)) {
        worker_rest(worker);
        return;
    }
    hr = cursor_fill(worker->cursor, &worker->batch);
    if (FAILED(hr)) {
        cursor_close(worker->cursor);
        worker->cursor = NULL;
        worker_again_hr(worker, REPORT_HANDS, "the journal cannot be read", hr);
        return;
    }
    worker->looked = true;
    if (worker->ours && !cursor_is_lost(worker->cursor))
        worker_works(worker);           /* all that failed here was done */
    if (worker->batch.count) {
        worker->quiet_ms = 0;
        worker_deliver(worker);
        batch_empty(&worker->batch);
    } else if (hr == S_FALSE) worker_rest(worker);
    else worker_pass(worker);
}

/* Halted: what waits grows old all the same. */
static void worker_stay(struct worker *worker)
{
    while (!worker_is_stopped(worker)) {
        worker_look_at_age(worker);
        worker_wait(worker, HALTED_MS);
    }
}

/* Once: it was stopped before it knew that all lines are delivered. */
static void worker_note_cut(struct worker *worker)
{
    if (worker->done || worker->progress.halted) return;
    worker->left = true;
    worker_note(worker, "run --once was stopped before all lines were delivered; the next run "
                "goes on");
}

static void worker_run(void *context)
{
    struct worker *worker = context;

    worker->begun_ms = os_ticks_ms();
    worker->progress.since = os_now();
    worker_show(worker, true);
    while (worker_goes_on(worker)) {
        if (!worker_open_state(worker)) continue;
        if (!worker->destination && !worker_open_destination(worker)) continue;
        if (!worker->cursor && !worker_open_cursor(worker)) continue;
        worker_step(worker);
    }
    worker_show(worker, true);
    if (worker->order.once) worker_note_cut(worker);
    else if (worker->progress.halted) worker_stay(worker);
}

HRESULT worker_start(const struct worker_order *order, struct worker **out)
{
    struct worker *worker = calloc(1, sizeof *worker);
    HRESULT hr = E_OUTOFMEMORY;

    *out = NULL;
    if (!worker) return hr;
    worker->order = *order;
    worker->reports = (struct reports){worker_take_report, worker};
    worker->class = destination_class(order->target->kind);
    worker->place = (struct destination_place){.target = order->target,
                                               .journal = order->config->journal,
                                               .state = order->config->state,
                                               .ahead = &worker->ahead,
                                               .stop = order->stop};
    batch_limit_begin(&worker->limit, BATCH_LINES);
    destination_ahead_begin(&worker->ahead);
    hr = batch_open(&worker->batch);
    if (SUCCEEDED(hr) && worker->class->stands) hr = unacknowledged_open(&worker->sent);
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
    bool wrong = worker->progress.halted || worker->record.parked || worker->left ||
                 (worker->order.once && worker->progress.failures);

    cursor_close(worker->cursor);
    worker_close_destination(worker);
    state_close(worker->state);
    batch_free(&worker->batch);
    park_entries_free(&worker->refused);
    unacknowledged_free(&worker->sent);
    bytes_free(&worker->ahead.words);
    if (worker->secret.data) memset(worker->secret.data, 0, worker->secret.size);
    bytes_free(&worker->secret);
    free(worker);
    return wrong ? OUTCOME_WRONG : OUTCOME_FINE;
}
