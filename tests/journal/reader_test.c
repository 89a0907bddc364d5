/* Reading a journal through its door, while it is written and afterwards. What is wrong with doctored journals is told by tests/journal/reader.t. */
#include "lib/test.h"
#include "lib/fresh_folder.h"

#include "journal/journal.h"
#include "journal/reader.h"
#include "lib/line_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[FRESH_FOLDER_SIZE];             /* of the test that runs */

static struct journal *open_journal(uint64_t segment_bytes)
{
    struct journal_options with = {
        .directory = directory, .source = "/adcs/ca.example/CA", .wait_ms = 20000, .retry_ms = 20, .queue_bytes = 8 << 20,
        .segment_bytes = segment_bytes,
    };
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

static void append(struct journal *journal, int number)
{
    char data[64];
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = number, .time = os_now(), .data = {data, 0}};

    event.data.size = snprintf(data, sizeof data, "{\"n\":%d}", number);
    check_hr(journal_append(journal, &event), S_OK);
}

static struct reader *open_reader(uint64_t from)
{
    struct reader *reader = NULL;

    check_hr(reader_open(directory, from, &reader), S_OK);
    return reader;
}

/* Reads to the end; how many lines, and that they follow each other from `from` on. */
static int read_on(struct reader *reader, uint64_t *next, enum reader_result *result)
{
    struct reader_item item;
    int lines = 0;

    memset(&item, 0xab, sizeof item);
    while ((*result = reader_next(reader, &item)) == READER_LINE) {
        check_int(item.line.sequence, *next);
        check_int(item.place.sequence, *next);
        ++*next;
        lines++;
    }
    return lines;
}

TEST(a_journal_is_read_from_any_sequence)
{
    struct journal *journal;

    fresh_folder(directory, "reader");
    journal = open_journal(1500);
    for (int i = 0; i < 20; i++) append(journal, i);
    check_hr(journal_close(journal), S_OK);             /* lines 1 to 22 */
    for (uint64_t from = 0; from <= 25; from++) {
        struct reader *reader = open_reader(from);
        struct reader_totals totals;
        enum reader_result result;
        uint64_t next = from ? from : 1;

        check_int(read_on(reader, &next, &result), from > 22 ? 0 : from ? 23 - from : 22);
        check_int(result, READER_END);
        reader_totals(reader, &totals);
        check_int(totals.head.sequence, 22);
        check(totals.first >= 1 && (from > 22 || totals.first <= (from ? from : 1)));
        check_int(totals.lines, 23 - totals.first);
        reader_close(reader);
    }
}

TEST(totals_and_places_are_those_of_the_journal)
{
    struct reader_totals totals;
    struct reader_item item;
    struct reader *reader;
    uint64_t offset = 0, number = 0;
    char file[SEGMENT_NAME_SIZE + 1] = "";

    fresh_folder(directory, "reader");
    check_hr(journal_close(open_journal(1 << 20)), S_OK);
    check_hr(journal_close(open_journal(1)), S_OK);     /* each line in a segment of its own */
    reader = open_reader(0);
    while (reader_next(reader, &item) == READER_LINE) {
        if (strcmp(file, item.place.file)) offset = number = 0;
        strcpy(file, item.place.file);
        check_int(item.place.offset, offset);
        check_int(item.place.number, ++number);
        offset += item.line.hash.text + 67 - (item.line.run.text - 27);
    }
    reader_totals(reader, &totals);
    check_int(totals.first, 1);
    check_int(totals.lines, 4);
    check_int(totals.head.sequence, 4);
    check_int(totals.segments, 3);
    check_int(totals.recoveries + totals.gaps + totals.breaks + totals.left_lines + totals.left_bytes + totals.damaged_bytes, 0);
    reader_close(reader);
}

