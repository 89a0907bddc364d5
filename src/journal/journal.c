#include "journal.h"

#include "losses.h"
#include "prune.h"
#include "utc.h"
#include "writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES  (4u << 20)         /* of events, written and flushed at once */
#define ENTRY_COST   256                /* what an entry takes besides its text, roughly */
#define HOUR_MS      3600000
#define HEAD_LINES   1000               /* the head is reported after so many lines, or an hour */
#define REQUESTS_TEXT 2048              /* characters that a report spends on RequestIDs */
#define DAY_MICROS   86400000000LL

/* An event that waits. The caller and the writer both hold it: the caller frees it once it is done, the writer where the caller has
 * given up waiting. */
struct entry {
    struct entry *next;
    struct os_condition finished;       /* what its caller waits for: nobody else is woken in vain */
    bool done, abandoned;
    HRESULT hr;                         /* once done */
    size_t cost;
    char type[LINE_TYPE_MAX + 1];
    bool has_request;
    int32_t request_id;
    int64_t time;
    size_t size;
    char data[];
};

static void entry_free(struct entry *entry)
{
    os_condition_end(&entry->finished);
    free(entry);
}

struct journal {
    struct os_monitor *monitor;         /* guards what follows */
    struct entry *first, **last;
    struct entry *writing;              /* what the writer has taken and not finished */
    size_t queued;                      /* bytes */
    struct losses lost;                 /* what did not fit; no journal.gap tells of it yet */
    struct losses telling;              /* what the batch that is being written tells of; changed by the writer only */
    bool stuck;                         /* a caller has waited in vain, and nothing was written since */
    bool started, stopping;             /* module.started is on disk; journal_close was called */
    uint64_t give_up_at;                /* with stopping: until then a disk that refuses is tried again */
    bool left;                          /* journal_close has given up: the writer frees the journal */
    bool finished;                      /* the writer touches nothing any more */
    HRESULT ended_as;                   /* then: whether everything was written */

    struct journal_options options;     /* what it points to is owned */
    struct os_thread *thread;

    /* The writer's alone from here on. */
    struct writer writer;
    struct recovery found;              /* what stood behind the chain's end; told by the first lines */
    bool in_trouble;                    /* something was reported that has not been taken back */
    uint64_t told_sequence, told_first, told_at;        /* the head reported last, its segment, when */
    uint64_t prune_at;                  /* in ticks */
    uint64_t pruned_to;                 /* the sequence that journal.pruned names already */
};

static void report(const struct journal *journal, struct journal_report report)
{
    report.directory = journal->options.directory;
    if (journal->options.report) journal->options.report(&report);
}

static void report_head(struct journal *journal, enum journal_report_kind kind)
{
    const struct chain_head *head = &journal->writer.head;

    journal->told_sequence = head->sequence;
    journal->told_first = journal->writer.first;
    journal->told_at = os_ticks_ms();
    report(journal, (struct journal_report){.kind = kind, .sequence = head->sequence, .hash = head->hash});
}

static void report_head_if_due(struct journal *journal)
{
    const struct writer *writer = &journal->writer;
    uint64_t lines = writer->head.sequence - journal->told_sequence;

    if (!lines) return;
    if (writer->first != journal->told_first) report_head(journal, JOURNAL_HEAD_SEGMENT);
    else if (lines >= HEAD_LINES || os_ticks_ms() - journal->told_at >= HOUR_MS) report_head(journal, JOURNAL_HEAD_DUE);
}

static void report_trouble(struct journal *journal, enum journal_report_kind kind, HRESULT hr)
{
    bool low = kind == JOURNAL_CANNOT_WRITE && journal->writer.too_full;

    journal->in_trouble = true;
    report(journal, (struct journal_report){.kind = low ? JOURNAL_DISK_LOW : kind, .hr = hr, .bytes = journal->writer.free_bytes});
}

static void report_end_of_trouble(struct journal *journal)
{
    if (journal->in_trouble) report(journal, (struct journal_report){.kind = JOURNAL_WRITES_AGAIN});
    journal->in_trouble = false;
}

