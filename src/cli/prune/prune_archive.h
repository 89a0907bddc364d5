/* An archive: another folder that holds copies of a journal's sealed files. */
#ifndef PRUNE_ARCHIVE_H
#define PRUNE_ARCHIVE_H

#include "journal/disk.h"

/*
 * Copy the file `name` from `folder` to `archive`, flush it, read it back and compare. A file of
 * that name that is there already must be the same, or the beginning of it, which an interrupted
 * copy left: HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) where it is another one, which stays as it is.
 * HRESULT_FROM_WIN32(ERROR_INVALID_DATA): what was read back is not what was written.
 */
HRESULT prune_archive_put(struct disk_folder *folder, struct disk_folder *archive,
                          const char *name) MUST_CHECK;

#endif
