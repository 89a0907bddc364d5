/* The CA's database. */
#include "rows.h"

#include "stubca/base/heap.h"
#include "properties.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rows {
    SRWLOCK lock;
    struct row **rows;                  /* row n stands at n - 1 */
    LONG count;
    bool repeat;
};

struct rows *rows_open(void)
{
    return heap_take(sizeof(struct rows));      /* all zero is SRWLOCK_INIT */
}

static void row_free(struct row *row)
{
    if (!row) return;
    for (int half = 0; half < 2; half++) {
        for (size_t i = 0; i < row->halves[half].count; i++)
            free(row->halves[half].cells[i].value.data);
        free(row->halves[half].cells);
    }
    for (size_t i = 0; i < row->attribute_count; i++) {
        free(row->attributes[i].name);
        free(row->attributes[i].value);
    }
    for (size_t i = 0; i < row->extension_count; i++) {
        free(row->extensions[i].oid);
        free(row->extensions[i].data);
    }
    free(row->attributes);
    free(row->extensions);
    free(row->requester.sid);
    free(row->requester.upn);
    free(row->requester.dns_name);
    free(row->requester.mail);
    free(row);
}

void rows_close(struct rows *rows)
{
    if (!rows) return;
    for (LONG i = 0; i < rows->count; i++) row_free(rows->rows[i]);
    free(rows->rows);
    free(rows);
}

void rows_read_lock(struct rows *rows) { AcquireSRWLockShared(&rows->lock); }
void rows_read_unlock(struct rows *rows) { ReleaseSRWLockShared(&rows->lock); }
void rows_write_lock(struct rows *rows) { AcquireSRWLockExclusive(&rows->lock); }
void rows_write_unlock(struct rows *rows) { ReleaseSRWLockExclusive(&rows->lock); }

struct row *rows_add(struct rows *rows)
{
    struct row *row = heap_take(sizeof *row);

    rows->rows = heap_grow(rows->rows, (size_t)(rows->count + 1) * sizeof *rows->rows);
    rows->rows[rows->count++] = row;
    row->id = rows->count;
    row_set_long(row, HALF_REQUEST, "RequestID", row->id);
    row_set_long(row, HALF_CERTIFICATE, "RequestID", row->id);
    return row;
}

struct row *rows_find(struct rows *rows, LONG id)
{
    if (id < 1 || !rows->count) return NULL;
    if (rows->repeat) return rows->rows[(id - 1) % rows->count];
    return id > rows->count ? NULL : rows->rows[id - 1];
}

void rows_repeat(struct rows *rows)
{
    rows->repeat = true;
}

void rows_delete(struct rows *rows, LONG id)
{
    if (id < 1 || id > rows->count) return;
    row_free(rows->rows[id - 1]);
    rows->rows[id - 1] = NULL;
}

LONG rows_last(struct rows *rows)
{
    return rows->count;
}

/* A column of the given half and type: anything else is a mistake in this program, which says
 * where. */
static int column(enum half half, const char *name, LONG type)
{
    int property = property_find(name);
    unsigned place = half == HALF_REQUEST ? IN_REQUEST : IN_CERTIFICATE;

    if (property >= 0 && properties[property].type == type && properties[property].place & place)
        return property;
    fprintf(stderr, "stubca: no column %s of type %ld in half %d\n", name, type, half);
    abort();
}

static void cell_put(struct row *row, enum half half, int property, struct value value)
{
    struct half_cells *cells = &row->halves[half];
    size_t i = 0;

    while (i < cells->count && cells->cells[i].property != property) i++;
    if (i == cells->count) {
        cells->cells = heap_grow(cells->cells, (cells->count + 1) * sizeof *cells->cells);
        cells->cells[cells->count++].property = property;
    } else {
        free(cells->cells[i].value.data);
    }
    cells->cells[i].value = value;
}

void row_set_long(struct row *row, enum half half, const char *name, LONG number)
{
    cell_put(row, half, column(half, name, PROPTYPE_LONG),
             (struct value){.type = PROPTYPE_LONG, .number = number});
}

void row_set_date(struct row *row, enum half half, const char *name, int64_t seconds)
{
    cell_put(row, half, column(half, name, PROPTYPE_DATE),
             (struct value){.type = PROPTYPE_DATE, .seconds = seconds});
}

void row_set_text(struct row *row, enum half half, const char *name, const char *utf8)
{
    struct value value = {0};

    if (utf8) {
        value.type = PROPTYPE_STRING;
        value.data = text_wide(utf8);
        value.size = wcslen(value.data) * sizeof(WCHAR);
    }
    cell_put(row, half, column(half, name, PROPTYPE_STRING), value);
}

void row_set_bytes(struct row *row, enum half half, const char *name, const void *data, size_t size)
{
    struct value value = {0};

    if (size)
        value =
            (struct value){.type = PROPTYPE_BINARY, .data = heap_copy(data, size), .size = size};
    cell_put(row, half, column(half, name, PROPTYPE_BINARY), value);
}

const struct value *row_value(const struct row *row, enum half half, int property)
{
    const struct half_cells *cells = &row->halves[half];

    for (size_t i = 0; i < cells->count; i++) {
        if (cells->cells[i].property == property)
            return cells->cells[i].value.type ? &cells->cells[i].value : NULL;
    }
    return NULL;
}

