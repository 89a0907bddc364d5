/* What was acknowledged survives power cuts, failing writes and flushes, a disk that lies and one that hangs. */
#define _GNU_SOURCE                             /* memmem */
#include "lib/test.h"

#include "lib/crash_disk.h"
#include "journal/head.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "journal/segment.h"
#include "lib/line_make.h"

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
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = number, .time = 0, .data = {data, 0}};

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
    with.wait_ms = 1000;
    journal = open_with(with, S_OK);
    crash_disk_stall(true);
    start = os_ticks_ms();
    for (int i = 0; i < 50; i++) check_hr(append(journal, i), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check(os_ticks_ms() - start < 10000);               /* a wait for each would be 50 s */
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

static size_t last_line_start(const char *name)
{
    size_t size;
    const char *text = crash_disk_file(name, &size);

    while (size && --size && text[size - 1] != '\n') {}
    return size;
}

static void remove_file(const char *name)
{
    struct disk_folder *folder = NULL;

    check_hr(disk_open_folder("/", &folder), S_OK);
    check_hr(disk_remove(folder, name), S_OK);
    disk_close_folder(folder);
}

/* What a flush that failed should have brought to the disk never comes there, and the system takes it for written. */
static void flush_in_vain(const char *name)
{
    struct disk_folder *folder = NULL;
    struct disk_file *file = NULL;

    crash_disk_lie_after_failure();
    crash_disk_fail(1, 0, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    check_hr(disk_open_folder("/", &folder), S_OK);
    check_hr(disk_open(folder, name, &file), S_OK);
    check(FAILED(disk_flush(file)));
    disk_close(file);
    disk_close_folder(folder);
}

TEST(what_a_killed_run_had_flushed_in_vain_is_written_again_before_the_next_line_builds_on_it)
{
    char first[SEGMENT_NAME_SIZE + 1];

    segment_name(1, first);
    for (int i = 0; i < 2; i++) {                       /* the first segment is full then, or goes on */
        struct journal_options with = options();
        struct journal *journal;
        struct found found;

        crash_disk_begin();
        with.segment_bytes = i ? 1 << 20 : 1200;
        journal = open_with(with, S_OK);
        check_hr(append(journal, 1), S_OK);
        check_hr(journal_close(journal), S_OK);
        crash_disk_unflush(first, last_line_start(first));
        flush_in_vain(first);
        remove_file(HEAD_NAME);                         /* it did not name the last line */
        journal = open_with(with, S_OK);
        check_hr(append(journal, 2), S_OK);
        crash_disk_fail(1, 1000000, E_FAIL);
        check(FAILED(journal_close(journal)));
        crash_disk_cut_power();
        restart();
        found = read_all();
        check(found.numbers[1] && found.numbers[2]);
        check_int(found.broken + found.recovered, 0);
    }
}

/* What the journal says of itself, and the line that is there for it. */
static struct journal_report said;

static void on_report(const struct journal_report *report)
{
    if (report->kind == JOURNAL_DAMAGED) said = *report;
}

struct lost_lines {
    uint64_t sequence;                  /* of journal.broken; 0: there is none */
    char data[400];
    enum reader_result end;
    int on_record, lines_behind;
};

static struct lost_lines read_loss(void)
{
    struct lost_lines loss = {0};
    struct reader *reader = NULL;
    struct reader_item item;

    check_hr(reader_open("/", 0, &reader), S_OK);
    while ((loss.end = reader_next(reader, &item)) == READER_LINE || loss.end == READER_ON_RECORD) {
        if (loss.end == READER_ON_RECORD) loss.on_record++;
        else if (loss.sequence) loss.lines_behind++;
        else if (span_is(item.line.type, JOURNAL_BROKEN)) {
            loss.sequence = item.line.sequence;
            snprintf(loss.data, sizeof loss.data, "%.*s", (int)item.line.data.size, item.line.data.text);
        }
    }
    reader_close(reader);
    return loss;
}

static bool torn_has_something(void)
{
    size_t size;
    bool has = false;

    for (int offset = 0; offset < 20000 && !has; offset++) {
        char name[DISK_NAME_MAX];

        snprintf(name, sizeof name, "torn/00000000000000000001-%d-1", offset);
        has = crash_disk_file(name, &size) != NULL;
    }
    return has;
}

/* A journal of 12 lines in one segment, cleanly closed; its text. */
static char *journal_of_12(size_t *size)
{
    struct journal_options with = options();
    struct journal *journal;
    const char *text;
    char *copy;

    crash_disk_begin();
    with.segment_bytes = 1 << 20;
    journal = open_with(with, S_OK);
    for (int i = 0; i < 10; i++) check_hr(append(journal, i), S_OK);
    check_hr(journal_close(journal), S_OK);
    text = crash_disk_file("00000000000000000001.jsonl", size);
    copy = malloc(*size);
    memcpy(copy, text, *size);
    return copy;
}

static void check_loss(size_t at, const char *what)
{
    struct journal_options with = options();
    struct lost_lines loss;

    said = (struct journal_report){.kind = JOURNAL_REPORT_KINDS};
    with.report = on_report;
    check_hr(journal_close(open_with(with, S_OK)), S_OK);
    loss = read_loss();
    if (!check_int(loss.sequence, 13) || !check_int(loss.end, READER_END) || !check_int(loss.lines_behind, 2) || !check_int(loss.on_record, 1) ||
        !check(strstr(loss.data, ",\"head\":{\"run\":\"") && strstr(loss.data, "\",\"sequence\":12,\"hash\":\"")) ||
        !check_int(said.kind, JOURNAL_DAMAGED) || !check(!torn_has_something())) test_note("    %s at byte %d: %s", what, (int)at, loss.data);
    restart();
    loss = read_loss();
    if (!check_int(loss.lines_behind, 4)) test_note("    %s at byte %d, opened once more", what, (int)at);
}

TEST(a_head_beyond_the_end_of_the_chain_is_told_as_loss_and_its_sequence_is_not_used_again)
{
    size_t size;
    char *text = journal_of_12(&size);

    for (size_t at = 0; at < size; at += at > size - 500 ? 37 : 411) {
        free(text);
        text = journal_of_12(&size);
        crash_disk_put("00000000000000000001.jsonl", text, at);
        check_loss(at, "cut");
    }
    for (size_t at = size - 1; at > size - 400; at -= 53) {             /* in the last line, which `flushed` does not cover */
        free(text);
        text = journal_of_12(&size);
        text[at] ^= 1;
        crash_disk_put("00000000000000000001.jsonl", text, size);
        check_loss(at, "changed");
    }
    free(text);
}

static void start_and_stop(void)
{
    struct journal_options with = options();

    with.segment_bytes = 1 << 20;
    check_hr(journal_close(open_with(with, S_OK)), S_OK);
}

static bool holds(const char *name, const char *part)
{
    size_t size;
    const char *found = crash_disk_file(name, &size);

    return found && memmem(found, size, part, strlen(part));
}

TEST(a_journal_that_was_restored_from_an_older_copy_does_not_say_that_its_last_run_ended_cleanly)
{
    static const char first[] = "00000000000000000001.jsonl", next[] = "00000000000000000005.jsonl";
    const char *found;
    char *copy;
    size_t size;

    crash_disk_begin();
    start_and_stop();
    found = crash_disk_file(first, &size);
    copy = found ? memcpy(malloc(size), found, size) : NULL;
    if (!check(copy && holds(first, JOURNAL_STOPPED))) return;
    start_and_stop();                                   /* lines 3 and 4, of which the copy knows nothing, and `head` does */
    crash_disk_put(first, copy, size);
    start_and_stop();
    check(holds(next, JOURNAL_BROKEN) && holds(next, "\"endedCleanly\":false") && !holds(next, "\"endedCleanly\":true"));
    start_and_stop();
    check(holds(next, "\"endedCleanly\":true"));       /* as it is from then on */
    free(copy);
}

TEST(a_head_without_any_segment_is_told_as_loss)
{
    struct lost_lines loss;
    size_t size;

    free(journal_of_12(&size));
    remove_file("00000000000000000001.jsonl");
    restart();
    loss = read_loss();
    check_int(loss.sequence, 13);
    check(strstr(loss.data, "{\"file\":\"head\",\"offset\":0,\"sequence\":12,") == loss.data);
    check_int(loss.end, READER_END);
    check_int(loss.lines_behind, 2);
}

static void put_head(uint64_t sequence, const char *source)
{
    struct head head = {"01234567-89ab-4def-8123-456789abcdef", {sequence, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}};
    char record[HEAD_SIZE + 1];

    check_hr(head_spell(&head, (struct span){source, strlen(source)}, record), S_OK);
    crash_disk_put(HEAD_NAME, record, HEAD_SIZE);
}

TEST(a_head_that_is_older_torn_or_another_cas_says_nothing)
{
    size_t size;

    for (int i = 0; i < 4; i++) {
        struct lost_lines loss;

        free(journal_of_12(&size));
        if (i == 0) put_head(3, "/adcs/a/b");           /* of another line 3, even */
        if (i == 1) put_head(99, "/adcs/a/other");
        if (i == 2) crash_disk_put(HEAD_NAME, "certwitness-head 1 ", 19);
        if (i == 3) remove_file(HEAD_NAME);
        restart();
        loss = read_loss();
        check_int(loss.sequence, 0);
        check_int(loss.end, READER_END);
        check_int(read_all().lines, 14);
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
    with.wait_ms = 3000;
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

#define OTHER_RUN "01234567-89ab-4def-8123-456789abcdef"

static struct journal_options large_options(void)
{
    struct journal_options with = options();

    with.segment_bytes = 1 << 20;
    with.wait_ms = 20000;
    return with;
}

/* One chain, sound to its end, of so many runs, the last of which says that the one before it had not ended cleanly. */
static void check_runs(int want)
{
    char last[300] = "", run[37] = "";
    struct reader_totals totals;
    struct reader *reader = NULL;
    struct reader_item item;
    enum reader_result result;
    int runs = 0;

    check_hr(reader_open("/", 0, &reader), S_OK);
    while ((result = reader_next_of_all(reader, &item)) == READER_LINE) {
        if (memcmp(run, item.line.run.text, 36)) runs++;
        memcpy(run, item.line.run.text, 36);
        if (span_is(item.line.type, JOURNAL_STARTED)) snprintf(last, sizeof last, "%.*s", (int)item.line.data.size, item.line.data.text);
    }
    check_int(result, READER_END);
    reader_totals(reader, &totals);
    reader_close(reader);
    check_int(runs, want);
    check_int(totals.breaks, 0);
    if (want > 1) check(strstr(last, "\"endedCleanly\":false") != NULL);
}

TEST(where_handles_died_and_another_writer_went_on_the_batch_is_written_behind_what_that_wrote)
{
    for (int i = 0; i < 2; i++) {
        struct journal_options with = i ? large_options() : options();
        struct journal *journal, *other;
        struct found found;

        crash_disk_begin();
        journal = open_with(with, S_OK);
        check_hr(append(journal, 1), S_OK);
        crash_disk_move(false);
        other = open_with(with, S_OK);
        for (int number = 10; number < 16; number++) check_hr(append(other, number), S_OK);
        check_hr(journal_close(other), S_OK);
        check_hr(append(journal, 2), S_OK);
        check_runs(3);
        check_hr(append(journal, 3), S_OK);
        check_hr(journal_close(journal), S_OK);
        found = read_all();
        for (int number = 10; number < 16; number++) check(found.numbers[number]);
        check(found.numbers[1] && found.numbers[2] && found.numbers[3]);
    }
}

/* After a failed write the folder is listed to learn whether another writer went on. */
static void write_while_memory_is_short(unsigned listings, HRESULT hr, int runs)
{
    struct journal *journal;
    struct found found;

    crash_disk_begin();
    journal = open_with(large_options(), S_OK);
    check_hr(append(journal, 1), S_OK);
    crash_disk_refuse_listings(listings, hr);
    crash_disk_fail(2, 0, HRESULT_FROM_WIN32(ERROR_DISK_FULL));         /* written, and not flushed */
    check_hr(append(journal, 2), S_OK);
    check_hr(append(journal, 3), S_OK);
    check_runs(runs);
    check_hr(journal_close(journal), S_OK);
    crash_disk_cut_power();
    found = read_all();
    for (int number = 1; number < 4; number++) check_int(found.numbers[number], 1);
}

TEST(a_writer_without_memory_to_look_for_another_keeps_its_chain_and_looks_again)
{
    for (unsigned listings = 1; listings < 4; listings++) write_while_memory_is_short(listings, E_OUTOFMEMORY, 1);
}

TEST(a_writer_that_cannot_look_for_another_for_other_reasons_begins_a_new_run)
{
    write_while_memory_is_short(1, HRESULT_FROM_WIN32(31), 2);              /* ERROR_GEN_FAILURE */
}

TEST(while_another_writer_has_the_lock_events_wait_and_then_come_behind_its_lines)
{
    struct journal_options with = large_options();
    struct journal *journal, *other;
    struct found found;

    crash_disk_begin();
    with.wait_ms = 1000;
    journal = open_with(with, S_OK);
    check_hr(append(journal, 1), S_OK);
    crash_disk_move(false);
    other = open_with(large_options(), S_OK);
    check_hr(append(other, 10), S_OK);
    check_hr(append(journal, 2), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_hr(append(journal, 3), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_hr(append(other, 11), S_OK);
    check_hr(journal_close(other), S_OK);
    for (int i = 0; i < 400 && !crash_disk_is_locked(); i++) nap();      /* it takes the lock again */
    check_hr(journal_close(journal), S_OK);
    found = read_all();
    check(found.numbers[1] && found.numbers[2] && found.numbers[3] && found.numbers[10] && found.numbers[11]);
    check_runs(3);
}

struct appending {
    struct journal *journal;
    int number;
    HRESULT hr;
};

static void append_in_thread(void *context)
{
    struct appending *appending = context;

    appending->hr = append(appending->journal, appending->number);
}

static struct os_thread *start_append(struct appending *appending)
{
    struct os_thread *thread = NULL;

    check_hr(os_thread_start(append_in_thread, appending, &thread), S_OK);
    return thread;
}

static void wait_until_moved(void)
{
    for (int i = 0; i < 400 && !crash_disk_has_moved(); i++) nap();
    check(crash_disk_has_moved());
}

/* The segment as another writer leaves it, who has read so many lines of it (0: all), and gone on. Returns how many there had been. */
static int go_on_behind(int lines)
{
    static const char started[] = "{\"module\":{\"run\":\"" OTHER_RUN "\",\"endedCleanly\":false}}";
    char previous[LINE_HASH_SIZE + 1] = "", hash[LINE_HASH_SIZE + 1];
    struct bytes all = {0};
    size_t size, kept = 0;
    const char *text = crash_disk_file("00000000000000000001.jsonl", &size);
    struct line line = {0};
    int count = 0;

    for (size_t at = 0; at < size; count++) {
        const char *lf = memchr(text + at, '\n', size - at);
        size_t length = lf ? (size_t)(lf + 1 - text - at) : size - at;

        if (lines && count == lines) break;
        if (line_read(text + at, length, &line) != LINE_OK) break;
        memcpy(previous, line.hash.text, LINE_HASH_SIZE);
        kept = at += length;
    }
    if (lines < 0) return count;
    bytes_add(&all, text, kept);
    check_hr(line_make(&all, &(struct line_place){OTHER_RUN, "/adcs/a/b", (uint64_t)count + 1, previous, (uint64_t)count}, JOURNAL_STARTED, NULL, os_now(),
                       (struct span){started, sizeof started - 1}, hash), S_OK);
    crash_disk_put("00000000000000000001.jsonl", all.data, all.size);
    bytes_free(&all);
    return count;
}

/* The writer is at rest then: it tells the head last. */
static void wait_for_head(uint64_t sequence)
{
    struct disk_folder *folder = NULL;
    struct head head = {.line.sequence = 0};

    check_hr(disk_view_folder("/", &folder), S_OK);
    for (int i = 0; i < 400 && head.line.sequence < sequence; i++)
        if (head_read(folder, (struct span){"/adcs/a/b", 9}, &head) != S_OK || head.line.sequence < sequence) nap();
    check_int(head.line.sequence, sequence);
    disk_close_folder(folder);
}

/* Line 1 is module.started, 2 the first event; then a flush fails, and the volume has moved. `lines`: what another writer takes in, -1: there is none. */
static void fail_and_move(int lines, int runs)
{
    struct appending appending = {.number = 2, .hr = E_UNEXPECTED};
    struct os_thread *thread;
    struct found found;

    crash_disk_begin();
    appending.journal = open_with(large_options(), S_OK);
    check_hr(append(appending.journal, 1), S_OK);
    wait_for_head(2);
    crash_disk_move_at_failure();
    crash_disk_fail(2, 0, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    thread = start_append(&appending);
    wait_until_moved();
    go_on_behind(lines);
    crash_disk_move(false);
    while (!os_thread_join(thread, 60000)) {}
    check_hr(appending.hr, S_OK);
    check_hr(append(appending.journal, 3), S_OK);
    check_hr(journal_close(appending.journal), S_OK);
    found = read_all();                                 /* which checks that none is there twice */
    check(found.numbers[1] && found.numbers[2] && found.numbers[3]);
    check_runs(runs);
}

TEST(what_another_writer_has_taken_in_of_a_failed_batch_is_not_written_twice)
{
    fail_and_move(3, 3);
}

TEST(what_another_writer_has_not_taken_in_is_written_behind_its_lines)
{
    fail_and_move(2, 3);
}

TEST(lines_of_an_own_batch_that_failed_are_not_adopted)
{
    fail_and_move(-1, 2);
}

TEST(what_another_writer_has_taken_in_in_part_is_written_for_the_rest)
{
    struct appending appending[4];
    struct os_thread *threads[4];
    struct journal *journal;
    struct found found;
    int lines;

    crash_disk_begin();
    journal = open_with(large_options(), S_OK);
    check_hr(append(journal, 1), S_OK);
    wait_for_head(2);
    crash_disk_stall(true);
    for (int i = 0; i < 4; i++) {
        appending[i] = (struct appending){journal, 2 + i, E_UNEXPECTED};
        threads[i] = start_append(&appending[i]);
        nap();                          /* the first is being written, the others wait for it and are one batch */
    }
    crash_disk_move_at_failure();
    crash_disk_fail(5, 0, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));
    crash_disk_stall(false);
    wait_until_moved();
    lines = go_on_behind(-1);
    go_on_behind(lines > 4 ? lines - 1 : lines);
    crash_disk_move(false);
    for (int i = 0; i < 4; i++) {
        while (!os_thread_join(threads[i], 60000)) {}
        check_hr(appending[i].hr, S_OK);
    }
    check_hr(journal_close(journal), S_OK);
    found = read_all();
    for (int i = 1; i <= 5; i++) check(found.numbers[i]);
    check_runs(3);
}

TEST(where_nothing_was_acknowledged_yet_the_line_that_was_found_is_looked_at)
{
    struct journal_options with = large_options();
    struct journal *journal;
    struct found found;

    crash_disk_begin();
    journal = open_with(with, S_OK);
    check_hr(append(journal, 1), S_OK);
    check_hr(journal_close(journal), S_OK);
    with.wait_ms = 200;
    crash_disk_move_at_failure();
    crash_disk_fail(2, 0, HRESULT_FROM_WIN32(ERROR_IO_DEVICE));         /* the flush of what was found goes well, writing module.started does not */
    journal = open_with(with, S_FALSE);
    wait_until_moved();
    go_on_behind(3);
    crash_disk_move(false);
    for (int i = 0; i < 400 && !crash_disk_is_locked(); i++) nap();
    wait_for_head(5);
    check_hr(append(journal, 2), S_OK);
    check_hr(journal_close(journal), S_OK);
    found = read_all();
    check(found.numbers[1] && found.numbers[2]);
    check_runs(3);
}
