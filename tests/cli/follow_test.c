/* Events as they happen, beside a writer at full speed: each once, in its order, and none before it will stay. */
#include "lib/test.h"
#include "lib/fresh_folder.h"

#include "journal/journal.h"
#include "journal/head.h"
#include "events/follow.h"
#include "lib/line_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[FRESH_FOLDER_SIZE];

static struct journal *open_journal(uint64_t segment_bytes)
{
    struct journal_options with = {
        .directory = directory, .source = "/adcs/ca.example/CA", .wait_ms = 60000, .retry_ms = 20, .queue_bytes = 8 << 20,
        .segment_bytes = segment_bytes,
    };
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

#define THREADS 8
#define EACH    400

static void append_many(void *context)
{
    char data[3000];

    for (int i = 0; i < EACH; i++) {
        struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = i, .time = os_now(), .data = {data, 0}};

        event.data.size = (size_t)snprintf(data, sizeof data, "{\"n\":\"%0*d\"}", 100 + i * 7 % 2500, i);
        check_hr(journal_append(context, &event), S_OK);
    }
}

/* Give all there is until `last`; false: another order, or nothing for half a minute. */
static bool follow_to(struct follow *follow, uint64_t *next, uint64_t last)
{
    static const int32_t nothing;
    uint64_t news_ms = os_ticks_ms();
    struct reader_item item;

    while (*next <= last && os_ticks_ms() - news_ms < 30000) {
        enum follow_result result = follow_next(follow, &item);

        if (result == FOLLOW_NOTHING) os_word_wait(&nothing, 0, 5);
        else if (!check_int(result, FOLLOW_LINE)) return false;
        else if (!check_int(item.line.sequence, *next)) return false;
        else ++*next, news_ms = os_ticks_ms();
    }
    return check_int(*next, last + 1);
}

TEST(every_line_of_a_writer_at_full_speed_is_given_once_and_in_order)
{
    struct os_thread *threads[THREADS] = {0};
    struct reader_start start = {0};
    struct follow *follow = NULL;
    struct journal *journal;
    uint64_t next = 1;

    fresh_folder(directory, "reader-follow");
    for (int run = 0; run < 2; run++) {         /* rotating all the time, and opened anew in between */
        uint64_t last = (uint64_t)(run + 1) * (THREADS * EACH + 1) + (uint64_t)run;

        journal = open_journal(200000);
        for (int i = 0; i < THREADS; i++) check_hr(os_thread_start(append_many, journal, &threads[i]), S_OK);
        while (!follow && FAILED(follow_open(directory, &start, &follow))) usleep(1000);
        follow_to(follow, &next, last);
        for (int i = 0; i < THREADS; i++) while (!os_thread_join(threads[i], 60000)) {}
        check_hr(journal_close(journal), S_OK);
        follow_to(follow, &next, last + 1);
    }
    follow_close(follow);
}

TEST(following_begins_where_it_is_told_to)
{
    struct reader_start start = {0};
    struct follow *follow = NULL;
    struct reader_item item;
    struct journal *journal;
    struct reader *reader;
    uint64_t next = 31;

    fresh_folder(directory, "reader-follow");
    journal = open_journal(1 << 20);
    append_many(journal);
    check_hr(reader_open(directory, 0, &reader), S_OK);
    for (int i = 0; i < 30; i++) check_int(reader_next(reader, &item), READER_LINE);
    start = (struct reader_start){1, item.place.offset + item.line.text.size, 31, 0};
    reader_close(reader);
    check_hr(follow_open(directory, &start, &follow), S_OK);
    follow_to(follow, &next, EACH + 1);
    check_hr(journal_close(journal), S_OK);
    follow_to(follow, &next, EACH + 2);
    follow_close(follow);
    follow_close(NULL);
}

TEST(a_folder_that_is_not_there_cannot_be_followed)
{
    struct follow *follow = (struct follow *)1;
    struct reader_start start = {0};

    fresh_folder(directory, "reader-follow");
    check(FAILED(follow_open(directory, &start, &follow)));
    check(!follow);
}

#define RUN    "01234567-89ab-4def-8123-456789abcdef"
#define SOURCE "/adcs/ca.example/CA"

static void put(const char *name, const char *mode, const void *data, size_t size)
{
    char path[700];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, mode);
    if (!check(file != NULL)) return;
    check_int(fwrite(data, 1, size, file), size);
    fclose(file);
}

/* One line more in a segment; `last` is the line before, and then this one. */
static void put_line(uint64_t segment, struct chain_head *last, uint64_t flushed, const char *data)
{
    struct line_place place = {RUN, SOURCE, last->sequence + 1, last->hash, flushed};
    char hash[LINE_HASH_SIZE + 1], name[SEGMENT_NAME_SIZE + 1];
    struct bytes line = {0};

    check_hr(line_make(&line, &place, "certwitness.certificate.issued", NULL, 0, (struct span){data, strlen(data)}, hash), S_OK);
    segment_name(segment, name);
    put(name, "ab", line.data, line.size);
    bytes_free(&line);
    last->sequence++;
    memcpy(last->hash, hash, sizeof hash);
}

