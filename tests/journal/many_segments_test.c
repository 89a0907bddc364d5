/* Reading folders of very many segments takes as many steps as there are segments: counted on a disk that has nothing else to do. */
#include "lib/test.h"

#include "journal/reader.h"
#include "journal/segment_list.h"
#include "journal/reverse_reader.h"
#include "lib/line_make.h"

#include <stdlib.h>
#include <string.h>

#define COUNT 5000u

/* The folder: segment i has one line, with the sequence i + 1, or nothing. */
static struct bytes lines[COUNT];
static bool there[COUNT], empty[COUNT];
static unsigned listings, opened;
static uint64_t odd[COUNT];             /* where odd[0] is set: the names of the folder, and nothing else is there */

struct disk_file { unsigned at; };

HRESULT disk_view_folder(const char *path, struct disk_folder **out)
{
    (void)path;
    *out = (struct disk_folder *)lines;
    return S_OK;
}

void disk_close_folder(struct disk_folder *folder) { (void)folder; }

HRESULT disk_list(struct disk_folder *folder, void (*each)(void *, const char *), void *context)
{
    char name[SEGMENT_NAME_SIZE + 1];

    (void)folder;
    listings++;
    for (unsigned i = 0; i < COUNT && odd[0]; i++) {
        segment_name(odd[i], name);
        each(context, name);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned at = i * 7919u % COUNT;        /* in no order */

        segment_name(at + 1, name);
        if (there[at] && !odd[0]) each(context, name);
    }
    return S_OK;
}

HRESULT disk_view(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    uint64_t sequence = segment_sequence(name);

    (void)folder;
    opened++;
    *out = NULL;
    if (!sequence || sequence > COUNT || !there[sequence - 1]) return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (!(*out = malloc(sizeof **out))) return E_OUTOFMEMORY;
    (*out)->at = (unsigned)sequence - 1;
    return S_OK;
}

void disk_close(struct disk_file *file) { free(file); }

HRESULT disk_end(struct disk_file *file, uint64_t *offset)
{
    *offset = empty[file->at] ? 0 : lines[file->at].size;
    return S_OK;
}

HRESULT disk_read(struct disk_file *file, uint64_t offset, void *data, size_t size, size_t *got)
{
    size_t left = empty[file->at] || offset > lines[file->at].size ? 0 : lines[file->at].size - offset;

    *got = left < size ? left : size;
    if (*got) memcpy(data, lines[file->at].data + offset, *got);
    return S_OK;
}

/* What a writer would ask the disk for; reading never does. */
HRESULT disk_open(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    (void)folder, (void)name;
    *out = NULL;
    check(!"reading opens a file for writing");
    return E_UNEXPECTED;
}

HRESULT disk_create(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open(folder, name, out);
}

HRESULT disk_cut(struct disk_file *file, uint64_t size)
{
    (void)file, (void)size;
    check(!"reading cuts a file");
    return E_UNEXPECTED;
}

HRESULT disk_write(struct disk_file *file, uint64_t offset, const void *data, size_t size)
{
    (void)file, (void)offset, (void)data, (void)size;
    check(!"reading writes");
    return E_UNEXPECTED;
}

static void make_folder(void)
{
    char hash[LINE_HASH_SIZE + 1];

    memcpy(hash, line_no_hash, sizeof hash);
    for (unsigned i = 0; i < COUNT; i++) {
        struct line_place place = {"01234567-89ab-4def-8123-456789abcdef", "/adcs/a/b", i + 1, hash, i};

        if (!lines[i].size) check_hr(line_make(&lines[i], &place, "certwitness.certificate.issued", NULL, 1790000000000000, (struct span){"{}", 2}, hash), S_OK);
        there[i] = true;
        empty[i] = false;
    }
    listings = opened = 0;
}

TEST(a_journal_of_very_many_segments_is_read_by_few_listings)
{
    struct reader *reader = NULL;
    struct reader_item item;
    unsigned count = 0;

    make_folder();
    check_hr(reader_open("/j", 0, &reader), S_OK);
    while (reader_next(reader, &item) == READER_LINE) check_int(item.line.sequence, ++count);
    check_int(count, COUNT);
    check(listings <= 4);
    check(opened <= 2 * COUNT);
    reader_close(reader);
}

TEST(from_its_end_backwards_it_is_listed_once)
{
    struct reader_start place;
    struct reverse_reader *tail = NULL;
    struct line line;
    unsigned count = COUNT;

    make_folder();
    check_hr(reverse_reader_open("/j", &tail), S_OK);
    while (reverse_reader_previous(tail, &line, &place) == S_OK) check_int(line.sequence, count--);
    check_int(count, 0);
    check_int(listings, 1);
    check_int(opened, COUNT);
    reverse_reader_close(tail);
}

/* Reads all that can be read, and returns how many faults there were. */
static unsigned read_on(unsigned *count)
{
    enum reader_result result;
    struct reader *reader = NULL;
    struct reader_item item;
    unsigned faults = 0;

    *count = 0;
    check_hr(reader_open("/j", 0, &reader), S_OK);
    do {
        result = reader_next(reader, &item);
        *count += result == READER_LINE;
        faults += result == READER_FAULT;
    } while (result == READER_LINE || (result == READER_FAULT && reader_go_on(reader) == S_OK));
    reader_close(reader);
    return faults;
}

TEST(a_folder_of_nothing_but_holes_is_read_in_as_many_steps_as_it_has_files)
{
    unsigned count;

    make_folder();
    for (unsigned i = 1; i < COUNT; i += 3) there[i] = false;
    check_int(read_on(&count), COUNT / 3);
    check_int(count, COUNT - (COUNT + 1) / 3);
    check(listings <= 8);
    check(opened <= (READER_LOOKS_MAX + 8) * COUNT);
}

TEST(a_folder_of_empty_files_is_read_in_as_many_steps_as_it_has_files)
{
    unsigned count;

    make_folder();
    for (unsigned i = 1; i < COUNT; i++) empty[i] = true;
    check(read_on(&count) > 0);
    check(count >= 1);
    check(listings <= 8);
    check(opened <= (READER_LOOKS_MAX + 8) * COUNT);
}

TEST(a_listing_is_in_order_whatever_the_names_are)
{
    struct segment_list list = {0};
    uint64_t number = 88172645463325252u;
    unsigned wrong = 0;

    for (unsigned i = 0; i < COUNT; i++) {              /* of every length, all bytes of them */
        number ^= number << 13, number ^= number >> 7, number ^= number << 17;
        odd[i] = number >> number % 64 ? number >> number % 64 : 1;
    }
    odd[COUNT / 2] = UINT64_MAX - 1;
    odd[COUNT / 3] = UINT64_MAX;        /* no segment's name */
    check_hr(segment_list_read(&list, (struct disk_folder *)lines), S_OK);
    check_int(list.count, COUNT - 1);
    for (size_t i = 1; i < list.count; i++) wrong += list.starts[i - 1] > list.starts[i];
    check_int(wrong, 0);
    check(list.starts[list.count - 1] == UINT64_MAX - 1 && !segment_list_above(&list, UINT64_MAX - 1));
    for (unsigned i = 0; i < COUNT; i++) wrong += odd[i] < UINT64_MAX && segment_list_above(&list, odd[i] - 1) != odd[i];
    check_int(wrong, 0);
    segment_list_free(&list);
    odd[0] = 0;
}
