/* What the journal does at its limits: a queue that is full, a volume that is nearly so, segments too old to keep; and what it reports. */
#define _GNU_SOURCE                             /* memmem */
#include "lib/test.h"

#include "lib/crash_disk.h"
#include "journal/journal.h"
#include "journal/request.h"
#include "journal/segment.h"
#include "journal/unwritten.h"
#include "lib/line_make.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400000000LL

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct journal_report report;
    char requests[200], hash[65], file[64];
} reports[8192];
static int report_count;

static void note_report(const struct journal_report *report)
{
    pthread_mutex_lock(&lock);
    if (check(report_count < 8192)) {
        reports[report_count].report = *report;
        snprintf(reports[report_count].requests, 200, "%s", report->requests ? report->requests : "");
        snprintf(reports[report_count].hash, 65, "%s", report->hash ? report->hash : "");
        snprintf(reports[report_count].file, 64, "%s", report->file ? report->file : "");
        report_count++;
    }
    pthread_mutex_unlock(&lock);
}

/* The `nth` report of a kind, from 0; its index, or -1. */
static int find_report(enum journal_report_kind kind, int nth)
{
    int at;

    pthread_mutex_lock(&lock);
    for (at = 0; at < report_count && (reports[at].report.kind != kind || nth--); at++) {}
    if (at == report_count) at = -1;
    pthread_mutex_unlock(&lock);
    return at;
}