static void put_head(const struct chain_head *line, const char *by)
{
    struct head head = {RUN, *line};
    char record[HEAD_SIZE + 1];

    check_hr(head_spell(&head, (struct span){by, strlen(by)}, record), S_OK);
    put(HEAD_NAME, "wb", record, HEAD_SIZE);
}

/* Lines 1 to 5, of which `flushed` covers the first two; `lines` has them from 1 on. */
static void make_lines(struct chain_head lines[6])
{
    struct disk_folder *folder = NULL;
    struct chain_head last = {0};

    fresh_folder(directory, "reader-follow");
    check_hr(disk_open_folder(directory, &folder), S_OK);
    disk_close_folder(folder);
    memcpy(last.hash, line_no_hash, sizeof line_no_hash);
    for (int i = 1; i <= 5; i++) {
        put_line(1, &last, i > 2 ? 2 : i - 1, "{}");
        lines[i] = last;
    }
}

static struct follow *open_follow(void)
{
    struct reader_start start = {0};
    struct follow *follow = NULL;

    check_hr(follow_open(directory, &start, &follow), S_OK);
    return follow;
}

/* What is given within `ms`: the last line, from `*next` on. */
static uint64_t give_for(struct follow *follow, uint64_t *next, unsigned ms)
{
    static const int32_t nothing;
    uint64_t begun = os_ticks_ms();
    struct reader_item item;

    do {
        enum follow_result result = follow_next(follow, &item);

        if (result == FOLLOW_NOTHING) os_word_wait(&nothing, 0, 5);
        else if (!check_int(result, FOLLOW_LINE) || !check_int(item.line.sequence, *next)) break;
        else ++*next;
    } while (os_ticks_ms() - begun < ms);
    return *next - 1;
}

/* The same, up to the line `want` however long a busy machine takes for it, and 20 ms beyond. */
static uint64_t give_up_to(struct follow *follow, uint64_t *next, uint64_t want)
{
    for (int i = 0; i < 200 && *next <= want; i++) give_for(follow, next, 50);
    return give_for(follow, next, 20);
}

TEST(what_neither_head_nor_flushed_covers_is_not_given_however_quiet_it_is)
{
    struct chain_head lines[6];
    struct follow *follow;
    uint64_t next = 1;

    make_lines(lines);
    put_head(&lines[2], SOURCE);
    follow = open_follow();
    check_int(give_for(follow, &next, 1500), 2);
    put_head(&lines[5], SOURCE);
    check_int(give_up_to(follow, &next, 5), 5);
    follow_close(follow);
}

TEST(in_a_folder_without_a_head_the_last_lines_are_given_after_a_second_of_quiet)
{
    static const char *const heads[] = {"", "torn", "another CA's"};

    for (int i = 0; i < 3; i++) {
        struct chain_head lines[6];
        struct follow *follow;
        uint64_t next = 1;

        make_lines(lines);
        if (i == 1) put(HEAD_NAME, "wb", "certwitness-head 1 " RUN " 000000", 63);
        if (i == 2) put_head(&lines[2], "/adcs/ca.example/Other");
        follow = open_follow();
        check_int(give_for(follow, &next, 500), 2);
        if (!check_int(give_up_to(follow, &next, 5), 5)) test_note("    head: %s", heads[i]);
        follow_close(follow);
    }
}

TEST(a_head_of_another_line_covers_nothing)
{
    for (int beyond = 0; beyond < 2; beyond++) {
        struct chain_head lines[6], other;
        struct follow *follow;
        uint64_t next = 1;

        make_lines(lines);
        other = lines[5];
        if (beyond) other.sequence = 9;         /* a newer head in an older copy */
        else other.hash[0] ^= 1;
        put_head(&other, SOURCE);
        follow = open_follow();
        check_int(give_for(follow, &next, 1500), 2);
        follow_close(follow);
    }
}

TEST(a_head_that_does_not_move_while_the_journal_grows_stops_nobody)
{
    struct chain_head lines[6], last;
    struct follow *follow;
    uint64_t next = 1;

    make_lines(lines);
    put_head(&lines[1], SOURCE);
    follow = open_follow();
    check_int(give_up_to(follow, &next, 2), 2);
    last = lines[5];
    for (uint64_t i = 6; i <= 20; i++) {
        put_line(1, &last, i - 1, "{}");
        check_int(give_up_to(follow, &next, i - 1), i - 1);
    }
    follow_close(follow);
}

TEST(lines_that_were_read_ahead_and_then_written_anew_are_given_once_as_they_stay)
{
    struct chain_head lines[6], last;
    struct follow *follow;
    uint64_t next = 1;

    make_lines(lines);
    put_head(&lines[2], SOURCE);
    follow = open_follow();
    check_int(give_for(follow, &next, 1200), 2);        /* 3 to 5 were read ahead */
    last = lines[2];
    for (int i = 3; i <= 4; i++) put_line(3, &last, 2, "{\"anew\":1}");
    put_head(&last, SOURCE);
    check_int(give_up_to(follow, &next, 4), 4);
    put_line(3, &last, 4, "{}");
    put_head(&last, SOURCE);
    check_int(give_up_to(follow, &next, 5), 5);
    follow_close(follow);
}

