#include "journal.h"

#include "base/digits.h"
#include "lifecycle_events.h"
#include "queue.h"
#include "request_thread.h"
#include "unwritten.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES   (4u << 20)        /* of events, written and flushed at once */
#define HOUR_MS       3600000
#define SPACE_MS      1000              /* between two looks whether there is space again */
#define LOOK_MS       60000             /* between two looks for a request to prune */
/* unless the options say otherwise, the longest that the writer waits for one; mostly it takes less
 * than one */
#define LOOK_WAIT_MS 100
/* whoever has a file open just to look lets go of it within the first caller's wait */
#define SHARED_RETRY_MS 100
#define HEAD_LINES    1000              /* the head is reported after so many lines, or an hour */
#define REQUESTS_TEXT 2048              /* characters that a report spends on RequestIDs */

struct journal {
    struct journal_options options;     /* what it points to is owned */
    struct queue *queue;                /* owned */
    struct os_thread *thread;

    /* The writer's alone from here on, until it has ended. */
    struct writer writer;
    struct recovery found; /* what stood behind the chain's end; told by the first lines */
    bool lost; /* an earlier run of this process was given up, since another writer went on */
    uint64_t written; /* of the work in hand, so many first events are on record: that writer took
                         them in */
    bool in_trouble;                    /* something was reported that has not been taken back */
    uint64_t told_sequence, told_first, told_at; /* the head reported last, its segment, when */
    uint64_t look_at;   /* in ticks: when the folder is looked at for a request to prune */
    uint64_t pruned_to; /* the sequence that journal.pruned of this run names already */
    bool refused;                       /* what lies there now has been refused, and reported */
    struct request_thread
        *hanging; /* owned; it opens the request, and has not come back in time; NULL: none does */
    struct unwritten
        before; /* runs that left events unwritten, for the first lines to tell; runs 0: none */
    struct unwritten mark;              /* these and this one, as the file has it */
    bool marked;                        /* the file tells of this run */
    bool told_low;                      /* that the space is low was reported, and not its end */
    bool tried_last; /* the journal is closed and the time to write over: once more was tried all
                        the same */
    HRESULT ended_as;                   /* whether everything was written */

    int32_t space;                      /* an enum journal_space; any thread reads it */
};

static void report(const struct journal_options *options, struct journal_report report)
{
    report.directory = options->directory;
    if (options->report) options->report(&report);
}

static void report_head(struct journal *journal, enum journal_report_kind kind)
{
    const struct chain_head *head = &journal->writer.head;

    journal->told_sequence = head->sequence;
    journal->told_first = journal->writer.first;
    journal->told_at = os_ticks_ms();
    report(&journal->options,
           (struct journal_report){.kind = kind, .sequence = head->sequence, .hash = head->hash});
}

static void report_head_if_due(struct journal *journal)
{
    const struct writer *writer = &journal->writer;
    uint64_t lines = writer->head.sequence - journal->told_sequence;

    if (!lines) return;
    if (writer->first != journal->told_first) report_head(journal, JOURNAL_HEAD_SEGMENT);
    else if (lines >= HEAD_LINES || os_ticks_ms() - journal->told_at >= HOUR_MS)
        report_head(journal, JOURNAL_HEAD_DUE);
}

static void report_trouble(struct journal *journal, enum journal_report_kind kind, HRESULT hr)
{
    bool low = kind == JOURNAL_CANNOT_WRITE && journal->writer.too_full,
         shared = hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);

    journal->in_trouble = true;
    report(&journal->options, (struct journal_report){.kind = low ? JOURNAL_DISK_LOW : kind,
                                                      .hr = hr,
                                                      .bytes = journal->writer.free_bytes,
                                                      .file = shared && kind == JOURNAL_CANNOT_OPEN
                                                                  ? journal->writer.refused
                                                                  : NULL});
}

static void report_end_of_trouble(struct journal *journal)
{
    if (journal->in_trouble)
        report(&journal->options, (struct journal_report){.kind = JOURNAL_WRITES_AGAIN});
    journal->in_trouble = false;
}

/* After each time that the volume may have been asked: the queue, and whoever brings events, hear
 * what it said. */
