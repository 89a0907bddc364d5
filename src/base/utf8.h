/* UTF-8 that may be hostile, character by character. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at `text`, of `size` bytes, at least one; returns how many bytes it takes. What is no UTF-8 is U+FFFD and one byte. */
size_t utf8_next(const char *text, size_t size, uint32_t *point);

/* May it stand before a person's eyes? Not what steers a terminal, hides, or changes the order in which one reads: C0, DEL, C1, line
 * and paragraph separators, noncharacters, and what invisible.h lists: marks of direction, zero-width, blank, tag and other characters. */
bool utf8_is_plain(uint32_t point);

#endif
