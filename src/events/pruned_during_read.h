/*
 * Files that the module removed (RetainDays) while somebody read the journal.
 *
 * It removes the oldest first, so what was overtaken shows by the oldest file: it begins behind the
 * place at which reading stands. A file that was taken from between others is another matter.
 */
#ifndef PRUNED_DURING_READ_H
#define PRUNED_DURING_READ_H

#include "journal/reader.h"

/* The sequence with which the oldest file in the journal's folder begins, by its name; 0: there is
 * none, or the folder cannot be read. */
uint64_t oldest_segment_left(const char *path);

/* Whether a READER_FAULT is no more than that. Then a reader opened anew, from 0, begins with what
 * is there now. */
bool was_pruned_during_read(const char *path, const struct reader_item *fault);

#endif
