/* The writer behind der_write.h. */
#include "der_write.h"
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void der_write_fail(struct der_writer *writer)
{
    if (SUCCEEDED(writer->result)) writer->result = E_INVALIDARG;
}

/* Room for `size` more bytes at the end; counted as written. */
static unsigned char *der_write_grow(struct der_writer *writer, size_t size)
{
    if (size > writer->capacity - writer->size) {
        writer->capacity = (writer->capacity + size) * 2;
        writer->data = heap_grow(writer->data, writer->capacity);
    }
    writer->size += size;
    return writer->data + writer->size - size;
}

static void der_write_append(struct der_writer *writer, const void *bytes, size_t size)
{
    if (FAILED(writer->result) || !size) return;
    memcpy(der_write_grow(writer, size), bytes, size);
}

static void append_byte(struct der_writer *writer, unsigned byte)
{
    der_write_append(writer, (const unsigned char[]){(unsigned char)byte}, 1);
}

/* A length's encoding; returns its size. */
static size_t encode_length(size_t length, unsigned char out[5])
{
    size_t count = 0;

    if (length < 0x80) {
        out[0] = (unsigned char)length;
        return 1;
    }
    for (size_t rest = length; rest; rest >>= 8) count++;
    out[0] = (unsigned char)(0x80 | count);
    for (size_t i = count; i; i--, length >>= 8) out[i] = (unsigned char)length;
    return count + 1;
}

size_t der_open(struct der_writer *writer, uint32_t tag)
{
    append_byte(writer, tag);
    return writer->size;
}

void der_close(struct der_writer *writer, size_t opened)
{
    unsigned char length[5];
    size_t content = writer->size - opened, size;

    if (FAILED(writer->result)) return;
    if (content > 0xFFFFFFF) {
        der_write_fail(writer);
        return;
    }
    size = encode_length(content, length);
    der_write_grow(writer, size);
    memmove(writer->data + opened + size, writer->data + opened, content);
    memcpy(writer->data + opened, length, size);
}

void der_put(struct der_writer *writer, uint32_t tag, const void *content, size_t size)
{
    size_t opened = der_open(writer, tag);

    der_write_append(writer, content, size);
    der_close(writer, opened);
}

void der_put_raw(struct der_writer *writer, struct der_bytes whole)
{
    der_write_append(writer, whole.data, whole.size);
}

static void append_arc(struct der_writer *writer, uint32_t arc)
{
    for (int shift = 28; shift > 0; shift -= 7) {
        if (arc >> shift) append_byte(writer, 0x80 | (arc >> shift & 0x7F));
    }
    append_byte(writer, arc & 0x7F);
}

/* Decimal up to a dot or the end; false for anything else, leading zeros and numbers beyond 32 bits
 * among it. */
static bool read_arc(const char **text, uint32_t *arc)
{
    uint64_t number = 0;
    const char *first = *text;

    for (; **text >= '0' && **text <= '9'; ++*text) {
        number = number * 10 + (uint64_t)(**text - '0');
        if (number > 0xFFFFFFFF) return false;
    }
    *arc = (uint32_t)number;
    return *text > first && (*first != '0' || *text == first + 1) &&
           (!**text || (**text == '.' && (*text)[1]));
}

static bool append_oid(struct der_writer *writer, const char *dotted)
{
    uint32_t first, arc;

    if (!read_arc(&dotted, &first) || first > 2 || !*dotted++ || !read_arc(&dotted, &arc))
        return false;
    if (arc > (first < 2 ? 39 : 0xFFFFFFFF - 80)) return false;
    append_arc(writer, first * 40 + arc);
    while (*dotted) {
        dotted++;
        if (!read_arc(&dotted, &arc)) return false;
        append_arc(writer, arc);
    }
    return true;
}

void der_put_oid(struct der_writer *writer, const char *dotted)
{
    size_t opened = der_open(writer, DER_OID);

    if (!append_oid(writer, dotted)) der_write_fail(writer);
    der_close(writer, opened);
}

void der_put_boolean(struct der_writer *writer, bool value)
{
    der_put(writer, DER_BOOLEAN, value ? "\xFF" : "\0", 1);
}

void der_put_positive(struct der_writer *writer, const void *magnitude, size_t size)
{
    const unsigned char *bytes = magnitude;
    size_t opened = der_open(writer, DER_INTEGER);

    while (size && !*bytes) bytes++, size--;
    if (!size || *bytes & 0x80) append_byte(writer, 0);
    der_write_append(writer, bytes, size);
    der_close(writer, opened);
}

void der_put_number(struct der_writer *writer, uint32_t number)
{
    unsigned char bytes[4];

    for (int i = 4; i--; number >>= 8) bytes[i] = (unsigned char)number;
    der_put_positive(writer, bytes, sizeof bytes);
}

void der_put_enumerated(struct der_writer *writer, unsigned number)
{
    if (number > 0x7F) der_write_fail(writer);
    der_put(writer, DER_ENUMERATED, (const unsigned char[]){(unsigned char)number}, 1);
}

void der_put_bits(struct der_writer *writer, const void *bytes, size_t size)
{
    size_t opened = der_open(writer, DER_BIT_STRING);

    append_byte(writer, 0);
    der_write_append(writer, bytes, size);
    der_close(writer, opened);
}

void der_put_named_bits(struct der_writer *writer, uint32_t bits)
{
    unsigned char bytes[5] = {0};
    size_t count = 0;

    for (unsigned bit = 0; bit < 32; bit++) {
        if (!(bits >> bit & 1)) continue;
        bytes[1 + bit / 8] |= (unsigned char)(0x80 >> bit % 8);
        bytes[0] = (unsigned char)(7 - bit % 8); /* unused bits behind the last one set */
        count = 1 + bit / 8;
    }
    der_put(writer, DER_BIT_STRING, bytes, 1 + count);
}

void der_put_time(struct der_writer *writer, int64_t seconds)
{
    const int64_t to_1601 = 11644473600;                        /* SYSTEMTIME begins there */
    ULARGE_INTEGER ticks;
    SYSTEMTIME t;
    char text[32];

    if (seconds < -to_1601 || seconds > 253402300799) {         /* 9999-12-31T23:59:59Z */
        der_write_fail(writer);
        return;
    }
    ticks.QuadPart = (ULONGLONG)(seconds + to_1601) * 10000000;
    FILETIME file_time = {ticks.LowPart, ticks.HighPart};
    if (!FileTimeToSystemTime(&file_time, &t)) der_write_fail(writer);
    bool is_utc = t.wYear >= 1950 && t.wYear <= 2049;
    snprintf(text, sizeof text, "%04u%02u%02u%02u%02u%02uZ", t.wYear, t.wMonth, t.wDay, t.wHour,
             t.wMinute, t.wSecond);
    der_put(writer, is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, text + (is_utc ? 2 : 0),
            strlen(text) - (is_utc ? 2 : 0));
}