static void report_finding(const struct journal *journal)
{
    const struct recovery *found = &journal->found;
    enum journal_report_kind kind = found->finding == RECOVER_TORN ? JOURNAL_RECOVERED_TAIL : JOURNAL_DAMAGED;

    if (found->finding == RECOVER_NOTHING) return;
    report(journal, (struct journal_report){.kind = kind, .file = found->file, .offset = found->offset, .bytes = found->bytes,
                                            .first = found->sequence});
}

static HRESULT add_finding(struct journal *journal)
{
    const struct recovery *found = &journal->found;
    struct bytes data = {0};
    struct json json = {.out = &data};
    bool torn = found->finding == RECOVER_TORN;

    if (found->finding == RECOVER_NOTHING) return S_OK;
    json_object(&json, NULL);
    json_text(&json, "file", found->file);
    json_number(&json, "offset", (int64_t)found->offset);
    json_number(&json, "sequence", (int64_t)found->sequence);
    json_number(&json, "bytes", (int64_t)found->bytes);
    if (torn) json_text(&json, "kept", found->kept);
    json_end(&json);
    return writer_add_own(&journal->writer, torn ? JOURNAL_RECOVERED : JOURNAL_BROKEN, &data);
}

/* {"module":{"run":…, the caller's}, the caller's} */
static HRESULT add_started(struct journal *journal)
{
    struct bytes data = {.limit = LINE_DATA_MAX};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", journal->writer.run);
    json_bool(&json, "endedCleanly", journal->found.ended_cleanly);
    json_members(&json, journal->options.start_module.text, journal->options.start_module.size);
    json_end(&json);
    json_members(&json, journal->options.start_more.text, journal->options.start_more.size);
    json_end(&json);
    return writer_add_own(&journal->writer, JOURNAL_STARTED, &data);
}

static HRESULT add_stopped(struct journal *journal)
{
    struct bytes data = {0};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", journal->writer.run);
    json_end(&json);
    json_end(&json);
    return writer_add_own(&journal->writer, JOURNAL_STOPPED, &data);
}

static HRESULT add_gap(struct journal *journal)
{
    struct bytes data = {.limit = LINE_DATA_MAX};

    if (!journal->telling.events) return S_OK;
    losses_json(&journal->telling, &data);
    return writer_add_own(&journal->writer, JOURNAL_GAP, &data);
}

/* Inside the monitor. Whoever closes the journal waits for what can still be written, but not for ever, and not for nothing. */
static bool is_hopeless(const struct journal *journal, bool holds_entries)
{
    if (!journal->stopping) return false;
    return (!holds_entries && !journal->first) || os_ticks_ms() >= journal->give_up_at;
}

/* Sleep between attempts; false once another is not worth while. */
static bool pause_before_retry(struct journal *journal, bool holds_entries)
{
    uint64_t until = os_ticks_ms() + journal->options.retry_ms, now;
    bool hopeless;

    os_monitor_enter(journal->monitor);
    while (!(hopeless = is_hopeless(journal, holds_entries)) && (now = os_ticks_ms()) < until) {
        uint64_t end = journal->stopping && journal->give_up_at < until ? journal->give_up_at : until;

        os_monitor_wait(journal->monitor, (uint32_t)(end > now ? end - now : 0));
    }
    os_monitor_leave(journal->monitor);
    return !hopeless;
}

/* All that the batch consists of; once more from the beginning where it failed, its places in the chain unchanged. */
static HRESULT write_entries(struct journal *journal, struct entry *entries)
{
    struct writer *writer = &journal->writer;
    char subject[32];
    HRESULT hr;

    writer_begin(writer);
    for (struct entry *entry = entries; entry; entry = entry->next) {
        snprintf(subject, sizeof subject, "request/%" PRId32, entry->request_id);
        hr = writer_add(writer, entry->type, entry->has_request ? subject : NULL, entry->time, (struct span){entry->data, entry->size});
        if (FAILED(hr)) return hr;
    }
    if (FAILED(hr = add_gap(journal))) return hr;
    return writer_write(writer);
}

