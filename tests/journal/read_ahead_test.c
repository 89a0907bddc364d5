/* A reader whose lines are judged ahead by several threads says of every journal what a reader of one thread says. */
#include "lib/test.h"
#include "lib/fresh_folder.h"
#include "lib/forge.h"

#include "journal/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES 3
#define LINES 150                       /* of a file */

static char directory[FRESH_FOLDER_SIZE];
static struct bytes files[FILES];       /* as they lie on disk; no data: the file is not there */
static uint64_t draw = 1;

static size_t below(size_t limit)
{
    draw = draw * 6364136223846793005u + 1442695040888963407u;
    return limit ? (size_t)((draw >> 33) % limit) : 0;
}

/* Lines of some hundred bytes to some KiB, and few that are longer than the window. False: one of them is no good JSON. */
static bool make_files(void)
{
    bool sound = true;
    char hash[LINE_HASH_SIZE + 1], previous[LINE_HASH_SIZE + 1];
    char *data = malloc(400000);
    uint64_t sequence = 0;

    strcpy(previous, line_no_hash);
    for (int file = 0; file < FILES; file++) {
        files[file].size = 0;
        for (int i = 0; i < LINES; i++) {
            struct line_place place = {"0f0ef3ce-0000-4000-8000-000000000000", "/adcs/ca/ca", sequence + 1, previous, sequence > 3 ? sequence - 3 : 0};
            int size = snprintf(data, 100, "{\"n\":[%d,{\"a\":true}],\"text\":\"", i), more = (int)below(i == 77 ? 390000 : 5000);

            memset(data + size, 'x', (size_t)more);
            strcpy(data + size + more, "\"}");
            if (!below(400)) {
                strcpy(data, "{\"a\":1,\"a\":2}");
                sound = false;
            }
            sequence++;
            check_hr(forge_line(&files[file], &place, "certwitness.certificate.issued", "request/1", 1763719200123456, data, hash), S_OK);
            strcpy(previous, hash);
        }
    }
    free(data);
    return sound;
}

static void put(struct bytes *file, size_t at, size_t gone, const char *text, size_t size)
{
    struct bytes made = {0};

    bytes_add(&made, file->data, at);
    bytes_add(&made, text, size);
    bytes_add(&made, file->data + at + gone, file->size - at - gone);
    bytes_free(file);
    *file = made;
}

static size_t line_end(const struct bytes *file, size_t at)
{
    const char *lf = memchr(file->data + at, '\n', file->size - at);

    return lf ? (size_t)(lf + 1 - file->data) : file->size;
}

/* Something is wrong somewhere. */
static void damage(void)
{
    struct bytes *file = &files[below(FILES)], copy = {0};
    size_t at, start, end;

    if (!file->size) return;
    at = below(file->size);
    start = line_end(file, at);
    end = start < file->size ? line_end(file, start) : start;
    switch (below(8)) {
    case 0: file->data[at] ^= (char)(1 << below(8)); break;
    case 1: put(file, start, end - start, "", 0); break;                        /* a line is missing */
    case 2: put(file, at, 0, "garbage\n\n", below(10)); break;
    case 3: file->size = at; break;
    case 4: file->size = below(2) ? 0 : file->size; break;
    case 5:                                                                     /* a line stands there twice, or somewhere else */
        bytes_add(&copy, file->data + start, end - start);
        if (below(2)) put(file, start, end - start, "", 0);
        put(file, line_end(file, below(file->size)), 0, copy.data ? copy.data : "", copy.size);
        break;
    case 6: memset(file->data + at, 0, below(file->size - at)); break;
    case 7: put(file, at, below(file->size - at), "", 0); break;
    }
    bytes_free(&copy);
}

static void write_files(void)
{
    struct disk_folder *folder;
    char name[SEGMENT_NAME_SIZE + 1];
    struct disk_file *file;

    check_hr(disk_open_folder(directory, &folder), S_OK);
    for (int i = 0; i < FILES; i++) {
        segment_name((uint64_t)i * LINES + 1, name);
        (void)!disk_remove(folder, name);
        check_hr(disk_create(folder, name, &file), S_OK);
        if (files[i].size) check_hr(disk_write(file, 0, files[i].data, files[i].size), S_OK);
        disk_close(file);
    }
    disk_close_folder(folder);
}

static bool same_data(const struct reader_item *one, const struct reader_item *other)
{
    const struct json_doc *a = &one->data, *b = &other->data;

    if (a->count != b->count || !a->count || a->text.text - one->line.text.text != b->text.text - other->line.text.text) return false;
    for (unsigned i = 0; i < a->count; i++) {
        const struct json_value *x = &a->values[i], *y = &b->values[i];

        if (x->start != y->start || x->size != y->size || x->values != y->values || x->kind != y->kind || x->is_name != y->is_name) return false;
    }
    return true;
}

