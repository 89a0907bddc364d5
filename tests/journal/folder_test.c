/* What somebody else has put into a journal's folder, and how the journal goes on beside it. */
#define _GNU_SOURCE                     /* memmem */
#include "lib/test.h"

#include "lib/crash_disk.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "journal/segment.h"
#include "lib/line_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct journal *open_journal(void)
{
    struct journal_options with = {.directory = "/", .source = "/adcs/here.example/Our%20CA", .wait_ms = 3000, .retry_ms = 2,
                                   .queue_bytes = 1 << 20, .segment_bytes = 1200};
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

TEST(a_folder_is_listed_once_when_it_is_opened_whatever_is_in_it)
{
    char name[SEGMENT_NAME_SIZE + 1];

    crash_disk_begin();
    for (uint64_t first = 1; first < 60; first++) {
        segment_name(first, name);
        crash_disk_put(name, "x", first % 2);
    }
    check_hr(journal_close(open_journal()), S_OK);
    check_int(crash_disk_listings(), 1);
}

static bool is_there(const char *name)
{
    size_t size;

    return crash_disk_file(name, &size) != NULL;
}

/* A journal of one event, closed. */
static void begin(void)
{
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = 1, .time = 0, .data = {"{\"n\":1}", 7}};
    struct journal *journal;

    crash_disk_begin();
    journal = open_journal();
    check_hr(journal_append(journal, &event), S_OK);
    check_hr(journal_close(journal), S_OK);
}

/* Opened, written and closed once more; all that is there holds, and how many lines there are. */
static uint64_t lines_after_another_run(void)
{
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = 2, .time = 0, .data = {"{\"n\":2}", 7}};
    struct journal *journal = open_journal();
    struct reader *reader = NULL;
    struct reader_totals totals;
    struct reader_item item;
    enum reader_result result;

    check_hr(journal_append(journal, &event), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_hr(reader_open("/", 0, &reader), S_OK);
    while ((result = reader_next(reader, &item)) == READER_LINE) {}
    check_int(result, READER_END);
    reader_totals(reader, &totals);
    reader_close(reader);
    return totals.lines;
}

TEST(a_file_whose_name_is_the_last_sequence_there_is_keeps_nobody_from_writing)
{
    begin();
    crash_disk_put("18446744073709551614.jsonl", "", 0);
    check_int(lines_after_another_run(), 6);
    check(is_there("torn/18446744073709551614-foreign-1") && !is_there("18446744073709551614.jsonl"));
}

TEST(a_file_with_the_name_of_the_next_segment_is_kept_also_where_torn_has_one_of_its_name)
{
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = 2, .time = 0, .data = {"{\"n\":2}", 7}};
    struct journal *journal;
    const char *text;
    size_t size;

    crash_disk_begin();
    crash_disk_put("torn/00000000000000000004-foreign-1", "a", 1);
    journal = open_journal();           /* 1,200 bytes are a segment: line 4 begins the next one */
    check_hr(journal_append(journal, &event), S_OK);
    check_hr(journal_append(journal, &event), S_OK);
    crash_disk_put("00000000000000000004.jsonl", "theirs", 6);
    check_hr(journal_append(journal, &event), S_OK);
    check_hr(journal_close(journal), S_OK);
    text = crash_disk_file("torn/00000000000000000004-foreign-2", &size);
    check_bytes(text, size, "theirs", 6);
    check_int(lines_after_another_run(), 8);
}

/* One line of another CA, or of a machine with another name, that follows `previous`. */
static void put_line(uint64_t sequence, const char *source, const char *previous)
{
    struct line_place place = {"11111111-2222-4333-8444-555555555555", source, sequence, previous, sequence - 1};
    char name[SEGMENT_NAME_SIZE + 1], hash[LINE_HASH_SIZE + 1];
    struct bytes line = {0};

    check_hr(line_make(&line, &place, JOURNAL_STOPPED, NULL, 0, (struct span){"{}", 2}, hash), S_OK);
    segment_name(sequence, name);
    crash_disk_put(name, line.data, line.size);
    bytes_free(&line);
}

static void last_hash(char out[LINE_HASH_SIZE + 1])
{
    size_t size;
    const char *text = crash_disk_file("00000000000000000001.jsonl", &size);

    memcpy(out, text + size - LINE_HASH_SIZE - 3, LINE_HASH_SIZE);
    out[LINE_HASH_SIZE] = 0;
}

