#include "entry.h"

#include "base/invisible.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { NOT_PRINTABLE = 0xfffd, PERCENT = 0xff05, ELLIPSIS = 0x2026 };

struct entry *entry_new(const WCHAR *source, DWORD id)
{
    struct entry *entry = calloc(1, sizeof *entry);

    if (!entry) return NULL;
    entry->source = source;
    entry->id = id;
    return entry;
}

static BOOL entry_is_high(WCHAR unit) { return unit >= 0xd800 && unit <= 0xdbff; }
static BOOL entry_is_low(WCHAR unit)  { return unit >= 0xdc00 && unit <= 0xdfff; }

/* Controls, what is invisible, and what turns the direction of the text around it. */
static BOOL is_printable(WCHAR unit)
{
    static const struct { WCHAR first, last; } not[] = {
        {0x0000, 0x001f}, {0x007f, 0x009f}, {0x2028, 0x2029}, {0xfffe, 0xffff},
    };

    for (size_t i = 0; i < ARRAYSIZE(not ); i++)
        if (unit >= not [i].first && unit <= not [i].last) return FALSE;
    return !is_invisible(unit);
}

static WCHAR clean(WCHAR unit)
{
    if (unit == '\t' || unit == '\r' || unit == '\n') return ' ';
    if (unit == '%') return PERCENT;
    return is_printable(unit) ? unit : NOT_PRINTABLE;
}

static void copy_clean(WCHAR *out, const WCHAR *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (entry_is_high(text[i]) && i + 1 < size && entry_is_low(text[i + 1])) {
            bool shown =
                !is_invisible(0x10000 + ((text[i] - 0xd800u) << 10) + (text[i + 1] - 0xdc00u));

            out[i] = shown ? text[i] : NOT_PRINTABLE;
            out[i + 1] = shown ? text[i + 1] : NOT_PRINTABLE;
            i++;
        } else {
            out[i] =
                entry_is_high(text[i]) || entry_is_low(text[i]) ? NOT_PRINTABLE : clean(text[i]);
        }
    }
}

static void entry_add(struct entry *entry, const WCHAR *text, size_t size, size_t most)
{
    size_t room = ENTRY_TEXT_MAX - entry->used;
    WCHAR *out = entry->text + entry->used;

    if (entry->count == ENTRY_INSERTS_MAX) return;
    if (most > ENTRY_INSERT_MAX) most = ENTRY_INSERT_MAX;
    if (!size || most < 2 || room <= most) { /* the last cannot be: ENTRY_TEXT_MAX is ample */
        entry->inserts[entry->count++] = L"(none)";
        return;
    }
    if (size > most) {
        size = most - 1;
        if (entry_is_high(text[size - 1])) size--;            /* half a pair */
        out[size] = ELLIPSIS;
        entry->used++;
    }
    copy_clean(out, text, size);
    entry->inserts[entry->count++] = out;
    entry->used += size + 1;                            /* the zero is there: calloc */
}

void entry_add_wide(struct entry *entry, const WCHAR *text, size_t most)
{
    if (entry) entry_add(entry, text, text ? wcsnlen(text, ENTRY_INSERT_MAX + 1) : 0, most);
}

static size_t put_point(WCHAR *out, uint32_t point)
{
    if (point < 0x10000) {
        *out = (WCHAR)point;
        return 1;
    }
    out[0] = (WCHAR)(0xd800 + ((point - 0x10000) >> 10));
    out[1] = (WCHAR)(0xdc00 + ((point - 0x10000) & 0x3ff));
    return 2;
}

void entry_add_utf8(struct entry *entry, const char *text, size_t most)
{
    WCHAR wide[ENTRY_INSERT_MAX +
               2]; /* one more than is taken says that it was cut, and that may be a pair */
    size_t left = text ? strnlen(text, 4 * ARRAYSIZE(wide)) : 0, size = 0;
    uint32_t point;

    if (!entry) return;
    while (left && size <= ENTRY_INSERT_MAX) {
        size_t taken = utf8_next(text, left, &point);

        size += put_point(wide + size, point);
        text += taken;
        left -= taken;
    }
    entry_add(entry, wide, size, most);
}

static void add_printed(struct entry *entry, const WCHAR *format, uint64_t number)
{
    WCHAR text[24];

    swprintf(text, ARRAYSIZE(text), format, (unsigned long long)number);
    entry_add_wide(entry, text, ARRAYSIZE(text));
}

void entry_add_number(struct entry *entry, uint64_t number)
{
    add_printed(entry, L"%llu", number);
}

void entry_add_sequence(struct entry *entry, uint64_t sequence)
{
    add_printed(entry, L"%020llu", sequence);
}

/* In the machine's language, since that is the one its administrator chose. Nothing for a code that
 * the system does not know. */
static void system_text(HRESULT hr, WCHAR *out, DWORD size)
{
    DWORD flags =
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    DWORD code = HRESULT_FACILITY(hr) == FACILITY_WIN32 ? (DWORD)HRESULT_CODE(hr) : (DWORD)hr;
    DWORD length = FormatMessageW(flags, NULL, code, 0, out, size, NULL);

    while (length && out[length - 1] <= ' ') length--;
    out[length] = 0;
}

void entry_add_hresult(struct entry *entry, HRESULT hr)
{
    WCHAR why[400], text[420];

    system_text(hr, why, ARRAYSIZE(why));
    swprintf(text, ARRAYSIZE(text), why[0] ? L"0x%08lx (%ls)" : L"0x%08lx", (unsigned long)hr, why);
    entry_add_wide(entry, text, ARRAYSIZE(text));
}
