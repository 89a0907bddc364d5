#include "database_dump.h"

#include "base/digits.h"
#include "base/error_text.h"
#include "base/file_system.h"
#include "base/utf8.h"
#include "cli/terminal/console.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define LINE_MOST (1u << 20)            /* bytes of a line; a longer one is odd */

/* The first bytes say the form; they are read again where they are none of its marks. */
static void find_form(struct database_dump *dump)
{
    unsigned char first[3] = {0};
    size_t count = fread(first, 1, 3, dump->file), skip = 0;

    dump->width = 1;
    if (count >= 2 && ((first[0] == 0xff && first[1] == 0xfe) || (first[0] && !first[1])))
        dump->width = 2;
    if (count >= 2 && ((first[0] == 0xfe && first[1] == 0xff) || (!first[0] && first[1])))
        dump->width = 2, dump->is_big_endian = true;
    if (dump->width == 2 && first[0] >= 0xfe && first[1] >= 0xfe) skip = 2;
    if (count == 3 && first[0] == 0xef && first[1] == 0xbb && first[2] == 0xbf) skip = 3;
    clearerr(dump->file);
    if (fseek(dump->file, (long)skip, SEEK_SET)) dump->width = 0;
}

bool database_dump_open(struct database_dump *dump, const char *path)
{
    char reason[ERROR_TEXT_MAX];

    *dump = (struct database_dump){.path = path, .line.limit = LINE_MOST};
    if (!(dump->file = file_open(path, "rb"))) {
        console_note("%s: it cannot be read: %s", path, error_text(file_error(), reason));
        return false;
    }
    find_form(dump);
    if (!dump->width) console_note("%s: it is no file that can be read twice", path);
    return dump->width;
}

void database_dump_close(struct database_dump *dump)
{
    if (dump->file) fclose(dump->file);
    bytes_free(&dump->line);
    bytes_free(&dump->unquoted);
    dump->file = NULL;
}

/* One unit: a byte, or 16 bits. EOF behind the last. */
static int next_unit(struct database_dump *dump)
{
    int one = fgetc(dump->file), other;

    if (dump->width == 1 || one == EOF) return one;
    if ((other = fgetc(dump->file)) == EOF) return EOF;
    return dump->is_big_endian ? one << 8 | other : other << 8 | one;
}

static void add_point(struct bytes *out, uint32_t point)
{
    char utf8[4];
    unsigned size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (unsigned i = size; i-- > 1; point >>= 6) utf8[i] = (char)(0x80 | (point & 0x3f));
    utf8[0] = (char)(size == 1 ? point : (0xf00u >> size & 0xff) | point);
    bytes_add(out, utf8, size);
}

/* `*high`: the half of a pair that was read last; 0: none. A half alone becomes U+FFFD. */
static void add_unit(struct database_dump *dump, int unit, int *high)
{
    uint32_t point = (uint32_t)unit;

    if (dump->width == 1) {
        bytes_add(&dump->line, &(char){(char)unit}, 1);
        return;
    }
    if (*high && (unit < 0xdc00 || unit >= 0xe000)) add_point(&dump->line, 0xfffd);
    if (unit >= 0xd800 && unit < 0xdc00) {
        *high = unit;
        return;
    }
    if (unit >= 0xdc00 && unit < 0xe000)
        point = *high ? 0x10000u + ((uint32_t)(*high - 0xd800) << 10) + (uint32_t)(unit - 0xdc00)
                      : 0xfffd;
    *high = 0;
    add_point(&dump->line, point);
}

/* False: the file ends. A line that is too long is cut, which `failed` says. */
static bool next_line(struct database_dump *dump)
{
    int unit, high = 0;
    bool any = false;

    bytes_take_back(&dump->line, 0);
    dump->line.failed = false;
    while ((unit = next_unit(dump)) != EOF) {
        any = true;
        if (unit == '\n') break;
        if (unit != '\r') add_unit(dump, unit, &high);
    }
    if (high) add_point(&dump->line, 0xfffd);
    dump->lines += any;
    return any;
}

/* The cells of the line, quotation marks taken away. Returns how many there are. */
static unsigned split(struct database_dump *dump, struct span cells[DUMP_CELLS])
{
    const char *at = dump->line.data, *end = at + dump->line.size;
    struct bytes *out = &dump->unquoted;
    size_t starts[DUMP_CELLS + 1] = {0};
    bool quoted = false;
    unsigned count = 1;

    bytes_reset(out, 64 << 10);
    for (; at < end; at++) {
        if (*at == '"' && quoted && at + 1 < end && at[1] == '"') bytes_add(out, at++, 1);
        else if (*at == '"') quoted = !quoted;
        else if (*at == ',' && !quoted) {
            if (count <= DUMP_CELLS) starts[count] = out->size;
            count++;
        } else bytes_add(out, at, 1);
    }
    if (count <= DUMP_CELLS) starts[count] = out->size;
    for (unsigned i = 0; i < count && i < DUMP_CELLS && !out->failed; i++)
        cells[i] = (struct span){out->size ? out->data + starts[i] : "", starts[i + 1] - starts[i]};
    return out->failed || quoted ? 0 : count;
}

