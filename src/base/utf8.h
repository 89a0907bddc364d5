/* Decoding of possibly hostile UTF-8, character by character. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode the code point at `text`, which has `size` bytes, at least one. Returns the number of
 * bytes it takes. Invalid UTF-8 is U+FFFD and one byte.
 */
size_t utf8_next(const char *text, size_t size, uint32_t *point);

/*
 * True if the character may be displayed as it is. False for characters that control a terminal,
 * are invisible, or change the reading order: C0, DEL, C1, line and paragraph separators,
 * noncharacters, and those in invisible.h (direction marks, zero-width, blank, tag and other
 * characters).
 */
bool utf8_is_plain(uint32_t point);

#endif
