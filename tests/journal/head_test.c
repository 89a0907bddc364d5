/* The record in the file `head`: spelled, read back, and none when anything about it is not as the format says. */
#include "lib/test.h"
#include "lib/fresh_folder.h"

#include "journal/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN    "01234567-89ab-4def-8123-456789abcdef"
#define HASH   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SOURCE "/adcs/ca01.example/Issuing%20CA"

static struct span text(const char *string)
{
    return (struct span){string, strlen(string)};
}

static struct head some_head(uint64_t sequence)
{
    return (struct head){RUN, {sequence, HASH}};
}

static void spell(uint64_t sequence, char out[HEAD_SIZE + 1])
{
    struct head head = some_head(sequence);

    memset(out, 0xab, HEAD_SIZE + 1);
    check_hr(head_spell(&head, text(SOURCE), out), S_OK);
    check_int(strlen(out), HEAD_SIZE);
}

/* A record whose checksum is right, whatever else is not. */
static bool taken(const char *fields, const char *source)
{
    char sum[LINE_HASH_SIZE + 1], whole[400], summed[400];
    struct head head;

    snprintf(summed, sizeof summed, "%s%s", fields, source);
    check_hr(hash_hex(summed, strlen(summed), sum), S_OK);
    snprintf(whole, sizeof whole, "%s%s\n", fields, sum);
    return head_parse(whole, strlen(whole), text(SOURCE), &head);
}

TEST(a_head_is_read_back_as_it_was_spelled)
{
    static const uint64_t sequences[] = {1, 42, INT64_MAX};

    for (int i = 0; i < 3; i++) {
        char record[HEAD_SIZE + 1];
        struct head head;

        memset(&head, 0xab, sizeof head);
        spell(sequences[i], record);
        check(head_parse(record, HEAD_SIZE, text(SOURCE), &head));
        check_text(head.run, RUN);
        check(head.line.sequence == sequences[i]);
        check_text(head.line.hash, HASH);
    }
}

TEST(the_record_is_the_one_that_the_format_tells)
{
    char record[HEAD_SIZE + 1];

    spell(42, record);
    check_text(record, "certwitness-head 1 " RUN " 00000000000000000042 " HASH " 1718b6e0c7598afb96cf074d63a1b48c84fd5955f85921a80830efce404e46e1\n");
    check(taken("certwitness-head 1 " RUN " 00000000000000000042 " HASH " ", "Issuing%20CA"));
}

TEST(a_record_of_which_any_bit_is_other_is_no_head)
{
    char record[HEAD_SIZE + 1];
    struct head head;

    spell(7, record);
    for (int i = 0; i < HEAD_SIZE * 8; i++) {
        record[i / 8] ^= 1 << i % 8;
        if (!check(!head_parse(record, HEAD_SIZE, text(SOURCE), &head))) test_note("    bit %d", i);
        record[i / 8] ^= 1 << i % 8;
    }
    check(head_parse(record, HEAD_SIZE, text(SOURCE), &head));
}

TEST(a_record_that_is_cut_or_longer_is_no_head)
{
    char record[2 * HEAD_SIZE + 1];
    struct head head;

    spell(7, record);
    spell(7, record + HEAD_SIZE);
    for (size_t size = 0; size <= 2 * HEAD_SIZE; size++) check(head_parse(record, size, text(SOURCE), &head) == (size == HEAD_SIZE));
    memset(record + 100, 0, HEAD_SIZE - 100);           /* half of it never came to the disk */
    check(!head_parse(record, HEAD_SIZE, text(SOURCE), &head));
}

TEST(fields_that_cannot_be_are_refused_though_their_checksum_is_right)
{
    static const char *const wrong[] = {
        "certwitness-head 2 " RUN " 00000000000000000042 " HASH " ",
        "certwitness head 1 " RUN " 00000000000000000042 " HASH " ",
        "certwitness-head 1 " RUN " 00000000000000000000 " HASH " ",
        "certwitness-head 1 " RUN " 09223372036854775808 " HASH " ",
        "certwitness-head 1 " RUN " 18446744073709551658 " HASH " ",       /* 42, were it to run over */
        "certwitness-head 1 " RUN " 0000000000000000004x " HASH " ",
        "certwitness-head 1 " RUN "-00000000000000000042 " HASH " ",
        "certwitness-head 1 01234567-89AB-4def-8123-456789abcdef 00000000000000000042 " HASH " ",
        "certwitness-head 1 " RUN " 00000000000000000042 00112233445566778899AABBccddeeff00112233445566778899aabbccddeeff ",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!check(!taken(wrong[i], "Issuing%20CA"))) test_note("    %s", wrong[i]);
}

