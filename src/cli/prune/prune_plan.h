/* Which files of a journal may go now: the oldest ones, whole, sealed, old enough, and no more than
 * one run may take. */
#ifndef PRUNE_PLAN_H
#define PRUNE_PLAN_H

#include "journal/line.h"
#include "journal/segment_list.h"
#include "sealed.h"

#define PRUNE_RUN_DAYS 7   /* what so many days of recording hold goes in one run, */
#define PRUNE_RUN_PART 100 /* or one file of so many, or one file, if that is more */

enum prune_stop {
    PRUNE_STOP_LAST,    /* only the last file is left, which is written on */
    PRUNE_STOP_YOUNG,   /* the next file holds, or borders on, a line that is not old enough */
    PRUNE_STOP_LIMIT,   /* the next file is for another run */
    PRUNE_STOP_DELIVERY, /* the next file holds lines after `delivered` */
    PRUNE_STOP_DAMAGED, /* the next file is damaged and nothing has it on record: `damage` */
};

struct prune_plan {
    uint64_t files;                             /* the first so many of the list go; 0: none */
    struct chain_head last;                     /* the last line that goes */
    uint64_t lines;
    enum prune_stop stop;
    uint64_t stopped_at;                        /* the first segment that stays */
    uint64_t damaged; /* the segment that is damaged: that one, or the one after it, */
    struct sealed damage;                       /* and where */
};

/*
 * Judge the files in `list` from the oldest on. A file is old enough if the time of every line in
 * it is before `before`, and that of the line after it, too. Times after `now` are of a clock that
 * was wrong and say nothing; a file with no other is as old as the next line that has one. `all`:
 * without the limit of one run. No file with a line after `delivered` goes. Failures are those of
 * the disk.
 */
HRESULT prune_plan_make(struct disk_folder *folder, const struct segment_list *list, int64_t now,
                        int64_t before, bool all, uint64_t delivered,
                        struct prune_plan *out) MUST_CHECK;

#endif
