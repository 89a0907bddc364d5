#include "cursor.h"

#include "base/json.h"
#include "base/utc.h"
#include "events/fault_text.h"
#include "events/follow.h"
#include "events/journal_notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOKED_MAX 20000                /* lines in one call, where the filter takes none */

struct cursor {
    const char *journal;                /* borrowed */
    struct follow *follow;              /* owned */
    const struct filter *filter;        /* borrowed */
    const struct reports *reports;      /* borrowed */
    struct notes notes;                 /* sentences about the journal go to `reports`, */
    enum report_kind kind;              /* as this kind */
    struct journal_notes told;
    struct event event;
    struct position position;           /* the last line that was looked at */
    struct bytes line;                  /* of our own */
    bool resumes;                       /* the line at `position` comes once more */
    bool pruned;                        /* lines were removed: the next line says how many */
    bool lost;                          /* the disk refuses, as `loss` says; */
    struct reader_item loss;            /* its line is not valid */
};

static void cursor_take_note(void *context, const char *sentence)
{
    struct cursor *cursor = context;

    cursor->reports->take(cursor->reports->context, cursor->kind, sentence);
}

HRESULT cursor_open(const char *journal, const struct position *from, bool there,
                    const struct filter *filter, const struct reports *reports,
                    struct cursor **out)
{
    struct reader_start start = {from->segment, from->offset, from->sequence, from->number};
    struct cursor *cursor = calloc(1, sizeof *cursor);
    HRESULT hr = E_OUTOFMEMORY;

    *out = NULL;
    if (!cursor) return hr;
    cursor->journal = journal;
    cursor->filter = filter;
    cursor->reports = reports;
    cursor->notes = (struct notes){cursor_take_note, cursor};
    cursor->told.to = &cursor->notes;
    cursor->told.path = journal;
    cursor->position = *from;
    cursor->resumes = there;
    if (!there) start = (struct reader_start){0};
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
    char id[37] = "", now[UTC_TEXT_MAX], ca[LINE_SOURCE_MAX + 1];
    HRESULT hr = os_guid(id);

    strcpy(ca, cursor->position.ca);    /* empty before the first line that was looked at */
    if (!*ca && FAILED(position_find_ca(cursor->journal, ca))) *ca = 0;
    bytes_reset(&cursor->line, 65536);
    if (FAILED(hr)) bytes_fail(&cursor->line);
    utc_text(os_now(), true, now);
    json_object(&json, NULL);
    json_text(&json, "specversion", "1.0");
    json_text(&json, "id", id);
    json_key(&json, "source");
    bytes_add_text(&cursor->line, "\"/certwitness-delivery/");
    bytes_add_text(&cursor->line, ca);
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

/* All up to line `last` is gone, and so is the file of the position. position_check takes that line
 * for one that was delivered. */
static void cursor_pass_pruned(struct cursor *cursor, const struct position *before, uint64_t last)
{
    cursor->position = *before;
    cursor->position.sequence = last;
    strcpy(cursor->position.hash, line_no_hash);
}

HRESULT cursor_tell_pruned(struct cursor *cursor, struct batch *batch,
                           const struct position *before, uint64_t last)
{
    uint64_t first = before->sequence + 1;
    struct json json;

    cursor_pass_pruned(cursor, before, last);
    json = cursor_begin_own(cursor, "certwitness.delivery.pruned");
    cursor->kind = REPORT_PRUNED;
    notes_add(&cursor->notes,
              "lines %" PRIu64 " to %" PRIu64 " were removed from the journal before they were "
              "delivered; deliver more often than \"certwitness prune\" removes",
              first, last);
    json_number(&json, "first", (int64_t)first);
    json_number(&json, "last", (int64_t)last);
    return cursor_end_own(cursor, &json, batch);
}

/* Whether it was told already. The position is behind it from now on. */
static bool cursor_knows_fault(struct cursor *cursor, const struct reader_item *item)
{
    struct position fault = {.fault_segment = segment_sequence(item->place.file),
                             .fault_offset = item->place.offset};

    if (!fault.fault_segment) return false;
    if (position_compare_faults(&fault, &cursor->position) <= 0) return true;
    cursor->position.fault_segment = fault.fault_segment;
    cursor->position.fault_offset = fault.fault_offset;
    return false;
}

static HRESULT cursor_tell_fault(struct cursor *cursor, struct batch *batch,
                                 const struct reader_item *item, bool on_record)
{
    struct json json;

    if (cursor_knows_fault(cursor, item)) return S_OK;
    json = cursor_begin_own(cursor, "certwitness.delivery.fault");
    json_text(&json, "fault", reader_kind_text(item->kind));
    json_bool(&json, "onRecord", on_record);
    json_text(&json, "file", item->place.file);
    json_number(&json, "line", (int64_t)item->place.number);
    json_number(&json, "offset", (int64_t)item->place.offset);
    json_number(&json, "sequence", (int64_t)item->place.sequence);
    cursor->kind = REPORT_FAULT;
    journal_notes_tell(&cursor->told, on_record ? READER_ON_RECORD : READER_FAULT, item);
    cursor->kind = REPORT_NOTE;
    journal_notes_verify(&cursor->told,
                         "keep the journal as evidence. To see up to where it holds: ");
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
    struct position before = cursor->position;

    if (cursor_is_old(cursor, item)) return S_OK;
    if (cursor->pruned) {
        cursor->pruned = false;
        if (item->line.sequence > before.sequence + 1) {
            HRESULT hr = cursor_tell_pruned(cursor, batch, &before, item->line.sequence - 1);

            if (FAILED(hr)) return hr;
        }
    }
    position_of_item(&cursor->position, item);
    event_set_item(&cursor->event, item);
    if (!filter_is_open(cursor->filter) && !filter_takes(cursor->filter, &cursor->event))
        return cursor->event.no_memory ? E_OUTOFMEMORY : S_OK;
    return batch_add(batch, item->line.text, &cursor->position, false);
}

bool cursor_is_lost(const struct cursor *cursor)
{
    return cursor->lost;
}

void cursor_say_lost(const struct cursor *cursor, char why[CURSOR_WHY])
{
    struct bytes text = {0};

    fault_tell(&cursor->loss, &text);
    bytes_add_text(&text, " Nothing is lost: delivery goes on by itself once it can be read (may "
                          "this account read it?)");
    bytes_add(&text, "", 1);
    snprintf(why, CURSOR_WHY, "%s", text.failed ? "the journal cannot be read" : text.data);
    bytes_free(&text);
}

bool cursor_awaits_line(const struct cursor *cursor)
{
    return follow_awaits_line(cursor->follow);
}

bool cursor_is_elsewhere(const struct cursor *cursor)
{
    return follow_is_elsewhere(cursor->follow);
}

static void cursor_keep_loss(struct cursor *cursor, const struct reader_item *item)
{
    cursor->loss = *item;
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

    cursor->lost = false;
    for (unsigned looked = 0; hr == S_OK && cursor_has_room(batch) && looked < LOOKED_MAX;
         looked++) {
        switch (follow_next(cursor->follow, &item)) {
        case FOLLOW_LINE:      hr = cursor_take(cursor, batch, &item); break;
        case FOLLOW_FAULT:     hr = cursor_tell_fault(cursor, batch, &item, false); break;
        case FOLLOW_ON_RECORD: hr = cursor_tell_fault(cursor, batch, &item, true); break;
        case FOLLOW_PRUNED:    cursor->pruned = true; break;
        case FOLLOW_LOST:      cursor_keep_loss(cursor, &item); return S_FALSE;
        case FOLLOW_NOTHING:   return S_FALSE;
        }
    }
    return hr;
}