TEST(the_link_decides_whether_a_last_segment_of_another_source_is_ours)
{
    char hash[LINE_HASH_SIZE + 1];

    begin();
    put_line(4, "/adcs/there.example/Our%20CA", line_no_hash);          /* of the same name, and does not follow */
    check_int(lines_after_another_run(), 6);
    check(is_there("torn/00000000000000000004-foreign-1"));
    begin();
    put_line(40, "/adcs/here.example/Their%20CA", line_no_hash);
    check_int(lines_after_another_run(), 6);
    check(is_there("torn/00000000000000000040-foreign-1"));
    begin();
    last_hash(hash);
    put_line(4, "/adcs/there.example/Our%20CA", hash);                  /* the machine was renamed */
    check_int(lines_after_another_run(), 7);
    check(is_there("00000000000000000004.jsonl"));
}

TEST(a_lone_segment_of_another_ca_is_not_continued)
{
    crash_disk_begin();
    put_line(1, "/adcs/here.example/Their%20CA", line_no_hash);
    check_int(lines_after_another_run(), 3);
    check(is_there("torn/00000000000000000001-foreign-1"));
    crash_disk_begin();
    put_line(1, "/adcs/there.example/Our%20CA", line_no_hash);
    check_int(lines_after_another_run(), 4);
}

/* The line of that sequence in this file, up to its end; NULL where there is none. */
static const char *find_line(const char *file, uint64_t sequence, size_t *length)
{
    char number[40];
    size_t size;
    const char *text = crash_disk_file(file, &size), *end;

    snprintf(number, sizeof number, "\"sequence\":\"%020llu\"", (unsigned long long)sequence);
    for (; text && size && (end = memchr(text, '\n', size)); size -= end + 1 - text, text = end + 1) {
        *length = end - text;
        if (memmem(text, *length, number, strlen(number))) return text;
    }
    return NULL;
}

/* Whether the line of that sequence, which has to be there, holds this. */
static bool line_has(uint64_t sequence, const char *part)
{
    char file[SEGMENT_NAME_SIZE + 1];
    const char *text = NULL;
    size_t length = 0;

    for (uint64_t first = sequence; first && !text; first--) {
        segment_name(first, file);
        text = find_line(file, sequence, &length);
    }
    return check(text != NULL) && memmem(text, length, part, strlen(part));
}

TEST(module_started_says_which_source_the_chain_had_before_it)
{
    char hash[LINE_HASH_SIZE + 1];

    begin();
    last_hash(hash);
    put_line(4, "/adcs/there.example/Our%20CA", hash);
    check_int(lines_after_another_run(), 7);
    check(line_has(5, "\"endedCleanly\":true,\"previousSource\":\"/adcs/there.example/Our%20CA\"}"));
    check_int(lines_after_another_run(), 10);
    check(line_has(8, "\"endedCleanly\":true}"));          /* ours again */
    crash_disk_begin();
    put_line(1, "/adcs/there.example/Our%20CA", line_no_hash);
    check_int(lines_after_another_run(), 4);
    check(line_has(2, "\"previousSource\":\"/adcs/there.example/Our%20CA\""));
}

TEST(module_started_names_what_was_moved_aside_when_it_was_opened)
{
    begin();
    put_line(40, "/adcs/here.example/Their%20CA", line_no_hash);
    crash_disk_put("18446744073709551614.jsonl", "", 0);
    check_int(lines_after_another_run(), 6);
    check(line_has(4, "\"endedCleanly\":true,\"movedAside\":[\"torn/18446744073709551614-foreign-1\",\"torn/00000000000000000040-foreign-1\"]}"));
    check_int(lines_after_another_run(), 9);
    check(!line_has(7, "movedAside"));
}

TEST(what_was_moved_aside_is_named_also_where_the_opening_failed_after_it)
{
    for (unsigned nth = 1; nth <= 5; nth++) {           /* the move, the flush of what stands, the first lines */
        begin();
        put_line(40, "/adcs/here.example/Their%20CA", line_no_hash);
        crash_disk_fail(nth, 0, E_FAIL);
        check_int(lines_after_another_run(), 6);
        if (!check(line_has(4, "\"movedAside\":[\"torn/00000000000000000040-foreign-1\"]"))) test_note("    %u", nth);
    }
}
