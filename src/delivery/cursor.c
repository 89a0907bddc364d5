#include "cursor.h"

#include "base/json.h"
#include "base/utc.h"
#include "events/follow.h"
#include "events/journal_notes.h"

#include <inttypes.h>
#include <stdlib.h>

#define LOOKED_MAX 20000                /* lines in one call, where the filter takes none */

struct cursor {
    struct follow *follow;              /* owned */
    const struct filter *filter;        /* borrowed */
    const struct notes *notes;          /* borrowed */
    struct journal_notes told;
    struct event event;
    struct position position;           /* the last line that was looked at */
    struct bytes line;                  /* of our own */
    bool resumes;                       /* the line at `position` comes once more */
    bool pruned;                        /* lines were removed: the next line says how many */
    bool lost;                          /* the disk refuses, which was noted */
};

HRESULT cursor_open(const char *journal, const struct position *from, const struct filter *filter,
                    const struct notes *notes, struct cursor **out)
{
    struct reader_start start = {from->segment, from->offset, from->sequence, from->number};
    struct cursor *cursor = calloc(1, sizeof *cursor);
    HRESULT hr = E_OUTOFMEMORY;

    *out = NULL;
    if (!cursor) return hr;
    cursor->filter = filter;
    cursor->notes = notes;
    cursor->told.to = notes;
    cursor->position = *from;
    cursor->resumes = from->sequence != 0;
    if (!from->sequence) start = (struct reader_start){0};
    if (FAILED(hr = follow_open(journal, &start, &cursor->follow))) cursor_close(cursor);
    else *out = cursor;
    return hr;
}

void cursor_close(struct cursor *cursor)
{
    if (!cursor) return;
    follow_close(cursor->follow);
    journal_notes_free(&cursor->told);
    event_free(&cursor->event);
    bytes_free(&cursor->line);
    free(cursor);
}

const struct position *cursor_position(const struct cursor *cursor)
{
    return &cursor->position;
}

/* --- events of our own --- */

static struct json cursor_begin_own(struct cursor *cursor, const char *type)
{
    struct json json = {.out = &cursor->line};
    char id[37] = "", now[UTC_TEXT_MAX];
    HRESULT hr = os_guid(id);

    bytes_reset(&cursor->line, 65536);
    if (FAILED(hr)) bytes_fail(&cursor->line);
    utc_text(os_now(), true, now);
    json_object(&json, NULL);
    json_text(&json, "specversion", "1.0");
    json_text(&json, "id", id);
    json_key(&json, "source");
    bytes_add_text(&cursor->line, "\"/certwitness-delivery/");
    bytes_add_text(&cursor->line, cursor->position.ca);
    bytes_add_text(&cursor->line, "\"");
    json.comma = true;
    json_text(&json, "type", type);
    json_text(&json, "time", now);
    json_text(&json, "datacontenttype", "application/json");
    json_object(&json, "data");
    return json;
}

static HRESULT cursor_end_own(struct cursor *cursor, struct json *json, struct batch *batch)
{
    json_end(json);
    json_end(json);
    bytes_add_text(&cursor->line, "\n");
    if (cursor->line.failed) return E_OUTOFMEMORY;
    return batch_add(batch, (struct span){cursor->line.data, cursor->line.size}, &cursor->position,
                     true);
}

HRESULT cursor_tell_pruned(struct cursor *cursor, struct batch *batch, uint64_t first,
                           uint64_t last)
{
    struct json json = cursor_begin_own(cursor, "certwitness.delivery.pruned");

    notes_add(cursor->notes,
              "lines %" PRIu64 " to %" PRIu64 " were removed from the journal before they were "
              "delivered; deliver more often than \"certwitness prune\" removes",
              first, last);
    json_number(&json, "first", (int64_t)first);
    json_number(&json, "last", (int64_t)last);
    return cursor_end_own(cursor, &json, batch);
}

static HRESULT cursor_tell_fault(struct cursor *cursor, struct batch *batch,
                                 const struct reader_item *item, bool on_record)
{
    struct json json = cursor_begin_own(cursor, "certwitness.delivery.fault");

    json_text(&json, "fault", reader_kind_text(item->kind));
    json_bool(&json, "onRecord", on_record);
    json_text(&json, "file", item->place.file);
    json_number(&json, "line", (int64_t)item->place.number);
    json_number(&json, "offset", (int64_t)item->place.offset);
    json_number(&json, "sequence", (int64_t)item->place.sequence);
    journal_notes_tell(&cursor->told, on_record ? READER_ON_RECORD : READER_FAULT, item);
    return cursor_end_own(cursor, &json, batch);
}

/* --- lines --- */

static bool cursor_is_old(struct cursor *cursor, const struct reader_item *item)
{
    bool old = cursor->resumes && segment_sequence(item->place.file) == cursor->position.segment &&
               item->place.offset == cursor->position.offset;

    cursor->resumes = false;
    return old;
}

static HRESULT cursor_take(struct cursor *cursor, struct batch *batch,
                           const struct reader_item *item)
{
    uint64_t before = cursor->position.sequence;

    cursor->lost = false;
    if (cursor_is_old(cursor, item)) return S_OK;
    if (cursor->pruned) {
        cursor->pruned = false;
        if (item->line.sequence > before + 1) {
            HRESULT hr = cursor_tell_pruned(cursor, batch, before + 1, item->line.sequence - 1);

            if (FAILED(hr)) return hr;
        }
    }
    position_of_item(&cursor->position, item);
    event_set_item(&cursor->event, item);
    if (!filter_is_open(cursor->filter) && !filter_takes(cursor->filter, &cursor->event))
        return S_OK;
    return batch_add(batch, item->line.text, &cursor->position, false);
}

static void cursor_note_lost(struct cursor *cursor, const struct reader_item *item)
{
    if (!cursor->lost) journal_notes_retry(&cursor->told, item);
    cursor->lost = true;
}

/* Two lines may be added: one of our own about removed lines, and the one after them. */
static bool cursor_has_room(const struct batch *batch)
{
    return batch->count < BATCH_LINES - 1 && batch->text.size < BATCH_BYTES;
}

HRESULT cursor_fill(struct cursor *cursor, struct batch *batch)
{
    struct reader_item item;
    HRESULT hr = S_OK;

    for (unsigned looked = 0; hr == S_OK && cursor_has_room(batch) && looked < LOOKED_MAX;
         looked++) {
        switch (follow_next(cursor->follow, &item)) {
        case FOLLOW_LINE:      hr = cursor_take(cursor, batch, &item); break;
        case FOLLOW_FAULT:     hr = cursor_tell_fault(cursor, batch, &item, false); break;
        case FOLLOW_ON_RECORD: hr = cursor_tell_fault(cursor, batch, &item, true); break;
        case FOLLOW_PRUNED:    cursor->pruned = true; break;
        case FOLLOW_LOST:      cursor_note_lost(cursor, &item); return S_FALSE;
        case FOLLOW_NOTHING:   return S_FALSE;
        }
    }
    return hr;
}
