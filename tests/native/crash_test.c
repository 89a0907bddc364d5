/* What was acknowledged survives power cuts, failing writes and flushes, a disk that lies and one that hangs. */
#define _GNU_SOURCE                             /* memmem */
#include "../test.h"

#include "crash_disk.h"
#include "journal/journal.h"
#include "journal/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 12

static struct journal_options options(void)
{
    return (struct journal_options){.directory = "/", .source = "/adcs/a/b", .wait_ms = 3000, .retry_ms = 2, .queue_bytes = 1 << 20,
                                    .segment_bytes = 1200};
}

static struct journal *open_with(struct journal_options with, HRESULT want)
{
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), want);
    return journal;
}

static HRESULT append(struct journal *journal, int number)
{
    char data[32];
    struct journal_event event = {"certwitness.certificate.issued", true, number, 0, {data, 0}};

    event.data.size = snprintf(data, sizeof data, "{\"n\":%d}", number);
    return journal_append(journal, &event);
}

/* What a reader finds after the next start. */
struct found {
    bool numbers[100];
    uint64_t last;
    int lines, recovered, broken;
};

static void read_segment(const char *text, size_t size, uint64_t limit, struct found *found, char previous[65])
{
    while (size) {
        const char *lf = memchr(text, '\n', size);
        size_t length = lf ? (size_t)(lf + 1 - text) : size;
        struct line line;
        int number;

        if (!check_int(line_read(text, length, &line), LINE_OK) || (limit && line.sequence >= limit)) return;
        check_int(line.sequence, found->last + 1);
        check_bytes(line.previous.text, 64, previous, 64);
        memcpy(previous, line.hash.text, 64);
        found->last = line.sequence;
        found->lines++;
        found->recovered += span_is(line.type, JOURNAL_RECOVERED);
        found->broken += span_is(line.type, JOURNAL_BROKEN);
        if (span_is(line.type, "certwitness.certificate.issued") && sscanf(line.data.text, "{\"n\":%d}", &number) == 1) {
            check(!found->numbers[number]);             /* once, not twice */
            found->numbers[number] = true;
        }
        text += length;
        size -= length;
    }
}

static struct found read_all(void)
{
    struct disk_folder *folder = NULL;
    struct found found = {.last = 0};
    uint64_t starts[64], at = UINT64_MAX;
    char name[SEGMENT_NAME_SIZE + 1], previous[65];
    int count = 0;

    memset(previous, '0', 64);
    check_hr(disk_open_folder("/", &folder), S_OK);
    while (count < 64 && SUCCEEDED(segment_find_below(folder, at, &at)) && at) starts[count++] = at;
    disk_close_folder(folder);
    while (count--) {
        size_t size;
        const char *text;

        segment_name(starts[count], name);
        text = crash_disk_file(name, &size);
        read_segment(text, size, count ? starts[count - 1] : 0, &found, previous);
    }
    return found;
}

static void nap(void)
{
    struct os_monitor *monitor = NULL;

    check_hr(os_monitor_create(&monitor), S_OK);
    os_monitor_enter(monitor);
    os_monitor_wait(monitor, 50);
    os_monitor_leave(monitor);
    os_monitor_free(monitor);
}

static void restart(void)
{
    check_hr(journal_close(open_with(options(), S_OK)), S_OK);
}

TEST(a_power_cut_right_after_append_loses_nothing)
{
    for (int events = 0; events <= EVENTS; events++) {
        struct journal *journal;
        struct found found;

        crash_disk_begin();
        journal = open_with(options(), S_OK);
        for (int i = 0; i < events; i++) check_hr(append(journal, i), S_OK);
        crash_disk_fail(1, 1000000, E_FAIL);            /* nothing written from now on reaches the disk, the goodbye included */
        check(FAILED(journal_close(journal)));
        crash_disk_cut_power();
        restart();
        found = read_all();
        for (int i = 0; i < events; i++) check(found.numbers[i]);
        check_int(found.recovered + found.broken, 0);
    }
}

