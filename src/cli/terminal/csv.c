#include "csv.h"

#include "console.h"
#include "base/utf8.h"

#include <string.h>

void csv_begin(struct csv *csv, struct bytes *out)
{
    *csv = (struct csv){.out = out};
    bytes_add_text(out, "\xEF\xBB\xBF");
}

static void next_cell(struct csv *csv)
{
    if (csv->behind) bytes_add_text(csv->out, ",");
    csv->behind = true;
}

static bool is_formula(uint32_t point)
{
    return point == '=' || point == '+' || point == '-' || point == '@' || point == 0xFF1D ||
           point == 0xFF0B || point == 0xFF0D || point == 0xFF20;
}

static bool csv_is_blank(uint32_t point)
{
    return point == ' ' || point == 0xA0 || (point >= 0x2000 && point <= 0x200A) ||
           point == 0x202F || point == 0x3000;
}

static bool is_separator(uint32_t point)
{
    return point == ',' || point == ';' || point == '"' || point == '|' || point == 0xFF0C ||
           point == 0xFF1B;
}

void csv_text(struct csv *csv, const char *text, size_t size)
{
    struct bytes plain = {0};
    bool begins = true;                 /* here a cell may begin */
    uint32_t point;

    next_cell(csv);
    console_add_text(&plain, size ? text : "", size, 0);
    if (plain.size) bytes_add_text(csv->out, "\"");
    for (size_t i = 0, length; i < plain.size; i += length) {
        length = utf8_next(plain.data + i, plain.size - i, &point);
        if (begins && is_formula(point)) bytes_add_text(csv->out, "'");
        if (point == '"') bytes_add_text(csv->out, "\"");
        bytes_add(csv->out, plain.data + i, length);
        begins = is_separator(point) || (begins && csv_is_blank(point));
    }
    if (plain.size) bytes_add_text(csv->out, "\"");
    csv->out->failed |= plain.failed;
    bytes_free(&plain);
}

void csv_word(struct csv *csv, const char *word)
{
    csv_text(csv, word, strlen(word));
}

void csv_number(struct csv *csv, int64_t number)
{
    next_cell(csv);
    bytes_printf(csv->out, "%lld", (long long)number);
}

void csv_end_row(struct csv *csv)
{
    bytes_add_text(csv->out, "\r\n");
    csv->behind = false;
}
