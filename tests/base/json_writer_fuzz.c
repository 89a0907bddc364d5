/* Any bytes through every way of writing them as JSON: what comes out is strict JSON, of one line, and steers no terminal. */
#include "base/json.h"
#include "base/json_check.h"

#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
    if (!ok) abort();
}

/* Ranges that no journal may hold unescaped, told here once more: controls, separators, what turns or hides text, noncharacters. */
static bool is_plain(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e || c == 0xfeff) return false;
    if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) return false;
    return !(c >= 0xfdd0 && c <= 0xfdef) && (c & 0xfffe) != 0xfffe && !(c >= 0xfff0 && c <= 0xfffb) && (c < 0xe0000 || c > 0xe0fff);
}

/* The checker has said that it is UTF-8. */
static void check_plain(const struct bytes *out)
{
    for (size_t i = 0; i < out->size;) {
        unsigned char first = (unsigned char)out->data[i++];
        uint32_t c = first < 0x80 ? first : first >= 0xf0 ? first & 7 : first >= 0xe0 ? first & 15 : first & 31;

        for (; i < out->size && ((unsigned char)out->data[i] & 0xc0) == 0x80; i++) c = c << 6 | ((unsigned char)out->data[i] & 0x3f);
        must(is_plain(c));
    }
}

static void write_all(struct json *json, const char *text, size_t size)
{
    size_t half = size / 2;

    json_object(json, NULL);
    json_string(json, "whole", text, size);
    json_base64(json, "base64", text, size);
    json_hex(json, "hex", text, half);
    json_array(json, "halves");
    json_string(json, NULL, text, half);
    json_object(json, NULL);
    json_string(json, "second", text + half, size - half);
    json_number(json, "size", (int64_t)size - 5);
    json_bool(json, "odd", size % 2);
    json_end(json);
    json_end(json);
    json_members(json, "\"a\":1,\"b\":2", size % 3 ? 11 : 0);
    json_end(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes out = {.limit = size && data[0] == 'z' ? 64 : 0};
    struct json json = {.out = &out};
    struct json_check check = {0};
    char *exact = malloc(size + 1);

    if (size) memcpy(exact, data, size);
    exact = realloc(exact, size + !size);       /* so that a sanitizer sees a byte read too far */
    write_all(&json, exact, size);
    if (!out.failed) {
        must(json_check(&check, out.data, out.size, NULL) == JSON_GOOD);
        check_plain(&out);
    }
    must(!out.limit || out.size <= out.limit);
    json_check(&check, exact, size, NULL);            /* whatever it says, it must not stumble */
    json_check_free(&check);
    bytes_free(&out);
    free(exact);
    return 0;
}
