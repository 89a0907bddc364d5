#include "recent.h"

#include "journal/journal.h"
#include "journal/segment_list.h"

#include <stdio.h>
#include <string.h>

/* 0: there is no segment. */
static HRESULT find_start(const char *path, uint64_t *from)
{
    struct disk_folder *folder;
    struct segment_list list = {0};
    HRESULT hr = disk_view_folder(path, &folder);

    *from = 0;
    if (FAILED(hr)) return hr;
    hr = segment_list_read(&list, folder);
    if (list.count) *from = list.starts[list.count < RECENT_SEGMENTS ? 0 : list.count - RECENT_SEGMENTS];
    segment_list_free(&list);
    disk_close_folder(folder);
    return hr;
}

static void take(struct recent *recent, struct event *event, const struct line *line)
{
    struct span type;

    event_set(event, line);
    type = event_type(event);
    if (!recent->first) recent->first = line->sequence;
    recent->last = line->sequence;
    snprintf(recent->last_type, sizeof recent->last_type, "%.*s", (int)type.size, type.text);
    moment_show(line->time, false, recent->last_time);
    if (!moment_of_line(line->time, &recent->last_micros)) recent->last_micros = 0;
    date_check_add(&recent->dates, event);
    if (!event_type_is(event, "journal.gap")) return;
    recent->gap_sequence = line->sequence;
    recent->gap_micros = recent->last_micros;
    strcpy(recent->gap_time, recent->last_time);
}

static void read_all(struct reader *reader, struct recent *out)
{
    struct event event = {0};
    struct reader_totals totals;
    struct reader_item item;
    enum reader_result result;

    while ((result = reader_next(reader, &item)) == READER_LINE || result == READER_ON_RECORD)
        if (result == READER_LINE) take(out, &event, &item.line);
    out->unfinished = result == READER_UNFINISHED;
    if (result == READER_FAULT) {
        out->faulty = true;
        out->fault = item.kind;
        out->hr = item.hr;
        strcpy(out->fault_file, item.place.file);
    }
    reader_totals(reader, &totals);
    out->recoveries = totals.recoveries;
    out->breaks = totals.breaks;
    event_free(&event);
}

HRESULT recent_read(const char *folder, struct recent *out)
{
    struct reader *reader;
    uint64_t from;
    HRESULT hr;

    memset(out, 0, sizeof *out);
    if (FAILED(hr = find_start(folder, &from))) return hr;
    if (!from) return S_FALSE;
    if (FAILED(hr = reader_open(folder, from, &reader))) return hr;
    read_all(reader, out);
    reader_close(reader);
    return S_OK;
}
