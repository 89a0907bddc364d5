#include "recent.h"

#include "journal/journal.h"
#include "journal/segment_list.h"

#include <stdio.h>
#include <string.h>

#define FAULTS_MAX 100

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

static void take_break(struct recent *recent, struct event *event)
{
    struct bytes file = {0};

    recent->broken_sequence = event->line.sequence;
    strcpy(recent->broken_time, recent->last_time);
    *recent->broken_file = 0;
    if (event_text(event, "file", &file) && !file.failed && file.size == SEGMENT_NAME_SIZE) {
        bytes_add(&file, "", 1);
        if (!file.failed && segment_sequence(file.data)) strcpy(recent->broken_file, file.data);
    }
    bytes_free(&file);
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
    if (event_type_is(event, "journal.broken")) take_break(recent, event);
    if (!event_type_is(event, "journal.gap")) return;
    recent->gap_sequence = line->sequence;
    recent->gap_micros = recent->last_micros;
    strcpy(recent->gap_time, recent->last_time);
}

static void take_fault(struct recent *out, const struct reader_item *item)
{
    if (out->faulty) return;
    out->faulty = true;
    out->fault = item->kind;
    out->hr = item->hr;
    strcpy(out->fault_file, item->place.file);
}

static void read_all(struct reader *reader, struct recent *out)
{
    struct event event = {0};
    struct reader_totals totals;
    struct reader_item item;
    enum reader_result result;
    unsigned faults = 0;

    for (;;) {
        result = reader_next_of_all(reader, &item);
        if (result == READER_LINE) take(out, &event, &item.line);
        if (result == READER_FAULT) take_fault(out, &item);
        if (result == READER_FAULT && (++faults > FAULTS_MAX || reader_go_on(reader) != S_OK)) break;
        if (result == READER_END || result == READER_UNFINISHED) break;
    }
    out->unfinished = result == READER_UNFINISHED;
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
