#include "utf8.h"

#include "invisible.h"

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
    if (*point < least[length] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
        goto bad;
    return length;
bad:
    *point = 0xfffd;
    return 1;
}

bool utf8_is_plain(uint32_t point)
{
    if (point < 0x7f) return point >= 0x20;
    if (point <= 0x9f || point == 0x2028 || point == 0x2029) return false;
    if ((point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) == 0xfffe)
        return false; /* noncharacters; two end every plane */
    return !is_invisible(point);
}