static void note_space(struct journal *journal)
{
    const struct writer *writer = &journal->writer;
    uint64_t least = journal->options.min_free_bytes;
    enum journal_space space = !least || !writer->free_asked    ? JOURNAL_SPACE_AMPLE
                               : writer->low                    ? JOURNAL_SPACE_LOW
                               : writer->free_bytes / 2 < least ? JOURNAL_SPACE_SCARCE
                                                                : JOURNAL_SPACE_AMPLE;
    bool low = space == JOURNAL_SPACE_LOW;

    __atomic_store_n(&journal->space, space, __ATOMIC_RELAXED);
    if (low == journal->told_low) return;
    journal->told_low = low;
    queue_set_low(journal->queue, low);
    report(&journal->options,
           (struct journal_report){.kind = low ? JOURNAL_SPACE_IS_LOW : JOURNAL_SPACE_AGAIN,
                                   .bytes = writer->free_bytes});
}

static void report_foreign(struct journal *journal)
{
    if (!journal->writer.aside[0]) return;
    report(&journal->options,
           (struct journal_report){.kind = JOURNAL_FOREIGN, .file = journal->writer.aside});
    journal->writer.aside[0] = 0;
}

static void report_finding(const struct journal *journal)
{
    const struct recovery *found = &journal->found;
    enum journal_report_kind kind =
        found->finding == RECOVER_TORN ? JOURNAL_RECOVERED_TAIL : JOURNAL_DAMAGED;

    if (found->finding == RECOVER_NOTHING) return;
    report(&journal->options, (struct journal_report){.kind = kind,
                                                      .file = found->file,
                                                      .offset = found->offset,
                                                      .bytes = found->bytes,
                                                      .first = found->sequence});
}

static void report_unwritten(const struct journal_options *options, const struct losses *unwritten)
{
    char requests[REQUESTS_TEXT];

    if (!unwritten || !unwritten->events) return;
    losses_text(unwritten, requests, sizeof requests);
    report(options, (struct journal_report){.kind = JOURNAL_UNWRITTEN,
                                            .events = unwritten->events,
                                            .requests = requests});
}

static HRESULT write_pruned(struct journal *journal, const struct request *request)
{
    struct writer *writer = &journal->writer;
    HRESULT hr;

    if (request->last.sequence == journal->pruned_to)
        return S_OK;                    /* on record; the request could not be removed */
    writer->reserve = true;             /* on a full disk this is what makes room */
    writer_begin(writer);
    if (SUCCEEDED(hr = lifecycle_pruned(writer, request))) hr = writer_write(writer);
    writer->reserve = false;
    if (FAILED(hr)) return hr;
    writer_tell_head(
        writer); /* before the request goes: whoever waits for it finds the line covered */
    journal->pruned_to = request->last.sequence;
    report(&journal->options, (struct journal_report){.kind = JOURNAL_PRUNED_TO,
                                                      .sequence = request->last.sequence,
                                                      .hash = request->last.hash});
    return S_OK;
}

/* False: somebody still holds up what was begun, and nothing else is. */
static bool is_idle(struct journal *journal)
{
    if (journal->hanging && request_thread_end(journal->hanging, 0, NULL)) journal->hanging = NULL;
    return !journal->hanging;
}

static bool is_in_time(struct journal *journal, struct request_thread *thread,
                       struct request_look *look)
{
    uint32_t wait_ms = journal->options.look_wait_ms;

    if (request_thread_end(thread, wait_ms ? wait_ms : LOOK_WAIT_MS, look)) return true;
    journal->hanging = thread;
    return false;
}

/* False: it is not known what lies there. What comes late does not count, since whoever asked may
 * have gone: it is looked for anew. */
