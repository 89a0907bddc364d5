/*
 * Lines that were refused one after the other with one and the same answer. A few are the lines'
 * own fault; so many are not: an index, a right, a mailbox is missing.
 *
 * Two answers are the same if they differ in numbers alone, as in a line's sequence or the ID of a
 * request, or behind REFUSED_ROW_LOOKED bytes.
 */
#ifndef REFUSED_ROW_H
#define REFUSED_ROW_H

#include <stdbool.h>

#define REFUSED_ROW_MOST   100
#define REFUSED_ROW_LOOKED 160

struct refused_row {                    /* {0}: none */
    unsigned count;
    char why[REFUSED_ROW_LOOKED + 1];   /* the answer */
};

/* One more. True: there were REFUSED_ROW_MOST with that answer before it. */
bool refused_row_add(struct refused_row *row, const char *why);

/* Where an earlier run ended: behind so many lines with that answer. */
void refused_row_resume(struct refused_row *row, unsigned count, const char *why);

/* A line was taken. */
void refused_row_end(struct refused_row *row);

#endif
