/*
 * Any journal, good or doctored, through the reader and through recovery: they agree on what is valid, and what recovery records
 * can be read.
 *
 * The input is a program that makes the journal, since random bytes never have a right hash; it may add raw bytes anywhere. Each
 * step is an opcode and one byte:
 *
 *   L  lines, that many (modulo 4): flushed before them          t  cut that many bytes off the end of the segment
 *   l  one that was not preceded by a flush                      x  change the byte that far from the end of the segment
 *   j  one whose data is from a list of odd ones                 S  a new segment, as it has to be named
 *   s  skip that many sequences                                  n  a new segment, that many off
 *   d  the last line once more                                   r  raw bytes: that many follow
 *   b  a journal.broken that names the segment before and a place that many back from its end
 */
#include "lib/crash_disk.h"
#include "lib/forge.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "journal/recover.h"
#include "journal/reverse_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS 6
#define COPY_MAX 8192

static void must(bool ok)
{
    if (!ok) abort();
}

struct making {
    struct bytes segments[SEGMENTS];
    uint64_t starts[SEGMENTS];
    int count;
    uint64_t next;
    char hash[LINE_HASH_SIZE + 1];
    size_t last_line;                   /* where it begins */
};

static void begin_segment(struct making *making, uint64_t start)
{
    if (making->count == SEGMENTS || !start || start > 1u << 30 || (making->count && start <= making->starts[making->count - 1])) return;
    making->starts[making->count++] = start;
    making->last_line = 0;
}

static void add_line(struct making *making, const char *type, uint64_t flushed, const char *data)
{
    struct line_place place = {"01234567-89ab-4def-8123-456789abcdef", "/adcs/a/b", making->next, making->hash, flushed};
    struct bytes *segment = &making->segments[making->count - 1];
    char hash[LINE_HASH_SIZE + 1];

    making->last_line = segment->size;
    must(forge_line(segment, &place, type, NULL, 0, data, hash) == S_OK);
    memcpy(making->hash, hash, sizeof hash);
    making->next++;
}

static void add_odd(struct making *making, unsigned which)
{
    static const char *const odd[] = {
        "{}", "{\"a\":}", "[1]", "{\"a\":1,\"a\":1}", "{\"a\":\"\xff\"}", "{\"a\":1}}", "x", "{\"specversion\":\"1.0\",\"id\":\"\"}",
    };

    add_line(making, "certwitness.x", making->next - 1, odd[which % (sizeof odd / sizeof *odd)]);
}

static void add_broken(struct making *making, size_t back)
{
    int before = making->count - 2;
    char data[200];

    if (before < 0) return;
    snprintf(data, sizeof data, "{\"file\":\"%020d.jsonl\",\"offset\":%d,\"sequence\":%d,\"bytes\":1}", (int)making->starts[before],
             (int)(making->segments[before].size - back % (making->segments[before].size + 1)), (int)making->next - 1);
    add_line(making, JOURNAL_BROKEN, making->next - 1, data);
}

/* With what stands behind it by now. Twice as much each time, and so not without end. */
static void copy_last(struct making *making)
{
    struct bytes *segment = &making->segments[making->count - 1];
    size_t size = segment->size > making->last_line ? segment->size - making->last_line : 0;
    char *at;

    if (!size || size > COPY_MAX || !(at = bytes_reserve(segment, size))) return;
    memcpy(at, segment->data + making->last_line, size);
    segment->size += size;
}

static size_t run(struct making *making, const uint8_t *code, size_t size)
{
    struct bytes *segment = &making->segments[making->count - 1];
    unsigned number = code[1];

    switch (code[0]) {
    case 'L': for (unsigned i = 0; i <= number % 4; i++) add_line(making, "certwitness.x", making->next - 1, "{\"event\":1}"); break;
    case 'l': add_line(making, "certwitness.x", making->next - 1 > number ? making->next - 1 - number : 0, "{\"event\":2}"); break;
    case 'j': add_odd(making, number); break;
    case 's': making->next += number % 8; break;
    case 'd': copy_last(making); break;
    case 'b': add_broken(making, number * 3); break;
    case 't': segment->size -= number < segment->size ? number : segment->size; break;
    case 'x': if (number < segment->size) segment->data[segment->size - 1 - number] ^= 1; break;
    case 'S': begin_segment(making, making->next); break;
    case 'n': begin_segment(making, making->next + number % 8 - 4); break;
    case 'r':
        if (number > size - 2) number = (unsigned)(size - 2);
        bytes_add(segment, code + 2, number);
        return 2 + number;
    }
    return 2;
}

