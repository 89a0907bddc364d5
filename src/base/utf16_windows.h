/*
 * UTF-16, as the CA, COM and Windows have it, and UTF-8, as everything else here has it: the one place that converts.
 *
 * To UTF-8 an unpaired surrogate becomes U+FFFD; the form of the text is never a failure. From UTF-8 bytes that are no
 * UTF-8 are refused, since they would name another file or another CA; only utf16_show puts U+FFFD in their place, for
 * text that people read. No result is cut: what does not fit gives false and an empty text. Any thread; nothing is
 * allocated but where a function says so.
 */
#ifndef UTF16_WINDOWS_H
#define UTF16_WINDOWS_H

#include "json.h"

#include <windows.h>

/* Append `count` UTF-16 units as UTF-8. Failure is `out`'s (bytes.h). */
void utf16_add_utf8(struct bytes *out, const WCHAR *text, size_t count);

/* A zero-terminated copy in UTF-8, which the caller frees; NULL without memory. */
char *utf16_to_utf8(const WCHAR *text);

/* The zero-terminated text in UTF-8, in `size` bytes at `out`. */
bool utf16_put_utf8(const WCHAR *text, char *out, size_t size);

/* A member of a JSON object; none where the text is empty. Failure is json's `out`'s. */
void utf16_add_json(struct json *json, const char *name, const WCHAR *text);

/* How many UTF-16 units `size` bytes of UTF-8 take; 0: none, or they are no UTF-8. A terminator within `size` counts. */
size_t utf16_units(const char *utf8, size_t size);

/* The zero-terminated text in UTF-16, in `units` units at `out`. */
bool utf16_from_utf8(const char *utf8, WCHAR *out, size_t units);

/* `size` bytes that people read, in UTF-16; returns the units, and adds no terminator. 0: `units` do not suffice. */
size_t utf16_show(const char *utf8, size_t size, WCHAR *out, size_t units);

#endif
