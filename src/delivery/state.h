/*
 * A destination's state on disk: how far it has taken the journal. It survives a power cut at any
 * moment.
 *
 * The file NAME.state has two records (events/state_record.h), at offset 0 and STATE_SLOT. They are
 * written in turn, each with one write and one flush, so the one before the last stays intact
 * whatever becomes of the last. The file is made under the name NAME.new and renamed once its first
 * record is on disk; therefore a NAME.state without an intact record is damaged, never new.
 */
#ifndef STATE_H
#define STATE_H

#include "position.h"
#include "store.h"

struct state;

/*
 * S_OK: `record` is what was saved last. S_FALSE: there is no state yet. ERROR_INVALID_DATA: the
 * file is damaged; it is not changed. `store` must outlive the state. state_close follows unless
 * the call failed.
 */
HRESULT state_open(struct store *store, const char *name, struct state **out,
                   struct state_record *record) MUST_CHECK;
void state_close(struct state *state);                  /* takes NULL */

/*
 * Whether its file, the folder and the lock in it are still those that were opened.
 * ERROR_NOT_FOUND (file_system.h): somebody has moved, removed or exchanged one of them: what is
 * saved would be lost, and another delivery can have begun beside this one. Other failures: this
 * cannot be told.
 */
HRESULT state_stands(struct state *state) MUST_CHECK;

/* S_OK: the record is on disk. After a failure the record before it is valid, or this one; after
 * those of state_stands nothing was written. */
HRESULT state_save(struct state *state, struct state_record *record) MUST_CHECK;

/* As state_open, from a folder that is only viewed: for `status`, beside a running delivery. */
HRESULT state_load(struct disk_folder *folder, const char *name,
                   struct state_record *record) MUST_CHECK;

#endif
