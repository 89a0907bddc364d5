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

/* A character beyond ASCII is the byte 0xff, which is nowhere in UTF-8, and its four bytes. */
void fact_fold(struct bytes *out, const char *text, size_t size)
{
    uint32_t point;

    while (size && !text[size - 1]) size--;
    for (size_t at = 0; at < size;) {
        unsigned char c = (unsigned char)text[at];

        if (c < 0x80) {
            char lower = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);

            bytes_add(out, &lower, 1);
            at++;
            continue;
        }
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
