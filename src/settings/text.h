/* UTF-16 from the CA and from Windows, as the UTF-8 that everything behind this door is written in. */
#ifndef TEXT_H
#define TEXT_H

#include "base/json.h"

#include <windows.h>

/* Append `count` UTF-16 units as UTF-8; an unpaired surrogate becomes U+FFFD. Failure is `out`'s (bytes.h). */
void text_add_utf8(struct bytes *out, const WCHAR *text, size_t count);

/* The same, zero-terminated and on its own; NULL without memory. The caller frees it. */
char *text_utf8(const WCHAR *text);

/* A member of a JSON object; none where the text is empty. Failure is json's `out`'s. */
void text_add_json(struct json *json, const char *name, const WCHAR *text);

#endif
