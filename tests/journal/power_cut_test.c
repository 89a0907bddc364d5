/*
 * The power goes at every write and flush of a run that rotates segments, fills the disk, meets failing and lying flushes, and
 * recovers; whatever of the unflushed is kept, lost, zeroed or garbled: what was acknowledged is there after the next start,
 * unchanged, once and in order.
 */
#include "lib/test.h"

#include "journal/journal.h"
#include "journal/reader.h"
#include "lib/power.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 100

static uint64_t seen[1 << 20];          /* disks that were looked at */
static unsigned disks, second_cuts;     /* how many; how many power cuts there were during recovery */
static bool failed;                     /* one failure tells enough: there would be thousands */

static struct journal_options options(void)
{
    return (struct journal_options){.directory = "/", .source = "/adcs/a/b", .wait_ms = 10000, .retry_ms = 1, .queue_bytes = 1 << 20,
                                    .segment_bytes = 1200};
}

static HRESULT append(struct journal *journal, int number)
{
    char data[32];
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = number, .time = 0, .data = {data, 0}};
    HRESULT hr;

    event.data.size = snprintf(data, sizeof data, "{\"n\":%d}", number);
    hr = journal_append(journal, &event);
    if (SUCCEEDED(hr)) crash_disk_mark(number);
    return hr;
}

static struct journal *open_journal(void)
{
    struct journal_options with = options();
    struct journal *journal = NULL;

    failed |= !check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

/* What a reader finds. */
struct found {
    enum reader_result result;
    struct reader_item item;            /* where it ended */
    bool numbers[EVENTS];
    bool twice, out_of_order;
    unsigned on_record;
    struct reader_totals totals;
    char recovered[200];                /* data of the last journal.recovered */
};

static void take(struct found *found, const struct line *line, int *highest)
{
    int number;

    if (span_is(line->type, JOURNAL_RECOVERED)) snprintf(found->recovered, sizeof found->recovered, "%.*s", (int)line->data.size, line->data.text);
    if (!span_is(line->type, "certwitness.certificate.issued")) return;
    if (sscanf(line->data.text, "{\"n\":%d}", &number) != 1 || number < 0 || number >= EVENTS) return;
    if (found->numbers[number] && number != EVENTS - 1) found->twice = true;     /* that one is appended after each cut */
    if (number < *highest && number < 50) found->out_of_order = true;      /* from 50 on they come from many threads */
    if (number < 50) *highest = number;
    found->numbers[number] = true;
}

static struct found read_all(void)
{
    struct found found = {.result = READER_LINE};
    struct reader *reader = NULL;
    int highest = 0;

