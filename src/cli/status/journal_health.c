#include "journal_health.h"

#include "journal/journal.h"
#include "journal/segment_list.h"
#include "cli/verify/journal_event_text.h"

#include <stdio.h>
#include <string.h>

#define FAULTS_MAX 100
#define FIRST_SIZE 8192                 /* bytes: more than a journal.broken is long */

static void take_break(struct journal_health *health, struct event *event)
{
    struct bytes file = {0};

    health->broken_sequence = event->line.sequence;
    timestamp_show(event->line.time, false, health->broken_time);
    *health->broken_file = 0;
    if (event_text(event, "file", &file) && !file.failed && file.size == SEGMENT_NAME_SIZE) {
        bytes_add(&file, "", 1);
        if (!file.failed && segment_sequence(file.data)) strcpy(health->broken_file, file.data);
    }
    bytes_free(&file);
}

static void take_start(struct journal_health *health, struct event *event)
{
    struct bytes told = {0};

    if (record_unwritten(event, &told)) {
        health->unwritten_sequence = event->line.sequence;
        health->unwritten_micros = health->last_micros;
        strcpy(health->unwritten_time, health->last_time);
    }
    bytes_free(&told);
}

static void journal_health_take(struct journal_health *health, struct event *event,
                                const struct reader_item *item)
{
    const struct line *line = &item->line;
    struct span type;

    event_set_item(event, item);
    type = event_type(event);
    if (!health->first) health->first = line->sequence;
    health->last = line->sequence;
    snprintf(health->last_type, sizeof health->last_type, "%.*s", (int)type.size, type.text);
    timestamp_show(line->time, false, health->last_time);
    if (!timestamp_of_line(line->time, &health->last_micros)) health->last_micros = 0;
    date_check_add(&health->dates, event);
    if (event_type_is(event, "journal.broken")) take_break(health, event);
    if (event_type_is(event, "module.started")) take_start(health, event);
    if (!event_type_is(event, "journal.gap")) return;
    health->gap_sequence = line->sequence;
    health->gap_micros = health->last_micros;
    strcpy(health->gap_time, health->last_time);
}

static void take_fault(struct journal_health *out, const struct reader_item *item)
{
    if (out->faulty) return;
    out->faulty = true;
    out->fault = item->kind;
    out->hr = item->hr;
    strcpy(out->fault_file, item->place.file);
}

static void journal_health_read_all(struct reader *reader, struct journal_health *out)
{
    struct event event = {0};
    struct reader_totals totals;
    struct reader_item item;
    enum reader_result result;
    unsigned faults = 0;

    for (;;) {
        result = reader_next_of_all(reader, &item);
        if (result == READER_LINE) journal_health_take(out, &event, &item);
        if (result == READER_FAULT) take_fault(out, &item);
        if (result == READER_FAULT && (++faults > FAULTS_MAX || reader_go_on(reader) != S_OK))
            break;
        if (result == READER_END || result == READER_UNFINISHED) break;
    }
    out->unfinished = result == READER_UNFINISHED;
    reader_totals(reader, &totals);
    out->recoveries = totals.recoveries;
    out->breaks = totals.breaks;
    event_free(&event);
}

/* Whether the segment begins with a journal.broken: a chain that goes on behind damage begins a new
 * one with it. */
static bool begins_with_break(struct disk_folder *folder, uint64_t segment,
                              struct journal_health *out)
{
    char name[SEGMENT_NAME_SIZE + 1], text[FIRST_SIZE];
    struct disk_file *file = NULL;
    struct event event = {0};
    struct line line;
    const char *lf = NULL;
    size_t size = 0;
    bool found = false;

    segment_name(segment, name);
    if (SUCCEEDED(disk_view(folder, name, &file)) &&
        SUCCEEDED(disk_read(file, 0, text, sizeof text, &size)))
        lf = memchr(text, '\n', size);
    disk_close(file);
    if (lf && line_read(text, (size_t)(lf + 1 - text), &line) == LINE_OK) {
        event_set(&event, &line);
        if ((found = event_type_is(&event, "journal.broken"))) take_break(out, &event);
    }
    event_free(&event);
    return found;
}

/* In the files that were not read; of those the last lines are not worth the time, and the first
 * ones are enough. */
static void find_older_break(struct disk_folder *folder, const struct segment_list *list,
                             struct journal_health *out)
{
    size_t at = list->count > JOURNAL_HEALTH_SEGMENTS ? list->count - JOURNAL_HEALTH_SEGMENTS : 0,
           end = at > JOURNAL_HEALTH_FIRST_LINES ? at - JOURNAL_HEALTH_FIRST_LINES : 0;

    while (!out->broken_sequence && at-- > end) begins_with_break(folder, list->starts[at], out);
}

static HRESULT journal_health_read_from(const char *path, uint64_t from, struct journal_health *out)
{
    struct reader *reader;
    HRESULT hr = reader_open(path, from, &reader);

    if (FAILED(hr)) return hr;
    journal_health_read_all(reader, out);
    reader_close(reader);
    return S_OK;
}

HRESULT journal_health_read(const char *path, struct journal_health *out)
{
    struct segment_list list = {0};
    struct disk_folder *folder;
    HRESULT hr;

    memset(out, 0, sizeof *out);
    if (FAILED(hr = disk_view_folder(path, &folder))) return hr;
    if (SUCCEEDED(hr = segment_list_read(&list, folder)) && !list.count) hr = S_FALSE;
    if (hr == S_OK)
        hr = journal_health_read_from(path,
                                      list.starts[list.count < JOURNAL_HEALTH_SEGMENTS
                                                      ? 0
                                                      : list.count - JOURNAL_HEALTH_SEGMENTS],
                                      out);
    if (hr == S_OK) find_older_break(folder, &list, out);
    segment_list_free(&list);
    disk_close_folder(folder);
    return hr;
}