/* The results but FOLLOW_NOTHING, one letter each, as soon as they are `want`, or after a minute. The fault goes to `fault`. */
static bool gives(struct follow *follow, const char *want, struct reader_item *fault)
{
    static const int32_t nothing;
    uint64_t begun = os_ticks_ms();
    struct reader_item item;
    char got[64] = "";

    while (strlen(got) < strlen(want) && os_ticks_ms() - begun < 60000) {
        enum follow_result result = follow_next(follow, &item);

        if (result == FOLLOW_NOTHING) os_word_wait(&nothing, 0, 5);
        else if (result == FOLLOW_LINE) got[strlen(got)] = (char)((item.unverified ? 'a' : '0') + item.line.sequence);
        else got[strlen(got)] = result == FOLLOW_FAULT ? '!' : '?';
        if (result == FOLLOW_FAULT) *fault = item;
    }
    begun = os_ticks_ms();
    while (os_ticks_ms() - begun < 100)
        if (follow_next(follow, &item) != FOLLOW_NOTHING) got[strlen(got)] = '+';
    return check_text(got, want);
}

/* The file of lines 1 to 5 from there on: `size` bytes of it are `with`; NULL: it ends there. */
static void break_line(int line, const char *with)
{
    char path[700], text[8000], *at = text;
    FILE *file;
    size_t size;

    snprintf(path, sizeof path, "%s/00000000000000000001.jsonl", directory);
    file = fopen(path, "rb");
    size = fread(text, 1, sizeof text, file);
    fclose(file);
    for (int i = 1; i < line; i++) at = strchr(at, '\n') + 1;
    if (with) memcpy(strstr(at, "certificate."), with, strlen(with));
    else size = (size_t)(at - text);
    put("00000000000000000001.jsonl", "wb", text, size);
}

TEST(a_line_that_head_covers_and_that_is_damaged_or_missing_is_told_with_its_place)
{
    static const struct { int line; const char *with, *want; enum reader_kind kind; } rows[] = {
        {3, "Certificate.", "12!ef", READER_CHANGED}, {4, "Certificate.", "123!f", READER_CHANGED}, {5, "Certificate.", "1234!", READER_CHANGED},
        {5, NULL, "1234!", READER_MISSING}, {4, NULL, "123!", READER_MISSING}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reader_item fault = {0};
        struct chain_head lines[6];
        struct follow *follow;
        bool fine;

        make_lines(lines);
        put_head(&lines[5], SOURCE);
        break_line(rows[i].line, rows[i].with);
        follow = open_follow();
        fine = gives(follow, rows[i].want, &fault);
        fine &= check_int(fault.kind, rows[i].kind);
        fine &= check_text(fault.place.file, "00000000000000000001.jsonl");
        fine &= check_int(fault.place.number, rows[i].line);
        fine &= check_int(fault.place.sequence, rows[i].line);
        if (!fine) test_note("    row %d", (int)i);
        follow_close(follow);
    }
}

TEST(damage_to_a_line_that_was_given_before_the_head_came_to_the_damaged_one_is_told)
{
    struct chain_head lines[6];
    struct reader_item fault = {0};
    struct follow *follow;
    uint64_t next = 1;

    make_lines(lines);
    put_head(&lines[3], SOURCE);
    break_line(4, NULL);
    follow = open_follow();
    check_int(give_up_to(follow, &next, 3), 3);
    put_head(&lines[4], SOURCE);                /* line 4 was on disk, and is not there */
    gives(follow, "!", &fault);
    check_int(fault.kind, READER_MISSING);
    check_int(fault.place.sequence, 4);
    follow_close(follow);
}

TEST(lines_that_come_some_seconds_after_their_head_are_no_damage)
{
    struct reader_item fault = {0};
    struct chain_head lines[6], last;
    struct follow *follow;
    uint64_t next = 1;

    make_lines(lines);
    put_head(&lines[5], SOURCE);
    break_line(4, NULL);
    follow = open_follow();
    check_int(give_for(follow, &next, 500), 2);
    last = lines[3];
    for (int i = 4; i <= 5; i++) put_line(1, &last, 2, "{}");
    put_head(&last, SOURCE);
    gives(follow, "345", &fault);
    follow_close(follow);
}

TEST(after_each_acknowledged_event_its_line_is_given_at_once)
{
    struct journal *journal;
    struct follow *follow;
    uint64_t next = 1, begun;

    fresh_folder(directory, "reader-follow");
    journal = open_journal(1 << 20);
    follow = open_follow();
    follow_to(follow, &next, 1);
    begun = os_ticks_ms();
    for (int i = 0; i < 20; i++) {
        struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = i, .time = os_now(), .data = {"{}", 2}};

        check_hr(journal_append(journal, &event), S_OK);
        follow_to(follow, &next, next);
    }
    check(os_ticks_ms() - begun < 15000);       /* a second of quiet for each would be 20 s */
    check_hr(journal_close(journal), S_OK);
    follow_to(follow, &next, next);
    follow_close(follow);
}
