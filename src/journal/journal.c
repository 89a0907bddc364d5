#include "journal.h"

#include "disk.h"
#include "recover.h"
#include "utc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES  (4u << 20)         /* written and flushed at once; also what the writer keeps of memory when idle */
#define ENTRY_COST   256                /* what an entry takes besides its text, roughly */

/* An event that waits. The caller and the writer both hold it: the caller frees it once it is done, the writer where the caller has
 * given up waiting. */
struct entry {
    struct entry *next;
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

struct journal {
    struct os_monitor *monitor;         /* guards what follows */
    struct entry *first, **last;
    size_t queued;                      /* bytes */
    bool stuck;                         /* a caller has waited in vain, and nothing was written since */
    bool started, stopping;             /* module.started is on disk; journal_close was called */
    uint64_t give_up_at;                /* with stopping: until then a disk that refuses is tried again */
    bool left;                          /* journal_close has given up: the writer frees the journal */
    bool finished;                      /* the writer touches nothing any more */
    HRESULT ended_as;                   /* then: whether everything was written */

    struct journal_options options;     /* what it points to is owned */
    struct os_thread *thread;

    /* The writer's alone from here on. */
    char run[37];
    struct disk_folder *folder;         /* NULL: not open */
    struct disk_file *segment;          /* NULL: begin a new one */
    uint64_t segment_size;              /* bytes of it that are flushed */
    bool folder_dirty;                  /* the segment's name may not be on disk */
    struct chain_head head;             /* the last line that is on disk */
    struct bytes batch;                 /* lines that are being written */
    struct chain_head batch_head;       /* the last of them */
};

static HRESULT add_line(struct journal *journal, const char *type, const char *subject, int64_t time, struct span data)
{
    struct line_place place = {journal->run, journal->options.source, journal->batch_head.sequence + 1, journal->batch_head.hash,
                               journal->head.sequence};
    char hash[LINE_HASH_SIZE + 1];
    HRESULT hr = line_make(&journal->batch, &place, type, subject, time, data, hash);

    if (FAILED(hr)) return hr;
    journal->batch_head.sequence++;
    memcpy(journal->batch_head.hash, hash, sizeof hash);
    return S_OK;
}

/* One of our own events; its object is already in `data`, which is freed. */
static HRESULT add_own(struct journal *journal, const char *type, struct bytes *data)
{
    HRESULT hr = data->failed ? E_OUTOFMEMORY : add_line(journal, type, NULL, os_now(), (struct span){data->data, data->size});

    bytes_free(data);
    return hr;
}

static HRESULT add_finding(struct journal *journal, const struct recovery *found)
{
    struct bytes data = {0};
    struct json json = {.out = &data};
    bool torn = found->finding == RECOVER_TORN;

    if (found->finding == RECOVER_NOTHING) return S_OK;
    json_object(&json, NULL);
    json_text(&json, "file", found->file);
    json_number(&json, "offset", (int64_t)found->offset);
    json_number(&json, "sequence", (int64_t)found->sequence);
    json_number(&json, "bytes", (int64_t)found->bytes);
    if (*found->kept) json_text(&json, "kept", found->kept);
    json_end(&json);
    return add_own(journal, torn ? JOURNAL_RECOVERED : JOURNAL_BROKEN, &data);
}

/* {"module":{"run":…, the caller's}, the caller's} */
static HRESULT add_started(struct journal *journal, bool ended_cleanly)
{
    struct bytes data = {.limit = LINE_DATA_MAX};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", journal->run);
    json_bool(&json, "endedCleanly", ended_cleanly);
    json_members(&json, journal->options.start_module.text, journal->options.start_module.size);
    json_end(&json);
    json_members(&json, journal->options.start_more.text, journal->options.start_more.size);
    json_end(&json);
    return add_own(journal, JOURNAL_STARTED, &data);
}

static HRESULT add_stopped(struct journal *journal)
{
    struct bytes data = {0};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", journal->run);
    json_end(&json);
    json_end(&json);
    return add_own(journal, JOURNAL_STOPPED, &data);
}

static void batch_begin(struct journal *journal)
{
    bytes_reset(&journal->batch, BATCH_BYTES);
    journal->batch_head = journal->head;
}

/* A new segment, or one of that very name where writing its first lines failed before: none of it was acknowledged. Where it cannot be
 * cut (somebody else has it mapped) it is written over. */
static HRESULT begin_segment(struct journal *journal)
{
    char name[SEGMENT_NAME_SIZE + 1];
    HRESULT hr;

    segment_name(journal->head.sequence + 1, name);
    hr = disk_create(journal->folder, name, &journal->segment);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)) {
        hr = disk_open(journal->folder, name, &journal->segment);
        if (SUCCEEDED(hr) && FAILED(disk_cut(journal->segment, 0))) {}
    }
    journal->segment_size = 0;
    journal->folder_dirty = true;
    return hr;
}

