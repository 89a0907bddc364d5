/*
 * What a person or a script sees of the program: standard output and standard error, in UTF-8.
 *
 * Output is buffered; console_flush writes it out, and the program's end does. On a Windows console
 * it is written as UTF-16, so that it is right whatever the code page is; anywhere else the bytes
 * go out as they are. One thread at a time.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "base/notes.h"

#include <stdbool.h>
#include <stddef.h>

void console_open(void);                /* first thing in the program */
/* False: not all of the output could be written (a full disk, a reader that has gone). */
bool console_flush(void);

/* Bytes for standard output, as they are: what somebody else wrote has been made harmless by then
 * (console_add_text, outline.h). */
void console_write(const void *text, size_t size);
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether writing has failed: there is no use in going on. */
bool console_failed(void);

/* The program's name, which console_note begins with: "certwitness" unless it is set. */
extern const char *console_name;

/*
 * "certwitness: ..." and a LF on standard error, what was written before coming first. Whatever
 * would steer a terminal is escaped. In a terminal the text is broken at blanks to its width, at
 * most 100 columns; text that begins with a blank, a command to be copied, is not.
 */
void console_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern const struct notes console_notes; /* the same, for rooms that know of no console */

/* A line on standard error that the next one takes the place of, where that is a terminal; NULL
 * takes it away. */
void console_progress(const char *text);
bool console_shows_progress(void);

bool console_is_terminal(void);         /* standard output */
/* Columns of the terminal, 20 or more; 0 where standard output is none. The variable COLUMNS says
 * otherwise. */
unsigned console_width(void);

/* Rows of the terminal, 10 or more; 0 where standard output is none. The variable LINES says
 * otherwise. */
unsigned console_height(void);

enum console_style { STYLE_PLAIN, STYLE_STRONG, STYLE_FAINT, STYLE_GOOD, STYLE_WARN, STYLE_BAD };

/* What begins a style, and with STYLE_PLAIN ends it: "" unless standard output is a terminal that
 * shows colours and NO_COLOR is not set. */
const char *console_style(enum console_style style);

/* Whether Ctrl-C was pressed. Until it has been asked for the first time, Ctrl-C ends the program
 * as usual, and again when it is pressed a second time. */
bool console_interrupted(void);

struct bytes;
/* How many columns the text takes on a terminal (wide characters two, combining ones none). UTF-8
 * that is plain (utf8.h). */
unsigned console_columns(const char *text, size_t size);
/* Text that may be hostile, made plain: what is not is written \u{202e}; cut to `columns` with an
 * ellipsis where it is wider, unless that is 0. Returns how many columns were added. A character
 * may have marks without end that take no column of their own, so text that has more than
 * CONSOLE_COLUMN_BYTES for each of `columns` is cut as well. */
#define CONSOLE_COLUMN_BYTES 8          /* a letter of any script with the marks it has in words */
unsigned console_add_text(struct bytes *out, const char *text, size_t size, unsigned columns);

#endif
