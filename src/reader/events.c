#include "events.h"

#include "console.h"
#include "error_text.h"
#include "journal/disk.h"
#include "journal_path.h"
#include "overtaken.h"

#include <stdio.h>
#include <string.h>

#define PROGRESS_MS 100

static bool note_opened(struct events *events, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    if (SUCCEEDED(hr)) return true;
    events->reader = NULL;
    events->notes.outcome = OUTCOME_CANNOT;
    console_note("%s: the journal cannot be read: %s", events->path.data, error_text(hr, reason));
    return false;
}

bool events_open(struct events *events, const char *operand, uint64_t from, const struct filter *filter)
{
    *events = (struct events){.filter = filter, .notes.outcome = OUTCOME_CANNOT};
    if (!journal_path_find(operand, &events->path)) return false;
    events->notes.outcome = OUTCOME_FINE;
    return note_opened(events, reader_open(events->path.data, from, &events->reader));
}

bool events_open_at(struct events *events, const char *path, const struct reader_start *start, const struct filter *filter)
{
    *events = (struct events){.filter = filter};
    bytes_add(&events->path, path, strlen(path) + 1);
    if (events->path.failed) return note_opened(events, E_OUTOFMEMORY);
    return note_opened(events, start->segment ? reader_open_at(path, start, &events->reader) : reader_open(path, 0, &events->reader));
}

static void show_progress(struct events *events)
{
    uint64_t now = os_ticks_ms();
    char text[96];

    if (!events->progress || !console_shows_progress() || now - events->shown_ms < PROGRESS_MS) return;
    events->shown_ms = now;
    snprintf(text, sizeof text, "%s, at event %llu", events->progress, (unsigned long long)events->notes.last);
    console_progress(text);
}

static bool take_line(struct events *events, const struct reader_item *item)
{
    journal_notes_line(&events->notes, item);
    event_set(&events->event, &item->line);
    events->event.unverified = item->unverified;
    show_progress(events);
    return !events->filter || filter_takes(events->filter, &events->event);
}

/* Behind files that were removed before they could be read: no fault of the journal. */
static bool begin_anew(struct events *events, const struct reader_item *fault)
{
    struct reader *again;

    if (!was_overtaken(events->path.data, fault) || FAILED(reader_open(events->path.data, 0, &again))) return false;
    reader_close(events->reader);
    events->reader = again;
    console_note("events from %llu on were removed from the journal before they were read", (unsigned long long)fault->place.sequence);
    return true;
}

/* Whether more stands there than a line may have. */
static bool is_too_long(const char *path, const struct reader_place *place)
{
    struct disk_folder *folder;
    uint64_t size = 0;

    if (FAILED(disk_view_folder(path, &folder))) return false;
    if (FAILED(disk_size(folder, place->file, &size))) size = 0;
    disk_close_folder(folder);
    return size > place->offset && size - place->offset > LINE_MAX_SIZE;
}

/* Bytes where not one line was read are no tail of a journal; nor do many become a line any more. */
static void note_unfinished(struct events *events, const struct reader_item *item)
{
    struct reader_totals totals;

    reader_totals(events->reader, &totals);
    if (totals.first) {
        journal_notes_tell(&events->notes, READER_UNFINISHED, item);
        if (!is_too_long(events->path.data, &item->place)) return;
        console_note("they are more than a line may have: nobody is writing one. \"certwitness verify\" tells up to where the journal holds");
        if (events->notes.outcome < OUTCOME_WRONG) events->notes.outcome = OUTCOME_WRONG;
        return;
    }
    console_note("%s: this is no journal: there is not one line in %s", events->path.data, item->place.file);
    events->notes.outcome = OUTCOME_CANNOT;
}

struct event *events_next(struct events *events)
{
    enum reader_result result;
    struct reader_item item;

    while (events->reader && !console_interrupted()) {
        switch (result = reader_next_of_all(events->reader, &item)) {
        case READER_LINE:
            if (take_line(events, &item)) return &events->event;
            break;
        case READER_ON_RECORD:
            journal_notes_tell(&events->notes, result, &item);
            break;
        case READER_FAULT:
            if (begin_anew(events, &item)) break;
            if (!journal_notes_tell(&events->notes, result, &item) || reader_go_on(events->reader) != S_OK) return NULL;
            break;
        case READER_UNFINISHED:
            note_unfinished(events, &item);
            return NULL;
        case READER_END:
            return NULL;
        }
    }
    return NULL;
}

enum outcome events_close(struct events *events)
{
    console_progress(NULL);
    if (console_interrupted()) events->notes.outcome = OUTCOME_CANNOT;
    journal_notes_end(&events->notes);
    journal_notes_free(&events->notes);
    reader_close(events->reader);
    event_free(&events->event);
    bytes_free(&events->path);
    return events->notes.outcome;
}
