#include "text.h"

#include <stdlib.h>
#include <wchar.h>

static BOOL is_high(WCHAR unit) { return unit >= 0xd800 && unit <= 0xdbff; }
static BOOL is_low(WCHAR unit)  { return unit >= 0xdc00 && unit <= 0xdfff; }

/* By hand, since WideCharToMultiByte differs between versions in what it makes of unpaired surrogates. */
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

void text_add_utf8(struct bytes *out, const WCHAR *text, size_t count)
{
    char *end = bytes_reserve(out, count * 3);          /* a unit is at most three bytes, a pair four */
    char *start = end;

    if (!end) return;
    for (size_t i = 0; i < count; i++) {
        unsigned long point = text[i];

        if (is_high(text[i]) && i + 1 < count && is_low(text[i + 1])) {
            point = 0x10000 + ((point - 0xd800) << 10) + (text[++i] - 0xdc00);
        } else if (is_high(text[i]) || is_low(text[i])) {
            point = 0xfffd;
        }
        end += encode(point, end);
    }
    out->size += end - start;
}

char *text_utf8(const WCHAR *text)
{
    struct bytes out = {0};

    text_add_utf8(&out, text, wcslen(text));
    bytes_add(&out, "", 1);
    if (!out.failed) return out.data;
    bytes_free(&out);
    return NULL;
}

void text_add_json(struct json *json, const char *name, const WCHAR *text)
{
    char *utf8;

    if (!*text) return;
    if ((utf8 = text_utf8(text))) json_text(json, name, utf8);
    else bytes_fail(json->out);
    free(utf8);
}
