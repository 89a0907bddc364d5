/* An outline's values in Windows' UTF-16. */
#ifndef OUTLINE_WIDE_H
#define OUTLINE_WIDE_H

#include "outline.h"

#include <windows.h>

#define WIDE_TEXT_MAX 4096              /* characters with the zero; longer texts are cut */

/* Text that may be hostile: halves of surrogate pairs become U+FFFD. */
void outline_wide(struct outline *outline, const char *key, const char *label, const WCHAR *text);

/* The same text in UTF-8, zero-terminated; returns `out`. */
const char *wide_utf8(const WCHAR *text, char out[3 * WIDE_TEXT_MAX]);

#endif
