/* Text conversion and formatting: UTF-8 inside, UTF-16 at the interfaces of Windows and COM. */
#ifndef STUBCA_TEXT_H
#define STUBCA_TEXT_H

#include <stdbool.h>
#include <windows.h>
#include "reason.h"

/* The caller frees the result. Invalid characters become U+FFFD. NULL gives NULL. */
WCHAR *text_wide(const char *utf8);
char *text_utf8(const WCHAR *wide);
/*
 * As text_utf8, for `count` units that may include zeros; `*size` is the number of bytes, and a
 * NUL follows.
 */
char *text_utf8_counted(const WCHAR *wide, size_t count, size_t *size);

/* True if the bytes are well-formed UTF-8 without a NUL. */
bool text_is_utf8(const char *bytes, size_t size);

/*
 * A copy for a terminal or a line of TAP: every control character (C0, C1, DEL, line and paragraph
 * separators, marks of writing direction) is replaced by U+FFFD. The caller frees it.
 */
char *text_shown(const char *utf8);

/*
 * Print words on standard output, in lines of at most 79 characters: the first line begins at
 * `column`, the others with as many blanks. Ends the last line.
 */
void text_print(int column, const char *utf8);

/*
 * Text that grows at its end. {0} is the empty one. `text` is NULL until something is appended, and
 * the caller frees it.
 */
struct text_builder {
    char *text;
    size_t size, room;                  /* in bytes, the NUL not included in `size` */
};
void text_append(struct text_builder *builder, const char *utf8);

/* The caller frees. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Write a sentence to the reason, cut to its size; returns `hr`, for `return text_reason(...)`. */
HRESULT text_reason(struct reason *reason, HRESULT hr, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The system's text for an HRESULT or Win32 code, without its line end; "" if there is none. The
 * caller frees it.
 */
char *text_of_code(HRESULT code);

#endif
