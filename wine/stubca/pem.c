/* Finding and decoding of base64, strictly: whole groups of four, and no bit that does not belong. */
#include "pem.h"
#include "heap.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static bool begins_with(struct der_bytes text, const char *what)
{
    return text.size >= strlen(what) && !memcmp(text.data, what, strlen(what));
}

static struct der_bytes from(struct der_bytes text, size_t at)
{
    return (struct der_bytes){text.data + at, text.size - at};
}

/* Where `what` begins in the text, or its size. */
static size_t find(struct der_bytes text, const char *what)
{
    size_t at = 0;

    while (at < text.size && !begins_with(from(text, at), what)) at++;
    return at;
}

/* Is this the rest of a BEGIN line whose label ends in `label`? `*size` is what the line takes. */
static bool label_fits(struct der_bytes rest, const char *label, size_t *size)
{
    size_t length = find(rest, "-----");

    *size = length + 5;
    return length < rest.size && length >= strlen(label)
        && !memcmp(rest.data + length - strlen(label), label, strlen(label));
}

/* The base64 between the lines of the block that fits, or all of the text where it has no such lines. */
static HRESULT find_block(struct der_bytes text, const char *label, struct der_bytes *block, struct reason *reason)
{
    static const char begin[] = "-----BEGIN ";
    struct der_bytes rest = text;
    size_t at, size;

    *block = text;
    if (find(text, begin) == text.size) return S_OK;
    while ((at = find(rest, begin)) < rest.size) {
        rest = from(rest, at + strlen(begin));
        if (!label_fits(rest, label, &size)) continue;
        rest = from(rest, size);
        *block = (struct der_bytes){rest.data, find(rest, "-----END ")};
        if (block->size < rest.size) return S_OK;
        return text_reason(reason, CRYPT_E_BAD_ENCODE, "PEM without an END line");
    }
    return text_reason(reason, CRYPT_E_BAD_ENCODE, "PEM, but no %s in it", label);
}

static int digit(unsigned char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* The blanks that may stand anywhere. */
static bool is_blank(unsigned char c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Decode into `out`, which has room for three bytes to every four of text; returns where the text is wrong, or its
 * size. */
static size_t decode(struct der_bytes text, unsigned char *out, size_t *out_size)
{
    unsigned bits = 0, value = 0, pads = 0;
    size_t at;

    *out_size = 0;
    for (at = 0; at < text.size; at++) {
        unsigned char c = text.data[at];

        if (is_blank(c)) continue;
        if (c == '=') {                                         /* one where 2 bits are left over, two where 4 are */
            if (++pads > bits / 2) return at;
            continue;
        }
        if (digit(c) < 0 || pads) return at;
        value = value << 6 | (unsigned)digit(c);
        if ((bits += 6) < 8) continue;
        bits -= 8;
        out[(*out_size)++] = (unsigned char)(value >> bits);
    }
    return bits < 6 && pads == bits / 2 && !(value & ((1u << bits) - 1)) ? at : at - 1;
}

HRESULT pem_read(const void *data, size_t size, const char *label, unsigned char **der, size_t *der_size,
                 struct reason *reason)
{
    struct der_bytes text = {data, size}, block;
    unsigned char *out;
    size_t wrong;
    HRESULT hr;

    *der = NULL;
    *der_size = 0;
    if (!size) return text_reason(reason, CRYPT_E_BAD_ENCODE, "it is empty");
    if (text.data[0] == DER_SEQUENCE) {
        *der = heap_copy(data, size);
        *der_size = size;
        return S_OK;
    }
    if (begins_with(text, "\xEF\xBB\xBF")) text = from(text, 3);
    if (FAILED(hr = find_block(text, label, &block, reason))) return hr;
    out = heap_take(block.size / 4 * 3 + 3);
    wrong = decode(block, out, der_size);
    if (wrong == block.size && *der_size) {
        *der = out;
        return S_OK;
    }
    free(out);
    *der_size = 0;
    return text_reason(reason, CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte %u",
                       (unsigned)(block.data - (const unsigned char *)data + wrong));
}