TEST(the_head_of_another_ca_is_none_and_that_of_the_same_on_another_machine_is_one)
{
    char record[HEAD_SIZE + 1];
    struct head head;

    spell(7, record);
    check(head_parse(record, HEAD_SIZE, text("/adcs/node2.example/Issuing%20CA"), &head));
    check(!head_parse(record, HEAD_SIZE, text("/adcs/ca01.example/Issuing%20CA2"), &head));
    check(!head_parse(record, HEAD_SIZE, text("/adcs/ca01.example/"), &head));
    check(!head_parse(record, HEAD_SIZE, text(""), &head));
}

TEST(a_source_that_is_too_long_is_refused)
{
    char source[LINE_SOURCE_MAX + 2], record[HEAD_SIZE + 1];
    struct head head = some_head(7);

    memset(source, 'x', sizeof source);
    check_hr(head_spell(&head, (struct span){source, LINE_SOURCE_MAX}, record), S_OK);
    check(head_parse(record, HEAD_SIZE, (struct span){source, LINE_SOURCE_MAX}, &head));
    check_hr(head_spell(&head, (struct span){source, LINE_SOURCE_MAX + 1}, record), E_INVALIDARG);
    check(!head_parse(record, HEAD_SIZE, (struct span){source, LINE_SOURCE_MAX + 1}, &head));
}

/* A folder of its own, open for writing. */
static struct disk_folder *open_folder(char path[FRESH_FOLDER_SIZE])
{
    struct disk_folder *folder = NULL;

    check_hr(disk_open_folder(fresh_folder(path, "head"), &folder), S_OK);
    return folder;
}

static void write_head(struct disk_file *file, uint64_t sequence)
{
    struct head head = some_head(sequence);

    check_hr(head_write(file, &head, text(SOURCE)), S_OK);
}

static void check_head(struct disk_folder *folder, uint64_t sequence)
{
    struct head head;

    memset(&head, 0xab, sizeof head);
    if (!check_hr(head_read(folder, text(SOURCE), &head), sequence ? S_OK : S_FALSE) || !sequence) return;
    check_int(head.line.sequence, sequence);
    check_text(head.line.hash, HASH);
}

TEST(a_folder_has_the_head_that_was_written_last)
{
    char path[600];
    struct disk_folder *folder = open_folder(path), *view = NULL;
    struct disk_file *file = NULL;

    check_hr(disk_view_folder(path, &view), S_OK);
    check_head(view, 0);
    check_hr(head_open(folder, &file), S_OK);
    check_head(view, 0);
    for (int i = 1; i <= 3; i++) {
        write_head(file, i);
        check_head(view, i);            /* while the writer has it open */
    }
    disk_close(file);
    check_hr(head_open(folder, &file), S_OK);
    check_head(view, 3);
    write_head(file, 4);
    disk_close(file);
    check_head(view, 4);
    disk_close_folder(view);
    disk_close_folder(folder);
}

TEST(whatever_a_file_named_head_holds_the_next_record_is_a_head)
{
    static const char *const contents[] = {"", "x", "certwitness-head 1 "};
    char path[600], longer[1000];
    struct disk_folder *folder = open_folder(path);

    memset(longer, '\n', sizeof longer);
    for (int i = 0; i < 4; i++) {
        struct disk_file *file = NULL;

        check_hr(head_open(folder, &file), S_OK);
        check_hr(disk_cut(file, 0), S_OK);
        check_hr(i < 3 ? disk_write(file, 0, contents[i], strlen(contents[i])) : disk_write(file, 0, longer, sizeof longer), S_OK);
        disk_close(file);
        check_head(folder, 0);
        check_hr(head_open(folder, &file), S_OK);
        check_head(folder, 0);
        write_head(file, 5 + i);
        check_head(folder, 5 + i);
        disk_close(file);
    }
    disk_close_folder(folder);
}
