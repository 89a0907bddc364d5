#include "events.h"

#include "base/error_text.h"
#include "foreign_files.h"
#include "journal/disk.h"
#include "processors.h"
#include "pruned_during_read.h"
#include "unfinished.h"

#include <string.h>

#define PROGRESS_MS 100

static bool events_is_cancelled(const struct events *events)
{
    return events->client->is_cancelled && events->client->is_cancelled();
}

/* Lines are judged by all processors; without memory for that, one by one. */
static void events_read_ahead(struct events *events)
{
    if (!events->ahead && FAILED(read_ahead_open(processor_count(), &events->ahead))) return;
    reader_read_ahead(events->reader, events->ahead);
}

static bool events_begin(struct events *events, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    if (SUCCEEDED(hr)) {
        events_read_ahead(events);
        return true;
    }
    events->reader = NULL;
    events->notes.outcome = OUTCOME_CANNOT;
    notes_add(events->client->notes, "%s: the journal cannot be read: %s",
              events->path.data ? events->path.data : "", error_text(hr, reason));
    return false;
}

static bool events_prepare(struct events *events, const struct events_client *client,
                           const char *path, const struct filter *filter)
{
    *events = (struct events){.client = client, .filter = filter, .notes.to = client->notes};
    bytes_add(&events->path, path, strlen(path) + 1);
    if (!events->path.failed) events->notes.path = events->path.data;
    return !events->path.failed || events_begin(events, E_OUTOFMEMORY);
}

bool events_open_from(struct events *events, const struct events_client *client, const char *path,
                      uint64_t from, const struct filter *filter)
{
    return events_prepare(events, client, path, filter) &&
           events_begin(events, reader_open(events->path.data, from, &events->reader));
}

bool events_open(struct events *events, const struct events_client *client, const char *path,
                 const struct reader_start *start, const struct filter *filter)
{
    if (!start || !start->segment) return events_open_from(events, client, path, 0, filter);
    return events_prepare(events, client, path, filter) &&
           events_begin(events, reader_open_at(events->path.data, start, &events->reader));
}

static void events_show_progress(struct events *events)
{
    uint64_t now;

    if (!events->doing || !events->client->is_at) return;
    if ((now = os_ticks_ms()) - events->shown_ms < PROGRESS_MS) return;
    events->shown_ms = now;
    events->client->is_at(events->doing, events->notes.last);
}

/* Whoever asked the last event, a filter too, may have got a wrong answer. Told once. */
static void events_note_memory(struct events *events)
{
    if (!events->event.no_memory) return;
    if (events->notes.outcome != OUTCOME_CANNOT)
        notes_add(events->client->notes,
                  "there was not enough memory for event %llu, and what is told may be incomplete",
                  (unsigned long long)events->event.line.sequence);
    events->notes.outcome = OUTCOME_CANNOT;
}

static bool events_take_line(struct events *events, const struct reader_item *item)
{
    events_note_memory(events);
    events->looked_at++;
    journal_notes_line(&events->notes, item);
    event_set_item(&events->event, item);
    events_show_progress(events);
    return !events->filter || filter_takes(events->filter, &events->event);
}

/* Behind files that were removed before they could be read: no fault of the journal. */
static bool events_begin_anew(struct events *events, const struct reader_item *fault)
{
    struct reader *again;

    if (!was_pruned_during_read(events->path.data, fault) ||
        FAILED(reader_open(events->path.data, 0, &again)))
        return false;
    reader_close(events->reader);
    events->reader = again;
    events_read_ahead(events);
    notes_add(events->client->notes,
              "events from %llu on were removed from the journal before they were read",
              (unsigned long long)fault->place.sequence);
    return true;
}