static HRESULT write_first_lines(struct journal *journal)
{
    HRESULT hr;

    writer_begin(&journal->writer);
    if (FAILED(hr = add_finding(journal))) return hr;
    if (FAILED(hr = add_started(journal))) return hr;
    return writer_write(&journal->writer);
}

/* When the writer has to look after itself though nobody calls, in ticks. */
static uint64_t next_chore(const struct journal *journal)
{
    uint64_t head = journal->writer.head.sequence > journal->told_sequence ? journal->told_at + HOUR_MS : UINT64_MAX;

    return head < journal->prune_at ? head : journal->prune_at;
}

static void wait_until(struct journal *journal, uint64_t time)
{
    uint64_t now = os_ticks_ms(), left = time > now ? time - now : 0;

    os_monitor_wait(journal->monitor, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX);
}

/* Take what waits, up to a batch, and the losses to tell of; nothing where a chore is due first. False once the journal is being closed
 * and nothing waits. */
static bool take_work(struct journal *journal, struct entry **out)
{
    uint64_t chore = next_chore(journal);
    struct entry **cut;
    size_t size = 0;
    bool any;

    os_monitor_enter(journal->monitor);
    while (!journal->first && !journal->lost.events && !journal->stopping && os_ticks_ms() < chore) wait_until(journal, chore);
    *out = journal->first;
    for (cut = out; *cut && size < BATCH_BYTES; cut = &(*cut)->next) size += (*cut)->size;
    journal->first = *cut;
    *cut = NULL;
    if (!journal->first) journal->last = &journal->first;
    journal->writing = *out;
    losses_merge(&journal->telling, &journal->lost);
    losses_clear(&journal->lost);
    any = *out || journal->telling.events || !journal->stopping;
    os_monitor_leave(journal->monitor);
    return any;
}

/* Tell the callers; `hr` is how writing them all ended. What failed for good counts as lost. */
static void finish_work(struct journal *journal, struct entry *entries, HRESULT hr)
{
    os_monitor_enter(journal->monitor);
    if (FAILED(hr)) losses_merge(&journal->lost, &journal->telling);
    losses_clear(&journal->telling);
    journal->writing = NULL;
    for (struct entry *entry = entries, *next; entry; entry = next) {
        next = entry->next;
        if (FAILED(hr)) losses_add(&journal->lost, entry->time, entry->has_request, entry->request_id);
        journal->queued -= entry->cost;
        entry->hr = hr;
        entry->done = true;
        if (entry->abandoned) entry_free(entry);
        else os_condition_wake(&entry->finished);
    }
    if (SUCCEEDED(hr)) journal->stuck = false;
    os_monitor_leave(journal->monitor);
}

/* Say what goes, flush that, and only then remove it. */
static HRESULT write_pruned(struct journal *journal, const struct prune *prune)
{
    struct bytes data = {0};
    struct json json = {.out = &data};
    HRESULT hr;

    if (prune->head.sequence == journal->pruned_to) return S_OK;        /* said already; a file would not go */
    json_object(&json, NULL);
    json_number(&json, "sequence", (int64_t)prune->head.sequence);
    json_text(&json, "hash", prune->head.hash);
    json_number(&json, "segments", (int64_t)prune->segments);
    json_end(&json);
    writer_begin(&journal->writer);
    if (FAILED(hr = writer_add_own(&journal->writer, JOURNAL_PRUNED, &data))) return hr;
    if (FAILED(hr = writer_write(&journal->writer))) return hr;
    journal->pruned_to = prune->head.sequence;
    report(journal, (struct journal_report){.kind = JOURNAL_PRUNED_TO, .sequence = prune->head.sequence, .hash = prune->head.hash});
    return S_OK;
}

static void prune_if_due(struct journal *journal)
{
    char name[SEGMENT_NAME_SIZE + 1] = "";
    struct prune prune;
    HRESULT hr;

    if (os_ticks_ms() < journal->prune_at) return;
    journal->prune_at = os_ticks_ms() + HOUR_MS;
    hr = prune_find(journal->writer.folder, os_now() - journal->options.retain_days * DAY_MICROS, &prune);
    if (SUCCEEDED(hr) && !prune.segments) return;
    if (SUCCEEDED(hr)) hr = write_pruned(journal, &prune);
    if (SUCCEEDED(hr)) hr = prune_remove(journal->writer.folder, &prune, name);
    if (FAILED(hr)) report(journal, (struct journal_report){.kind = JOURNAL_CANNOT_PRUNE, .hr = hr, .file = name});
}

