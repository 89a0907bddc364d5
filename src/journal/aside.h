/* Files that have a segment's name and are not of the chain: out of its way, into torn/, where nothing is ever thrown away. */
#ifndef ASIDE_H
#define ASIDE_H

#include "disk.h"

/* To torn/<the name's digits>-foreign-<n>, the first n that is free, and that on disk. On failure the file is where it was. */
HRESULT aside_move(struct disk_folder *folder, const char *name) MUST_CHECK;

#endif
