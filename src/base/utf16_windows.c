#include "utf16_windows.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static BOOL utf16_is_high(WCHAR unit) { return unit >= 0xd800 && unit <= 0xdbff; }
static BOOL utf16_is_low(WCHAR unit)  { return unit >= 0xdc00 && unit <= 0xdfff; }

/* By hand, since WideCharToMultiByte differs between versions in what it makes of unpaired
 * surrogates. */
static size_t encode(unsigned long point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 63));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 63));
        out[2] = (char)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 63));
    out[2] = (char)(0x80 | (point >> 6 & 63));
    out[3] = (char)(0x80 | (point & 63));
    return 4;
}

/* The character at text[*at], as UTF-8; `*at` goes on to the next one. */
static size_t encode_next(const WCHAR *text, size_t count, size_t *at, char out[4])
{
    WCHAR unit = text[(*at)++];

    if (utf16_is_high(unit) && *at < count && utf16_is_low(text[*at]))
        return encode(0x10000 + ((unit - 0xd800ul) << 10) + (text[(*at)++] - 0xdc00ul), out);
    return encode(utf16_is_high(unit) || utf16_is_low(unit) ? 0xfffd : unit, out);
}

void utf16_add_utf8(struct bytes *out, const WCHAR *text, size_t count)
{
    char *end = bytes_reserve(out, count * 3); /* a unit is at most three bytes, a pair four */
    char *start = end;

    if (!end) return;
    for (size_t at = 0; at < count;) end += encode_next(text, count, &at, end);
    out->size += end - start;
}

bool utf16_put_utf8(const WCHAR *text, char *out, size_t size)
{
    size_t count = wcslen(text), used = 0;
    char room[4];

    for (size_t at = 0, more; at < count; used += more) {
        if ((more = encode_next(text, count, &at, room)) >= size - used) {
            out[0] = 0;
            return false;
        }
        memcpy(out + used, room, more);
    }
    out[used] = 0;
    return true;
}

char *utf16_to_utf8(const WCHAR *text)
{
    struct bytes out = {0};

    utf16_add_utf8(&out, text, wcslen(text));
    bytes_add(&out, "", 1);
    if (!out.failed) return out.data;
    bytes_free(&out);
    return NULL;
}

void utf16_add_json(struct json *json, const char *name, const WCHAR *text)
{
    char *utf8;

    if (!*text) return;
    if ((utf8 = utf16_to_utf8(text))) json_text(json, name, utf8);
    else bytes_fail(json->out);
    free(utf8);
}

size_t utf16_units(const char *utf8, size_t size)
{
    int units = size && size <= INT_MAX
                    ? MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, (int)size, NULL, 0)
                    : 0;

    return units > 0 ? (size_t)units : 0;
}

static int units_max(size_t units)
{
    return units < INT_MAX ? (int)units : INT_MAX;
}

bool utf16_from_utf8(const char *utf8, WCHAR *out, size_t units)
{
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, out, units_max(units)) > 0)
        return true;
    out[0] = 0;
    return false;
}

size_t utf16_show(const char *utf8, size_t size, WCHAR *out, size_t units)
{
    int done = size && size <= INT_MAX
                   ? MultiByteToWideChar(CP_UTF8, 0, utf8, (int)size, out, units_max(units))
                   : 0;

    return done > 0 ? (size_t)done : 0;
}
