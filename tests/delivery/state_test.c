/* The state of a destination on a disk that fails and loses power: what was saved is never forgotten, and never taken for nothing. */
#include "lib/test.h"

#include "delivery/park.h"
#include "lib/power.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 8

static uint64_t seen[1 << 20];          /* disks that were looked at */
static unsigned disks;

static struct state_record record_of(uint64_t sequence)
{
    struct state_record record = {.position = {.segment = 1, .offset = sequence * 100, .number = sequence, .sequence = sequence}};

    memset(record.position.hash, 'a' + (int)(sequence % 6), LINE_HASH_SIZE);
    strcpy(record.position.ca, "Issuing%20CA");
    return record;
}

static struct store *open_store(void)
{
    struct store *store = NULL;

    check_hr(store_open("/state", &store), S_OK);
    return store;
}

/* What is on the disk now. */
static HRESULT load(struct state_record *record)
{
    struct disk_folder *folder = NULL;
    HRESULT hr = disk_view_folder("/state", &folder);

    if (SUCCEEDED(hr)) hr = state_load(folder, "hub", record);
    disk_close_folder(folder);
    return hr;
}

TEST(what_was_saved_comes_back)
{
    struct state_record record, wrote = record_of(7);
    struct store *store;
    struct state *state = NULL;

    crash_disk_begin();
    store = open_store();
    check_hr(state_open(store, "hub", &state, &record), S_FALSE);
    wrote.parked = 2, wrote.parked_from = 10, wrote.parked_to = 30, wrote.row = 17;
    for (int i = 0; i < 3; i++) check_hr(state_save(state, &wrote), S_OK);
    state_close(state);
    check_hr(state_open(store, "hub", &state, &record), S_OK);
    check_int(record.generation, 3);
    check_int(record.position.sequence, 7);
    check_int(record.position.offset, 700);
    check_text(record.position.hash, wrote.position.hash);
    check_text(record.position.ca, "Issuing%20CA");
    check_int(record.parked, 2);
    check_int(record.parked_from, 10);
    check_int(record.parked_to, 30);
    check_int(record.row, 17);
    state_close(state);
    store_close(store);
}

/* A state as an earlier version wrote it. */
static void write_state(const char *fields)
{
    struct disk_folder *folder = NULL;
    struct disk_file *file = NULL;
    char text[STATE_SLOT + 1];
    int size = snprintf(text, sizeof text, "%s", fields);

    check_hr(hash_hex(text, (size_t)size, text + size), S_OK);
    memset(text + size + LINE_HASH_SIZE, ' ', (size_t)(STATE_SLOT - size - LINE_HASH_SIZE));
    text[size + LINE_HASH_SIZE] = '\n';
    check_hr(disk_open_folder("/state", &folder), S_OK);
    check_hr(disk_create(folder, "hub.state", &file), S_OK);
    check_hr(disk_write(file, 0, text, STATE_SLOT), S_OK);
    disk_close(file);
    disk_close_folder(folder);
}

TEST(states_of_earlier_versions_are_read)
{
    static const struct { const char *version, *between; } each[] = {{"1", ""}, {"2", "4 700 "}, {"3", "4 700 99 "}};

    for (int i = 0; i < 3; i++) {
        struct state_record record;
        char fields[512];

        crash_disk_begin();
        store_close(open_store());
        snprintf(fields, sizeof fields, "certwitness-delivery %s 3 1 700 7 7 %064d 2 10 30 %sIssuing%%20CA ", each[i].version, 0, each[i].between);
        write_state(fields);
        check_hr(load(&record), S_OK);
        check_int(record.position.sequence, 7);
        check_int(record.parked_to, 30);
        check_int(record.position.fault_offset, i ? 700 : 0);
        check_int(record.row, i == 2 ? 99 : 0);
        check_text(record.position.ca, "Issuing%20CA");
    }
}

TEST(a_ca_whose_name_is_as_long_as_can_be_fits)
{
    struct state_record record, wrote = record_of(UINT64_MAX / 2);
    struct store *store;
    struct state *state = NULL;

    crash_disk_begin();
    store = open_store();
    memset(wrote.position.ca, 'x', LINE_SOURCE_MAX);
    check_hr(state_open(store, "hub", &state, &record), S_FALSE);
    check_hr(state_save(state, &wrote), S_OK);
    check_hr(load(&record), S_OK);
    check_text(record.position.ca, wrote.position.ca);
    state_close(state);
    store_close(store);
}