static int count_reports(enum journal_report_kind kind)
{
    int count = 0;

    while (find_report(kind, count) >= 0) count++;
    return count;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* The writer reports after it has woken whoever waits. */
static int wait_for_report(enum journal_report_kind kind)
{
    for (int i = 0; i < 2000 && find_report(kind, 0) < 0; i++) nap();
    return find_report(kind, 0);
}

static struct journal_options options(void)
{
    return (struct journal_options){.directory = "/j", .source = "/adcs/a/b", .wait_ms = 3000, .retry_ms = 5, .queue_bytes = 1 << 20,
                                    .segment_bytes = 1 << 20, .report = note_report};
}

static struct journal *open_with(struct journal_options with)
{
    struct journal *journal = NULL;

    report_count = 0;
    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

static HRESULT append_at(struct journal *journal, int number, int64_t time)
{
    char data[32];
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = number != 0, .request_id = number, .time = time, .data = {data, 0}};

    event.data.size = snprintf(data, sizeof data, "{\"n\":%d}", number);
    return journal_append(journal, &event);
}

static HRESULT append(struct journal *journal, int number) { return append_at(journal, number, os_now()); }

static const char *segment_text(uint64_t first, size_t *size)
{
    char name[SEGMENT_NAME_SIZE + 1];

    segment_name(first, name);
    return crash_disk_file(name, size);
}

static bool segment_has(uint64_t first, const char *part)
{
    size_t size;
    const char *text = segment_text(first, &size);

    return text && memmem(text, size, part, strlen(part));
}

/* The sum of the numbers behind each `part`; `count` is how many there are. */
static int sum_of(const char *part, int *count)
{
    size_t size, left, length = strlen(part);
    const char *text = segment_text(1, &size), *at = text;
    int sum = 0;

    for (*count = 0, left = size; at && (at = memmem(at, left, part, length)); ++*count) {
        at += length;
        left = size - (at - text);
        sum += atoi(at);
    }
    return sum;
}

/* Every line of every segment follows the one before; returns the first sequence there is. */
static uint64_t check_chain(void)
{
    struct disk_folder *folder = NULL;
    uint64_t first = 0, at = 0, next = 0;
    char previous[65] = "";

    check_hr(disk_open_folder("/j", &folder), S_OK);
    while (SUCCEEDED(segment_find_above(folder, at, &at)) && at) {
        size_t size;
        const char *text = segment_text(at, &size);

        if (!first) first = next = at;
        check_int(at, next);
        while (size) {
            const char *lf = memchr(text, '\n', size);
            size_t length = lf ? (size_t)(lf + 1 - text) : size;
            struct line line;

            if (!check_int(line_read(text, length, &line), LINE_OK)) break;
            check_int(line.sequence, next++);
            if (previous[0]) check_bytes(line.previous.text, 64, previous, 64);
            memcpy(previous, line.hash.text, 64);
            text += length;
            size -= length;
        }
    }
    disk_close_folder(folder);
    return first;
}

TEST(what_does_not_fit_into_the_queue_is_counted_in_a_gap_with_its_requests)
{
    struct journal_options with = options();
    struct journal *journal;
    int fits = 0, lost;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.queue_bytes = 3000;
    journal = open_with(with);
    crash_disk_stall(true);
    while (append(journal, 100 + fits) == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) fits++;
    for (lost = 1; lost < 4; lost++) check_hr(append(journal, 100 + fits + lost), JOURNAL_QUEUE_FULL);
    check_hr(append(journal, 0), JOURNAL_QUEUE_FULL);
    crash_disk_stall(false);
    if (check((lost = wait_for_report(JOURNAL_LOST)) >= 0)) {
        char want[64], line[160];

        snprintf(want, sizeof want, "%d, %d, %d, %d", 100 + fits, 101 + fits, 102 + fits, 103 + fits);
        check_text(reports[lost].requests, want);
        check_int(reports[lost].report.events, 5);
        snprintf(line, sizeof line, "\"requestIDs\":[%d,%d,%d,%d],\"why\":{\"queueFull\":5}}", 100 + fits, 101 + fits, 102 + fits, 103 + fits);
        check(segment_has(1, line));
        check(segment_has(1, "\"type\":\"certwitness.journal.gap\""));
        check(segment_has(1, "\"data\":{\"events\":5,\"first\":\"20"));
    }
    check_hr(append(journal, 7), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(check_chain(), 1);
    check_int(count_reports(JOURNAL_LOST), 1);
    check_int(count_reports(JOURNAL_UNWRITTEN), 0);
}

TEST(an_event_too_long_for_a_line_is_told_in_a_gap_though_nothing_else_comes)
{
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = 42, .time = INT64_MAX, .data = {"{}", LINE_DATA_MAX + 1}};
    struct journal *journal;

    crash_disk_begin();
    journal = open_with(options());
    check_hr(journal_append(journal, &event), E_INVALIDARG);
    check(wait_for_report(JOURNAL_LOST) >= 0);
    check(segment_has(1, "\"requestIDs\":[42],\"why\":{\"noLine\":1}}"));
    check_hr(journal_close(journal), S_OK);
}

/* Its type would need escaping, which the format does not have: only the writer finds out. */
static HRESULT append_impossible(struct journal *journal, int number)
{
    struct journal_event event = {.type = "certwitness.\"quoted\"", .has_request = true, .request_id = number, .time = os_now(), .data = {"{}", 2}};

    return journal_append(journal, &event);
}

TEST(an_event_that_no_line_can_be_made_of_is_lost_alone_among_a_hundred)
{
    struct journal_options with = options();
    struct journal *journal;
    char part[16];

    crash_disk_begin();
    with.wait_ms = 1000;
    journal = open_with(with);
    crash_disk_stall(true);
    for (int i = 1; i <= 100; i++)
        check_hr(i == 50 ? append_impossible(journal, i) : append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_stall(false);
    check(wait_for_report(JOURNAL_LOST) >= 0);
    check_int(count_reports(JOURNAL_CANNOT_WRITE), 0);
    check_hr(append(journal, 101), S_OK);
    check_hr(append_impossible(journal, 102), E_INVALIDARG);
    check_hr(append(journal, 103), S_OK);
    check_hr(journal_close(journal), S_OK);
    for (int i = 1; i <= 103; i++) {
        snprintf(part, sizeof part, "{\"n\":%d}", i);
        if (!check(segment_has(1, part) == (i != 50 && i != 102))) test_note("    event %d", i);
    }
    check(segment_has(1, "\"data\":{\"events\":1,\"first\":"));
    check(segment_has(1, "\"requestIDs\":[50],\"why\":{\"noLine\":1}}"));
    check(segment_has(1, "\"requestIDs\":[102],\"why\":{\"noLine\":1}}"));
    check(!segment_has(1, "quoted"));
    check_int(check_chain(), 1);
}

TEST(an_event_that_could_not_even_be_spelled_is_told_in_a_gap)
{
    struct journal_event event = {.has_request = true, .request_id = 43, .time = os_now()};
    struct journal *journal;

    crash_disk_begin();
    journal = open_with(options());
    journal_lose(journal, &event, LOSS_MEMORY);
    check_hr(journal_close(journal), S_OK);
    check(segment_has(1, "\"data\":{\"events\":1,\"first\":"));
    check(segment_has(1, "\"requestIDs\":[43],\"why\":{\"noMemory\":1}}"));
    check(segment_has(1, "module.stopped"));
}

TEST(a_gap_that_cannot_be_written_is_written_later)
{
    struct journal_event event = {.has_request = true, .request_id = 44, .time = os_now()};
    struct journal *journal;

    crash_disk_begin();
    journal = open_with(options());
    crash_disk_fail(1, 6, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    journal_lose(journal, &event, LOSS_MEMORY);
    check(wait_for_report(JOURNAL_LOST) >= 0);
    check(find_report(JOURNAL_CANNOT_WRITE, 0) >= 0);
    check_hr(journal_close(journal), S_OK);
    check(segment_has(2, "\"requestIDs\":[44],\"why\":{\"noMemory\":1}}"));
    check_int(check_chain(), 1);
}

TEST(with_less_than_a_quarter_of_the_least_free_space_nothing_is_written_until_there_is_more)
{
    struct journal_options with = options();
    struct journal *journal;
    unsigned before;
    int low;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.min_free_bytes = 20000;
    crash_disk_leave_free(4999);
    report_count = 0;
    check_hr(journal_open(&with, &journal), S_FALSE);
    before = crash_disk_operations();
    check_hr(append(journal, 1), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check(crash_disk_operations() == before);
    if (check((low = wait_for_report(JOURNAL_DISK_LOW)) >= 0)) check_int(reports[low].report.bytes, 4999);
    check_int(count_reports(JOURNAL_CANNOT_WRITE), 0);
    crash_disk_leave_free(1 << 20);
    check(wait_for_report(JOURNAL_WRITES_AGAIN) >= 0);
    while (append(journal, 2) == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) nap();
    check_hr(journal_close(journal), S_OK);
    check(segment_has(1, "{\"n\":1}"));
    check_int(check_chain(), 1);
}

TEST(a_volume_that_fills_up_while_the_journal_is_open_is_noticed_within_a_second_of_writing)
{
    struct journal_options with = options();
    struct journal *journal;
    HRESULT hr = S_OK;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.min_free_bytes = 5000;
    journal = open_with(with);
    crash_disk_leave_free(10);
    for (int i = 0; i < 1000 && SUCCEEDED(hr); i++) {
        nap();
        hr = append(journal, i);
    }
    check_hr(hr, HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_leave_free(1 << 20);
    check(wait_for_report(JOURNAL_WRITES_AGAIN) >= 0);
    check_hr(journal_close(journal), S_OK);
    check_int(check_chain(), 1);
}

/* How much of `least` was left of a volume with twice as much when the journal refused to go on. */
static uint64_t left_of(uint64_t least, uint64_t share, bool yields)
{
    struct journal_event event = {.type = "certwitness.certificate.denied", .yields = yields};
    struct journal_options with = options();
    struct journal *journal;
    char data[6000];
    uint64_t left;
    HRESULT hr = S_OK;

    crash_disk_begin();
    with.wait_ms = yields ? 20000 : 2000;               /* refused at once, or when nothing can be written for so long */
    with.close_ms = 20000;
    with.min_free_bytes = least;
    journal = open_with(with);
    memset(data, ' ', sizeof data);
    memcpy(data, "{", 1);
    data[sizeof data - 1] = '}';
    event.data = (struct span){data, sizeof data};
    crash_disk_shrink(2 * least, share);
    for (int i = 0; i < 5000 && SUCCEEDED(hr); i++) {
        event.time = os_now();
        hr = journal_append(journal, &event);
    }
    check_hr(hr, yields ? JOURNAL_SPACE_KEPT : HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    left = crash_disk_least_free();
    crash_disk_leave_free(UINT64_MAX);
    check_hr(journal_close(journal), S_OK);
    return left;
}

TEST(what_has_to_stay_free_stays_free_but_for_a_quarter_where_others_write_as_much)
{
    check(left_of(4 << 20, 1, true) >= (4 << 20) - 1024);       /* alone: to the byte, but for the gap that says so */
    check(left_of(4 << 20, 2, true) >= 3 << 20);
    check(left_of(4 << 20, 1, false) >= 1 << 20);
    check(left_of(4 << 20, 2, false) >= 3 << 18);
}

static HRESULT append_denied(struct journal *journal, int number, const char *requester)
{
    struct journal_event event = {.type = "certwitness.certificate.denied", .has_request = true, .request_id = number, .time = os_now(),
                                  .data = {"{}", 2}, .yields = true, .requester = requester};

    return journal_append(journal, &event);
}

TEST(below_the_least_what_yields_is_counted_by_requester_at_once_and_the_rest_is_written_to_a_quarter_of_it)
{
    struct journal_options with = options();
    struct journal *journal;
    uint64_t before;
    int gaps;

    crash_disk_begin();
    with.wait_ms = 60000;
    with.min_free_bytes = 1 << 20;
    crash_disk_leave_free(2 << 20);
    journal = open_with(with);
    check_int(journal_space(journal), JOURNAL_SPACE_AMPLE);
    check_hr(append_denied(journal, 1, "CORP\\mallory"), S_OK);
    crash_disk_leave_free(1 << 19);
    while (journal_space(journal) != JOURNAL_SPACE_LOW) { nap(); check_hr(append(journal, 2), S_OK); }
    before = os_ticks_ms();
    for (int i = 0; i < 400; i++) {
        check_hr(append_denied(journal, 1000 + i, i % 4 ? "CORP\\mallory" : "CORP\\eve"), JOURNAL_SPACE_KEPT);
        if (i % 50 == 0) check_hr(append(journal, 2), S_OK);            /* the writer has been at work meanwhile */
    }
    check(os_ticks_ms() - before < 60000);              /* none of them waits */
    check_hr(append(journal, 3), S_OK);
    check_int(count_reports(JOURNAL_SPACE_IS_LOW), 1);
    check_int(count_reports(JOURNAL_CANNOT_WRITE), 0);
    check_int(count_reports(JOURNAL_DISK_LOW), 0);
    crash_disk_leave_free(3 << 19);
    check(wait_for_report(JOURNAL_SPACE_AGAIN) >= 0);
    check_int(journal_space(journal), JOURNAL_SPACE_SCARCE);
    check_hr(append_denied(journal, 4, "CORP\\mallory"), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(check_chain(), 1);
    check(segment_has(1, "request/4\""));
    check(!segment_has(1, "request/1000\""));
    check_int(sum_of("\"why\":{\"lowSpace\":", &gaps), 400);
    check(gaps <= 3);                                   /* the first is told at once, the rest together */
    check_int(sum_of("{\"name\":\"CORP\\\\mallory\",\"events\":", &gaps), 300);
}

TEST(what_yields_and_waits_when_the_space_runs_out_is_counted_and_the_rest_of_its_batch_is_written)
{
    struct journal_options with = options();
    struct journal *journal;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.min_free_bytes = 1 << 20;
    crash_disk_leave_free(2 << 20);
    journal = open_with(with);
    crash_disk_stall(true);
    for (int i = 1; i <= 6; i++)
        check_hr(i % 2 ? append(journal, i) : append_denied(journal, i, "CORP\\mallory"), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_leave_free(1 << 19);
    for (int i = 0; i < 220; i++) nap();
    crash_disk_stall(false);
    check(wait_for_report(JOURNAL_LOST) >= 0);
    check_hr(journal_close(journal), S_OK);
    for (int i = 1; i <= 6; i++) {
        char part[24];

        snprintf(part, sizeof part, "request/%d\"", i);
        if (!check(segment_has(1, part) == (i % 2 == 1))) test_note("    event %d", i);
    }
    check(segment_has(1, "\"requestIDs\":[2,4,6],\"requesters\":[{\"name\":\"CORP\\\\mallory\",\"events\":3}],\"why\":{\"lowSpace\":3}}"));
    check_int(check_chain(), 1);
}

TEST(the_last_half_of_the_queue_is_for_what_does_not_yield)
{
    struct journal_options with = options();
    struct journal *journal;
    int denied = 0, others = 0;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.queue_bytes = 20000;
    journal = open_with(with);
    crash_disk_stall(true);
    while (append_denied(journal, 1000 + denied, "CORP\\mallory") == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) denied++;
    check_hr(append_denied(journal, 9, "CORP\\eve"), JOURNAL_QUEUE_KEPT);
    while (append(journal, 1 + others) == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) others++;
    check(denied > 30 && denied < 40);
    check(others >= denied - 4 && others <= denied + 4);
    check_hr(append_denied(journal, 9, NULL), JOURNAL_QUEUE_FULL);
    crash_disk_stall(false);
    check(wait_for_report(JOURNAL_LOST) >= 0);
    check_hr(append_denied(journal, 8, "CORP\\mallory"), S_OK);
    check_hr(journal_close(journal), S_OK);
    check(segment_has(1, "\"requesters\":[{\"name\":\"CORP\\\\mallory\",\"events\":1},{\"name\":\"CORP\\\\eve\",\"events\":1}],"
                         "\"requestersLeftOut\":1,\"why\":{\"queueFull\":2,\"queueHalf\":2}}"));
    check_int(check_chain(), 1);
}

TEST(a_volume_that_fills_up_fast_is_noticed_after_sixteen_megabytes)
{
    struct journal_event large = {.type = "certwitness.crl.issued"};
    struct journal_options with = options();
    char *data = malloc(900000);
    struct journal *journal;
    int written = 0;

    memset(data, ' ', 900000);
    data[0] = '{';
    data[899999] = '}';
    large.data = (struct span){data, 900000};
    crash_disk_begin();
    with.wait_ms = 1000;
    with.min_free_bytes = 1 << 30;
    journal = open_with(with);
    crash_disk_leave_free(10);
    while (written < 100 && SUCCEEDED(journal_append(journal, &large))) written++;
    check(written <= 19);
    crash_disk_leave_free(UINT64_MAX);
    check(wait_for_report(JOURNAL_WRITES_AGAIN) >= 0);
    check_hr(journal_close(journal), S_OK);
    free(data);
}

/* A journal of `count` lines of 40 days ago that a run has left, in segments of `lines` lines each. */
static void write_many_old(uint64_t lines, uint64_t count)
{
    struct line_place place = {"11111111-2222-4333-8444-555555555555", "/adcs/a/b", 0, NULL, 0};
    char previous[65], name[SEGMENT_NAME_SIZE + 1];
    struct disk_folder *folder = NULL;
    struct disk_file *file = NULL;
    uint64_t size = 0;

    crash_disk_begin();
    memset(previous, '0', 64);
    previous[64] = 0;
    check_hr(disk_open_folder("/j", &folder), S_OK);
    for (place.sequence = 1; place.sequence <= count; place.sequence++) {
        const char *type = place.sequence == 1 ? JOURNAL_STARTED : place.sequence == count ? JOURNAL_STOPPED : JOURNAL_CA_STOPPING;
        struct bytes line = {0};

        place.previous = previous;
        place.flushed = place.sequence - 1;
        check_hr(line_make(&line, &place, type, NULL, os_now() - 40 * DAY, (struct span){"{}", 2}, previous), S_OK);
        if ((place.sequence - 1) % lines == 0) {
            segment_name(place.sequence, name);
            disk_close(file);
            check_hr(disk_create(folder, name, &file), S_OK);
            size = 0;
        }
        check_hr(disk_write(file, size, line.data, line.size), S_OK);
        check_hr(disk_flush(file), S_OK);
        size += line.size;
        bytes_free(&line);
    }
    disk_close(file);
    check_hr(disk_flush_folder(folder), S_OK);
    disk_close_folder(folder);
}

static void write_old(uint64_t lines) { write_many_old(lines, 10); }

/* The journal of write_old, and a request to prune up to the line before segment `next`; `doctor` changes it. */
static void ask(uint64_t next, void (*doctor)(struct request *))
{
    struct request request = {.segments = next - 1, .before = "2026-01-01T00:00:00.000Z", .rule = "RetainDays=30", .account = "CORP\\alice"};
    struct segment_reader *reader = NULL;
    struct disk_folder *folder = NULL;
    struct segment_piece piece;
    struct bytes text = {0};
    struct line line;

    check_hr(disk_view_folder("/j", &folder), S_OK);
    check_hr(segment_reader_open(folder, next, &reader), S_OK);
    if (check(segment_next(reader, &piece) == S_OK && line_read(piece.text.text, piece.text.size, &line) == LINE_OK)) {
        request.last.sequence = next - 1;
        memcpy(request.last.hash, line.previous.text, LINE_HASH_SIZE);
    }
    segment_reader_close(reader);
    disk_close_folder(folder);
    if (doctor) doctor(&request);
    if (check(request_make(&request, &text))) crash_disk_put(REQUEST_NAME, text.data, text.size);
    bytes_free(&text);
}

static bool is_asked(void)
{
    size_t size;

    return crash_disk_file(REQUEST_NAME, &size) != NULL;
}

static void wait_until_answered(void)
{
    for (int i = 0; i < 2000 && is_asked(); i++) nap();
    check(!is_asked());
}

static struct journal *open_looking(void)
{
    struct journal_options with = options();

    with.look_ms = 5;
    return open_with(with);
}

TEST(what_is_asked_to_be_pruned_is_put_on_record_and_no_segment_is_touched)
{
    struct journal *journal;
    int pruned;

    write_old(1);
    ask(4, NULL);
    journal = open_looking();
    wait_until_answered();
    check((pruned = wait_for_report(JOURNAL_PRUNED_TO)) >= 0);
    check_hr(journal_close(journal), S_OK);
    check_int(check_chain(), 1);
    check_int(count_reports(JOURNAL_PRUNED_TO), 1);
    check_int(reports[pruned].report.sequence, 3);
    check(segment_has(4, reports[pruned].hash));
    check(segment_has(10, "\"type\":\"certwitness.journal.pruned\""));
    check(segment_has(10, "\"data\":{\"sequence\":3,\"hash\":\""));
    check(segment_has(10, "\"segments\":3,\"before\":\"2026-01-01T00:00:00.000Z\",\"archived\":false,\"rule\":\"RetainDays=30\",\"account\":\"CORP\\\\alice\"}"));
}

TEST(a_request_that_comes_while_the_journal_is_written_is_answered_too)
{
    struct journal *journal;

    write_old(1);
    journal = open_looking();
    check_hr(append(journal, 1), S_OK);
    ask(10, NULL);
    wait_until_answered();
    check_hr(append(journal, 2), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(check_chain(), 1);
    check(segment_has(10, "\"data\":{\"sequence\":9,\"hash\":\""));
}

TEST(the_folder_is_looked_at_once_a_minute_at_most)
{
    struct journal *journal;

    write_old(1);
    journal = open_with(options());
    check_hr(append(journal, 1), S_OK);
    ask(4, NULL);
    for (int i = 0; i < 30; i++) {
        check_hr(append(journal, i), S_OK);
        nap();
    }
    check(is_asked());
    check_hr(journal_close(journal), S_OK);
}

static void other_hash(struct request *request) { request->last.hash[5] = request->last.hash[5] == '0' ? '1' : '0'; }
static void later(struct request *request) { request->last.sequence = 10; }
static void far(struct request *request) { request->last.sequence = UINT64_MAX - 3; }
static void within(struct request *request) { request->last.sequence = 12; }

TEST(a_request_that_names_no_last_line_of_a_sealed_segment_is_refused_and_removed)
{
    static void (*const doctors[])(struct request *) = {other_hash, later, far, within};

    for (int i = 0; i < 4; i++) {
        struct journal *journal;
        int refused;

        write_old(1);
        ask(5, doctors[i]);
        journal = open_looking();
        wait_until_answered();
        if (check((refused = wait_for_report(JOURNAL_REQUEST_REFUSED)) >= 0)) check_text(reports[refused].file, REQUEST_NAME);
        check_hr(append(journal, 1), S_OK);
        check_hr(journal_close(journal), S_OK);
        check_int(check_chain(), 1);
        check_int(count_reports(JOURNAL_PRUNED_TO), 0);
        check(!segment_has(10, "journal.pruned"));
    }
}

TEST(what_is_no_request_is_left_where_it_is_and_told_once)
{
    static char big[REQUEST_SIZE_MAX + 500];
    struct { const char *text; size_t size; int told; } files[] = {
        {"", 0, 0}, {"certwitness prune 1\nsequence 0000", 33, 0}, {"x", 1, 1}, {"certwitness prune 2\n", 20, 1}, {big, sizeof big, 1},
    };

    memset(big, 'x', sizeof big);
    memcpy(big, "certwitness prune 1\n", 20);
    for (int i = 0; i < 5; i++) {
        struct journal *journal;

        write_old(1);
        crash_disk_put(REQUEST_NAME, files[i].text, files[i].size);
        journal = open_looking();
        for (int n = 0; n < 20; n++) check_hr(append(journal, n), S_OK), nap();
        check_hr(journal_close(journal), S_OK);
        check(is_asked());
        check_int(count_reports(JOURNAL_REQUEST_REFUSED), files[i].told);
        check_int(check_chain(), 1);
    }
}

TEST(a_request_that_holds_up_whoever_opens_it_holds_up_no_event_and_is_answered_when_it_can_be_read)
{
    struct journal *journal;
    uint64_t begun, took;

    write_old(1);
    ask(4, NULL);
    crash_disk_stall_loads(true);
    begun = os_ticks_ms();
    journal = open_looking();
    for (int n = 0; n < 50; n++) check_hr(append(journal, n), S_OK), nap();
    took = os_ticks_ms() - begun;
    if (!check(took < 4500)) test_note("    %d ms; a tenth of a second for each would be 5 s", (int)took);
    check(is_asked());
    check_int(count_reports(JOURNAL_PRUNED_TO), 0);
    crash_disk_stall_loads(false);
    wait_until_answered();
    check_hr(journal_close(journal), S_OK);
    check_int(count_reports(JOURNAL_PRUNED_TO), 1);
    check_int(check_chain(), 1);
}

static void *let_go_of_loads(void *unused)
{
    for (int i = 0; i < 100; i++) nap();                /* half a second: longer than the tenth that is usual */
    crash_disk_stall_loads(false);
    return unused;
}

TEST(a_request_that_is_slow_to_read_is_answered_before_the_close_where_the_wait_for_it_may_be_long)
{
    struct journal_options with = options();
    struct journal *journal;
    pthread_t letting_go;

    with.wait_ms = with.look_wait_ms = 60000;
    write_old(1);
    ask(4, NULL);
    crash_disk_stall_loads(true);
    if (!check_int(pthread_create(&letting_go, NULL, let_go_of_loads, NULL), 0)) return;
    journal = open_with(with);
    check_hr(journal_close(journal), S_OK);
    pthread_join(letting_go, NULL);
    check(!is_asked());
    check_int(count_reports(JOURNAL_PRUNED_TO), 1);
    check_int(check_chain(), 1);
}

TEST(a_journal_whose_request_holds_up_whoever_opens_it_is_closed_whole_and_says_that_its_code_has_to_stay)
{
    struct journal_options with = options();
    struct journal *journal;
    uint64_t begun;

    with.look_ms = 5;
    with.wait_ms = 60000;
    write_old(1);
    ask(4, NULL);
    crash_disk_stall_loads(true);
    journal = open_with(with);
    check_hr(append(journal, 1), S_OK);
    begun = os_ticks_ms();
    check_hr(journal_close(journal), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check(os_ticks_ms() - begun < 60000);               /* the writer has ended, beside what is held up */
    check_int(count_reports(JOURNAL_UNWRITTEN), 0);
    check_int(count_reports(JOURNAL_HEAD_STOPPED), 1);
    crash_disk_stall_loads(false);
    for (int i = 0; i < 200; i++) nap();                /* it ends, and frees what it has */
    check(is_asked());
    check_int(count_reports(JOURNAL_PRUNED_TO), 0);
    check_int(check_chain(), 1);
}

TEST(a_request_that_cannot_be_removed_is_put_on_record_once)
{
    struct journal *journal;

    write_old(1);
    ask(4, NULL);
    crash_disk_keep(REQUEST_NAME, true);
    journal = open_looking();
    for (int n = 0; n < 20; n++) check_hr(append(journal, n), S_OK), nap();
    check_hr(journal_close(journal), S_OK);
    crash_disk_keep(REQUEST_NAME, false);
    check(is_asked());
    check_int(count_reports(JOURNAL_PRUNED_TO), 1);
    check_int(check_chain(), 1);
}

TEST(a_request_is_put_on_record_though_the_disk_counts_as_full)
{
    struct journal_options with = options();
    struct journal *journal = NULL;
    HRESULT hr = S_OK;

    for (int waits = 0; waits < 2; waits++) {
        write_old(1);
        with.min_free_bytes = 5000;
        with.wait_ms = waits ? 1000 : 3000;
        with.look_ms = 5;
        if (waits) {                                    /* an event waits when it is asked */
            journal = open_with(with);
            crash_disk_leave_free(10);
            for (int i = 0; i < 1000 && SUCCEEDED(hr); i++) nap(), hr = append(journal, 7);
            ask(4, NULL);
        } else {                                        /* the first lines come first */
            crash_disk_leave_free(10);
            ask(4, NULL);
            report_count = 0;
            check_hr(journal_open(&with, &journal), S_OK);
        }
        wait_until_answered();
        check(wait_for_report(JOURNAL_PRUNED_TO) >= 0);
        check(segment_has(10, "\"data\":{\"sequence\":3,"));
        crash_disk_leave_free(1 << 20);
        while (FAILED(append(journal, 1))) nap();
        check_hr(journal_close(journal), S_OK);
        check_int(check_chain(), 1);
    }
}

TEST(a_power_cut_anywhere_while_a_request_is_answered_loses_no_line)
{
    for (unsigned nth = 1; nth < 12; nth++) {
        struct journal_options with = options();
        struct journal *journal;

        write_old(1);
        ask(4, NULL);
        crash_disk_fail(nth, 1000000, E_FAIL);
        report_count = 0;
        with.wait_ms = 300;
        with.look_ms = 5;
        check(SUCCEEDED(journal_open(&with, &journal)));
        journal_close(journal);
        for (int i = 0; i < 2000 && crash_disk_is_locked(); i++) nap();     /* until its writer has ended, too */
        crash_disk_cut_power();
        journal = open_looking();
        wait_until_answered();
        check_hr(append(journal, 50), S_OK);
        check_hr(journal_close(journal), S_OK);
        check_int(check_chain(), 1);
        check_int(count_reports(JOURNAL_DAMAGED), 0);
    }
}

TEST(heads_are_reported_at_the_start_for_each_segment_for_a_thousand_lines_and_at_the_end)
{
    struct journal_options with = options();
    struct journal *journal;
    int at;

    crash_disk_begin();
    with.segment_bytes = 1 << 30;
    with.queue_bytes = 64 << 20;
    journal = open_with(with);
    for (int i = 0; i < 2100; i++) check_hr(append(journal, i), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(count_reports(JOURNAL_HEAD_STARTED), 1);
    check_int(count_reports(JOURNAL_HEAD_DUE), 2);
    if (check((at = find_report(JOURNAL_HEAD_DUE, 0)) >= 0)) check_int(reports[at].report.sequence, 1001);
    check_int(count_reports(JOURNAL_HEAD_SEGMENT), 0);
    check_int(count_reports(JOURNAL_HEAD_STOPPED), 1);
    for (int i = 0; i < report_count; i++) {
        char head[128];

        check_text(reports[i].report.directory ? "there" : NULL, "there");
        snprintf(head, sizeof head, "\"sequence\":\"%020llu\"", (unsigned long long)reports[i].report.sequence);
        check(segment_has(1, head));
        snprintf(head, sizeof head, ",\"hash\":\"%s\"}\n", reports[i].hash);
        check(segment_has(1, head));
    }

    crash_disk_begin();
    with.segment_bytes = 1;
    journal = open_with(with);
    for (int i = 0; i < 3; i++) check_hr(append(journal, i), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(count_reports(JOURNAL_HEAD_SEGMENT), 3);
    at = find_report(JOURNAL_HEAD_SEGMENT, 2);
    check(at >= 0 && segment_has(4, reports[at].hash));
}

TEST(what_a_closed_journal_could_not_write_is_reported_by_request)
{
    struct journal_options with = options();
    struct journal *journal;
    int at;

    crash_disk_begin();
    with.wait_ms = 1000;
    journal = open_with(with);
    crash_disk_fail(1, 1000000, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    journal_lose(journal, &(struct journal_event){.has_request = true, .request_id = 9}, LOSS_MEMORY);
    wait_for_report(JOURNAL_CANNOT_WRITE);              /* by now the writer holds the gap that tells of it */
    for (int i = 1; i < 4; i++) check_hr(append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_hr(journal_close(journal), HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    if (!check((at = find_report(JOURNAL_UNWRITTEN, 0)) >= 0)) return;
    check_int(reports[at].report.events, 4);
    check_text(reports[at].requests, "9, 1, 2, 3");
    check_int(count_reports(JOURNAL_HEAD_STOPPED), 0);
}

/* As where MaxWaitMs is shorter than the time between two attempts. */
TEST(what_waits_when_the_journal_is_closed_is_written_if_the_disk_works_again_though_the_next_attempt_was_far_off)
{
    struct journal_options with = options();
    struct journal *journal;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.close_ms = 4000;
    with.retry_ms = 1000000;
    journal = open_with(with);
    crash_disk_fail(1, 1000000, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    check_hr(append(journal, 42), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_fail(1000000, 0, S_OK);
    check_hr(journal_close(journal), S_OK);
    check(segment_has(1, "\"subject\":\"request/42\"") || segment_has(2, "\"subject\":\"request/42\""));
    check_int(count_reports(JOURNAL_UNWRITTEN), 0);
    check_int(check_chain(), 1);
}

TEST(a_journal_that_could_not_be_opened_is_tried_once_more_when_it_is_closed)
{
    struct journal_options with = options();
    struct journal *journal = NULL;

    crash_disk_begin();
    report_count = 0;
    with.wait_ms = 1000;
    with.close_ms = 4000;
    with.retry_ms = 1000000;
    crash_disk_refuse_folder(HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    check_hr(journal_open(&with, &journal), S_FALSE);
    check_hr(append(journal, 42), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_refuse_folder(S_OK);
    check_hr(journal_close(journal), S_OK);
    check(segment_has(1, "\"subject\":\"request/42\""));
    check_int(count_reports(JOURNAL_UNWRITTEN), 0);
}

/* A run that writes nothing, since too little is free; `events` come in it. What it leaves in the folder is told by the next. */
static void run_without_lines(int events)
{
    struct journal_options with = options();
    struct journal *journal = NULL;

    with.wait_ms = 1000;
    with.min_free_bytes = 1000000;
    crash_disk_leave_free(1000);
    check_hr(journal_open(&with, &journal), S_FALSE);
    for (int i = 1; i <= events; i++) check_hr(append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_hr(journal_close(journal), HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    crash_disk_leave_free(UINT64_MAX);
}

static void run_and_close(void)
{
    struct journal *journal = open_with(options());

    check_hr(journal_close(journal), S_OK);
}

/* What module.started of that sequence says from "endedCleanly" on; "" where it is not there. Valid until the next call of the disk. */
static const char *how_it_started(uint64_t segment, uint64_t sequence)
{
    char head[64];
    size_t size;
    const char *text = segment_text(segment, &size), *line, *told;

    snprintf(head, sizeof head, "\"sequence\":\"%020llu\"", (unsigned long long)sequence);
    line = text ? memmem(text, size, head, strlen(head)) : NULL;
    told = line ? memmem(line, size - (size_t)(line - text), "\"endedCleanly\":", 15) : NULL;
    if (!check(told != NULL)) return "";
    return told;
}

static void check_begins(const char *text, const char *want)
{
    if (!check(!strncmp(text, want, strlen(want)))) test_note("it is %.400s", text);
}

TEST(a_run_that_wrote_nothing_is_told_of_by_the_next_with_what_it_lost)
{
    const char *told;
    size_t size;

    crash_disk_begin();
    run_and_close();
    run_without_lines(3);
    check(!segment_has(1, "request/1") && crash_disk_file(UNWRITTEN_NAME, &size) && size == UNWRITTEN_SIZE);
    run_and_close();
    told = how_it_started(1, 3);
    check_begins(told, "\"endedCleanly\":false,\"unwritten\":{\"run\":\"");
    check(segment_has(1, "\",\"runs\":1,\"events\":3,\"hresult\":\"0x80070070\"}"));
    check(!crash_disk_file(UNWRITTEN_NAME, &size));
    run_and_close();
    check_begins(how_it_started(1, 5), "\"endedCleanly\":true}");
}

TEST(runs_that_wrote_nothing_are_counted_and_one_that_was_killed_is_told_of_too)
{
    struct journal_options with = options();
    struct journal *journal = NULL;
    char text[UNWRITTEN_SIZE] = "";
    size_t size;

    crash_disk_begin();
    run_and_close();
    run_without_lines(3);
    with.wait_ms = 1000;
    with.min_free_bytes = 1000000;
    crash_disk_leave_free(1000);
    check_hr(journal_open(&with, &journal), S_FALSE);
    check_hr(append(journal, 7), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    for (int i = 0; i < 2000 && !memmem(text, sizeof text, " 00000000000000000002 00000000000000000001 ", 43); i++) {
        const char *now = crash_disk_file(UNWRITTEN_NAME, &size);

        if (now && size == sizeof text) memcpy(text, now, size);
        nap();
    }
    check(FAILED(journal_close(journal)));
    crash_disk_put(UNWRITTEN_NAME, text, sizeof text);  /* as the kill leaves it: it has not come to the journal's end */
    run_without_lines(0);
    run_and_close();
    check_begins(how_it_started(1, 3), "\"endedCleanly\":false,\"unwritten\":{\"run\":\"");
    check(segment_has(1, "\",\"runs\":3,\"uncounted\":1,\"events\":3,\"hresult\":\"0x80070070\"}"));
}

TEST(a_run_that_begins_late_is_not_told_of_and_what_it_found_is_told_once)
{
    struct journal_options with = options();
    struct journal *journal = NULL;
    size_t size;

    crash_disk_begin();
    run_and_close();
    run_without_lines(3);
    with.wait_ms = 1000;
    with.min_free_bytes = 1000000;
    crash_disk_leave_free(1000);
    report_count = 0;
    check_hr(journal_open(&with, &journal), S_FALSE);
    crash_disk_leave_free(UINT64_MAX);
    check(wait_for_report(JOURNAL_HEAD_STARTED) >= 0);
    check_hr(append(journal, 7), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_begins(how_it_started(1, 3), "\"endedCleanly\":false,\"unwritten\":{\"run\":\"");
    check(segment_has(1, "\",\"runs\":1,\"events\":3,"));
    check(!crash_disk_file(UNWRITTEN_NAME, &size));
    run_and_close();
    check_begins(how_it_started(1, 6), "\"endedCleanly\":true}");
}

TEST(what_a_run_could_not_write_in_the_end_is_told_of_by_the_next)
{
    struct journal_options with = options();
    struct journal *journal;

    crash_disk_begin();
    with.wait_ms = 1000;
    with.min_free_bytes = 1000000;
    journal = open_with(with);
    check_hr(append(journal, 1), S_OK);
    crash_disk_leave_free(1000);
    for (int i = 0; i < 3000 && append(journal, 2) == S_OK; i++) nap();         /* the volume is asked once a second */
    check_hr(journal_close(journal), HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    crash_disk_leave_free(UINT64_MAX);
    run_and_close();
    check(segment_has(1, "\"endedCleanly\":false,\"unwritten\":{\"run\":\""));
    check(segment_has(1, "\",\"runs\":1,\"events\":1,\"hresult\":\"0x80070070\"}"));
}

TEST(a_file_unwritten_that_is_no_record_of_this_ca_is_passed_over)
{
    static const char *const records[] = {"", "certwitness-unwritten 1 ", "x"};
    char text[UNWRITTEN_SIZE + 2];
    const char *found;
    size_t size;

    crash_disk_begin();
    run_and_close();
    run_without_lines(1);
    if (!check((found = crash_disk_file(UNWRITTEN_NAME, &size)) && size == UNWRITTEN_SIZE)) return;
    memcpy(text, found, size);
    text[size] = 'x';
    for (size_t i = 0; i < UNWRITTEN_SIZE; i++) {
        text[i] ^= 1;
        crash_disk_put(UNWRITTEN_NAME, text, UNWRITTEN_SIZE);
        if (i % 10 == 0) run_and_close();
        text[i] ^= 1;
    }
    crash_disk_put(UNWRITTEN_NAME, text, UNWRITTEN_SIZE + 1);
    run_and_close();
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        crash_disk_put(UNWRITTEN_NAME, records[i], strlen(records[i]));
        run_and_close();
    }
    check(!segment_has(1, "\"unwritten\":"));
    crash_disk_put(UNWRITTEN_NAME, text, UNWRITTEN_SIZE);
    run_and_close();
    check(segment_has(1, "\"unwritten\":"));
}

TEST(what_a_hanging_disk_keeps_from_being_written_is_reported_when_the_journal_is_closed)
{
    struct journal_options with = options();
    struct journal *journal;
    int at;

    crash_disk_begin();
    with.wait_ms = 1000;
    journal = open_with(with);
    crash_disk_stall(true);
    journal_lose(journal, &(struct journal_event){.has_request = true, .request_id = 8}, LOSS_MEMORY);
    for (int i = 1; i < 4; i++) check_hr(append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    journal_lose(journal, &(struct journal_event){.has_request = true, .request_id = 9}, LOSS_MEMORY);
    check_hr(journal_close(journal), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    if (check((at = find_report(JOURNAL_UNWRITTEN, 0)) >= 0)) {
        check_text(reports[at].requests, "1, 2, 3, 8, 9");
        check_int(reports[at].report.events, 5);
    }
    crash_disk_stall(false);                    /* the writer lives on, and ends by itself */
    check(wait_for_report(JOURNAL_HEAD_STOPPED) >= 0);
    for (int i = 0; i < 2000 && crash_disk_is_locked(); i++) nap();
    check_int(check_chain(), 1);
    check(segment_has(1, "{\"n\":3}"));
}

TEST(what_waits_when_the_ca_stops_is_reported_before_anybody_closes_the_journal)
{
    struct journal_event stopping = {.type = JOURNAL_CA_STOPPING, .time = os_now(), .data = {"{}", 2}};
    struct journal_options with = options();
    struct journal *journal;
    int at;

    crash_disk_begin();
    with.wait_ms = 1000;
    journal = open_with(with);
    crash_disk_stall(true);
    for (int i = 1; i < 3; i++) check_hr(append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_int(count_reports(JOURNAL_UNWRITTEN), 0);
    check_hr(journal_append(journal, &stopping), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    if (check((at = find_report(JOURNAL_UNWRITTEN, 0)) >= 0)) {
        check_text(reports[at].requests, "1, 2");
        check_int(reports[at].report.events, 3);
    }
    crash_disk_stall(false);
    while (append(journal, 3) == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) nap();
    stopping.time = os_now();
    check_hr(journal_append(journal, &stopping), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(count_reports(JOURNAL_UNWRITTEN), 1);
}

TEST(a_journal_that_cannot_be_opened_says_so_and_says_when_it_can)
{
    struct journal *journal;
    int at;

    crash_disk_begin();
    crash_disk_refuse_folder(HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    {
        struct journal_options with = options();

        with.wait_ms = 1000;
        report_count = 0;
        check_hr(journal_open(&with, &journal), S_FALSE);
    }
    check_hr(append(journal, 1), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    if (check((at = find_report(JOURNAL_CANNOT_OPEN, 0)) >= 0)) check_hr(reports[at].report.hr, HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    crash_disk_refuse_folder(S_OK);
    check(wait_for_report(JOURNAL_WRITES_AGAIN) >= 0);
    check_hr(journal_close(journal), S_OK);
    check(segment_has(1, "{\"n\":1}"));
}

TEST(a_journal_that_opens_late_is_reported_though_no_event_comes)
{
    struct journal_options with = options();
    struct journal *journal;

    crash_disk_begin();
    crash_disk_refuse_folder(HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    with.wait_ms = 1000;
    report_count = 0;
    check_hr(journal_open(&with, &journal), S_FALSE);
    crash_disk_refuse_folder(S_OK);
    check(wait_for_report(JOURNAL_WRITES_AGAIN) >= 0);
    check_hr(journal_close(journal), S_OK);
}

TEST(a_tail_that_was_moved_is_recorded_even_where_the_first_attempt_to_say_so_failed)
{
    struct journal *journal;
    struct disk_folder *folder = NULL;
    struct disk_file *file = NULL;
    size_t size = 0;

    write_old(10);
    check_hr(disk_open_folder("/j", &folder), S_OK);
    check_hr(disk_open(folder, "00000000000000000001.jsonl", &file), S_OK);
    crash_disk_file("00000000000000000001.jsonl", &size);
    check_hr(disk_write(file, size, "torn", 4), S_OK);
    check_hr(disk_flush(file), S_OK);
    disk_close(file);
    disk_close_folder(folder);
    crash_disk_fail(5, 4, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    journal = open_with(options());
    check_hr(journal_close(journal), S_OK);
    check(find_report(JOURNAL_CANNOT_OPEN, 0) >= 0 || find_report(JOURNAL_CANNOT_WRITE, 0) >= 0);
    check(find_report(JOURNAL_RECOVERED_TAIL, 0) >= 0);
    check(segment_has(1, "journal.recovered") || segment_has(11, "journal.recovered"));
}