LONG row_long(const struct row *row, enum half half, const char *name, LONG otherwise)
{
    const struct value *value = row_value(row, half, column(half, name, PROPTYPE_LONG));

    return value ? value->number : otherwise;
}

int64_t row_date(const struct row *row, enum half half, const char *name, int64_t otherwise)
{
    const struct value *value = row_value(row, half, column(half, name, PROPTYPE_DATE));

    return value ? value->seconds : otherwise;
}

char *row_text(const struct row *row, enum half half, const char *name)
{
    const struct value *value = row_value(row, half, column(half, name, PROPTYPE_STRING));

    return value ? text_utf8(value->data) : NULL;
}

static bool rows_is_blank(WCHAR c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* What names are compared by: all but blanks and '-'. The caller frees. */
static WCHAR *bare_name(const WCHAR *text, size_t length)
{
    WCHAR *name = heap_take((length + 1) * sizeof *name);
    size_t kept = 0;

    for (size_t i = 0; i < length; i++) {
        if (!rows_is_blank(text[i]) && text[i] != '-') name[kept++] = text[i];
    }
    return name;
}

static WCHAR *rows_trimmed(const WCHAR *text, size_t length)
{
    while (length && rows_is_blank(*text)) text++, length--;
    while (length && rows_is_blank(text[length - 1])) length--;
    return heap_copy(text, length * sizeof *text);
}

/* A request brings thousands of names: each is compared by this before it is compared by letters.
 * Only ASCII counts, because the case of other letters depends on the locale. */
static unsigned name_digest(const WCHAR *bare)
{
    unsigned digest = 0;

    for (; *bare; bare++) {
        unsigned letter = *bare >= 'A' && *bare <= 'Z' ? *bare | 0x20u : *bare;

        digest = digest * 31 + (letter < 0x80 ? letter : 0x80);
    }
    return digest;
}

static struct attribute_cell *find_bare(const struct row *row, const WCHAR *bare)
{
    unsigned digest = name_digest(bare);

    for (size_t i = 0; i < row->attribute_count; i++) {
        struct attribute_cell *cell = &row->attributes[i];

        if (cell->digest == digest && !_wcsicmp(cell->name, bare)) return cell;
    }
    return NULL;
}

const struct attribute_cell *row_attribute(const struct row *row, const WCHAR *name)
{
    WCHAR *bare = bare_name(name, wcslen(name));
    const struct attribute_cell *found = find_bare(row, bare);

    free(bare);
    return found;
}

static void attribute_put(struct row *row, WCHAR *name, WCHAR *value)
{
    struct attribute_cell *cell = find_bare(row, name);

    if (!cell) {
        row->attributes =
            heap_grow(row->attributes, (row->attribute_count + 1) * sizeof *row->attributes);
        cell = &row->attributes[row->attribute_count++];
    } else {
        free(cell->name);
        free(cell->value);
    }
    cell->name = name;
    cell->value = value;
    cell->digest = name_digest(name);
}

void row_add_attributes(struct row *row, const char *lines)
{
    WCHAR *wide = text_wide(lines);

    for (WCHAR *line = wide, *end; *line; line = *end ? end + 1 : end) {
        size_t length = wcscspn(line, L"\n"), colon = wcscspn(line, L":\n");
        WCHAR *name;

        end = line + length;
        if (colon == length) continue;
        name = bare_name(line, colon);
        if (*name) attribute_put(row, name, rows_trimmed(line + colon + 1, length - colon - 1));
        else free(name);
    }
    free(wide);
}

void row_join_attributes(struct row *row, size_t limit)
{
    int property = property_find("RequestAttributes");
    struct text_builder all = {0};
    struct value *value;

    for (size_t i = 0; i < row->attribute_count; i++) {
        char *name = text_utf8(row->attributes[i].name),
             *value = text_utf8(row->attributes[i].value);

        if (i) text_append(&all, "\n");
        text_append(&all, name);
        text_append(&all, ":");
        text_append(&all, value);
        free(name);
        free(value);
    }
    row_set_text(row, HALF_REQUEST, "RequestAttributes", all.text);
    value = (struct value *)row_value(row, HALF_REQUEST, property);
    if (value && value->size > limit * sizeof(WCHAR)) value->size = limit * sizeof(WCHAR);
    free(all.text);
}

struct extension_cell *row_extension(const struct row *row, const char *oid)
{
    for (size_t i = 0; i < row->extension_count; i++) {
        if (!strcmp(row->extensions[i].oid, oid)) return &row->extensions[i];
    }
    return NULL;
}

void row_set_extension(struct row *row, const char *oid, LONG flags, const void *data, size_t size)
{
    struct extension_cell *cell = row_extension(row, oid);

    if (!cell) {
        row->extensions =
            heap_grow(row->extensions, (row->extension_count + 1) * sizeof *row->extensions);
        cell = &row->extensions[row->extension_count++];
        cell->oid = heap_text(oid);
    } else {
        free(cell->data);
    }
    cell->flags = flags;
    cell->data = heap_copy(data, size);
    cell->size = size;
}