/* Some lines, with one write. */
static HRESULT park_some(struct store *store, struct state_record *record, uint64_t first, unsigned count)
{
    struct park_entries entries = {0};
    HRESULT hr = S_OK;

    struct park_loss loss;

    for (unsigned i = 0; i < count; i++) check_hr(park_gather(&entries, first + i, (struct span){"{\"a\":1}", 7}, "refused \"so\""), S_OK);
    hr = park_add(store, "hub", record, &entries, &loss);
    check_int(loss.count, 0);
    check_int(entries.count, FAILED(hr) ? count : 0);
    park_entries_free(&entries);
    return hr;
}

/* What retry does while all lines are refused again. */
static HRESULT park_again(struct store *store, struct state *state, struct state_record *record)
{
    struct state_record next = *record;
    HRESULT hr = next.parked ? park_some(store, &next, 1, (unsigned)next.parked) : S_FALSE;

    if (hr != S_OK) return hr;
    next.parked = record->parked, next.parked_from = record->parked_to;
    if (FAILED(hr = state_save(state, &next))) return hr;
    *record = next;
    if (SUCCEEDED(hr = park_tidy(store, "hub", &next))) {
        check_int(hr, S_OK);
        hr = state_save(state, &next);
    }
    if (SUCCEEDED(hr)) *record = next;
    return hr;
}

/* Save ROUNDS records, park one to three lines with each second one, until the disk refuses. Returns the last record that was saved. */
static uint64_t save_some(struct store *store, struct state *state, struct state_record *record)
{
    uint64_t saved = record->position.sequence;

    for (uint64_t i = saved + 1; i <= saved + ROUNDS; i++) {
        struct state_record next = record_of(i);

        next.parked = record->parked, next.parked_from = record->parked_from, next.parked_to = record->parked_to;
        if (i % 2 && FAILED(park_some(store, &next, i, 1 + i / 2 % 3))) return record->position.sequence;
        if (FAILED(state_save(state, &next))) return record->position.sequence;
        *record = next;
        if (i % 4 == 0 && FAILED(park_again(store, state, record))) return record->position.sequence;
        crash_disk_mark(i);
    }
    return record->position.sequence;
}

/* All parked lines that the record names are there. */
static void check_parked(const struct state_record *record)
{
    struct disk_folder *folder = NULL;
    struct park_reader reader;
    struct span entry;
    unsigned count = 0;
    HRESULT hr;

    if (!check_hr(disk_view_folder("/state", &folder), S_OK)) return;
    hr = park_open(folder, "hub", record, &reader);
    if (!record->parked) check_hr(hr, S_FALSE);
    else if (check_hr(hr, S_OK)) {
        while ((hr = park_next(&reader, &entry)) == S_OK) {
            struct span line = park_line(entry);

            check_bytes(line.text, line.size, "{\"a\":1}", 7);
            check(park_sequence(entry) != 0);
            count++;
        }
        check_hr(hr, S_FALSE);
        check_int(count, record->parked);
        park_close(&reader);
    }
    disk_close_folder(folder);
}

static void check_cut(const struct power *power, void *context)
{
    uint64_t least = *(uint64_t *)context, last = least;
    struct state_record record;

    if (test_failures()) return;        /* one tells enough */
    disks++;
    for (uint64_t i = 0; i < POWER_MARKS; i++) if (power->marks[i] && i > last) last = i;
    if (!check_hr(load(&record), S_OK)) return;
    check(record.position.sequence >= last);
    check(record.position.sequence <= last + 1);
    check_parked(&record);
}