static void do_chores(struct journal *journal)
{
    if (journal->options.retain_days && journal->writer.first != journal->told_first) journal->prune_at = 0;
    report_head_if_due(journal);
    prune_if_due(journal);
}

/* It is on disk: wake the callers, and only then tell the world. */
static void finish_and_report(struct journal *journal, struct entry *entries)
{
    uint64_t lost = journal->telling.events;
    char requests[REQUESTS_TEXT];

    losses_text(&journal->telling, requests, sizeof requests);
    if (!entries && !lost) return;
    finish_work(journal, entries, S_OK);
    if (lost) report(journal, (struct journal_report){.kind = JOURNAL_LOST, .events = lost, .requests = requests});
    report_end_of_trouble(journal);
}

/* Until the journal is closed, or a failure is final. */
static HRESULT write_all(struct journal *journal)
{
    struct entry *entries;
    HRESULT hr;

    while (take_work(journal, &entries)) {
        while (FAILED(hr = write_entries(journal, entries))) {
            report_trouble(journal, JOURNAL_CANNOT_WRITE, hr);
            if (pause_before_retry(journal, true)) continue;
            finish_work(journal, entries, hr);
            return hr;
        }
        finish_and_report(journal, entries);
        do_chores(journal);
    }
    return S_OK;
}

static void announce_started(struct journal *journal)
{
    os_monitor_enter(journal->monitor);
    journal->started = true;
    journal->stuck = false;
    os_monitor_wake_all(journal->monitor);
    os_monitor_leave(journal->monitor);
}

/* Folder, chain, first lines. Once the chain is open only writing is tried again: what a failed attempt has left on disk must not be
 * taken for part of the chain. */
static HRESULT open_chain(struct journal *journal)
{
    HRESULT hr;

    while (FAILED(hr = writer_open(&journal->writer, &journal->found))) {
        report_trouble(journal, JOURNAL_CANNOT_OPEN, hr);
        if (!pause_before_retry(journal, false)) return hr;
    }
    while (FAILED(hr = write_first_lines(journal))) {
        report_trouble(journal, JOURNAL_CANNOT_WRITE, hr);
        if (!pause_before_retry(journal, false)) return hr;
    }
    announce_started(journal);
    report_end_of_trouble(journal);
    report_finding(journal);
    report_head(journal, JOURNAL_HEAD_STARTED);
    journal->prune_at = journal->options.retain_days ? 0 : UINT64_MAX;
    prune_if_due(journal);
    return S_OK;
}

static void journal_free(struct journal *journal)
{
    if (!journal) return;
    os_monitor_free(journal->monitor);
    writer_free(&journal->writer);
    free((char *)journal->options.directory);
    free((char *)journal->options.source);
    free((char *)journal->options.start_module.text);
    free((char *)journal->options.start_more.text);
    free(journal);
}

/* Twice, since the first attempt may be what finds out that the segment has to be left. */
static HRESULT say_goodbye(struct journal *journal)
{
    HRESULT hr = E_FAIL;

    for (int attempt = 0; attempt < 2 && FAILED(hr); attempt++) {
        writer_begin(&journal->writer);
        hr = add_stopped(journal);
        if (SUCCEEDED(hr)) hr = writer_write(&journal->writer);
    }
    if (SUCCEEDED(hr)) report_head(journal, JOURNAL_HEAD_STOPPED);
    return hr;
}

/* Nothing more can be written. */
static void give_up(struct journal *journal, HRESULT hr)
{
    struct entry *rest;

    os_monitor_enter(journal->monitor);
    rest = journal->first;
    journal->first = NULL;
    journal->last = &journal->first;
    os_monitor_leave(journal->monitor);
    finish_work(journal, rest, hr);
}