    failed |= !check_hr(reader_open("/", 0, &reader), S_OK);
    while (found.result == READER_LINE || found.result == READER_ON_RECORD) {
        found.result = reader_next(reader, &found.item);
        if (found.result == READER_LINE) take(&found, &found.item.line, &highest);
        if (found.result == READER_ON_RECORD) found.on_record++;
    }
    reader_totals(reader, &found.totals);
    reader_close(reader);
    return found;
}

static bool holds(const struct found *found, const bool *acknowledged)
{
    for (int i = 0; i < EVENTS; i++) if (acknowledged[i] && !found->numbers[i]) return false;
    return !found->twice && !found->out_of_order && !found->totals.breaks && !found->on_record;
}

/* The torn tail that the reader saw has been moved to a file of that size, and is on record. */
static bool is_recorded(const struct found *found)
{
    char kept[100] = "";
    unsigned long long bytes = 0;
    const char *at = strstr(found->recovered, "\"kept\":\""), *size = strstr(found->recovered, "\"bytes\":");
    size_t there = 0;

    if (!found->totals.recoveries || !at || !size || sscanf(at, "\"kept\":\"%99[^\"]", kept) != 1) return false;
    return sscanf(size, "\"bytes\":%llu", &bytes) == 1 && crash_disk_file(kept, &there) && there == bytes;
}

static void explain(const char *what, const struct found *found)
{
    failed = true;
    test_note("    %s: result %d, %s at %s, line %d, byte %d, sequence %d; %d lines, %d recoveries, %d breaks%s%s", what, found->result,
              reader_kind_text(found->item.kind), found->item.place.file, (int)found->item.place.number, (int)found->item.place.offset,
              (int)found->item.place.sequence, (int)found->totals.lines, (int)found->totals.recoveries, (int)found->totals.breaks,
              found->twice ? ", an event twice" : "", found->out_of_order ? ", out of order" : "");
}

/* The crash disk as it is now: read, opened for writing, read again. `torn`: there had been a torn tail before an earlier attempt at
 * recovering it. Returns whether there is one. */
static bool check_disk(const bool *acknowledged, bool torn)
{
    struct found before, after;
    struct journal *journal;

    disks++;
    before = read_all();
    if (!check(before.result == READER_END || before.result == READER_UNFINISHED) || !check(holds(&before, acknowledged)))
        explain("before opening", &before);
    journal = open_journal();
    failed |= !check_hr(append(journal, EVENTS - 1), S_OK);
    failed |= !check_hr(journal_close(journal), S_OK);
    after = read_all();
    if (!check(after.result == READER_END) || !check(holds(&after, acknowledged)) || !check(after.numbers[EVENTS - 1]))
        explain("after opening", &after);
    torn |= before.result == READER_UNFINISHED;
    if (torn && !check(is_recorded(&after))) explain("recovery on record", &after);
    return torn;
}

/* A copy of the crash disk's log, which the next crash_disk_begin would free. */
struct log {
    struct crash_operation *operations;
    size_t count;
};

static struct log take_log(void)
{
    size_t count;
    const struct crash_operation *operations = crash_disk_log(&count);
    struct log log = {malloc((count + 1) * sizeof *operations), count};

