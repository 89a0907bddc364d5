/*
 * CSV that any program reads (RFC 4180: commas, CRLF, quotes around text) and no spreadsheet takes
 * for formulas.
 *
 * A cell that a spreadsheet would compute or split gets an apostrophe before the character that
 * would make it do so: before = + - @ and their full-width forms where they stand first in the
 * cell, behind blanks, or behind what another spreadsheet takes for the end of a cell (, ; | and
 * "). What would steer a terminal is escaped first (console_add_text), so that line breaks and TABs
 * never stand there raw. Only JSON is therefore exact.
 */
#ifndef CSV_H
#define CSV_H

#include "base/bytes.h"

#include <stdint.h>

struct csv {
    struct bytes *out;                  /* borrowed; remembers failure */
    bool behind;                        /* a cell of this row has been written */
};

/* With a mark in front, without which Excel takes UTF-8 for something else. */
void csv_begin(struct csv *csv, struct bytes *out);
void csv_text(struct csv *csv, const char *text, size_t size);  /* UTF-8 that may be hostile */
void csv_word(struct csv *csv, const char *word);               /* the same, zero-terminated */
void csv_number(struct csv *csv, int64_t number);
void csv_end_row(struct csv *csv);

#endif