static struct span dump_trim(struct span text)
{
    while (text.size && *text.text == ' ') text.text++, text.size--;
    while (text.size && text.text[text.size - 1] == ' ') text.size--;
    return text.size == 5 && !strncasecmp(text.text, "EMPTY", 5) ? (struct span){"", 0} : text;
}

static int digit_of(char c, bool hex)
{
    int value = digits_hex_value(c);

    return hex || value < 10 ? value : -1;
}

/* "20", "20 -- Issued", "0x14 (20)"; with `alone` no words may follow. */
static bool dump_number(struct span text, bool alone, int64_t *out)
{
    bool hex = text.size > 2 && text.text[0] == '0' && (text.text[1] | 32) == 'x';
    size_t start = hex ? 2 : 0, at = start;
    int64_t number = 0;

    for (; at < text.size && digit_of(text.text[at], hex) >= 0; at++) {
        if (at - start == 12) return false;
        number = number * (hex ? 16 : 10) + digit_of(text.text[at], hex);
    }
    if (at == start) return false;
    *out = number;
    if (at == text.size) return true;
    if (text.text[at] != ' ') return false;
    return !alone || (at + 1 < text.size && text.text[at + 1] == '(');
}

static bool is_utf8(struct span text)
{
    uint32_t point;

    for (size_t at = 0, size; at < text.size; at += size) {
        size = utf8_next(text.text + at, text.size - at, &point);
        if (point == 0xfffd && size == 1) return false;
    }
    return true;
}

static bool is_equal_cell(struct span one, struct span other)
{
    return one.size == other.size && !strncasecmp(one.text, other.text, one.size);
}

/* The reason is a word, which is EMPTY in another language. */
static void clear_empty(struct database_row *row)
{
    struct span word = row->cells[DUMP_REASON];

    for (unsigned i = DUMP_REQUESTER; i < DUMP_CELLS; i++)
        if (is_equal_cell(row->cells[i], word)) row->cells[i] = (struct span){"", 0};
}

static bool fill_row(struct database_dump *dump, struct database_row *row)
{
    struct span *reason = &row->cells[DUMP_REASON];

    row->is_oem = !is_utf8((struct span){dump->line.data, dump->line.size});
    for (unsigned i = 0; i < DUMP_CELLS; i++) row->cells[i] = dump_trim(row->cells[i]);
    row->reason = -1;
    if (reason->size && !dump_number(*reason, false, &row->reason)) {
        if (digit_of(*reason->text, false) >= 0) return false;
        clear_empty(row);
    }
    return dump_number(row->cells[DUMP_DISPOSITION], false, &row->disposition);
}

/* The number that the line begins with, whatever becomes of its quotation marks later. */
static bool line_id(const struct database_dump *dump, int64_t *id)
{
    struct span text = {dump->line.data, dump->line.size};
    size_t size = 0;

    while (text.size && (*text.text == ' ' || *text.text == '"')) text.text++, text.size--;
    while (size < text.size && text.text[size] != ',' && text.text[size] != '"') size++;
    return dump_number(dump_trim((struct span){text.text, size}), true, id);
}

/* False: the line is no row. */
static bool read_row(struct database_dump *dump, struct database_row *row)
{
    unsigned count = split(dump, row->cells);
    int64_t id;

    if (count == DUMP_CELLS && !dump->line.failed &&
        dump_number(dump_trim(row->cells[DUMP_ID]), true, &row->id) && fill_row(dump, row)) {
        dump->rows++;
        return true;
    }
    *row = (struct database_row){.is_unread = true, .reason = -1};
    for (unsigned i = 0; i < DUMP_CELLS; i++) row->cells[i] = (struct span){"", 0};
    if (line_id(dump, &id)) {
        row->id = id;
        dump->odd++;
        return true;
    }
    if (count == DUMP_CELLS) dump->has_heading = true;
    else dump->odd += !count || count > DUMP_CELLS || dump->line.failed;
    return false;
}

bool database_dump_next(struct database_dump *dump, struct database_row *row)
{
    while (next_line(dump)) {
        *row = (struct database_row){0};
        if (dump->line.size && read_row(dump, row)) return true;
    }
    return false;
}
