/*
 * Conversion between UTF-16 (the CA, COM, Windows) and UTF-8 (everything else here). No other file
 * converts.
 *
 * To UTF-8: an unpaired surrogate becomes U+FFFD, so the form of the text is never a failure. From
 * UTF-8: invalid bytes are refused, since they would name another file or another CA; only
 * utf16_show replaces them by U+FFFD, for text that people read. No result is cut: if it does not
 * fit, the function returns false and an empty text. Any thread. Functions allocate nothing unless
 * they say so.
 */
#ifndef UTF16_WINDOWS_H
#define UTF16_WINDOWS_H

#include "json.h"

#include <windows.h>

/* Append `count` UTF-16 units as UTF-8. Failure is `out`'s (bytes.h). */
void utf16_add_utf8(struct bytes *out, const WCHAR *text, size_t count);

/* A zero-terminated copy in UTF-8, which the caller frees; NULL if memory ran out. */
char *utf16_to_utf8(const WCHAR *text);

/* The zero-terminated text in UTF-8, in `size` bytes at `out`. */
bool utf16_put_utf8(const WCHAR *text, char *out, size_t size);

/*
 * Add a member to a JSON object; nothing is added for an empty text. A failure is remembered by
 * json's `out`.
 */
void utf16_add_json(struct json *json, const char *name, const WCHAR *text);

/*
 * The number of UTF-16 units for `size` bytes of UTF-8; 0 if the text is empty or not UTF-8. A
 * terminator within `size` counts.
 */
size_t utf16_units(const char *utf8, size_t size);

/* The zero-terminated text in UTF-16, in `units` units at `out`. */
bool utf16_from_utf8(const char *utf8, WCHAR *out, size_t units);

/*
 * Convert `size` bytes for display; returns the number of units and adds no terminator. 0: `units`
 * is too small.
 */
size_t utf16_show(const char *utf8, size_t size, WCHAR *out, size_t units);

#endif
