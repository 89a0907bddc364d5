#include "json.h"
#include "digits.h"
#include "utf8.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

static void before_value(struct json *json, const char *name)
{
    if (json->comma) bytes_add(json->out, ",", 1);
    json->comma = true;
    if (!name) return;
    bytes_add(json->out, "\"", 1);
    bytes_add_text(json->out, name);
    bytes_add(json->out, "\":", 2);
}

static void json_begin(struct json *json, const char *name, char opening, char closing)
{
    before_value(json, name);
    bytes_add(json->out, &opening, 1);
    if (json->depth < JSON_DEPTH_MAX) json->closing[json->depth] = closing;
    else bytes_fail(json->out);
    json->depth++;
    json->comma = false;
}

void json_object(struct json *json, const char *name)
{
    json_begin(json, name, '{', '}');
}

void json_array(struct json *json, const char *name)
{
    json_begin(json, name, '[', ']');
}

void json_end(struct json *json)
{
    json->depth--;
    if (json->depth >= 0 && json->depth < JSON_DEPTH_MAX)
        bytes_add(json->out, &json->closing[json->depth], 1);
    else bytes_fail(json->out);
    json->comma = true;
}

void json_key(struct json *json, const char *name)
{
    before_value(json, name);
}

void json_members(struct json *json, const char *text, size_t size)
{
    if (!size) return;
    before_value(json, NULL);
    bytes_add(json->out, text, size);
}

void json_number(struct json *json, const char *name, int64_t number)
{
    char text[DIGITS_MAX];

    before_value(json, name);
    bytes_add(json->out, text, digits_signed(number, text));
}

void json_bool(struct json *json, const char *name, bool value)
{
    before_value(json, name);
    bytes_add_text(json->out, value ? "true" : "false");
}

static bool must_escape(uint32_t point)
{
    return point == '"' || point == '\\' || !utf8_is_plain(point);
}

static void add_unit(struct bytes *out, unsigned unit)
{
    char text[6] = {'\\',
                    'u',
                    hex_digits[unit >> 12 & 15],
                    hex_digits[unit >> 8 & 15],
                    hex_digits[unit >> 4 & 15],
                    hex_digits[unit & 15]};

    bytes_add(out, text, sizeof text);
}

void json_escape(struct bytes *out, uint32_t point)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *at = point && point < 0x80 ? strchr(from, (int)point) : NULL;

    if (at) {
        bytes_add(out, (char[2]){'\\', to[at - from]}, 2);
    } else if (point < 0x10000) {
        add_unit(out, point);
    } else {
        add_unit(out, 0xd800 + ((point - 0x10000) >> 10));
        add_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
    }
}

void json_string(struct json *json, const char *name, const char *text, size_t size)
{
    const char *at = text, *end = at + size, *plain = at;
    uint32_t point;

    before_value(json, name);
    bytes_add(json->out, "\"", 1);
    while (at < end && !json->out->failed) {
        size_t length = utf8_next(at, end - at, &point);
        bool replaced = point == 0xfffd && length == 1;

        if (replaced || must_escape(point)) {
            bytes_add(json->out, plain, at - plain);
            if (replaced) bytes_add(json->out, "\xef\xbf\xbd", 3);
            else json_escape(json->out, point);
            plain = at + length;
        }
        at += length;
    }
    bytes_add(json->out, plain, end - plain);
    bytes_add(json->out, "\"", 1);
}

void json_text(struct json *json, const char *name, const char *text)
{
    json_string(json, name, text, strlen(text));
}

void json_base64(struct json *json, const char *name, const void *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = data;
    char *out;

    before_value(json, name);
    bytes_add(json->out, "\"", 1);
    if ((out = bytes_reserve(json->out, (size + 2) / 3 * 4))) {
        for (size_t i = 0; i < size; i += 3) {
            size_t left = size - i;
            uint32_t three = (uint32_t)in[i] << 16 | (left > 1 ? in[i + 1] << 8 : 0) |
                             (left > 2 ? in[i + 2] : 0);

            *out++ = digits[three >> 18];
            *out++ = digits[three >> 12 & 63];
            *out++ = left > 1 ? digits[three >> 6 & 63] : '=';
            *out++ = left > 2 ? digits[three & 63] : '=';
        }
        json->out->size += (size + 2) / 3 * 4;
    }
    bytes_add(json->out, "\"", 1);
}

void json_hex(struct json *json, const char *name, const void *data, size_t size)
{
    char *out;

    before_value(json, name);
    bytes_add(json->out, "\"", 1);
    if ((out = bytes_reserve(json->out, 2 * size))) {
        digits_hex(data, size, out);
        json->out->size += 2 * size;
    }
    bytes_add(json->out, "\"", 1);
}