static void make_journal(struct making *making, const uint8_t *data, size_t size)
{
    char name[SEGMENT_NAME_SIZE + 1];

    memset(making, 0, sizeof *making);
    memcpy(making->hash, line_no_hash, sizeof making->hash);
    making->next = 1;
    begin_segment(making, size && data[0] == 'B' ? making->next = 7 : 1);
    while (size >= 2) {
        size_t used = run(making, data, size);

        data += used;
        size -= used;
    }
    crash_disk_begin();
    for (int i = 0; i < making->count; i++) {
        segment_name(making->starts[i], name);
        crash_disk_put(name, making->segments[i].data ? making->segments[i].data : "", making->segments[i].size);
        bytes_free(&making->segments[i]);
    }
}

struct event_data {
    enum reader_result result;
    struct reader_item item;
    struct reader_totals totals;
    unsigned on_record;
};

static struct event_data read_all(uint64_t from)
{
    struct event_data reading = {.result = READER_LINE};
    uint64_t before = from ? from - 1 : 0;
    struct reader *reader;

    must(reader_open("/", from, &reader) == S_OK);
    while (reading.result == READER_LINE || reading.result == READER_ON_RECORD) {
        reading.result = reader_next(reader, &reading.item);
        if (reading.result == READER_ON_RECORD) reading.on_record++;
        if (reading.result != READER_LINE) continue;
        must(reading.item.line.sequence == reading.item.place.sequence);
        if (reading.item.unverified) continue;          /* of damage on record, in any order */
        must(reading.item.line.sequence > before);
        before = reading.item.line.sequence;
    }
    must(reading.result != READER_FAULT || reading.item.kind != READER_UNREADABLE);
    reader_totals(reader, &reading.totals);
    reader_close(reader);
    return reading;
}

/* A reader that goes on behind every fault comes to an end: it never gives a place twice. Returns the last line it gives, 0 for none. */
static uint64_t read_what_can_be(const struct event_data *reading)
{
    uint64_t lines = 0, last = 0, segment = 0, offset = 0;
    enum reader_result result;
    struct reader_item item;
    struct reader *reader;

    must(reader_open("/", 0, &reader) == S_OK);
    do {
        result = reader_next(reader, &item);
        if (result != READER_LINE) continue;
        must(segment_sequence(item.place.file) > segment || (segment_sequence(item.place.file) == segment && item.place.offset >= offset));
        segment = segment_sequence(item.place.file);
        offset = item.place.offset + item.line.text.size;
        last = item.line.sequence;
        lines++;
    } while (result == READER_LINE || result == READER_ON_RECORD || (result == READER_FAULT && reader_go_on(reader) == S_OK));
    must(lines >= reading->totals.lines);
    reader_close(reader);
    return last;
}

/* A reader whose lines are judged ahead says the same at every step. */
static void read_ahead(void)
{
    struct reader *plain, *other;
    struct reader_item a, b;
    enum reader_result result;
    struct read_ahead *ahead;
    HRESULT hr = S_OK;

    must(reader_open("/", 0, &plain) == S_OK);
    must(reader_open("/", 0, &other) == S_OK);
    must(read_ahead_open(1, &ahead) == S_OK);
    reader_read_ahead(other, ahead);
    do {
        result = reader_next(plain, &a);
        must(reader_next(other, &b) == result);
        must(a.kind == b.kind && a.unverified == b.unverified && a.last == b.last && a.place.offset == b.place.offset && a.place.sequence == b.place.sequence);
        must(!strcmp(a.place.file, b.place.file) && a.line.sequence == b.line.sequence && a.line.text.size == b.line.text.size && a.data.count == b.data.count);
        if (result == READER_FAULT) must(reader_go_on(other) == (hr = reader_go_on(plain)));
    } while (result == READER_LINE || result == READER_ON_RECORD || (result == READER_FAULT && hr == S_OK));
    reader_close(plain);
    reader_close(other);
    read_ahead_close(ahead);
}

