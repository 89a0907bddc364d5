#include "fact_key.h"

#include "base/case_fold.h"
#include "base/os.h"
#include "base/utf8.h"

#include <string.h>

bool fact_key(const void *data, size_t size, uint8_t out[FACT_KEY])
{
    uint8_t hash[32];

    memset(out, 0, FACT_KEY);
    if (FAILED(os_sha256(data, size, hash))) return false;
    memcpy(out, hash, FACT_KEY);
    return true;
}

/* The ASCII that the text begins with, in lower case. Returns how many bytes it is. */
static size_t fold_ascii(struct bytes *out, const char *text, size_t size)
{
    char *to = bytes_reserve(out, size);
    size_t at = 0;

    for (; to && at < size && !(text[at] & 0x80); at++)
        to[at] = (char)(text[at] >= 'A' && text[at] <= 'Z' ? text[at] + 32 : text[at]);
    if (to) out->size += at;
    return at;
}

/* A character beyond ASCII is the byte 0xff, which is nowhere in UTF-8, and its four bytes. */
void fact_fold(struct bytes *out, const char *text, size_t size)
{
    uint32_t point;

    while (size && !text[size - 1]) size--;
    for (size_t at = 0; at < size;) {
        at += fold_ascii(out, text + at, size - at);
        if (at == size || out->failed) return;
        at += utf8_next(text + at, size - at, &point);
        point = case_fold(point);
        bytes_add(out, (char[5]){(char)0xff, (char)(point >> 24), (char)(point >> 16),
                                 (char)(point >> 8), (char)point}, 5);
    }
}

bool fact_key_text(const char *text, size_t size, uint8_t out[FACT_KEY])
{
    struct bytes folded = {0};
    bool made;

    fact_fold(&folded, text, size);
    made = fact_key(folded.size ? folded.data : "", folded.failed ? 0 : folded.size, out) &&
           !folded.failed;
    if (!made) memset(out, 0, FACT_KEY);
    bytes_free(&folded);
    return made;
}