/* The writer's thread. */
static void write_journal(void *context)
{
    struct journal *journal = context;
    bool left;
    HRESULT hr;

    hr = open_chain(journal);
    if (SUCCEEDED(hr)) hr = write_all(journal);
    if (SUCCEEDED(hr)) hr = say_goodbye(journal);
    if (FAILED(hr)) give_up(journal, hr);
    writer_close(&journal->writer);

    os_monitor_enter(journal->monitor);
    journal->finished = true;
    journal->ended_as = hr;
    left = journal->left;
    os_monitor_leave(journal->monitor);
    if (!left) return;
    os_thread_forget(journal->thread);
    journal_free(journal);
}

/* Inside the monitor: wait until `*flag` or the deadline. */
static bool wait_for(struct journal *journal, const bool *flag, uint64_t deadline)
{
    uint64_t now;

    while (!*flag && (now = os_ticks_ms()) < deadline) os_monitor_wait(journal->monitor, (uint32_t)(deadline - now));
    return *flag;
}

static char *copy(const void *data, size_t size, bool *failed)
{
    char *text = malloc(size + 1);

    if (!text) { *failed = true; return NULL; }
    if (size) memcpy(text, data, size);
    text[size] = 0;
    return text;
}

static struct journal *journal_create(const struct journal_options *options)
{
    struct journal *journal = calloc(1, sizeof *journal);
    bool failed = false;

    if (!journal) return NULL;
    journal->options = *options;
    journal->last = &journal->first;
    journal->options.directory = copy(options->directory, strlen(options->directory), &failed);
    journal->options.source = copy(options->source, strlen(options->source), &failed);
    journal->writer.options = (struct writer_options){journal->options.directory, journal->options.source, options->segment_bytes,
                                                      options->min_free_bytes};
    journal->options.start_module.text = copy(options->start_module.text, options->start_module.size, &failed);
    journal->options.start_more.text = copy(options->start_more.text, options->start_more.size, &failed);
    if (!failed && SUCCEEDED(os_monitor_create(&journal->monitor))) return journal;
    journal_free(journal);
    return NULL;
}

HRESULT journal_open(const struct journal_options *options, struct journal **out)
{
    uint64_t deadline = os_ticks_ms() + options->wait_ms;
    struct journal *journal;
    bool started;
    HRESULT hr;

    *out = NULL;
    if (!(journal = journal_create(options))) return E_OUTOFMEMORY;
    if (FAILED(hr = os_thread_start(write_journal, journal, &journal->thread))) {
        journal_free(journal);
        return hr;
    }
    os_monitor_enter(journal->monitor);
    started = wait_for(journal, &journal->started, deadline);
    journal->stuck = !started;          /* whoever comes next has waited already */
    os_monitor_leave(journal->monitor);
    *out = journal;
    return started ? S_OK : S_FALSE;
}

static HRESULT entry_create(const struct journal_event *event, struct entry **out)
{
    size_t type = strlen(event->type);
    char when[UTC_TEXT_MAX];
    struct entry *entry;

    if (type > LINE_TYPE_MAX || event->data.size > LINE_DATA_MAX) return E_INVALIDARG;
    if (!utc_text(event->time, true, when)) return E_INVALIDARG;        /* now, not when the writer meets it */
    if (!(entry = malloc(sizeof *entry + event->data.size))) return E_OUTOFMEMORY;
    memset(entry, 0, sizeof *entry);
    os_condition_init(&entry->finished);
    memcpy(entry->type, event->type, type);
    entry->has_request = event->has_request;
    entry->request_id = event->request_id;
    memcpy(entry->data, event->data.text, event->data.size);
    entry->time = event->time;
    entry->size = event->data.size;
    entry->cost = event->data.size + ENTRY_COST;
    *out = entry;
    return S_OK;
}

/* Inside the monitor. */
static bool enqueue(struct journal *journal, struct entry *entry)
{
    if (journal->queued + entry->cost > journal->options.queue_bytes) return false;
    *journal->last = entry;
    journal->last = &entry->next;
    journal->queued += entry->cost;
    os_monitor_wake_all(journal->monitor);
    return true;
}

