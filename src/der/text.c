/* Decoding behind text.h: one character at a time out of each kind of string, then into UTF-8. */
#include "text.h"

#include <string.h>

#define REPLACEMENT 0xFFFDu
#define NO_CHARACTER 0xFFFFFFFFu        /* what stands here is none */

bool der_is_text(uint32_t tag)
{
    switch (tag) {
    case DER_UTF8_STRING: case DER_NUMERIC_STRING: case DER_PRINTABLE_STRING: case DER_T61_STRING:
    case DER_IA5_STRING: case DER_VISIBLE_STRING: case DER_UNIVERSAL_STRING: case DER_BMP_STRING:
        return true;
    }
    return false;
}

/* The readers below take one character (or one piece that is none) off the front of `*rest`, which
 * is not empty. */

/* How many bytes follow this first one, and the range of the second: Unicode's table 3-7 of
 * well-formed UTF-8. */
static int utf8_follows(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first < 0x80) return 0;
    if (first >= 0xC2 && first <= 0xDF) return 1;
    if (first >= 0xE0 && first <= 0xEF) return 2;
    if (first >= 0xF0 && first <= 0xF4) return 3;
    return -1;
}

static uint32_t text_take_byte(struct der_bytes *rest)
{
    rest->size--;
    return *rest->data++;
}

static uint32_t text_take_utf8(struct der_bytes *rest)
{
    unsigned char low, high;
    uint32_t c = text_take_byte(rest);
    int follows = utf8_follows((unsigned char)c, &low, &high);

    if (follows < 0) return NO_CHARACTER;
    if (follows) c &= 0x3Fu >> follows;
    for (; follows; follows--, low = 0x80, high = 0xBF) {
        if (!rest->size || rest->data[0] < low || rest->data[0] > high) return NO_CHARACTER;
        c = c << 6 | (text_take_byte(rest) & 0x3F);
    }
    return c;
}

static uint32_t take_ascii(struct der_bytes *rest)
{
    uint32_t c = text_take_byte(rest);

    return c < 0x80 ? c : NO_CHARACTER;
}

/* `size` bytes, big-endian; a shorter piece at the end is no character. */
static uint32_t take_wide(struct der_bytes *rest, size_t size)
{
    uint32_t c = 0;

    if (rest->size < size) {
        rest->size = 0;
        return NO_CHARACTER;
    }
    while (size--) c = c << 8 | text_take_byte(rest);
    return c;
}

static bool is_surrogate(uint32_t c)
{
    return c >= 0xD800 && c <= 0xDFFF;
}

static uint32_t take_utf16(struct der_bytes *rest)
{
    uint32_t c = take_wide(rest, 2), low;

    if (!is_surrogate(c)) return c;
    if (c > 0xDBFF || rest->size < 2) return NO_CHARACTER;
    low = (uint32_t)rest->data[0] << 8 | rest->data[1];
    if (low < 0xDC00 || low > 0xDFFF) return NO_CHARACTER;
    take_wide(rest, 2);
    return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static uint32_t take_utf32(struct der_bytes *rest)
{
    uint32_t c = take_wide(rest, 4);

    return c > 0x10FFFF || is_surrogate(c) ? NO_CHARACTER : c;
}

static uint32_t text_take(uint32_t tag, struct der_bytes *rest)
{
    switch (tag) {
    case DER_UTF8_STRING:       return text_take_utf8(rest);
    case DER_T61_STRING:        return text_take_byte(rest);
    case DER_BMP_STRING:        return take_utf16(rest);
    case DER_UNIVERSAL_STRING:  return take_utf32(rest);
    default:                    return take_ascii(rest);
    }
}

static size_t to_utf8(uint32_t c, char out[4])
{
    size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = size; i-- > 1; c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(size == 1 ? c : (0xF00u >> size & 0xF0) | c);
    return size;
}

uint32_t der_text_tag(uint32_t tag, struct der_bytes content)
{
    if (tag != DER_T61_STRING) return tag;
    while (content.size) {
        if (text_take_utf8(&content) == NO_CHARACTER) return tag;
    }
    return DER_UTF8_STRING;
}

size_t der_text_next(uint32_t tag, struct der_bytes *rest, char utf8[4], bool *clean)
{
    uint32_t c;

    if (!rest->size || !der_is_text(tag)) return 0;
    c = text_take(tag, rest);
    if (c == NO_CHARACTER && clean) *clean = false;
    return to_utf8(c == NO_CHARACTER ? REPLACEMENT : c, utf8);
}

size_t der_text(uint32_t tag, struct der_bytes content, char *out, size_t capacity, bool *clean)
{
    size_t total = 0, size;
    bool fits = true;
    char utf8[4];

    if (clean) *clean = der_is_text(tag);
    tag = der_text_tag(tag, content);
    while ((size = der_text_next(tag, &content, utf8, clean))) {
        fits = fits && size <= capacity - total;
        if (fits) memcpy(out + total, utf8, size);
        total += size;
    }
    return total;
}