/* A reader that begins at a line gives it first, if it is JSON. */
static void read_from(const struct reader_start *place, const struct event_data *reading)
{
    struct reader_item item;
    struct reader *reader;

    must(reader_open_at("/", place, &reader) == S_OK);
    if (reader_next(reader, &item) == READER_LINE) must(item.line.sequence == place->sequence);
    else must(reading->result != READER_END);
    reader_close(reader);
}

/* Backwards, places only fall. What is unfinished may have an intact line behind it, which a reader does not get to. */
static void read_backwards(const struct event_data *reading, uint64_t last)
{
    struct reader_start place, behind = {.segment = UINT64_MAX};
    struct reverse_reader *tail;
    struct line line;
    HRESULT hr;

    must(reverse_reader_open("/", &tail) == S_OK);
    for (int count = 0; (hr = reverse_reader_previous(tail, &line, &place)) == S_OK; count++) {
        must(place.segment < behind.segment || (place.segment == behind.segment && place.offset < behind.offset));
        if (count < 4) read_from(&place, reading);
        if (behind.segment == UINT64_MAX && reading->result == READER_END) must(place.sequence == last);
        behind = place;
    }
    must(hr == S_FALSE && (last == 0 || behind.segment < UINT64_MAX));
    reverse_reader_close(tail);
}

static struct recovery recover(void)
{
    struct disk_folder *folder;
    struct recovery found;

    must(disk_open_folder("/", &folder) == S_OK);
    must(recover_chain(folder, (struct span){"", 0}, NULL, &found) == S_OK);
    disk_close_folder(folder);
    return found;
}

static bool same_place(const struct recovery *found, const struct reader_place *place)
{
    return !strcmp(found->file, place->file) && found->offset == place->offset && found->sequence == place->sequence;
}

/* Recovery looks at the last segment, and at the one before where the last holds no line; and not at what is JSON or whether segments link. */
static bool is_seen_by_recovery(const struct event_data *reading, const struct making *making)
{
    const struct reader_item *item = &reading->item;
    uint64_t last = making->starts[making->count - 1], segment = segment_sequence(item->place.file);
    struct event_data of_last;

    if (reading->result != READER_FAULT) return true;
    if (!item->place.offset || item->kind == READER_NOT_JSON) return false;
    if (item->kind == READER_FOREIGN && !item->line.sequence) return false;     /* two chains: what was left behind is not looked at */
    if (segment == last) return true;
    of_last = read_all(last);
    return segment == making->starts[making->count - 2] && !of_last.totals.lines && of_last.result != READER_FAULT;
}

static void reopen(void)
{
    struct journal_options options = {.directory = "/", .source = "/adcs/a/b", .wait_ms = 60000, .retry_ms = 1, .queue_bytes = 1 << 20,
                                      .segment_bytes = 1500};
    struct journal *journal;

    must(journal_open(&options, &journal) == S_OK);
    must(journal_close(journal) == S_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct making making;
    struct event_data before, after;
    struct recovery found;
    bool agree;

    make_journal(&making, data, size);
    before = read_all(0);
    if (before.totals.first) {
        struct event_data later = read_all(before.totals.first + before.totals.lines / 2);

        must(later.result == before.result || before.result == READER_FAULT);
    }
    read_ahead();
    read_backwards(&before, read_what_can_be(&before));
    agree = is_seen_by_recovery(&before, &making);
    found = recover();
    if (before.result == READER_END) must(!found.finding && (!before.totals.lines || found.head.sequence == before.totals.head.sequence));
    if (before.result == READER_UNFINISHED) must(found.finding == RECOVER_TORN && same_place(&found, &before.item.place));
    if (before.result == READER_FAULT && agree) must(found.finding == RECOVER_BROKEN && same_place(&found, &before.item.place));
    if (before.result != READER_FAULT && before.totals.lines)
        must(!memcmp(found.head.hash, before.totals.head.hash, LINE_HASH_SIZE));

    make_journal(&making, data, size);
    reopen();
    after = read_all(0);
    if (agree) must(after.result == READER_END && after.totals.lines >= before.totals.lines + 2);
    if (agree && before.result == READER_UNFINISHED) must(after.totals.recoveries >= 1);
    if (before.result == READER_FAULT && agree) must(after.on_record == before.on_record + 1 && after.totals.breaks >= 1);
    found = recover();
    if (after.result == READER_END) must(!found.finding && found.head.sequence == after.totals.head.sequence && found.ended_cleanly);
    return 0;
}
