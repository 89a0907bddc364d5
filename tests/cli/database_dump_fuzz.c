/*
 * Any bytes as a dump of the CA's database. A row is numbers and text within bounds. The same text in UTF-16, little and big endian, and behind the mark of UTF-8
 * has the same rows. What compare makes of the rows is plain text, and each row is counted.
 */
#define _GNU_SOURCE
#include "base/utf8.h"
#include "cli/compare/comparison_show.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void must(bool true_) { if (!true_) abort(); }

static void open_bytes(struct database_dump *dump, const struct bytes *bytes)
{
    int file = memfd_create("dump", 0);
    char path[64];

    must(file >= 0 && write(file, bytes->size ? bytes->data : "", bytes->size) == (ssize_t)bytes->size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    must(database_dump_open(dump, path));
    dump->path = "dump";
    close(file);
}

static bool is_well_formed(const char *text, size_t size)
{
    uint32_t point;

    for (size_t at = 0, length; at < size; at += length) {
        length = utf8_next(text + at, size - at, &point);
        if (point == 0xfffd && length == 1) return false;
    }
    return true;
}

static void check_row(const struct database_row *row, bool is_wide)
{
    must(row->id >= 0 && row->id < 1ll << 48 && row->disposition >= 0 && row->disposition < 1ll << 48);
    must(row->reason >= -1 && row->reason < 1ll << 48 && (row->reason == -1) == !row->cells[DUMP_REASON].size);
    must(!row->is_unread || (!row->disposition && !row->cells[DUMP_SERIAL].size));
    must(!is_wide || !row->is_oem);
    for (int i = 0; i < DUMP_CELLS; i++) {
        struct span cell = row->cells[i];

        must(row->is_oem || is_well_formed(cell.text, cell.size));
        must(!memchr(cell.text, '\n', cell.size) && !memchr(cell.text, '\r', cell.size));
        must(!cell.size || (cell.text[0] != ' ' && cell.text[cell.size - 1] != ' '));
    }
}

static void add_row(struct bytes *out, const struct database_row *row)
{
    bytes_printf(out, "%lld %lld %lld", (long long)row->id, (long long)row->disposition, (long long)row->reason);
    for (int i = 0; i < DUMP_CELLS; i++) {
        bytes_printf(out, " %zu:", row->cells[i].size);
        bytes_add(out, row->cells[i].text, row->cells[i].size);
    }
    bytes_add_text(out, "\n");
}

/* All rows as text; `is_text`: each is UTF-8. */
static void read_rows(const struct bytes *bytes, struct bytes *out, bool *is_text)
{
    struct database_dump dump;
    struct database_row row;

    *is_text = true;
    open_bytes(&dump, bytes);
    while (database_dump_next(&dump, &row)) {
        check_row(&row, dump.width == 2);
        *is_text &= !row.is_oem;
        add_row(out, &row);
    }
    must(!ferror(dump.file) && dump.rows + dump.odd <= dump.lines && dump.lines <= bytes->size);
    database_dump_close(&dump);
}

static void add_unit(struct bytes *out, uint32_t unit, bool big)
{
    char both[2] = {(char)(big ? unit >> 8 : unit), (char)(big ? unit : unit >> 8)};

    bytes_add(out, both, 2);
}

static void to_utf16(const struct bytes *text, bool big, struct bytes *out)
{
    uint32_t point;

    add_unit(out, 0xfeff, big);
    for (size_t at = 0; at < text->size;) {
        at += utf8_next(text->data + at, text->size - at, &point);
        if (point < 0x10000) add_unit(out, point, big);
        else {
            add_unit(out, 0xd800 + ((point - 0x10000) >> 10), big);
            add_unit(out, 0xdc00 + (point & 0x3ff), big);
        }
    }
}

static void must_be_the_same(const struct bytes *coded, const struct bytes *rows)
{
    struct bytes found = {0};
    bool is_text;

    read_rows(coded, &found, &is_text);
    must(is_text && found.size == rows->size && (!rows->size || !memcmp(found.data, rows->data, rows->size)));
    bytes_free(&found);
}

/* The text once more, in the other forms that Windows redirects to. */
static void check_forms(const struct bytes *text, const struct bytes *rows)
{
    for (int form = 0; form < 3; form++) {
        struct bytes coded = {0};

        if (form < 2) to_utf16(text, form, &coded);
        else {
            bytes_add_text(&coded, "\xef\xbb\xbf");
            bytes_add(&coded, text->data, text->size);
        }
        must_be_the_same(&coded, rows);
        bytes_free(&coded);
    }
}

/* In one byte a character, and without a mark of its own. */
static bool is_utf8_file(const struct bytes *text)
{
    const unsigned char *first = (const unsigned char *)text->data;

    return text->size > 3 && first[0] && first[1] && first[0] < 0x80 && is_well_formed(text->data, text->size);
}

static void must_be_plain(const struct bytes *out)
{
    uint32_t point;

    must(!out->failed);
    for (size_t at = 0, length; at < out->size; at += length) {
        length = utf8_next(out->data + at, out->size - at, &point);
        must(point == '\n' || utf8_is_plain(point));
    }
}

/* Beside a journal that has no event. */
static void compare(const struct bytes *bytes)
{
    static struct comparison comparison;
    struct database_dump dump;
    struct database_row row;
    struct deviation deviation;
    struct bytes out = {0};

    open_bytes(&dump, bytes);
    comparison_begin(&comparison, 1764288000, false);
    while (database_dump_next(&dump, &row)) comparison_row(&comparison, &row);
    must(!FAILED(comparison_end(&comparison)));
    while (comparison_next(&comparison, &deviation)) {
        must(deviation.kind < DEVIATION_KINDS && deviation.last >= deviation_id(&deviation));
        comparison_heading((enum deviation_kind)deviation.kind, &out);
        comparison_show(&deviation, &out);
        comparison_json(&deviation, &out);
    }
    must(!FAILED(comparison.hr) && !comparison.matched);
    comparison_sum(&comparison, &dump, &out);
    must_be_plain(&out);
    comparison_free(&comparison);
    database_dump_close(&dump);
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {0}, rows = {0};
    bool is_text;

    bytes_add(&bytes, data, size);
    read_rows(&bytes, &rows, &is_text);
    if (is_utf8_file(&bytes)) check_forms(&bytes, &rows);
    compare(&bytes);
    bytes_free(&bytes);
    bytes_free(&rows);
    return 0;
}
