/* Base64 (RFC 4648), strictly: whole groups, padded, and no bit that does not belong. Portable; nothing is allocated. */
#ifndef BASE64_H
#define BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* What so many characters of base64 can stand for at most, in bytes. */
#define BASE64_ROOM(size) ((size) / 4 * 3 + 3)

/*
 * Decode all of `text` into `out`, which has room for BASE64_ROOM(text_size) bytes; `*out_size` are used. `blanks`: spaces, tabs, CR and
 * LF may stand anywhere. Returns where the text is wrong, and `text_size` where it is right; an empty text is. `out` may be the text's own
 * memory: it is never written beyond what was read.
 */
size_t base64_decode(const void *text, size_t text_size, bool blanks, unsigned char *out, size_t *out_size);

#endif
