#include "base64.h"

static int digit(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_blank(unsigned char c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

size_t base64_decode(struct der_bytes text, bool blanks, unsigned char *out, size_t *out_size)
{
    unsigned bits = 0, value = 0, pads = 0;
    size_t at, last = 0;                                        /* the last character that is no blank */

    *out_size = 0;
    for (at = 0; at < text.size; at++) {
        unsigned char c = text.data[at];

        if (blanks && is_blank(c)) continue;
        last = at;
        if (c == '=') {                                         /* one where 2 bits are left over, two where 4 are */
            if (++pads > bits / 2) return at;
            continue;
        }
        if (digit(c) < 0 || pads) return at;
        value = (value << 6 | (unsigned)digit(c)) & 0xFFF;
        if ((bits += 6) < 8) continue;
        bits -= 8;
        out[(*out_size)++] = (unsigned char)(value >> bits);
    }
    return bits < 6 && pads == bits / 2 && !(value & ((1u << bits) - 1)) ? at : last;
}
