/*
 * How far a destination of the delivery has taken a journal, as it stands on disk: written by the
 * delivery (delivery/state.h), and read before lines of the journal are removed.
 *
 * The format of NAME.state, version 3: two records of STATE_SLOT bytes, at offset 0 and STATE_SLOT.
 * A record is these fields, separated by one blank and ended by LF, and blanks up to its size:
 *
 *   certwitness-delivery  these letters
 *   3                     the version of the format; 1 and 2 are read, too
 *   generation            decimal; one more with each record
 *   segment offset number sequence   decimal; the position (below)
 *   hash                  of the line at the position; 64 zeros if there is none, or if the lines
 *                         up to it were removed before they were delivered
 *   parked from to        decimal; the number of parked lines, and where in NAME.parked they
 *                         begin and end (delivery/park.h)
 *   segment offset        decimal; where the last damage is that was told, 0 0 if none was. Not in
 *                         version 1
 *   row                   decimal; how many lines, up to the position, were refused one after the
 *                         other with one answer. Not in versions 1 and 2
 *   ca                    the CA's name, "-" if it is unknown
 *   checksum              64 lower-case hex digits: SHA-256 of the record's bytes before this field
 *
 * The records are written in turn. The intact record with the higher generation is valid; a file
 * without an intact record is damaged.
 */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include "journal/disk.h"
#include "journal/line.h"

/*
 * A position in a journal: the last line that a destination has taken, with all that is needed to
 * find it again and to see whether it is still the same line.
 */
struct position {
    uint64_t segment, offset, number;   /* where the line begins, as in struct reader_start */
    uint64_t sequence;                  /* 0: no line; delivery begins with the oldest one */
    uint64_t fault_segment, fault_offset;               /* the last damage that was told; 0: none */
    char hash[LINE_HASH_SIZE + 1];
    char ca[LINE_SOURCE_MAX + 1];       /* the CA's name in the line's source */
};

/* Which of the two was told of more damage: below 0, 0 or above 0, as of strcmp. */
int position_compare_faults(const struct position *a, const struct position *b);

#define STATE_SLOT 4096

struct state_record {
    uint64_t generation;                /* set by state_save */
    struct position position;
    uint64_t parked, parked_from, parked_to;
    uint64_t row;                       /* of refused lines: pace/refused_row.h */
};

/* E_INVALIDARG: the record is too long. */
HRESULT state_record_spell(const struct state_record *record, char out[STATE_SLOT + 1]) MUST_CHECK;

/*
 * The valid record of a file, and its number, 0 or 1. S_FALSE: there is no such file;
 * ERROR_INVALID_DATA: it is damaged. Unless S_OK `record` is zero and `slot` unchanged or -1.
 */
HRESULT state_record_load(struct disk_folder *folder, const char *file,
                          struct state_record *record, int *slot) MUST_CHECK;

#endif
