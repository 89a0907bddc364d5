#include "base64.h"

/* One more than what a character stands for; 0: none. */
static const unsigned char digits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

static bool base64_is_blank(unsigned char c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* As many whole groups without blanks and pads as there are; returns how many characters that was.
 */
static size_t decode_groups(const unsigned char *text, size_t size, unsigned char *out)
{
    size_t at;

    for (at = 0; size - at >= 4; at += 4, out += 3) {
        unsigned a = digits[text[at]], b = digits[text[at + 1]], c = digits[text[at + 2]],
                 d = digits[text[at + 3]];

        if (!a || !b || !c || !d) break;
        a = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        out[0] = (unsigned char)(a >> 16);
        out[1] = (unsigned char)(a >> 8);
        out[2] = (unsigned char)a;
    }
    return at;
}

size_t base64_decode(const void *text, size_t text_size, bool blanks, unsigned char *out,
                     size_t *out_size)
{
    const unsigned char *characters = text;
    unsigned bits = 0, value = 0, pads = 0;
    size_t at, last = 0; /* the last character that is no blank */

    *out_size = 0;
    for (at = 0; at < text_size; at++) {
        unsigned char c;

        if (!bits && !pads) {
            size_t whole = decode_groups(characters + at, text_size - at, out + *out_size);

            *out_size += whole / 4 * 3;
            if (whole) last = at + whole - 1;
            if ((at += whole) == text_size) break;
        }
        c = characters[at];
        if (blanks && base64_is_blank(c)) continue;
        last = at;
        if (c == '=') { /* one where 2 bits are left over, two where 4 are */
            if (++pads > bits / 2) return at;
            continue;
        }
        if (!digits[c] || pads) return at;
        value = (value << 6 | (digits[c] - 1u)) & 0xFFF;
        if ((bits += 6) < 8) continue;
        bits -= 8;
        out[(*out_size)++] = (unsigned char)(value >> bits);
    }
    return bits < 6 && pads == bits / 2 && !(value & ((1u << bits) - 1)) ? at : last;
}
