#include "der_put.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SET_MAX = 16 };

static void put_byte(struct bytes *out, unsigned byte)
{
    unsigned char one = (unsigned char)byte;

    bytes_add(out, &one, 1);
}

static size_t encode_length(size_t length, unsigned char out[9])
{
    size_t count = 0;

    if (length < 0x80) return out[0] = (unsigned char)length, 1;
    for (size_t rest = length; rest; rest >>= 8) count++;
    out[0] = (unsigned char)(0x80 | count);
    for (size_t i = count; i; i--, length >>= 8) out[i] = (unsigned char)length;
    return count + 1;
}

size_t put_open(struct bytes *out, unsigned tag)
{
    put_byte(out, tag);
    return out->size;
}

void put_close(struct bytes *out, size_t opened)
{
    unsigned char length[9];
    size_t content = out->size - opened, size;

    if (out->failed) return;
    size = encode_length(content, length);
    bytes_add(out, length, size);
    if (out->failed) return;
    memmove(out->data + opened + size, out->data + opened, content);
    memcpy(out->data + opened, length, size);
}

struct element {
    const unsigned char *data;
    size_t size;
};

static int element_order(const void *a, const void *b)
{
    const struct element *one = a, *other = b;
    int order = memcmp(one->data, other->data, one->size < other->size ? one->size : other->size);

    return order ? order : (one->size > other->size) - (one->size < other->size);
}

/* The size of the value that begins there. */
static size_t element_size(const unsigned char *data)
{
    size_t count = data[1] & 0x7f, size = 0;

    if (data[1] < 0x80) return 2 + (size_t)data[1];
    for (size_t i = 0; i < count; i++) size = size << 8 | data[2 + i];
    return 2 + count + size;
}

void put_close_set(struct bytes *out, size_t opened)
{
    struct element elements[SET_MAX];
    size_t count = 0, size = out->size - opened;
    unsigned char *copy, *at;

    if (out->failed || !size || !(copy = malloc(size))) return put_close(out, opened);
    memcpy(copy, out->data + opened, size);
    for (at = copy; at < copy + size && count < SET_MAX; at += elements[count++].size)
        elements[count] = (struct element){at, element_size(at)};
    qsort(elements, count, sizeof *elements, element_order);
    out->size = opened;
    for (size_t i = 0; i < count; i++) bytes_add(out, elements[i].data, elements[i].size);
    free(copy);
    put_close(out, opened);
}

void put_value(struct bytes *out, unsigned tag, const void *content, size_t size)
{
    unsigned char head[10] = {(unsigned char)tag};

    bytes_add(out, head, 1 + encode_length(size, head + 1));
    bytes_add(out, content, size);
}

void put_text(struct bytes *out, unsigned tag, const char *text)
{
    put_value(out, tag, text, strlen(text));
}

void put_bmp(struct bytes *out, const char *text)
{
    size_t opened = put_open(out, TAG_BMP);

    for (; *text; text++) put_byte(out, 0), put_byte(out, (unsigned char)*text);
    put_close(out, opened);
}

static void put_arc(struct bytes *out, unsigned long arc)
{
    for (int shift = 28; shift; shift -= 7)
        if (arc >> shift) put_byte(out, 0x80 | (unsigned)(arc >> shift & 0x7f));
    put_byte(out, (unsigned)(arc & 0x7f));
}

void put_oid(struct bytes *out, const char *dotted)
{
    size_t opened = put_open(out, TAG_OID);
    char *next;
    unsigned long first = strtoul(dotted, &next, 10);

    if (*next != '.') fprintf(stderr, "generate: %s is no OID\n", dotted), exit(2);
    for (first = first * 40 + strtoul(next + 1, &next, 10);; first = strtoul(next + 1, &next, 10)) {
        put_arc(out, first);
        if (*next != '.') break;
    }
    put_close(out, opened);
}

void put_oids(struct bytes *out, const char *dotted)
{
    while (*dotted) {
        char one[80];
        size_t size = strcspn(dotted, " ");

        snprintf(one, sizeof one, "%.*s", (int)size, dotted);
        put_oid(out, one);
        dotted += size + (dotted[size] == ' ');
    }
}

void put_true(struct bytes *out)
{
    put_value(out, TAG_BOOLEAN, "\xff", 1);
}

void put_null(struct bytes *out)
{
    put_value(out, TAG_NULL, "", 0);
}

void put_positive(struct bytes *out, const void *magnitude, size_t size)
{
    const unsigned char *bytes = magnitude;
    size_t opened = put_open(out, TAG_INTEGER);

    while (size && !*bytes) bytes++, size--;
    if (!size || *bytes & 0x80) put_byte(out, 0);
    bytes_add(out, bytes, size);
    put_close(out, opened);
}

void put_number(struct bytes *out, uint64_t number)
{
    unsigned char bytes[8];

    for (int i = 8; i--; number >>= 8) bytes[i] = (unsigned char)number;
    put_positive(out, bytes, sizeof bytes);
}

void put_bits(struct bytes *out, const void *bytes, size_t size)
{
    size_t opened = put_open(out, TAG_BITS);

    put_byte(out, 0);
    bytes_add(out, bytes, size);
    put_close(out, opened);
}

void put_named_bits(struct bytes *out, uint32_t bits)
{
    unsigned char bytes[5] = {0};
    size_t count = 0;

    for (unsigned bit = 0; bit < 32; bit++) {
        if (!(bits >> bit & 1)) continue;
        bytes[1 + bit / 8] |= (unsigned char)(0x80 >> bit % 8);
        bytes[0] = (unsigned char)(7 - bit % 8);        /* unused bits behind the last one set */
        count = 1 + bit / 8;
    }
    put_value(out, TAG_BITS, bytes, 1 + count);
}

void put_time(struct bytes *out, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm t;
    char text[32];
    bool is_utc;

    gmtime_r(&time, &t);
    is_utc = t.tm_year >= 50 && t.tm_year < 150;
    strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &t);
    put_text(out, is_utc ? TAG_UTC : TAG_GENERALIZED, text + (is_utc ? 2 : 0));
}
