/* Numbers spelled as text and read back, for what is spelled for every line: without printf, memory or a locale. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGITS_MAX 21                   /* the longest number with its sign or its zero */

/* Decimal, of at most DIGITS_MAX characters with the zero that ends it; the length without it. */
size_t digits_of(uint64_t number, char *out);
size_t digits_signed(int64_t number, char out[DIGITS_MAX]);

/* Exactly `count` digits, the lowest of the number, with zeros in front; not ended. */
void digits_padded(uint64_t number, char *out, size_t count);

/* Read exactly `count` digits. False: one is none, or the number does not fit; `*out` is then undefined. */
bool digits_read(const char *digits, size_t count, uint64_t *out);

/* Exactly two lower-case hex digits a byte; not ended. */
void digits_hex(const void *data, size_t size, char *out);

#endif