static bool same_line(const struct line *one, const struct line *other)
{
    return one->text.size == other->text.size && !memcmp(one->text.text, other->text.text, one->text.size) && one->sequence == other->sequence &&
           one->flushed == other->flushed && one->hash.text - one->text.text == other->hash.text - other->text.text && one->is_plain == other->is_plain &&
           one->type.text - one->text.text == other->type.text - other->text.text && one->type.size == other->type.size;
}

static bool same_item(enum reader_result result, const struct reader_item *one, const struct reader_item *other)
{
    if (strcmp(one->place.file, other->place.file) || one->place.number != other->place.number || one->place.offset != other->place.offset ||
        one->place.sequence != other->place.sequence)
        return false;
    if (result == READER_LINE) return one->unverified == other->unverified && same_line(&one->line, &other->line) && same_data(one, other);
    return one->kind == other->kind && one->last == other->last && one->hr == other->hr;
}

static bool same_totals(const struct reader *one, const struct reader *other)
{
    struct reader_totals a, b;

    reader_totals(one, &a);
    reader_totals(other, &b);
    return a.first == b.first && a.lines == b.lines && a.segments == b.segments && a.left_lines == b.left_lines && a.left_bytes == b.left_bytes &&
           a.damaged_bytes == b.damaged_bytes && a.head.sequence == b.head.sequence && !memcmp(a.head.hash, b.head.hash, LINE_HASH_SIZE);
}

/* Both read to the end, and behind every fault. Returns the number of lines; `*faults` that of faults. */
static int compare(unsigned threads, uint64_t from, int *faults)
{
    struct reader *plain, *threaded;
    struct read_ahead *ahead = NULL;
    struct reader_item a, b;
    enum reader_result result;
    int lines = 0;

    check_hr(reader_open(directory, from, &plain), S_OK);
    check_hr(reader_open(directory, from, &threaded), S_OK);
    if (check_hr(read_ahead_open(threads, &ahead), S_OK)) reader_read_ahead(threaded, ahead);
    for (*faults = 0;; ) {
        result = reader_next_of_all(plain, &a);
        if (!check_int(reader_next_of_all(threaded, &b), result) || !check(same_item(result, &a, &b))) {
            test_note("%u threads, after %d lines and %d faults", threads, lines, *faults);
            break;
        }
        lines += result == READER_LINE;
        if (result == READER_LINE || result == READER_ON_RECORD) continue;
        if (result != READER_FAULT) break;
        ++*faults;
        result = (enum reader_result)reader_go_on(plain);
        if (!check_int(reader_go_on(threaded), result) || result) break;
    }
    check(same_totals(plain, threaded));
    reader_close(plain);
    reader_close(threaded);
    read_ahead_close(ahead);
    return lines;
}

TEST(a_sound_journal_is_read_the_same_by_any_number_of_threads)
{
    int faults;

    fresh_folder(directory, "ahead");
    while (!make_files()) continue;
    write_files();
    for (unsigned threads = 1; threads <= 6; threads++) {
        check_int(compare(threads, 0, &faults), FILES * LINES);
        check_int(faults, 0);
    }
    check_int(compare(READ_AHEAD_THREADS_MAX + 9, 200, &faults), FILES * LINES - 199);
}

TEST(so_is_one_in_which_anything_is_wrong)
{
    int faulty = 0, faults;

    fresh_folder(directory, "ahead");
    for (int round = 0; round < 60; round++) {
        draw = (uint64_t)round;
        make_files();
        for (size_t i = below(4); i < 4; i++) damage();
        write_files();
        compare(1 + (unsigned)round % 4, 0, &faults);
        faulty += faults > 0;
    }
    check(faulty > 20);
}

TEST(a_reader_that_is_closed_early_leaves_no_thread_at_work)
{
    struct read_ahead *ahead;
    struct reader_item item;
    struct reader *reader;

    fresh_folder(directory, "ahead");
    while (!make_files()) continue;
    write_files();
    check_hr(read_ahead_open(4, &ahead), S_OK);
    for (int lines = 0; lines < 120; lines += 7) {
        check_hr(reader_open(directory, 0, &reader), S_OK);
        reader_read_ahead(reader, ahead);
        for (int i = 0; i < lines; i++) check_int(reader_next(reader, &item), READER_LINE);
        reader_close(reader);
    }
    read_ahead_close(ahead);
    for (int i = 0; i < FILES; i++) bytes_free(&files[i]);
}
