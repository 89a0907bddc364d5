/*
 * Strict base64 decoder (RFC 4648): whole groups, padding required, unused bits zero. Portable;
 * allocates nothing.
 */
#ifndef BASE64_H
#define BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes that `size` characters of base64 can encode. */
#define BASE64_ROOM(size) ((size) / 4 * 3 + 3)

/*
 * Decode all of `text` into `out`, whose capacity is BASE64_ROOM(text_size) bytes; `*out_size` is
 * the number of bytes decoded. If `blanks` is set, spaces, tabs, CR and LF are allowed anywhere.
 * Returns `text_size` if the text is valid (an empty text is), otherwise the offset of the first
 * error. `out` may be the same memory as `text`: a byte is written only after it was read.
 */
size_t base64_decode(const void *text, size_t text_size, bool blanks, unsigned char *out,
                     size_t *out_size);

#endif
