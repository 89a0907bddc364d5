#include "events.h"

#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "cli/verify/folder_look.h"
#include "journal/disk.h"
#include "journal_path.h"
#include "overtaken.h"
#include "unfinished.h"

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

static bool note_foreign(struct events *events, const struct reader_item *item)
{
    struct disk_folder *folder;
    struct reader_totals totals;
    bool foreign;

    reader_totals(events->reader, &totals);
    if (totals.first || item->kind == READER_UNREADABLE || FAILED(disk_view_folder(events->path.data, &folder))) return false;
    foreign = folder_is_foreign(folder);
    disk_close_folder(folder);
    if (!foreign) return false;
    console_note("%s: this is no journal: there is not one line in %s", events->path.data, item->place.file);
    events->notes.outcome = OUTCOME_CANNOT;
    return true;
}

static void note_tail(struct events *events, struct disk_folder *folder, enum writer writer, const struct reader_item *item)
{
    bool cut = writer != WRITER_LIVES && unfinished_is_cut_line(folder, &item->place);

    journal_notes_unfinished(&events->notes, item, cut ? " They are the beginning of a line that was being written when this copy was made, the power went or the CA was killed."
                             : writer == WRITER_LIVES ? " A writer has the journal open, and has not made a line of them in three seconds."
                             : " They are not just the beginning of a line, and nobody is writing one. \"certwitness verify\" tells up to where the journal holds.", cut);
}

/* True: a writer has the journal open, and it is worth while to read again. */
static bool wait_for_line(struct events *events, const struct reader_item *item, unsigned *waited_ms)
{
    enum writer writer = WRITER_NOT_ASKED;
    struct disk_folder *folder;
    bool again;

    if (FAILED(disk_view_folder(events->path.data, &folder))) {
        journal_notes_unfinished(&events->notes, item, "", false);
        return false;
    }
    again = unfinished_may_become_a_line(folder, &writer, waited_ms);
    if (!again) note_tail(events, folder, writer == WRITER_NOT_ASKED ? WRITER_LIVES : writer, item);    /* three seconds are over */
    disk_close_folder(folder);
    return again;
}

struct event *events_next(struct events *events)
{
    enum reader_result result;
    struct reader_item item;
    unsigned waited_ms = 0;

    while (events->reader && !console_interrupted()) {
        switch (result = reader_next_of_all(events->reader, &item)) {
        case READER_LINE:
            waited_ms = 0;
            if (take_line(events, &item)) return &events->event;
            break;
        case READER_ON_RECORD:
            journal_notes_tell(&events->notes, result, &item);
            break;
        case READER_FAULT:
            if (begin_anew(events, &item)) break;
            if (note_foreign(events, &item)) return NULL;
            if (!journal_notes_tell(&events->notes, result, &item) || reader_go_on(events->reader) != S_OK) return NULL;
            break;
        case READER_UNFINISHED:
            if (note_foreign(events, &item) || !wait_for_line(events, &item, &waited_ms)) return NULL;
            break;
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
