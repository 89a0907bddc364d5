/*
 * The characters that nobody sees: Unicode 15.0.0, Default_Ignorable_Code_Point, general
 * category Cf, and U+2800. Made by src/base/invisible; not edited.
 *
 * Two names that differ by one of them look the same. Whatever shows a text that may be hostile
 * writes them as escapes.
 */
#ifndef INVISIBLE_H
#define INVISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INVISIBLE_UNICODE "15.0.0"

static inline bool is_invisible(uint32_t point)
{
    static const struct { uint32_t first, last; } ranges[] = {     /* sorted */
        {0xad, 0xad}, {0x34f, 0x34f}, {0x600, 0x605}, {0x61c, 0x61c},
        {0x6dd, 0x6dd}, {0x70f, 0x70f}, {0x890, 0x891}, {0x8e2, 0x8e2},
        {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
        {0x202a, 0x202e}, {0x2060, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164},
        {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
        {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && point >= ranges[i].first; i++)
        if (point <= ranges[i].last) return true;
    return false;
}

#endif