/* After a failure nothing that was written to this segment since its last good flush may ever count: cut it off if the disk lets us,
 * and go on in another file in any case. */
static void leave_segment(struct journal *journal)
{
    HRESULT cut = journal->segment ? disk_cut(journal->segment, journal->segment_size) : S_OK;

    (void)cut;                          /* where it fails, readers pass over the lines that were left behind */
    disk_close(journal->segment);
    journal->segment = NULL;
}

static HRESULT write_batch(struct journal *journal)
{
    HRESULT hr;

    if (!journal->batch.size) return S_OK;
    if (journal->segment && journal->segment_size >= journal->options.segment_bytes) {
        disk_close(journal->segment);
        journal->segment = NULL;
    }
    if (!journal->segment && FAILED(hr = begin_segment(journal))) goto failed;
    if (FAILED(hr = disk_write(journal->segment, journal->segment_size, journal->batch.data, journal->batch.size))) goto failed;
    if (FAILED(hr = disk_flush(journal->segment))) goto failed;
    if (journal->folder_dirty && FAILED(hr = disk_flush_folder(journal->folder))) goto failed;
    journal->folder_dirty = false;
    journal->segment_size += journal->batch.size;
    journal->head = journal->batch_head;
    return S_OK;
failed:
    leave_segment(journal);
    return hr;
}

static HRESULT open_segment(struct journal *journal, const struct recovery *found)
{
    char name[SEGMENT_NAME_SIZE + 1];

    if (!found->segment) return S_OK;
    segment_name(found->segment, name);
    journal->segment_size = found->segment_size;
    return disk_open(journal->folder, name, &journal->segment);
}

static void close_files(struct journal *journal)
{
    disk_close(journal->segment);
    disk_close_folder(journal->folder);
    journal->segment = NULL;
    journal->folder = NULL;
}

