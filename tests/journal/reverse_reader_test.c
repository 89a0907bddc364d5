/* A journal read from its end backwards, from the midst of a segment, and on behind what is wrong with it. */
#include "lib/test.h"
#include "lib/fresh_folder.h"

#include "journal/journal.h"
#include "journal/reverse_reader.h"
#include "lib/line_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char directory[FRESH_FOLDER_SIZE];             /* of the test that runs */

static void begin_folder(void)
{
    struct disk_folder *folder = NULL;

    check_hr(disk_open_folder(fresh_folder(directory, "reader-tail"), &folder), S_OK);
    disk_close_folder(folder);
}

static char hashes[64][LINE_HASH_SIZE + 1];     /* of the line with that sequence */

/* The line `sequence`, whose data is as long as wanted, at the end of a segment. */
static void put_line(uint64_t segment, uint64_t sequence, uint64_t flushed, size_t size)
{
    struct line_place place = {"0f0ef3ce-0000-4000-8000-000000000000", "/adcs/ca/ca", sequence, sequence > 1 ? hashes[sequence - 1] : line_no_hash, flushed};
    char *data = malloc(size + 16), path[700], name[SEGMENT_NAME_SIZE + 1];
    struct bytes text = {0};
    FILE *file;

    size = (size_t)sprintf(data, "{\"a\":\"%0*d\"}", (int)size, 0);
    check_hr(line_make(&text, &place, "certwitness.certificate.issued", NULL, os_now(), (struct span){data, size}, hashes[sequence]), S_OK);
    segment_name(segment, name);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (check((file = fopen(path, "ab")) != NULL)) {
        check(fwrite(text.data, 1, text.size, file) == text.size);
        fclose(file);
    }
    bytes_free(&text);
    free(data);
}

static void put_bytes(uint64_t segment, const char *text, size_t size)
{
    char path[700], name[SEGMENT_NAME_SIZE + 1];
    FILE *file;

    segment_name(segment, name);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (check((file = fopen(path, "ab")) != NULL)) {
        check(fwrite(text, 1, size, file) == size);
        fclose(file);
    }
}

/* Lines from the end on have to be these; and a reader that begins at any of them gives it and all that follow. */
static void check_backwards(uint64_t last, uint64_t first)
{
    struct reader_start place;
    struct reader_item item;
    struct reverse_reader *tail = NULL;
    struct reader *reader;
    struct line line;

    check_hr(reverse_reader_open(directory, &tail), S_OK);
    for (uint64_t sequence = last; tail && sequence >= first; sequence--) {
        memset(&line, 0x5a, sizeof line);
        memset(&place, 0x5a, sizeof place);
        if (!check_hr(reverse_reader_previous(tail, &line, &place), S_OK)) break;
        check_int(line.sequence, sequence);
        check_int(place.sequence, sequence);
        check_hr(reader_open_at(directory, &place, &reader), S_OK);
        for (uint64_t next = sequence; next <= last && check_int(reader_next(reader, &item), READER_LINE); next++) check_int(item.line.sequence, next);
        check(reader_next(reader, &item) != READER_LINE);
        reader_close(reader);
    }
    check_hr(reverse_reader_previous(tail, &line, &place), S_FALSE);
    check_hr(reverse_reader_previous(tail, &line, &place), S_FALSE);
    reverse_reader_close(tail);
}

TEST(lines_of_any_length_are_found_across_segments)
{
    static const size_t sizes[] = {1, 100, 130000, 131072, 10, 262144, 1000000, 1040000, 7, 600000};

    begin_folder();
    for (uint64_t i = 0; i < 10; i++) put_line(i < 4 ? 1 : i < 8 ? 5 : 9, i + 1, i, sizes[i]);
    check_backwards(10, 1);
}

TEST(an_empty_folder_and_an_empty_segment_have_no_lines)
{
    begin_folder();
    check_backwards(0, 1);
    put_bytes(1, "", 0);
    check_backwards(0, 1);
}

TEST(what_is_no_line_is_passed_over)
{
    char *zeros = calloc(1, 3 << 20);

    begin_folder();
    put_line(1, 1, 0, 10);
    put_line(1, 2, 1, 10);
    put_bytes(1, "{\"specversion\":\"1.0\",\"id\":\"", 26);
    check_backwards(2, 1);
    put_bytes(1, zeros, 3 << 20);
    check_backwards(2, 1);
    free(zeros);
}

TEST(a_tail_that_was_left_behind_is_passed_over)
{
    begin_folder();
    put_line(1, 1, 0, 10);
    put_line(1, 2, 1, 10);
    put_line(1, 3, 1, 10);
    put_line(1, 4, 1, 10);
    put_line(3, 3, 2, 20);
    put_line(3, 4, 3, 20);
    check_backwards(4, 1);
}

TEST(a_folder_that_is_not_there_is_told)
{
    struct reverse_reader *tail = (struct reverse_reader *)1;

    begin_folder();
    strcat(directory, "x");
    check(FAILED(reverse_reader_open(directory, &tail)));
    check(!tail);
    reverse_reader_close(NULL);
}

/* Lines that a reader gives which goes on behind every fault; F for each of those. */
static void read_all(char *out)
{
    struct reader *reader = NULL;
    struct reader_item item;
    enum reader_result result;

    check_hr(reader_open(directory, 0, &reader), S_OK);
    do {
        result = reader_next(reader, &item);
        if (result == READER_LINE) out += sprintf(out, "%d ", (int)item.line.sequence);
        if (result == READER_FAULT) out += sprintf(out, "F ");
    } while (result == READER_LINE || (result == READER_FAULT && reader_go_on(reader) == S_OK));
    *out = 0;
    reader_close(reader);
}

TEST(a_reader_goes_on_behind_what_is_wrong)
{
    char said[200];

    begin_folder();
    put_line(1, 1, 0, 10);
    put_line(1, 2, 1, 10);
    put_bytes(1, "damage\n", 7);
    put_line(1, 3, 2, 10);
    put_line(1, 5, 4, 10);              /* linked to nothing: 4 was never written */
    put_line(1, 6, 5, 10);
    put_line(8, 8, 7, 10);
    read_all(said);
    check_text(said, "1 2 F 3 F 5 6 F 8 ");
}

TEST(there_is_nothing_to_go_on_with_until_something_was_written)
{
    struct reader *reader = NULL;
    struct reader_item item;

    begin_folder();
    put_line(1, 1, 0, 10);
    put_bytes(1, "damage\n", 7);
    put_line(2, 2, 1, 10);              /* so that nobody waits for the damage to become a line */
    check_hr(reader_open(directory, 2, &reader), S_OK);
    check_hr(reader_go_on(reader), S_OK);       /* from the first segment on */
    check_int(reader_next(reader, &item), READER_LINE);
    check_int(item.line.sequence, 2);
    check_int(reader_next(reader, &item), READER_END);
    check_hr(reader_go_on(reader), S_FALSE);
    put_line(2, 3, 2, 10);
    check_int(reader_next(reader, &item), READER_LINE);
    check_int(item.line.sequence, 3);
    reader_close(reader);
}