/* Inside the monitor. The entry is the writer's alone, or freed, after this. */
static HRESULT wait_for_entry(struct journal *journal, struct entry *entry)
{
    uint64_t deadline = os_ticks_ms() + journal->options.wait_ms, now;
    HRESULT hr;

    while (!journal->stuck && !entry->done && (now = os_ticks_ms()) < deadline)
        os_condition_wait(&entry->finished, journal->monitor, (uint32_t)(deadline - now));
    if (!entry->done) {
        entry->abandoned = true;
        journal->stuck = true;
        return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    }
    hr = entry->hr;
    entry_free(entry);
    return hr;
}

/* Inside the monitor. The writer is woken: what could not be recorded has to be told even if nothing else ever comes. */
static void count_lost(struct journal *journal, const struct journal_event *event)
{
    char when[UTC_TEXT_MAX];
    int64_t time = utc_text(event->time, true, when) ? event->time : os_now();

    losses_add(&journal->lost, time, event->has_request, event->request_id);
    os_monitor_wake_all(journal->monitor);
}

HRESULT journal_append(struct journal *journal, const struct journal_event *event)
{
    struct entry *entry = NULL;
    HRESULT hr = entry_create(event, &entry);

    os_monitor_enter(journal->monitor);
    if (FAILED(hr)) {
        count_lost(journal, event);
    } else if (enqueue(journal, entry)) {
        hr = wait_for_entry(journal, entry);
    } else {
        entry_free(entry);
        count_lost(journal, event);
        hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    }
    os_monitor_leave(journal->monitor);
    return hr;
}

void journal_lose(struct journal *journal, const struct journal_event *event)
{
    os_monitor_enter(journal->monitor);
    count_lost(journal, event);
    os_monitor_leave(journal->monitor);
}

/* What has not reached the disk. NULL where there is no memory to count in. */
static struct losses *collect_unwritten(struct journal *journal)
{
    struct losses *all = calloc(1, sizeof *all);
    const struct entry *const lists[] = {journal->writing, journal->first};

    if (!all) return NULL;
    for (int i = 0; i < 2; i++) {
        for (const struct entry *entry = lists[i]; entry; entry = entry->next)
            losses_add(all, entry->time, entry->has_request, entry->request_id);
    }
    losses_merge(all, &journal->telling);
    losses_merge(all, &journal->lost);
    return all;
}

static void report_unwritten(const struct journal_options *options, const struct losses *unwritten)
{
    struct journal_report report = {.kind = JOURNAL_UNWRITTEN, .directory = options->directory};
    char requests[REQUESTS_TEXT];

    if (!options->report || !unwritten || !unwritten->events) return;
    losses_text(unwritten, requests, sizeof requests);
    report.events = unwritten->events;
    report.requests = requests;
    options->report(&report);
}

/* The writer did not end in time: from now on the journal is its own, and may be gone at once. False where it ended just then. What
 * is told of it is a copy. */
static bool leave_to_writer(struct journal *journal)
{
    bool failed = false, left;
    char *directory = copy(journal->options.directory, strlen(journal->options.directory), &failed);
    struct journal_options options = {.directory = failed ? "" : directory, .report = journal->options.report};
    struct losses *unwritten = NULL;

    os_monitor_enter(journal->monitor);
    left = journal->left = !journal->finished;
    if (left) unwritten = collect_unwritten(journal);
    os_monitor_leave(journal->monitor);
    report_unwritten(&options, unwritten);
    free(unwritten);
    free(directory);
    return left;
}

HRESULT journal_close(struct journal *journal)
{
    uint32_t wait_ms;
    HRESULT hr;

    if (!journal) return S_OK;
    wait_ms = journal->options.wait_ms;
    os_monitor_enter(journal->monitor);
    journal->stopping = true;
    journal->give_up_at = os_ticks_ms() + wait_ms - wait_ms / 4;        /* what is left is for it to end in */
    os_monitor_wake_all(journal->monitor);
    os_monitor_leave(journal->monitor);
    if (!os_thread_join(journal->thread, wait_ms)) {
        if (leave_to_writer(journal)) return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
        if (!os_thread_join(journal->thread, wait_ms)) return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    }
    hr = journal->ended_as;
    report_unwritten(&journal->options, &journal->lost);
    journal_free(journal);
    return hr;
}