static bool look_for_request(struct journal *journal, uint64_t writing, struct request_look *look)
{
    struct request_thread *thread;
    uint64_t size;

    *look = (struct request_look){.state = REQUEST_NONE};
    if (!is_idle(journal)) return false;
    if (disk_size(journal->writer.folder, REQUEST_NAME, &size) ==
        HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        return true;
    return SUCCEEDED(request_thread_look(journal->options.directory, writing, &thread)) &&
           is_in_time(journal, thread, look);
}

/* Where it does not go it is found again, and known. */
static void remove_request(struct journal *journal)
{
    struct request_thread *thread;

    if (SUCCEEDED(request_thread_remove(journal->options.directory, &thread)))
        is_in_time(journal, thread, NULL);
}

static void refuse_request(struct journal *journal, const struct request_look *look)
{
    if (!journal->refused)
        report(&journal->options, (struct journal_report){.kind = JOURNAL_REQUEST_REFUSED,
                                                          .hr = look->hr,
                                                          .file = REQUEST_NAME});
    journal->refused = true;
    if (look->state == REQUEST_OF_OTHER)
        remove_request(journal); /* who waits for it sees that it is gone */
}

/* Put on record what is about to be pruned. A failure is found again at the next look; nothing
 * waits for it in this process. */
static void answer_request(struct journal *journal)
{
    struct request_look look;

    journal->look_at =
        os_ticks_ms() + (journal->options.look_ms ? journal->options.look_ms : LOOK_MS);
    if (!look_for_request(journal, journal->writer.first, &look)) return;
    if (look.state == REQUEST_OF_OTHER || look.state == REQUEST_NOT_ONE)
        refuse_request(journal, &look);
    if (look.state == REQUEST_NONE) journal->refused = false;
    if (look.state == REQUEST_GOOD && SUCCEEDED(write_pruned(journal, &look.request)))
        remove_request(journal);
}

static void answer_request_if_due(struct journal *journal)
{
    if (journal->writer.folder && os_ticks_ms() >= journal->look_at) answer_request(journal);
}

/* Besides writing what comes. */
static void do_chores(struct journal *journal)
{
    report_foreign(journal);
    report_head_if_due(journal);
    if (journal->writer.low) writer_ask_space(&journal->writer);
    note_space(journal);
    writer_tell_head(&journal->writer);
    answer_request_if_due(journal);
}

/* When a chore is due though nothing comes, in ticks. */
static uint64_t next_chore(const struct journal *journal)
{
    uint64_t head = journal->writer.head.sequence > journal->told_sequence
                        ? journal->told_at + HOUR_MS
                        : UINT64_MAX;

    uint64_t chore = head < journal->look_at ? head : journal->look_at,
             space = os_ticks_ms() + SPACE_MS;

    return journal->writer.low && space < chore
               ? space
               : chore; /* nothing that yields comes to ask the volume again */
}

static HRESULT journal_add_entry(struct writer *writer, const struct entry *entry)
{
    char subject[8 + DIGITS_MAX] = "request/";

    digits_signed(entry->request_id, subject + 8);
    return writer_add_checked(writer, entry->type, entry->has_request ? subject : NULL, entry->time,
                              (struct span){entry->data, entry->size});
}

/* All that the batch consists of; once more from the beginning where it failed, its places in the
 * chain unchanged. An event that no line can be made of, however often that is tried, is given up
 * alone: those behind it must not wait for ever. */
static HRESULT write_work(struct journal *journal, struct work *work)
{
    struct writer *writer = &journal->writer;
    uint64_t written = journal->written;
    HRESULT hr;

    writer_begin(writer);
    writer->counts = true;
    for (struct entry **link = &work->entries; *link;) {
        if (written) {
            written--;
            link = &(*link)->next;
            continue;
        }
        hr = journal_add_entry(writer, *link);
        if ((*link)->yields) writer->yields = true;
        if (SUCCEEDED(hr)) link = &(*link)->next;
        else if (hr == E_INVALIDARG) queue_drop(journal->queue, work, link, hr, LOSS_NO_LINE);
        else return hr;
    }
    if (FAILED(hr = lifecycle_gap(writer, work->lost))) return hr;
    return writer_write(writer);
}

/* There is no space for what yields: it is counted, and the rest is written. False where there was
 * none, or all of it is on record. */
static bool drop_yielding(struct journal *journal, struct work *work)
{
    uint64_t written = journal->written;
    bool any = false;

    for (struct entry **link = &work->entries; *link;) {
        bool goes = !written && (*link)->yields;

        if (written) written--;
        if (goes) queue_drop(journal->queue, work, link, JOURNAL_SPACE_KEPT, LOSS_LOW_SPACE);
        else link = &(*link)->next;
        any |= goes;
    }
    return any;
}

/* It is on disk: wake the callers, then whoever follows the journal, and only then tell the world.
 */
static void finish_and_report(struct journal *journal, struct work *work)
{
    uint64_t lost = work->lost->events;
    char requests[REQUESTS_TEXT];

    journal->written = 0;
    if (!work->entries && !lost) return;
    losses_text(work->lost, requests, sizeof requests);
    queue_finish(journal->queue, work, S_OK);
    writer_tell_head(&journal->writer);
    if (lost)
        report(&journal->options,
               (struct journal_report){.kind = JOURNAL_LOST, .events = lost, .requests = requests});
    report_end_of_trouble(journal);
}

/* Whether to try once more at once: memory may be there again, and callers wait. All else is tried
 * again when time has passed. */
static bool is_first_of_memory(HRESULT hr, bool *first)
{
    bool yes = is_no_memory(hr) && *first;

    *first = false;
    return yes;
}

static HRESULT write_first_lines(struct journal *journal)
{
    HRESULT hr;

    writer_begin(&journal->writer);
    if (FAILED(hr = lifecycle_finding(&journal->writer, &journal->found))) return hr;
    hr = lifecycle_started(&journal->writer, &journal->found, &journal->before,
                           journal->options.start_module, journal->options.start_more);
    if (FAILED(hr)) return hr;
    return writer_write(&journal->writer);
}

/* On a full disk the first lines stand in the way of the one that makes room. What is sealed then
 * is all but the last segment. */
static bool is_asked(struct journal *journal)
{
    struct request_look look;

    return look_for_request(journal, journal->found.head.sequence + 1, &look) &&
           look.state == REQUEST_GOOD;
}

static struct span journal_source_of(const struct journal *journal)
{
    return (struct span){journal->options.source, strlen(journal->options.source)};
}

/* This run cannot write its first lines: should it never come to that, the next one tells of it. */
static void mark_unwritten(struct journal *journal, HRESULT hr)
{
    struct writer *writer = &journal->writer;

    if (journal->marked || !writer->folder) return;
    journal->mark = journal->before;
    unwritten_begin(&journal->mark, writer->run, hr);
    journal->marked =
        SUCCEEDED(unwritten_write(writer->folder, journal_source_of(journal), &journal->mark));
}

/* What it tells stands in the chain now, or has not come to pass. */
static void remove_mark(struct journal *journal)
{
    if (!journal->marked && !journal->before.runs) return;
    if (SUCCEEDED(unwritten_remove(journal->writer.folder))) journal->marked = false;
    journal->before.runs = 0;           /* where it stays, the next run tells of it once more */
}

/* The journal ends, and not all of it was written. */
static void mark_what_is_lost(struct journal *journal, HRESULT hr)
{
    struct losses *lost = queue_unwritten(journal->queue);

    if (lost && lost->events) mark_unwritten(journal, hr);
    if (lost && journal->marked && journal->writer.folder) {
        unwritten_end(&journal->mark, lost->events, hr);
        hr = unwritten_write(journal->writer.folder, journal_source_of(journal), &journal->mark);
        (void)hr;                       /* then it says less */
    }
    free(lost);
}

static HRESULT journal_try_to_open(struct journal *journal)
{
    HRESULT hr = writer_open(&journal->writer, &journal->found);

    if (FAILED(hr)) return hr;
    if (!journal->marked)
        unwritten_read(journal->writer.folder, journal_source_of(journal), &journal->before);
    journal->written += journal->writer.adopted;
    if (journal->lost) journal->found.ended_cleanly = false;
    return hr;
}

/* Wait for another attempt. Once there is no more time for any the last one is made, since the disk
 * may have come back meanwhile: the time between two attempts may be longer than whoever closes the
 * journal waits. False after that one. */
static bool pause_or_try_last(struct journal *journal, bool holds)
{
    if (journal->tried_last) return false;
    journal->tried_last = !queue_pause(journal->queue, journal->options.retry_ms, holds);
    return true;
}

/* Folder, chain, first lines. Once the chain is open only writing is tried again, unless the writer
 * has given it up: what a failed attempt has left on disk must not be taken for part of the chain.
 * `holds`: events wait in our hands. */
static HRESULT open_chain(struct journal *journal, bool holds)
{
    struct writer *writer = &journal->writer;
    bool again = true;

    for (;;) {
        bool opened = writer->folder != NULL;
        HRESULT hr = opened ? S_OK : journal_try_to_open(journal);

        if (!opened && SUCCEEDED(hr)) again = true;
        if (SUCCEEDED(hr) && SUCCEEDED(hr = write_first_lines(journal))) break;
        if (is_first_of_memory(hr, &again)) continue;
        journal->lost |= writer->own.run[0] != 0;
        report_trouble(journal, writer->folder ? JOURNAL_CANNOT_WRITE : JOURNAL_CANNOT_OPEN, hr);
        mark_unwritten(journal, hr);
        writer->reserve = writer->folder && writer->too_full && is_asked(journal);
        if (!pause_or_try_last(journal, holds)) return hr;
    }
    note_space(journal);                /* before the first event is read */
    queue_announce_writer(journal->queue);
    writer_tell_head(writer);
    remove_mark(journal);
    report_end_of_trouble(journal);
    report_foreign(journal);
    report_finding(journal);
    report_head(journal, JOURNAL_HEAD_STARTED);
    writer->reserve = false;
    answer_request(journal);
    return S_OK;
}

/* Another writer went on, or may have: behind it, as a new run. */
static HRESULT open_again_if_lost(struct journal *journal)
{
    if (journal->writer.folder) return S_OK;
    journal->lost = true;
    journal->pruned_to = 0;
    journal->found = (struct recovery){.finding = RECOVER_NOTHING};
    return open_chain(journal, true);
}

/* Until the journal is closed, or a failure is final. */
static HRESULT journal_write_all(struct journal *journal)
{
    struct work work;
    HRESULT hr;

    while (queue_take(journal->queue, BATCH_BYTES, next_chore(journal), &work)) {
        bool again = true;

        while (FAILED(hr = write_work(journal, &work))) {
            note_space(journal);
            if (is_first_of_memory(hr, &again)) continue;
            if (journal->writer.too_full && journal->writer.yields && drop_yielding(journal, &work))
                continue;
            report_trouble(journal, JOURNAL_CANNOT_WRITE, hr);
            if (journal->writer.too_full) answer_request_if_due(journal);
            if (pause_or_try_last(journal, true) && SUCCEEDED(hr = open_again_if_lost(journal)))
                continue;
            queue_finish(journal->queue, &work, hr);
            return hr;
        }
        finish_and_report(journal, &work);
        do_chores(journal);
    }
    return S_OK;
}

/* Twice, since the first attempt may be what finds out that the segment has to be left. */
static HRESULT say_goodbye(struct journal *journal)
{
    HRESULT hr = E_FAIL;

    for (int attempt = 0; attempt < 2 && FAILED(hr); attempt++) {
        writer_begin(&journal->writer);
        hr = lifecycle_stopped(&journal->writer);
        if (SUCCEEDED(hr)) hr = writer_write(&journal->writer);
    }
    if (FAILED(hr)) return hr;
    writer_tell_head(&journal->writer);
    report_head(journal, JOURNAL_HEAD_STOPPED);
    return hr;
}

static void journal_free(struct journal *journal)
{
    if (!journal) return;
    queue_free(journal->queue);
    writer_free(&journal->writer);
    free((char *)journal->options.directory);
    free((char *)journal->options.source);
    free((char *)journal->options.start_module.text);
    free((char *)journal->options.start_more.text);
    free(journal);
}

/* A thread of ours that somebody still holds up is left alone; this code has to stay for it, as it
 * has to for a writer that hangs. */
static HRESULT journal_leave_request(struct journal *journal, HRESULT hr)
{
    if (!journal->hanging || request_thread_end(journal->hanging, LOOK_WAIT_MS, NULL)) return hr;
    request_thread_leave(journal->hanging);
    return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
}

/* The writer's thread. */
static void write_journal(void *context)
{
    struct journal *journal = context;
    HRESULT hr;

    hr = open_chain(journal, false);
    if (SUCCEEDED(hr)) hr = journal_write_all(journal);
    if (SUCCEEDED(hr)) hr = say_goodbye(journal);
    if (FAILED(hr)) {
        mark_what_is_lost(journal, hr);
        queue_give_up(journal->queue, hr);
    }
    writer_close(&journal->writer);
    journal->ended_as = journal_leave_request(journal, hr);
    if (!queue_end(journal->queue)) return;
    os_thread_forget(journal->thread);  /* whoever closed the journal has left it to us */
    journal_free(journal);
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
    journal->options.directory = copy(options->directory, strlen(options->directory), &failed);
    journal->options.source = copy(options->source, strlen(options->source), &failed);
    journal->options.start_module.text =
        copy(options->start_module.text, options->start_module.size, &failed);
    journal->options.start_more.text =
        copy(options->start_more.text, options->start_more.size, &failed);
    journal->writer.options =
        (struct writer_options){journal->options.directory, journal->options.source,
                                options->segment_bytes, options->min_free_bytes};
    if (!failed && SUCCEEDED(queue_create(options->queue_bytes, options->wait_ms, &journal->queue)))
        return journal;
    journal_free(journal);
    return NULL;
}

/* Whether it can stand in every line: percent-escaped, it is ASCII without a quote or a backslash.
 */
static bool is_source(const char *source)
{
    const char *c;

    for (c = source; *c > ' ' && *c < 0x7f && *c != '"' && *c != '\\'; c++) {}
    return !*c && c - source <= LINE_SOURCE_MAX;
}

HRESULT journal_open(const struct journal_options *options, struct journal **out)
{
    struct journal *journal;
    HRESULT hr;

    *out = NULL;
    if (!is_source(options->source)) return E_INVALIDARG;
    if (!(journal = journal_create(options))) return E_OUTOFMEMORY;
    if (FAILED(hr = os_thread_start(write_journal, journal, &journal->thread))) {
        journal_free(journal);
        return hr;
    }
    *out = journal;
    return queue_wait_for_writer(journal->queue) ? S_OK : S_FALSE;
}

/* The process may be ended before anybody closes the journal: say now what is not on disk. */
static void report_what_waits(struct journal *journal)
{
    struct losses *waiting = queue_unwritten(journal->queue);

    report_unwritten(&journal->options, waiting);
    free(waiting);
}

HRESULT journal_append(struct journal *journal, const struct journal_event *event)
{
    HRESULT hr = queue_append(journal->queue, event);

    if (hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT) && !strcmp(event->type, JOURNAL_CA_STOPPING))
        report_what_waits(journal);
    return hr;
}

