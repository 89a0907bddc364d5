/* Removing a CA's journal from the disk, for good. */
#ifndef PURGE_H
#define PURGE_H

#include "listener.h"

#include <stdbool.h>

/* Whether a CA writes the journal in that folder: it holds the file `lock`. Blocks for as long as the disk does. */
bool purge_is_in_use(const WCHAR *folder);

/*
 * Remove the journal's own files (segments, lock, torn) from its folder, then the folder if nothing else stands in it, and
 * %ProgramData%\CertWitness above it likewise. What somebody else put there stays, and `listener` is told. No folder is no failure.
 */
HRESULT purge_journal(const WCHAR *folder, const struct listener *listener);

#endif
