/* Permanent removal of a CA's journal from the disk. */
#ifndef PURGE_H
#define PURGE_H

#include "base/folder_windows.h"
#include "listener.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * True if a CA writes the journal in that folder: it holds the file `lock`. Blocks for as long as
 * the disk does.
 */
bool purge_is_in_use(const WCHAR *folder);

/*
 * Count the journal's files, by their names, in that folder and in torn\ below it. Blocks for as
 * long as the disk does.
 */
uint64_t purge_count(const WCHAR *folder);

/* True if there is one: the folder is listed up to the first. */
bool purge_finds_any(const WCHAR *folder);

/*
 * Remove the journal's files from the folder, selected by name: segments, empty `lock` and
 * `prune.lock`, `head` and `prune` if not larger than their formats allow, and in torn\ the tails.
 * Then remove torn and the folder, and %ProgramData%\CertWitness above it, if they are empty.
 * Files of others stay, links too, and are reported to `listener`.
 *
 * `held` is the result of folder_judge for the folder: files are opened relative to its handle,
 * even if the path changes meanwhile. The handles of removed folders are closed.
 */
HRESULT purge_journal(const WCHAR *folder, struct folder_held *held,
                      const struct listener *listener);

#endif
