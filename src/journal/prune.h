/* Removing sealed segments that are older than anybody wants to keep. */
#ifndef PRUNE_H
#define PRUNE_H

#include "recover.h"

struct prune {
    struct chain_head head;             /* the last line of the last segment to be removed; sequence 0: there is none */
    uint64_t before;                    /* segments whose names tell a lower sequence are to be removed */
    uint64_t segments;                  /* how many they are */
};

#define PRUNE_SEGMENTS_MAX 16           /* at once: callers wait meanwhile */

/*
 * Find the segments, oldest first, that begin and end with lines older than `limit` (as os_now), PRUNE_SEGMENTS_MAX at most. The last segment is
 * never one of them, nor is one whose successor does not begin with an intact line: damage is evidence, and it and everything after it stays.
 */
HRESULT prune_find(struct disk_folder *folder, int64_t limit, struct prune *out) MUST_CHECK;

/* Remove them, oldest first. On failure `name` (SEGMENT_NAME_SIZE + 1) is the file that could not be removed, and those after it stay too. */
HRESULT prune_remove(struct disk_folder *folder, const struct prune *prune, char *name) MUST_CHECK;

#endif
