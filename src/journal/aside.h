/* Files that have a segment's name and are not of the chain: out of its way, into torn/, where nothing is ever thrown away. */
#ifndef ASIDE_H
#define ASIDE_H

#include "disk.h"

/* To `kept`, torn/<the name's digits>-foreign-<n>, the first n that is free, and that on disk. `kept` is "" where the file is where it was;
 * otherwise it was moved, also where that fails to come to the disk. */
HRESULT aside_move(struct disk_folder *folder, const char *name, char kept[DISK_NAME_MAX]) MUST_CHECK;

#endif