/* Run with the `nth` write or flush failing, `more` after it; then cut the power and see. */
static bool run_with_failure(unsigned nth, unsigned more, bool lie)
{
    struct journal *journal;
    struct found found;
    unsigned before_goodbye;
    HRESULT closed;

    crash_disk_begin();
    if (lie) crash_disk_lie_after_failure();
    crash_disk_fail(nth, more, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    journal = open_with(options(), S_OK);
    for (int i = 0; i < EVENTS; i++) check_hr(append(journal, i), S_OK);
    before_goodbye = crash_disk_operations();
    closed = journal_close(journal);
    if (nth + more <= before_goodbye) check_hr(closed, S_OK);
    crash_disk_cut_power();
    restart();
    found = read_all();
    for (int i = 0; i < EVENTS; i++) if (!check(found.numbers[i])) test_note("    event %d, failure at %u", i, nth);
    check_int(found.broken, 0);
    return nth <= before_goodbye + 2;
}

TEST(a_write_or_flush_that_fails_once_loses_nothing_wherever_it_is)
{
    unsigned nth = 1;

    while (run_with_failure(nth, 0, false)) nth++;
}

TEST(a_disk_that_lies_after_a_failed_flush_loses_nothing)
{
    unsigned nth = 1;

    while (run_with_failure(nth, 0, true)) nth++;
}

TEST(failures_in_a_row_lose_nothing)
{
    for (unsigned more = 1; more < 5; more++) {
        unsigned nth = 1;

        while (run_with_failure(nth, more, nth % 2)) nth++;
    }
}

TEST(a_disk_that_hangs_costs_one_wait_and_what_waited_is_written_when_it_comes_back)
{
    struct journal_options with = options();
    struct journal *journal;
    struct found found;
    uint64_t start;

    crash_disk_begin();
    with.wait_ms = 300;
    journal = open_with(with, S_OK);
    crash_disk_stall(true);
    start = os_ticks_ms();
    for (int i = 0; i < 50; i++) check_hr(append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check(os_ticks_ms() - start < 300 + 500);
    crash_disk_stall(false);
    for (int i = 50; i < 90 && append(journal, i) == HRESULT_FROM_WIN32(ERROR_TIMEOUT); i++) nap();
    check_hr(append(journal, 90), S_OK);
    check_hr(journal_close(journal), S_OK);
    found = read_all();
    for (int i = 0; i < 50; i++) check(found.numbers[i]);
    check(found.numbers[90]);
}

TEST(a_disk_that_refuses_while_the_journal_opens_is_tried_again)
{
    struct journal_options with = options();
    struct journal *journal;

    crash_disk_begin();
    crash_disk_fail(1, 2, HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    with.wait_ms = 10000;
    journal = open_with(with, S_OK);
    check_hr(append(journal, 1), S_OK);
    check_hr(journal_close(journal), S_OK);
    check(read_all().numbers[1]);
}

static size_t first_line_size(const char *name)
{
    size_t size;
    const char *text = crash_disk_file(name, &size), *lf = text ? memchr(text, '\n', size) : NULL;

    return lf ? (size_t)(lf + 1 - text) : 0;
}

TEST(what_a_killed_run_had_written_and_not_flushed_is_flushed_before_the_next_line_builds_on_it)
{
    static const size_t segment_sizes[] = {1200, 1 << 20};      /* the first segment is full then, or goes on */
    char first[SEGMENT_NAME_SIZE + 1];

    segment_name(1, first);
    for (int i = 0; i < 2; i++) {
        struct journal_options with = options();
        struct journal *journal;
        struct found found;

        crash_disk_begin();
        with.segment_bytes = segment_sizes[i];
        journal = open_with(with, S_OK);
        check_hr(append(journal, 1), S_OK);
        check_hr(journal_close(journal), S_OK);
        crash_disk_unflush(first, first_line_size(first));
        journal = open_with(with, S_OK);
        check_hr(append(journal, 2), S_OK);
        crash_disk_fail(1, 1000000, E_FAIL);
        check(FAILED(journal_close(journal)));
        crash_disk_cut_power();
        restart();
        found = read_all();
        check(found.numbers[2]);
        check_int(found.broken, 0);
    }
}

TEST(a_journal_that_could_not_write_everything_does_not_say_that_it_stopped)
{
    struct journal_options with = options();
    struct journal_event large = {.type = "certwitness.crl.issued"};
    char *data = malloc(900000);
    struct journal *journal;
    const char *text;
    size_t size;

    memset(data, ' ', 900000);
    data[0] = '{';
    data[899999] = '}';
    large.data = (struct span){data, 900000};
    crash_disk_begin();
    with.wait_ms = 200;
    with.retry_ms = 1000;
    with.queue_bytes = 20 << 20;
    with.segment_bytes = 100 << 20;
    journal = open_with(with, S_OK);
    crash_disk_stall(true);
    for (int i = 0; i < 12; i++) check_hr(journal_append(journal, &large), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_fail(1, 1, E_FAIL);                      /* both attempts that closing leaves time for; what follows succeeds */
    crash_disk_stall(false);
    check(FAILED(journal_close(journal)));
    crash_disk_cut_power();
    journal = open_with(options(), S_OK);
    text = crash_disk_file("00000000000000000001.jsonl", &size);
    check(text && !memmem(text, size, JOURNAL_STOPPED, strlen(JOURNAL_STOPPED)));
    check_hr(journal_close(journal), S_OK);
    free(data);
}

TEST(what_waits_when_the_journal_is_closed_is_written_if_the_disk_comes_back_in_time)
{
    struct journal_options with = options();
    struct journal *journal;
    struct found found;

    crash_disk_begin();
    with.wait_ms = 600;
    journal = open_with(with, S_OK);
    crash_disk_fail(1, 30, E_FAIL);
    check_hr(append(journal, 1), S_OK);
    crash_disk_stall(true);
    check_hr(append(journal, 2), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    crash_disk_fail(1, 30, E_FAIL);
    crash_disk_stall(false);
    check_hr(journal_close(journal), S_OK);
    found = read_all();
    check(found.numbers[1] && found.numbers[2]);
}
