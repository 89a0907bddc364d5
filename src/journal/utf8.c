#include "utf8.h"

size_t utf8_next(const char *text, size_t size, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

    *point = at[0];
    if (length == 1) return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4 || length > size) goto bad;
    *point = at[0] & (0x7f >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) goto bad;
        *point = *point << 6 | (at[i] & 0x3f);
    }
    if (*point < least[length] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff)) goto bad;
    return length;
bad:
    *point = 0xfffd;
    return 1;
}

struct range { uint32_t first, last; };

/* Sorted. */
static const struct range unprintable[] = {
    {0x0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff},
};

bool utf8_is_plain(uint32_t point)
{
    if (point < 0x7f) return point >= 0x20;
    if (point >= 0xe0000 && point <= 0xe0fff) return false;     /* tags and variation selectors */
    if ((point & 0xfffe) == 0xfffe) return false;               /* a noncharacter ends every plane */
    for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++) {
        if (point < unprintable[i].first) return true;
        if (point <= unprintable[i].last) return false;
    }
    return true;
}
