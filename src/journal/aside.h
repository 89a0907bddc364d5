/*
 * Moving files aside, into torn/, that have a segment's name but are not part of the chain. Files
 * in torn/ are never removed.
 */
#ifndef ASIDE_H
#define ASIDE_H

#include "disk.h"

/*
 * Move the file to torn/<the name's digits>-foreign-<n>, with the first free n, and flush the
 * move. `kept` receives that name, or "" if the file was not moved. If the move was made but could
 * not be flushed, the call fails and `kept` holds the name.
 */
HRESULT aside_move(struct disk_folder *folder, const char *name,
                   char kept[DISK_NAME_MAX]) MUST_CHECK;

#endif
