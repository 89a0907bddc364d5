/*
 * How far the deliveries have taken a journal: what one of their destinations does not have yet is
 * not to be removed.
 */
#ifndef PRUNE_DELIVERIES_H
#define PRUNE_DELIVERIES_H

#include "journal/line.h"
#include "journal/disk.h"

struct prune_deliveries {
    uint64_t have;                      /* every destination has the lines up to this one;
                                         * UINT64_MAX: there is no destination */
    char slowest[DISK_NAME_MAX];        /* the file NAME.state that says so; "": none */
};

/*
 * Look through the states in the folder of a delivery, those of the CA `ca` (size 0: of any) and
 * those that do not know their CA yet. `out` begins as {UINT64_MAX, ""} and can be taken through
 * several folders.
 * Failures are those of the disk, of the folder (ERROR_FILE_NOT_FOUND: there is none) or of a
 * state: `slowest` names its file then, and ERROR_INVALID_DATA says that it is damaged.
 */
HRESULT prune_deliveries_look(const char *folder, struct span ca,
                              struct prune_deliveries *out) MUST_CHECK;

#endif
