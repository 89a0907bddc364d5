#include "events.h"

#include "console.h"
#include "error_text.h"
#include "journal_path.h"

#include <stdio.h>
#include <string.h>

#define PROGRESS_MS 100

static bool open_reader(struct events *events, uint64_t from)
{
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = reader_open(events->path.data, from, &events->reader);

    if (SUCCEEDED(hr)) return true;
    events->reader = NULL;
    events->outcome = OUTCOME_CANNOT;
    console_note("%s: the journal cannot be read: %s", events->path.data, error_text(hr, reason));
    return false;
}

bool events_open(struct events *events, const char *operand, uint64_t from, const struct filter *filter)
{
    *events = (struct events){.filter = filter, .outcome = OUTCOME_CANNOT};
    if (!journal_path_find(operand, &events->path)) return false;
    events->outcome = OUTCOME_FINE;
    return open_reader(events, from);
}

/* The first sequence of the file behind the one of that name; 0: there is none. */
static uint64_t next_file(const struct events *events, const char *file)
{
    struct disk_folder *folder;
    uint64_t sequence = 0;

    if (FAILED(disk_view_folder(events->path.data, &folder))) return 0;
    if (FAILED(segment_find_above(folder, segment_sequence(file), &sequence))) sequence = 0;
    disk_close_folder(folder);
    return sequence;
}

/* Told with its place; true where reading goes on behind it. */
static bool pass_over(struct events *events, const struct reader_item *item)
{
    const struct reader_place *place = &item->place;
    char reason[ERROR_TEXT_MAX];
    uint64_t next = *place->file ? next_file(events, place->file) : 0;
    bool unreadable = item->kind == READER_UNREADABLE;

    console_note("%s: %s, line %llu, byte %llu: %s, where the event %llu had to stand", events->path.data, *place->file ? place->file : "no file",
                 (unsigned long long)place->number, (unsigned long long)place->offset,
                 unreadable ? error_text(item->hr, reason) : reader_kind_text(item->kind), (unsigned long long)place->sequence);
    if (events->outcome < OUTCOME_CANNOT) events->outcome = unreadable ? OUTCOME_CANNOT : OUTCOME_WRONG;
    reader_close(events->reader);
    events->reader = NULL;
    if (!next || next <= events->last) {
        console_note("what follows there was not read; \"certwitness verify\" tells more");
        return false;
    }
    console_note("the rest of that file was not read; going on at event %llu, for which nothing vouches", (unsigned long long)next);
    return open_reader(events, next);
}

static void show_progress(struct events *events)
{
    uint64_t now = os_ticks_ms();
    char text[96];

    if (!events->progress || !console_shows_progress() || now - events->shown_ms < PROGRESS_MS) return;
    events->shown_ms = now;
    snprintf(text, sizeof text, "%s, at event %llu", events->progress, (unsigned long long)events->last);
    console_progress(text);
}

struct event *events_next(struct events *events)
{
    struct reader_item item;

    while (events->reader && !console_interrupted()) {
        switch (reader_next(events->reader, &item)) {
        case READER_LINE:
            events->last = item.line.sequence;
            event_set(&events->event, &item.line);
            show_progress(events);
            if (!events->filter || filter_takes(events->filter, &events->event)) return &events->event;
            break;
        case READER_ON_RECORD:
            break;
        case READER_FAULT:
            if (!pass_over(events, &item)) return NULL;
            break;
        case READER_END:
        case READER_UNFINISHED:
            return NULL;
        }
    }
    return NULL;
}

enum outcome events_close(struct events *events)
{
    console_progress(NULL);
    reader_close(events->reader);
    event_free(&events->event);
    bytes_free(&events->path);
    return events->outcome;
}
