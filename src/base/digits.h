/*
 * Conversion of numbers to text and back, fast enough for every line: without printf, memory or a
 * locale.
 */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGITS_MAX 21                   /* the longest number with its sign, if any, and its
                                         * terminating zero */

/*
 * Decimal digits and a terminating zero, at most DIGITS_MAX characters. Returns the length without
 * the zero.
 */
size_t digits_of(uint64_t number, char *out);
size_t digits_signed(int64_t number, char out[DIGITS_MAX]);

/* The lowest `count` digits of the number, padded with zeros on the left; no terminating zero. */
void digits_padded(uint64_t number, char *out, size_t count);

/*
 * Read exactly `count` digits. Returns false if a character is not a digit or the number does not
 * fit; `*out` is then undefined.
 */
bool digits_read(const char *digits, size_t count, uint64_t *out);

/* The value of a hexadecimal digit in either case; -1: it is none. */
int digits_hex_value(int c);
/* The byte that two of them spell; -1: one of them is none. */
int digits_hex_byte(const char digits[2]);

/* Two lower-case hex digits for each byte; no terminating zero. */
void digits_hex(const void *data, size_t size, char *out);

#endif
