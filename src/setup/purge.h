/* Removing a CA's journal from the disk, for good. */
#ifndef PURGE_H
#define PURGE_H

#include "base/folder_windows.h"
#include "listener.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a CA writes the journal in that folder: it holds the file `lock`. Blocks for as long as the disk does. */
bool purge_is_in_use(const WCHAR *folder);

/* How many files of the journal's, by their names, are in that folder and in torn\ below it. Blocks for as long as the disk does. */
uint64_t purge_count(const WCHAR *folder);

/*
 * Remove what the journal makes, and by its name only, from the folder: segments, empty `lock` and `prune.lock`, `head` and `prune` of no more than their size, and in
 * torn\ the tails; then torn and the folder if nothing else stands in them, and %ProgramData%\CertWitness above it likewise. What somebody else put there stays, links too, and `listener` is
 * told.
 *
 * `held` is what folder_judge found fit of the folder: files are opened below its handle, whatever becomes of the path. The handles of the folders
 * that are removed are closed. With none in it there was no folder, which is no failure.
 */
HRESULT purge_journal(const WCHAR *folder, struct folder_held *held, const struct listener *listener);

#endif
