/* The segments that a folder has, in their order, from one listing of it: whoever asks the folder for each next one anew lists it as often as there
 * are files. */
#ifndef SEGMENT_LIST_H
#define SEGMENT_LIST_H

#include "disk.h"

/* {0} has none. 8 bytes of memory for each segment, up to 24 while it is read. */
struct segment_list {
    uint64_t *starts;                   /* owned; their first sequences, ascending */
    size_t count, room;
    bool failed;                        /* while it is read: memory ran out */
};

/* What is there now, in place of what was. After a failure, that of the disk or E_OUTOFMEMORY, it has none. */
HRESULT segment_list_read(struct segment_list *list, struct disk_folder *folder) MUST_CHECK;
void segment_list_free(struct segment_list *list);      /* has none again */

/* The lowest above `limit`, the highest below it; 0 where there is none. */
uint64_t segment_list_above(const struct segment_list *list, uint64_t limit);
uint64_t segment_list_below(const struct segment_list *list, uint64_t limit);

#endif