/* One attempt: folder, chain, first lines. */
static HRESULT open_files(struct journal *journal)
{
    struct recovery found;
    HRESULT hr;

    if (FAILED(hr = os_guid(journal->run))) return hr;
    if (FAILED(hr = disk_open_folder(journal->options.directory, &journal->folder))) return hr;
    if (FAILED(hr = recover_chain(journal->folder, &found))) goto failed;
    journal->head = found.head;
    if (FAILED(hr = open_segment(journal, &found))) goto failed;
    batch_begin(journal);
    if (FAILED(hr = add_finding(journal, &found))) goto failed;
    if (FAILED(hr = add_started(journal, found.ended_cleanly))) goto failed;
    if (FAILED(hr = write_batch(journal))) goto failed;
    return S_OK;
failed:
    close_files(journal);
    return hr;
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

/* Lines once more from the beginning: a batch that failed goes into another segment, its places in the chain unchanged. */
static HRESULT write_entries(struct journal *journal, struct entry *entries)
{
    HRESULT hr;

    batch_begin(journal);
    for (struct entry *entry = entries; entry; entry = entry->next) {
        char subject[32];

        snprintf(subject, sizeof subject, "request/%" PRId32, entry->request_id);
        hr = add_line(journal, entry->type, entry->has_request ? subject : NULL, entry->time, (struct span){entry->data, entry->size});
        if (FAILED(hr)) return hr;
    }
    return write_batch(journal);
}

/* Take what waits, up to a batch; NULL once the journal is being closed and nothing waits. */
static struct entry *take_entries(struct journal *journal)
{
    struct entry *entries, **cut;
    size_t size = 0;

    os_monitor_enter(journal->monitor);
    while (!journal->first && !journal->stopping) os_monitor_wait(journal->monitor, UINT32_MAX);
    entries = journal->first;
    for (cut = &entries; *cut && size < BATCH_BYTES; cut = &(*cut)->next) size += (*cut)->size;
    journal->first = *cut;
    *cut = NULL;
    if (!journal->first) journal->last = &journal->first;
    os_monitor_leave(journal->monitor);
    return entries;
}

/* Tell the callers; `hr` is how writing them all ended. */
static void finish_entries(struct journal *journal, struct entry *entries, HRESULT hr)
{
    os_monitor_enter(journal->monitor);
    for (struct entry *entry = entries, *next; entry; entry = next) {
        next = entry->next;
        journal->queued -= entry->cost;
        entry->hr = hr;
        entry->done = true;
        if (entry->abandoned) free(entry);
    }
    if (SUCCEEDED(hr)) journal->stuck = false;
    os_monitor_wake_all(journal->monitor);
    os_monitor_leave(journal->monitor);
}

/* Until the journal is closed. Returns the first failure that was final: something is then missing from the journal. */
static HRESULT write_all(struct journal *journal)
{
    HRESULT first = S_OK, hr;
    struct entry *entries;

    while ((entries = take_entries(journal))) {
        bool again = true;

        while (FAILED(hr = write_entries(journal, entries)) && again) again = pause_before_retry(journal, true);
        finish_entries(journal, entries, hr);
        if (FAILED(hr) && SUCCEEDED(first)) first = hr;
    }
    return first;
}

static void announce_started(struct journal *journal)
{
    os_monitor_enter(journal->monitor);
    journal->started = true;
    journal->stuck = false;
    os_monitor_wake_all(journal->monitor);
    os_monitor_leave(journal->monitor);
}

static void journal_free(struct journal *journal)
{
    if (!journal) return;
    os_monitor_free(journal->monitor);
    bytes_free(&journal->batch);
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
        batch_begin(journal);
        hr = add_stopped(journal);
        if (SUCCEEDED(hr)) hr = write_batch(journal);
    }
    return hr;
}

/* The writer's thread. */
static void write_journal(void *context)
{
    struct journal *journal = context;
    bool again = true, left;
    struct entry *rest;
    HRESULT hr;

    while (FAILED(hr = open_files(journal)) && again) again = pause_before_retry(journal, false);
    if (SUCCEEDED(hr)) {
        announce_started(journal);
        hr = write_all(journal);
        if (SUCCEEDED(hr)) hr = say_goodbye(journal);
    }
    while ((rest = take_entries(journal))) finish_entries(journal, rest, hr);
    close_files(journal);

    os_monitor_enter(journal->monitor);
    journal->finished = true;
    journal->ended_as = hr;
    left = journal->left;
    os_monitor_leave(journal->monitor);
    if (left) journal_free(journal);
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
    if (!(entry = calloc(1, sizeof *entry + event->data.size))) return E_OUTOFMEMORY;
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
    HRESULT hr;

    if (!journal->stuck) wait_for(journal, &entry->done, os_ticks_ms() + journal->options.wait_ms);
    if (!entry->done) {
        entry->abandoned = true;
        journal->stuck = true;
        return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    }
    hr = entry->hr;
    free(entry);
    return hr;
}

HRESULT journal_append(struct journal *journal, const struct journal_event *event)
{
    struct entry *entry = NULL;
    HRESULT hr = entry_create(event, &entry);

    if (FAILED(hr)) return hr;
    os_monitor_enter(journal->monitor);
    if (enqueue(journal, entry)) {
        hr = wait_for_entry(journal, entry);
    } else {
        free(entry);
        hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    }
    os_monitor_leave(journal->monitor);
    return hr;
}

/* The writer did not end in time: from now on the journal is its own. False where it ended just then. */
static bool leave_to_writer(struct journal *journal)
{
    bool left;

    os_monitor_enter(journal->monitor);
    left = journal->left = !journal->finished;
    os_monitor_leave(journal->monitor);
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
    journal_free(journal);
    return hr;
}
