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

/* Entries that are not in the file yet. {0}: none. */
struct park_entries {
    struct bytes text;                  /* owned */
    unsigned count;
};

/* On failure nothing is added. */
HRESULT park_gather(struct park_entries *entries, uint64_t sequence, struct span line,
                    const char *reason) MUST_CHECK;
void park_entries_free(struct park_entries *entries);

/* Entries that the record counted and the file does not have any more: somebody has changed it. */
struct park_loss {
    uint64_t count;                     /* as the record said; 0: there is no loss */
    char kept[DISK_NAME_MAX];           /* what the file is called now; "": it was removed or
                                         * empty */
};

/*
 * Write the entries, at least one, with one flush. `record` then counts them, and `entries` is
 * empty; the caller saves the record. On failure both are unchanged. If there is a `loss`, the
 * record counts these entries alone. After a failure `loss->kept` may be set, too.
 */
HRESULT park_add(struct store *store, const char *name, struct state_record *record,
                 struct park_entries *entries, struct park_loss *loss) MUST_CHECK;

/* A sentence about a loss. */
void park_tell_loss(const struct park_loss *loss, const char *name, char *out, size_t room);

/*
 * Move all entries to the front of the file, if entries that were sent again take as much room
 * there. S_OK: the caller saves the record; the next park_add cuts off what is left behind.
 * S_FALSE: nothing is to be done. On failure the record is unchanged and valid.
 */
HRESULT park_tidy(struct store *store, const char *name, struct state_record *record) MUST_CHECK;

/*
 * Forget all entries. Their file is kept under the name `kept`, "" if there is none; the caller
 * saves the record. On failure the record is unchanged.
 */
HRESULT park_discard(struct store *store, const char *name, struct state_record *record,
                     char kept[DISK_NAME_MAX]) MUST_CHECK;

/* Entries, from a folder that is only viewed or that the caller has entered. */
struct park_reader {
    struct disk_file *file;             /* owned */
    uint64_t at, end;
    struct bytes text;                  /* owned; the entry */
};

/* S_FALSE: nothing is parked. ERROR_INVALID_DATA: the file does not have what the record counts.
 * After these and failures there is nothing to close. */
HRESULT park_open(struct disk_folder *folder, const char *name, const struct state_record *record,
                  struct park_reader *reader) MUST_CHECK;
/* The next entry, with its LF, valid until the next call. S_FALSE: no more. */
HRESULT park_next(struct park_reader *reader, struct span *entry) MUST_CHECK;
/* The line in an entry, without LF; size 0: it is no entry. */
struct span park_line(struct span entry);
/* The sequence in an entry; 0: it is no entry, or its line is in no journal. */
uint64_t park_sequence(struct span entry);
/* The reason in an entry, with a zero at its end; empty: it is no entry. */
void park_reason(struct span entry, struct bytes *out);
void park_close(struct park_reader *reader);

#endif