TEST(the_power_may_go_at_every_write_of_the_state_and_of_a_parked_line)
{
    struct power *power = calloc(1, sizeof *power);
    struct crash_operation *copy;
    const struct crash_operation *log;
    struct state_record record;
    struct store *store;
    struct state *state = NULL;
    uint64_t first = 2;
    size_t count;
    const char *data;

    crash_disk_begin();
    store = open_store();
    check_hr(state_open(store, "hub", &state, &record), S_FALSE);
    record = record_of(first);
    check_hr(state_save(state, &record), S_OK);
    state_close(state);
    store_close(store);
    power_begin(power);
    data = crash_disk_file("hub.state", &count);
    power_add(power, "hub.state", data, count);
    crash_disk_begin();
    crash_disk_put("hub.state", power->files[0].data, power->files[0].size);
    store = open_store();
    check_hr(state_open(store, "hub", &state, &record), S_OK);
    check_int(save_some(store, state, &record), first + ROUNDS);
    state_close(state);
    store_close(store);
    log = crash_disk_log(&count);
    copy = malloc((count + 1) * sizeof *copy);
    memcpy(copy, log, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        if (copy[i].data) copy[i].data = memcpy(malloc(copy[i].size + 1), log[i].data, copy[i].size + 1);
    for (size_t i = 0; i <= count; i++) {
        if (i == count || copy[i].kind != CRASH_MARK) power_cuts(power, 20, seen, check_cut, &first);
        if (i < count) power_apply(power, &copy[i]);
    }
    test_note("%u disks after a power cut", disks);
    check(disks > 100);
    while (count) free(copy[--count].data);
    free(copy);
    power_end(power);
    free(power);
}

TEST(a_disk_that_fails_at_any_operation_and_then_loses_power_keeps_what_was_saved)
{
    for (unsigned nth = 1; nth < 60 && !test_failures(); nth++) {
        struct state_record record = {0}, found;
        struct state *state = NULL;
        struct store *store;
        uint64_t saved = 0;
        HRESULT hr;

        crash_disk_begin();
        store = open_store();
        crash_disk_fail(nth, 1, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
        if (state_open(store, "hub", &state, &record) == S_FALSE) saved = save_some(store, state, &record);
        crash_disk_cut_power();
        state_close(state);
        store_close(store);
        hr = load(&found);
        if (!saved) check(hr == S_FALSE || (hr == S_OK && found.position.sequence <= 1));
        else if (check_hr(hr, S_OK)) {
            check(found.position.sequence >= saved && found.position.sequence <= saved + 1);
            check_parked(&found);
        }
        if (test_failures()) test_note("operation %u failed", nth);
    }
}

TEST(lines_that_were_gathered_are_parked_with_one_flush_and_in_their_order)
{
    const struct crash_operation *log;
    struct state_record record = record_of(900);
    struct disk_folder *folder = NULL;
    struct park_reader reader;
    struct span entry;
    struct store *store;
    unsigned flushes = 0;
    size_t count;

    crash_disk_begin();
    store = open_store();
    check_hr(park_some(store, &record, 1, 1), S_OK);
    check_hr(park_some(store, &record, 2, 899), S_OK);
    check_int(record.parked, 900);
    for (log = crash_disk_log(&count); count--;) flushes += log[count].kind == CRASH_FLUSH;
    check_int(flushes, 2);
    check_hr(disk_view_folder("/state", &folder), S_OK);
    if (check_hr(park_open(folder, "hub", &record, &reader), S_OK)) {
        for (uint64_t i = 1; i <= 900 && check_hr(park_next(&reader, &entry), S_OK); i++) check_int(park_sequence(entry), i);
        check_hr(park_next(&reader, &entry), S_FALSE);
        park_close(&reader);
    }
    disk_close_folder(folder);
    store_close(store);
}

TEST(a_disk_that_failed_once_is_written_to_again)
{
    for (unsigned nth = 1; nth < 12; nth++) {
        struct state_record record = {0}, found;
        struct state *state = NULL;
        struct store *store;
        HRESULT hr;

        crash_disk_begin();
        store = open_store();
        crash_disk_fail(nth, 0, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
        check_hr(state_open(store, "hub", &state, &record), S_FALSE);
        for (uint64_t i = 1; i <= 3; i++) {
            struct state_record next = record_of(i);

            for (int tries = 0; tries < 3 && FAILED(hr = state_save(state, &next)); tries++) {}
            check_hr(hr, S_OK);
        }
        crash_disk_cut_power();
        state_close(state);
        store_close(store);
        check_hr(load(&found), S_OK);
        check_int(found.position.sequence, 3);
    }
}
