/* Prose for a person: broken between words, so that it fits the terminal. */
#ifndef PARAGRAPH_H
#define PARAGRAPH_H

#include "base/bytes.h"

/* The columns that prose is given: those of the terminal, up to 100; 80 where there is none. */
unsigned paragraph_width(void);

/* Append the text, every line of it behind `indent` blanks and ended by LF. What it holds may be
 * hostile: it is made plain (console_add_text). A word that is too long for a line has one of its
 * own and is not broken: it may be a hash to copy. */
void paragraph_add(struct bytes *out, const char *text, size_t size, unsigned indent,
                   unsigned width);

/* Write it to standard output now: broken to a terminal's width, and on one line where a program
 * reads. */
void paragraph_print(const char *text, size_t size, unsigned indent);

#endif