enum journal_space journal_space(struct journal *journal)
{
    return (enum journal_space)__atomic_load_n(&journal->space, __ATOMIC_RELAXED);
}

void journal_lose(struct journal *journal, const struct journal_event *event, enum loss_cause cause)
{
    queue_lose(journal->queue, event, cause);
}

/* The writer did not end in time: from now on the journal is its own, and may be gone at once.
 * False where it ended just then. */
static bool leave_to_writer(struct journal *journal)
{
    bool failed = false, left;
    char *directory = copy(journal->options.directory, strlen(journal->options.directory), &failed);
    struct journal_options options = {.directory = failed ? "" : directory,
                                      .report = journal->options.report};
    struct losses *unwritten;

    left = queue_leave(journal->queue, &unwritten);
    report_unwritten(&options, unwritten);
    free(unwritten);
    free(directory);
    return left;
}

HRESULT journal_close(struct journal *journal)
{
    uint32_t wait_ms;
    bool ended;
    HRESULT hr;

    if (!journal) return S_OK;
    wait_ms = journal->options.close_ms ? journal->options.close_ms : journal->options.wait_ms;
    queue_close(journal->queue,
                os_ticks_ms() + wait_ms - wait_ms / 4); /* what is left is for it to end in */
    if (!(ended = os_thread_join(journal->thread, wait_ms))) {
        if (leave_to_writer(journal)) return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
        ended = os_thread_join(
            journal->thread,
            wait_ms / 4); /* it has: what is left of it are a few instructions of the system's */
    }
    report_unwritten(&journal->options, queue_lost(journal->queue));
    if (!ended) return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    hr = journal->ended_as;
    journal_free(journal);
    return hr;
}
