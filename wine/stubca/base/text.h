/*
 * Text between the two worlds: UTF-8 inside, UTF-16 at the doors of Windows and of COM.
 */
#ifndef STUBCA_TEXT_H
#define STUBCA_TEXT_H

#include <stdbool.h>
#include <windows.h>
#include "reason.h"

/* The caller frees. What is no character becomes U+FFFD. NULL gives NULL. */
WCHAR *text_wide(const char *utf8);
char *text_utf8(const WCHAR *wide);
/* The same of `count` units that may hold zeros; `*size` are its bytes, a NUL follows. */
char *text_utf8_counted(const WCHAR *wide, size_t count, size_t *size);

/* Is it well-formed UTF-8, without a NUL? */
bool text_is_utf8(const char *bytes, size_t size);

/* The text with every control character (C0, C1, DEL, line and paragraph separators, marks that turn the direction of
 * writing) as U+FFFD, for a terminal or a line of TAP. The caller frees. */
char *text_shown(const char *utf8);

/* Print words on standard output, in lines of at most 79 characters: the first begins at `column`, the others with as many
 * blanks. Ends the line. */
void text_print(int column, const char *utf8);

/* The caller frees. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Put a sentence into the reason, cut to what it holds; returns `hr`, for `return text_reason(...)`. */
HRESULT text_reason(struct reason *reason, HRESULT hr, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What Windows says of an HRESULT or Win32 code, without its line end; "" where it knows nothing. The caller frees. */
char *text_of_code(HRESULT code);

#endif
