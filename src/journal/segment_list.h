/*
 * The segments of a folder, in their order, from one listing. Without it, finding each next
 * segment would list the folder once for each.
 */
#ifndef SEGMENT_LIST_H
#define SEGMENT_LIST_H

#include "disk.h"

/* {0} is empty. 8 bytes of memory for each segment, up to 24 during the listing. */
struct segment_list {
    uint64_t *starts;                   /* owned; first sequences, ascending */
    size_t count, room;
    bool failed;                        /* during the listing: memory ran out */
};

/*
 * Replace the list by the folder's current segments. After a failure, that of the disk or
 * E_OUTOFMEMORY, it is empty.
 */
HRESULT segment_list_read(struct segment_list *list, struct disk_folder *folder) MUST_CHECK;
void segment_list_free(struct segment_list *list);      /* empty afterwards */

/* The lowest sequence above `limit`, and the highest below it; 0: none. */
uint64_t segment_list_above(const struct segment_list *list, uint64_t limit);
uint64_t segment_list_below(const struct segment_list *list, uint64_t limit);

#endif