TEST(a_folder_that_is_not_there_is_told_and_none_is_made)
{
    struct reader *reader = (struct reader *)1;
    struct stat status;

    fresh_folder(directory, "reader");
    check_hr(reader_open(directory, 0, &reader), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    check(!reader);
    check(stat(directory, &status) != 0);
    reader_close(NULL);
}

TEST(a_reader_follows_a_writer_line_by_line)
{
    struct journal *journal;
    struct reader *reader;
    enum reader_result result;
    uint64_t next = 1;

    fresh_folder(directory, "reader");
    journal = open_journal(1000);
    reader = open_reader(0);
    check_int(read_on(reader, &next, &result), 1);
    for (int i = 0; i < 30; i++) {
        append(journal, i);
        check_int(read_on(reader, &next, &result), 1);
        check_int(result, READER_END);
    }
    check_hr(journal_close(journal), S_OK);
    check_int(read_on(reader, &next, &result), 1);
    journal = open_journal(1000);
    check_int(read_on(reader, &next, &result), 1);
    check_hr(journal_close(journal), S_OK);
    reader_close(reader);
}

#define THREADS 4
#define EACH    200

static void append_many(void *context)
{
    for (int i = 0; i < EACH; i++) append(context, i);
}

TEST(readers_that_read_all_the_time_see_one_chain_and_make_no_append_fail)
{
    struct os_thread *threads[THREADS] = {0};
    struct journal *journal;
    struct reader *reader;
    enum reader_result result = READER_END;
    uint64_t next = 1;

    fresh_folder(directory, "reader");
    journal = open_journal(20000);
    reader = open_reader(0);
    for (int i = 0; i < THREADS; i++) check_hr(os_thread_start(append_many, journal, &threads[i]), S_OK);
    while (next <= THREADS * EACH && (result == READER_END || result == READER_UNFINISHED)) {
        struct reader *other = open_reader(next > 50 ? next - 50 : 0);
        uint64_t from = next > 50 ? next - 50 : 1;

        read_on(reader, &next, &result);
        read_on(other, &from, &result);
        check(result == READER_END || result == READER_UNFINISHED);
        reader_close(other);
    }
    check(result == READER_END || result == READER_UNFINISHED);
    for (int i = 0; i < THREADS; i++) while (!os_thread_join(threads[i], 60000)) {}
    check_hr(journal_close(journal), S_OK);
    read_on(reader, &next, &result);
    check_int(result, READER_END);
    check_int(next, THREADS * EACH + 3);
    reader_close(reader);
}

static FILE *open_segment(uint64_t sequence, const char *mode)
{
    char path[700], name[SEGMENT_NAME_SIZE + 1];

    segment_name(sequence, name);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return fopen(path, mode);
}

static size_t make_line(uint64_t sequence, const char *previous, uint64_t flushed, const char *data, char out[1000], char hash[65])
{
    struct line_place place = {"01234567-89ab-4def-8123-456789abcdef", "/adcs/a/b", sequence, previous, flushed};
    struct bytes line = {0};
    size_t size;

    check_hr(line_make(&line, &place, "certwitness.certificate.issued", NULL, 0, (struct span){data, strlen(data)}, hash), S_OK);
    size = line.size;
    memcpy(out, line.data, size);
    bytes_free(&line);
    return size;
}

static void put(uint64_t segment, const char *mode, const char *text, size_t size)
{
    FILE *file = open_segment(segment, mode);

    if (!check(file != NULL)) return;
    check_int(fwrite(text, 1, size, file), size);
    fclose(file);
}

TEST(a_line_that_is_written_in_pieces_is_given_when_it_is_whole)
{
    struct reader_item item;
    struct reader *reader;
    char text[1000], hash[65];
    size_t size;

    fresh_folder(directory, "reader");
    check_hr(journal_close(open_journal(1 << 20)), S_OK);
    reader = open_reader(0);
    while (reader_next(reader, &item) == READER_LINE) memcpy(hash, item.line.hash.text, 64);
    hash[64] = 0;
    size = make_line(3, hash, 2, "{}", text, hash);
    for (size_t i = 0; i + 1 < size; i += 1 + i % 7) {
        FILE *file = open_segment(1, "r+b");
        long end;

        if (!check(file != NULL)) break;
        fseek(file, 0, SEEK_END);
        end = ftell(file);
        fwrite(text, 1, i + 1, file);
        fclose(file);
        check_int(reader_next(reader, &item), READER_UNFINISHED);
        check_int(item.kind, READER_TORN);
        check_int(item.place.sequence, 3);
        check_int(item.place.offset, end);
        file = open_segment(1, "r+b");
        check(!ftruncate(fileno(file), end));
        fclose(file);
    }
    check_int(reader_next(reader, &item), READER_END);
    put(1, "ab", text, size);
    check_int(reader_next(reader, &item), READER_LINE);
    check_int(item.line.sequence, 3);
    reader_close(reader);
}

/* Three lines: 1, then 2 and 3 that `flushed` does not cover. Returns a reader that has given them. */
static struct reader *read_unflushed(char hash1[65], size_t *size1)
{
    struct reader *reader;
    enum reader_result result;
    char text[1000], hash[65];
    uint64_t next = 1;

    fresh_folder(directory, "reader");
    check_hr(journal_close(open_journal(1 << 20)), S_OK);
    *size1 = make_line(1, line_no_hash, 0, "{\"one\":1}", text, hash1);
    put(1, "wb", text, *size1);
    put(1, "ab", text, make_line(2, hash1, 1, "{\"two\":1}", text, hash));
    put(1, "ab", text, make_line(3, hash, 1, "{\"three\":1}", text, hash));
    reader = open_reader(0);
    check_int(read_on(reader, &next, &result), 3);
    check_int(result, READER_END);
    return reader;
}

static void check_line(struct reader *reader, uint64_t sequence, const char *data)
{
    struct reader_item item;

    if (!check_int(reader_next(reader, &item), READER_LINE)) return;
    check_int(item.line.sequence, sequence);
    check(span_is(item.line.data, data));
}

TEST(lines_that_the_writer_takes_back_into_a_new_segment_are_given_anew)
{
    char text[1000], hash1[65], hash[65];
    struct reader_totals totals;
    struct reader_item item;
    size_t size;

    for (int cut = 0; cut < 2; cut++) {
        struct reader *reader = read_unflushed(hash1, &size);
        FILE *file = open_segment(1, "r+b");

        if (cut) check(!ftruncate(fileno(file), size));
        fclose(file);
        put(2, "wb", text, make_line(2, hash1, 1, "{\"other\":2}", text, hash));
        put(2, "ab", text, make_line(3, hash, 2, "{\"other\":3}", text, hash));
        check_line(reader, 2, "{\"other\":2}");
        check_line(reader, 3, "{\"other\":3}");
        check_int(reader_next(reader, &item), READER_END);
        reader_totals(reader, &totals);
        check_int(totals.lines, 3);
        check_int(totals.segments, 2);
        check_int(totals.left_lines, cut ? 0 : 2);
        reader_close(reader);
    }
}

TEST(lines_that_the_writer_takes_back_and_writes_over_are_given_anew)
{
    char text[1000], hash1[65], hash[65];
    struct reader_totals totals;
    struct reader_item item;
    size_t size;

    for (int more = 0; more < 3; more++) {
        struct reader *reader = read_unflushed(hash1, &size);
        FILE *file = open_segment(1, "r+b");

        check(!ftruncate(fileno(file), size));
        fclose(file);
        check_int(reader_next(reader, &item), READER_END);      /* shorter; what is gone may come back as it was */
        put(1, "ab", text, make_line(2, hash1, 1, "{\"another two\":22222222222222222222222222222222222222}", text, hash));
        put(1, "ab", text, make_line(3, hash, more ? 2 : 1, "{\"another\":3}", text, hash));
        for (uint64_t i = 4; i < 4u + more; i++) put(1, "ab", text, make_line(i, hash, i - 1, "{}", text, hash));
        check_line(reader, 2, "{\"another two\":22222222222222222222222222222222222222}");
        check_line(reader, 3, "{\"another\":3}");
        for (uint64_t i = 4; i < 4u + more; i++) check_line(reader, i, "{}");
        check_int(reader_next(reader, &item), READER_END);
        reader_totals(reader, &totals);
        check_int(totals.lines, 3 + more);
        reader_close(reader);
    }
}

TEST(a_fault_is_said_again_and_again)
{
    struct reader_item item;
    struct reader *reader;

    fresh_folder(directory, "reader");
    check_hr(journal_close(open_journal(1)), S_OK);
    put(1, "wb", "x\n", 2);
    reader = open_reader(0);
    for (int i = 0; i < 3; i++) {
        memset(&item, 0xab, sizeof item);
        check_int(reader_next(reader, &item), READER_FAULT);
        check_int(item.kind, READER_CHANGED);
        check_text(item.place.file, "00000000000000000001.jsonl");
        check_int(item.place.number, 1);
        check_int(item.place.offset, 0);
        check_int(item.place.sequence, 1);
    }
    reader_close(reader);
}

TEST(missing_lines_are_counted_up_to_the_next_that_is_there)
{
    struct journal *journal;
    struct reader_item item;
    struct reader *reader;
    uint64_t next = 1;
    enum reader_result result;
    char path[700];

    fresh_folder(directory, "reader");
    journal = open_journal(1);
    for (int i = 0; i < 5; i++) append(journal, i);
    check_hr(journal_close(journal), S_OK);
    for (int i = 3; i <= 4; i++) {
        snprintf(path, sizeof path, "%s/%020d.jsonl", directory, i);
        check(!remove(path));
    }
    reader = open_reader(0);
    check_int(read_on(reader, &next, &result), 2);
    check_int(result, READER_FAULT);
    check_int(reader_next(reader, &item), READER_FAULT);
    check_int(item.kind, READER_MISSING);
    check_int(item.place.sequence, 3);
    check_int(item.last, 4);
    check_text(item.place.file, "00000000000000000002.jsonl");
    reader_close(reader);
}

TEST(a_journal_opens_rotates_and_recovers_while_its_segments_are_being_read)
{
    struct reader *reader;
    struct reader_item item;
    enum reader_result result;
    uint64_t next = 1;

    fresh_folder(directory, "reader");
    check_hr(journal_close(open_journal(1 << 20)), S_OK);
    put(1, "ab", "torn", 4);
    reader = open_reader(0);
    check_int(read_on(reader, &next, &result), 2);
    check_int(result, READER_UNFINISHED);
    check_hr(journal_close(open_journal(1 << 20)), S_OK);       /* it cuts the tail off, with the reader's handle open */
    check_int(reader_next(reader, &item), READER_LINE);
    check(span_is(item.line.type, JOURNAL_RECOVERED));
    next = 4;
    check_int(read_on(reader, &next, &result), 2);
    check_int(result, READER_END);
    reader_close(reader);
}
