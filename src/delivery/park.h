/*
 * The lines that a destination has refused, in its file NAME.parked: kept with the reason, to be
 * looked at and sent again.
 *
 * An entry is one line of JSON: {"parked":time,"sequence":n,"reason":text,"line":line}, in which
 * the line stands exactly as it was refused. The first ,"line": in an entry is that in front of it,
 * as no string has an unescaped quotation mark in it. The state says which bytes of the file count:
 * a line is parked, and the position moves behind it, with one record. Bytes outside are left over
 * from a crash or from entries that were sent again.
 */
#ifndef PARK_H
#define PARK_H

#include "state.h"

/*
 * Write an entry and flush it. `record` then names it; the caller saves the record. On failure the
 * record is unchanged.
 */
HRESULT park_add(struct store *store, const char *name, struct state_record *record,
                 uint64_t sequence, struct span line, const char *reason) MUST_CHECK;

/* Entries, from a folder that is only viewed or that the caller has entered. */
struct park_reader {
    struct disk_file *file;             /* owned */
    uint64_t at, end;
    struct bytes text;                  /* owned; the entry */
};

/* S_FALSE: nothing is parked, and there is nothing to close. */
HRESULT park_open(struct disk_folder *folder, const char *name, const struct state_record *record,
                  struct park_reader *reader) MUST_CHECK;
/* The next entry, with its LF, valid until the next call. S_FALSE: no more. */
HRESULT park_next(struct park_reader *reader, struct span *entry) MUST_CHECK;
/* The line in an entry, without LF; size 0: it is no entry. */
struct span park_line(struct span entry);
void park_close(struct park_reader *reader);

#endif