static bool note_foreign(struct events *events, const struct reader_item *item)
{
    struct disk_folder *folder;
    struct reader_totals totals;
    bool foreign;

    reader_totals(events->reader, &totals);
    if (totals.first || item->kind == READER_UNREADABLE ||
        FAILED(disk_view_folder(events->path.data, &folder)))
        return false;
    foreign = folder_is_foreign(folder);
    disk_close_folder(folder);
    if (!foreign) return false;
    notes_add(events->client->notes, "%s: this is not a journal: there is not one whole line in %s",
              events->path.data, item->place.file);
    events->notes.outcome = OUTCOME_CANNOT;
    return true;
}

/* A journal whose files hold nothing proves nothing: somebody may have emptied them. */
static void note_empty(struct events *events)
{
    struct foreign_files files;
    struct disk_folder *folder;

    if (events->looked_at || events->notes.faults ||
        FAILED(disk_view_folder(events->path.data, &folder)))
        return;
    foreign_files_look(folder, &files);
    disk_close_folder(folder);
    if (!files.segments || files.bytes) return;
    notes_add(events->client->notes,
              "%s: the journal's files are empty: there is not one event in them",
              events->path.data);
    if (events->notes.outcome < OUTCOME_WRONG) events->notes.outcome = OUTCOME_WRONG;
}

static void events_note_tail(struct events *events, struct disk_folder *folder, enum writer writer,
                             const struct reader_item *item)
{
    bool cut = writer != WRITER_LIVES && unfinished_is_cut_line(folder, &item->place);

    journal_notes_unfinished(
        &events->notes, item,
        cut ? " They are the beginning of a line that was being written when this copy was made, "
              "the power went or the CA was killed."
        : writer == WRITER_LIVES
            ? " A writer has the journal open, and has not made a line of them in three seconds."
            : " They are not just the beginning of a line, and no program has the journal open to "
              "finish one.",
        cut);
    if (!cut && writer != WRITER_LIVES)
        journal_notes_verify(&events->notes, "to see up to where the journal holds: ");
}

/* True: a writer has the journal open, and it is worth while to read again. */
static bool wait_for_line(struct events *events, const struct reader_item *item,
                          unsigned *waited_ms)
{
    enum writer writer = WRITER_NOT_ASKED;
    struct disk_folder *folder;
    bool again;

    if (FAILED(disk_view_folder(events->path.data, &folder))) {
        journal_notes_unfinished(&events->notes, item, "", false);
        return false;
    }
    again = unfinished_may_become_a_line(folder, &writer, waited_ms);
    if (!again)
        events_note_tail(events, folder, writer == WRITER_NOT_ASKED ? WRITER_LIVES : writer,
                         item); /* three seconds are over */
    disk_close_folder(folder);
    return again;
}

struct event *events_next(struct events *events)
{
    enum reader_result result;
    struct reader_item item;
    unsigned waited_ms = 0;

    while (events->reader && !events_is_cancelled(events)) {
        switch (result = reader_next_of_all(events->reader, &item)) {
        case READER_LINE:
            waited_ms = 0;
            if (events_take_line(events, &item)) return &events->event;
            break;
        case READER_ON_RECORD:
            journal_notes_tell(&events->notes, result, &item);
            break;
        case READER_FAULT:
            if (events_begin_anew(events, &item)) break;
            if (note_foreign(events, &item)) return NULL;
            if (!journal_notes_tell(&events->notes, result, &item) ||
                reader_go_on(events->reader) != S_OK)
                return NULL;
            break;
        case READER_UNFINISHED:
            if (note_foreign(events, &item) || !wait_for_line(events, &item, &waited_ms))
                return NULL;
            break;
        case READER_END:
            note_empty(events);
            return NULL;
        }
    }
    return NULL;
}

enum outcome events_close(struct events *events)
{
    if (events->doing && events->client->is_at) events->client->is_at(events->doing, 0);
    if (events_is_cancelled(events)) events->notes.outcome = OUTCOME_CANNOT;
    events_note_memory(events);
    journal_notes_end(&events->notes);
    journal_notes_free(&events->notes);
    reader_close(events->reader);
    read_ahead_close(events->ahead);
    event_free(&events->event);
    bytes_free(&events->path);
    return events->notes.outcome;
}
