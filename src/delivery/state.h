/*
 * A destination's state on disk: how far it has taken the journal. It survives a power cut at any
 * moment.
 *
 * The format of NAME.state, version 1: two records of STATE_SLOT bytes, at offset 0 and STATE_SLOT.
 * A record is these fields, separated by one blank and ended by LF, and blanks up to its size:
 *
 *   certwitness-delivery  these letters
 *   1                     the version of the format
 *   generation            decimal; one more with each record
 *   segment offset number sequence   decimal; the position (position.h)
 *   hash                  of the line at the position; 64 zeros if there is none
 *   parked from to        decimal; the number of parked lines, and where in NAME.parked they
 *                         begin and end (park.h)
 *   ca                    the CA's name, "-" if it is unknown
 *   checksum              64 lower-case hex digits: SHA-256 of the record's bytes before this field
 *
 * The records are written in turn, each with one write and one flush, so the one before the last
 * stays intact whatever becomes of the last. The intact record with the higher generation is valid.
 * The file is made under the name NAME.new and renamed once its first record is on disk; therefore
 * a NAME.state without an intact record is damaged, never new.
 */
#ifndef STATE_H
#define STATE_H

#include "position.h"
#include "store.h"

#define STATE_SLOT 4096

struct state_record {
    uint64_t generation;                /* set by state_save */
    struct position position;
    uint64_t parked, parked_from, parked_to;
};

struct state;

/*
 * S_OK: `record` is what was saved last. S_FALSE: there is no state yet. ERROR_INVALID_DATA: the
 * file is damaged; it is not changed. `store` must outlive the state. state_close follows unless
 * the call failed.
 */
HRESULT state_open(struct store *store, const char *name, struct state **out,
                   struct state_record *record) MUST_CHECK;
void state_close(struct state *state);                  /* takes NULL */

/* S_OK: the record is on disk. After a failure the record before it is valid, or this one. */
HRESULT state_save(struct state *state, struct state_record *record) MUST_CHECK;

/* As state_open, from a folder that is only viewed: for `status`, beside a running delivery. */
HRESULT state_load(struct disk_folder *folder, const char *name,
                   struct state_record *record) MUST_CHECK;

#endif