    for (size_t i = 0; i < count; i++) {
        log.operations[i] = operations[i];
        if (!operations[i].data) continue;
        log.operations[i].data = malloc(operations[i].size + 1);
        memcpy(log.operations[i].data, operations[i].data, operations[i].size + 1);
    }
    return log;
}

static void free_log(struct log *log)
{
    while (log->count) free(log->operations[--log->count].data);
    free(log->operations);
}

/* How thorough: of the disks that a run leaves, every `every`th goes through a second power cut. */
struct plan {
    unsigned samples, every, count;
    size_t from;                        /* the first operation before which the power goes */
    bool refuse_cuts;
    bool torn;                          /* the first power cut left a torn tail */
};

static void check_once(const struct power *power, void *context)
{
    struct plan *plan = context;

    if (failed) return;
    crash_disk_refuse_cuts(plan->refuse_cuts);
    check_disk(power->marks, plan->torn);
}

static void cut_at_each(const struct log *log, struct power *power, struct plan *plan, void (*each)(const struct power *, void *))
{
    for (size_t i = 0; i <= log->count && !failed; i++) {
        enum crash_kind kind = i < log->count ? log->operations[i].kind : CRASH_MARK;

        /* A mark changes nothing on the disk, but what has to be there: the cut comes behind it. */
        if (i >= plan->from && (i == log->count || kind == CRASH_WRITE || kind == CRASH_FLUSH || kind == CRASH_FLUSH_FOLDER || kind == CRASH_CUT))
            power_cuts(power, plan->samples, seen, each, plan);
        if (failed) test_note("    the power went before operation %d", (int)i);
        if (i < log->count) power_apply(power, &log->operations[i]);
    }
}

struct copying {
    struct power *power;
    const char *name;
};

static void copy_file(struct power *power, const char *name)
{
    size_t size;
    const char *data = crash_disk_file(name, &size);

    if (data) power_add(power, name, data, size);
}

/* The power goes again while what the first cut left is recovered. */
static void check_twice(const struct power *first, void *context)
{
    struct plan *plan = context, again = {.samples = 4, .refuse_cuts = plan->refuse_cuts};
    bool again_due = plan->every && plan->count++ % plan->every == 0;
    struct power *second = malloc(sizeof *second);
    struct log log;

    if (failed) goto done;
    power_begin(second);
    for (int i = 0; i < first->file_count; i++) copy_file(second, first->files[i].name);
    memcpy(second->marks, first->marks, sizeof second->marks);
    crash_disk_refuse_cuts(plan->refuse_cuts);
    again.torn = check_disk(first->marks, false);
    if (again_due) {
        log = take_log();
        second_cuts++;
        cut_at_each(&log, second, &again, check_once);
        free_log(&log);
    }
    power_end(second);
done:
    free(second);
}

static void check_run(struct plan plan)
{
    struct power *power = malloc(sizeof *power);
    struct log log = take_log();

    power_begin(power);
    cut_at_each(&log, power, &plan, check_twice);
    power_end(power);
    free_log(&log);
    free(power);
}

struct appender {
    struct journal *journal;
    int number;
};

static void append_one(void *context)
{
    struct appender *appender = context;

    failed |= !check_hr(append(appender->journal, appender->number), S_OK);
}

static void nap(uint32_t ms)
{
    struct os_monitor *monitor = NULL;

    check_hr(os_monitor_create(&monitor), S_OK);
    os_monitor_enter(monitor);
    os_monitor_wait(monitor, ms);
    os_monitor_leave(monitor);
    os_monitor_free(monitor);
}

/* Several threads whose events are written at once. */
static void append_group(struct journal *journal, int from, int count)
{
    struct os_thread *threads[10] = {0};
    struct appender appenders[10];

    crash_disk_stall(true);
    for (int i = 0; i < count; i++) {
        appenders[i] = (struct appender){journal, from + i};
        check_hr(os_thread_start(append_one, &appenders[i], &threads[i]), S_OK);
        nap(20);                        /* the first keeps the writer busy, the others queue up */
    }
    crash_disk_stall(false);
    for (int i = 0; i < count; i++) os_thread_join(threads[i], UINT32_MAX);
}

static void report(void)
{
    test_note("%u disks, %u recoveries cut in two", disks, second_cuts);
    check(disks > 0);
    disks = second_cuts = 0;
}

TEST(a_run_that_rotates_segments_survives_a_power_cut_anywhere)
{
    struct journal *journal;

    crash_disk_begin();
    journal = open_journal();
    for (int i = 0; i < 6; i++) append(journal, i);
    append_group(journal, 50, 6);
    check_hr(journal_close(journal), S_OK);
    journal = open_journal();
    for (int i = 6; i < 8; i++) append(journal, i);
    check_hr(journal_close(journal), S_OK);
    check_run((struct plan){.samples = 32, .every = 12});
    report();
}

/* The `nth` write or flush fails once some events are there, and `more` after it; what a flush that failed should have brought to the disk never
 * comes there, though the next one says so. */
static void run_with_failure(unsigned nth, unsigned more, bool refuse_cuts)
{
    struct plan plan = {.samples = 24, .every = 40, .refuse_cuts = refuse_cuts};
    struct journal *journal;

    if (failed) return;
    crash_disk_begin();
    crash_disk_lie_after_failure();
    journal = open_journal();
    append(journal, 0);
    crash_disk_refuse_cuts(refuse_cuts);
    crash_disk_log(&plan.from);
    crash_disk_fail(nth, more, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    for (int i = 1; i < 4; i++) append(journal, i);
    check_hr(journal_close(journal), S_OK);
    journal = open_journal();
    append(journal, 4);
    check_hr(journal_close(journal), S_OK);
    check_run(plan);
    if (failed) test_note("    failures from operation %u on, %u of them%s", nth, more + 1, refuse_cuts ? ", cuts refused" : "");
}

TEST(a_disk_that_is_full_for_a_while_and_a_power_cut_anywhere)
{
    run_with_failure(1, 4, false);
    run_with_failure(2, 2, false);
    report();
}

TEST(a_flush_that_fails_once_and_then_lies_and_a_power_cut_anywhere)
{
    for (unsigned nth = 2; nth <= 10; nth += 2) run_with_failure(nth, 0, false);
    report();
}

/* The same with lines that are written at once. */
static void run_group_with_failure(unsigned nth, unsigned more)
{
    struct plan plan = {.samples = 24, .every = 60};
    struct journal *journal;

    if (failed) return;
    crash_disk_begin();
    crash_disk_lie_after_failure();
    journal = open_journal();
    append(journal, 0);
    crash_disk_log(&plan.from);
    crash_disk_fail(nth, more, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    append_group(journal, 50, 5);
    check_hr(journal_close(journal), S_OK);
    check_run(plan);
    if (failed) test_note("    failures from operation %u on, %u of them, lines written at once", nth, more + 1);
}

TEST(a_flush_of_many_lines_that_fails_and_a_power_cut_anywhere)
{
    run_group_with_failure(4, 0);
    run_group_with_failure(3, 2);
    report();
}

TEST(a_disk_on_which_nothing_can_be_cut_and_a_power_cut_anywhere)
{
    run_with_failure(2, 0, true);
    run_with_failure(5, 1, true);
    report();
}

/* A journal of some lines, closed cleanly; the content of its last segment, which has that name. */
static char *some_journal(uint64_t segment_bytes, char name[SEGMENT_NAME_SIZE + 1], size_t *size)
{
    struct journal_options with = options();
    struct journal *journal = NULL;
    struct disk_folder *folder = NULL;
    uint64_t segment = 0;
    char *copy;

    crash_disk_begin();
    with.segment_bytes = segment_bytes;
    check_hr(journal_open(&with, &journal), S_OK);
    for (int i = 0; i < 6; i++) append(journal, i);
    check_hr(journal_close(journal), S_OK);
    check_hr(disk_view_folder("/", &folder), S_OK);
    check_hr(segment_find_below(folder, UINT64_MAX, &segment), S_OK);
    disk_close_folder(folder);
    segment_name(segment, name);
    copy = malloc(1 << 16);
    memcpy(copy, crash_disk_file(name, size), *size);
    return copy;
}

/* What is to be found of the damage: the first damaged line begins at `offset` and ends at `end`; nothing of it is moved, and reopening says
 * it once. */
static void check_broken(const char *file, uint64_t offset)
{
    struct reader *reader = NULL;
    struct reader_item item;
    struct found found;
    bool told = false;

    disks++;
    for (int i = 0; i < 2 && !failed; i++) {
        check_hr(journal_close(open_journal()), S_OK);
        found = read_all();
        if (!check(found.result == READER_END && found.totals.breaks == 1 && found.on_record == 1)) explain("damage", &found);
    }
    check_hr(reader_open("/", 0, &reader), S_OK);
    while (reader_next(reader, &item) <= READER_ON_RECORD) {
        if (item.line.type.size || item.place.offset != offset) continue;
        told = !strcmp(item.place.file, file);
    }
    reader_close(reader);
    if (!check(told)) failed = true;
}

/* A byte changed, the file before and behind it as it was, and `tail` bytes of garbage at its end. */
static void damage(const char *name, const char *text, size_t size, size_t at, size_t tail)
{
    char *copy = malloc(size + tail + 1);

    memcpy(copy, text, size);
    copy[at] ^= 0x20;
    memset(copy + size, 'x', tail);
    crash_disk_put(name, copy, size + tail);
    free(copy);
}

TEST(damage_to_what_a_later_line_says_was_flushed_is_never_taken_for_a_torn_tail)
{
    char name[SEGMENT_NAME_SIZE + 1];
    size_t size, start = 0, last;

    for (size_t at = 0, next;; at = next) {
        char *text = some_journal(1 << 20, name, &size);

        for (last = size - 1; last && text[last - 1] != '\n'; last--) {}
        if (at < last && !failed) {
            if (at && text[at - 1] == '\n') start = at;
            damage(name, text, size, at, at % 3 ? 0 : at % 700);
            check_broken(name, start);
            if (failed) test_note("    byte %d", (int)at);
        }
        next = at + 1 + at % 13;
        if (at < last && next > at + 1) {       /* both ends of every line */
            const char *lf = memchr(text + at, '\n', next - at);

            if (lf) next = text[at] == '\n' ? at + 1 : (size_t)(lf - text);
        }
        free(text);
        if (next >= last || failed) break;
    }
    report();
}

/* The power went when the name of a new segment was on disk and its lines were not; and something happened to the segment before. */
static void damage_before(size_t at, const char *new_text, bool cut)
{
    char name[SEGMENT_NAME_SIZE + 1], next[SEGMENT_NAME_SIZE + 1];
    struct found found;
    size_t size, start;
    char *text = some_journal(1 << 20, name, &size);

    found = read_all();
    segment_name(found.totals.head.sequence + 1, next);
    crash_disk_put(next, new_text, strlen(new_text));
    if (cut) crash_disk_put(name, text, at);
    else damage(name, text, size, at, 0);
    for (start = at; start && text[start - 1] != '\n'; start--) {}
    check_broken(name, start);
    if (failed) test_note("    byte %d, %s", (int)at, cut ? "cut off" : "changed");
    free(text);
}

TEST(damage_to_the_end_of_the_segment_before_a_new_one_is_never_passed_over)
{
    char name[SEGMENT_NAME_SIZE + 1];
    size_t size;

    free(some_journal(1 << 20, name, &size));
    for (size_t at = size - 1; at > size / 2 && !failed; at -= 37) {
        damage_before(at, at % 2 ? "" : "garbage", false);
        damage_before(at, at % 2 ? "garbage" : "", true);
    }
    damage_before(0, "", false);
    damage_before(0, "garbage", true);
    report();
}

TEST(a_new_segment_without_a_line_behind_one_that_is_whole_is_no_damage)
{
    static const char *const texts[] = {"", "garbage", "garbage\n"};
    static const bool none[EVENTS];

    for (int i = 0; i < 3; i++) {
        char name[SEGMENT_NAME_SIZE + 1];
        size_t size;

        free(some_journal(1 << 20, name, &size));
        segment_name(read_all().totals.head.sequence + 1, name);
        crash_disk_put(name, texts[i], strlen(texts[i]));
        check_disk(none, false);
    }
    report();
}

TEST(a_segment_of_garbage_that_cannot_be_cut_is_written_over_until_it_can)
{
    static char garbage[5000];
    struct journal *journal;
    struct found found;

    memset(garbage, 'x', sizeof garbage);
    crash_disk_begin();
    crash_disk_put("00000000000000000001.jsonl", garbage, sizeof garbage);
    crash_disk_refuse_cuts(true);
    journal = open_journal();
    check_hr(append(journal, 1), S_OK);
    found = read_all();
    check_int(found.result, READER_UNFINISHED);         /* garbage still follows; nobody can tell it from what is being written */
    check(found.numbers[1] && is_recorded(&found));
    check_hr(journal_close(journal), S_OK);
    crash_disk_refuse_cuts(false);
    journal = open_journal();
    check_hr(append(journal, 2), S_OK);
    check_hr(journal_close(journal), S_OK);
    found = read_all();
    check_int(found.result, READER_END);
    check(found.numbers[1] && found.numbers[2] && !found.totals.breaks);
    check(found.totals.recoveries >= 1);
}

TEST(a_torn_tail_that_cannot_be_cut_stays_behind_a_new_segment)
{
    char name[SEGMENT_NAME_SIZE + 1];
    struct journal *journal;
    struct found found;
    size_t size, after;
    char *text = some_journal(1 << 20, name, &size);

    memset(text + size, 'x', 700);
    crash_disk_put(name, text, size + 700);
    crash_disk_refuse_cuts(true);
    for (int i = 10; i < 12; i++) {                     /* it is moved aside once, not each time */
        journal = open_journal();
        check_hr(append(journal, i), S_OK);
        check_hr(journal_close(journal), S_OK);
    }
    crash_disk_file(name, &after);
    check_int(after, size + 700);
    found = read_all();
    check_int(found.result, READER_END);
    check(found.numbers[10] && found.numbers[11] && is_recorded(&found));
    check_int(found.totals.recoveries, 1);
    check_int(found.totals.left_bytes, 700);
    free(text);
}
