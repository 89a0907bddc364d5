/*
 * What a running destination tells others about itself: the file NAME.status in the store, for
 * `status`. Nothing depends on it: it is not flushed, and a torn or missing one means that nothing
 * is known.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "store.h"
#include "base/json_doc.h"

#define PROGRESS_SIZE 2048              /* bytes of the file: JSON, and blanks up to here */
#define PROGRESS_WHY  512

struct progress {
    int64_t since;                      /* of the run, and of the rest: os_now; 0: never */
    int64_t sent_at, failed_at, written_at;
    int64_t moved_at;                   /* when its position moved last, or nothing waited; 0: not
                                         * in this run */
    uint64_t shown_ms;                  /* when it was written, in os_ticks_ms; not in the file */
    uint64_t sent;                      /* lines acknowledged in this run */
    unsigned failures;                  /* attempts in a row that failed; 0: it works */
    bool halted;                        /* until an administrator has acted */
    char why[PROGRESS_WHY];             /* of the last failure */
};

/* Write the file if it is a second old, or `now`. What cannot be written is not. */
void progress_write(struct store *store, const char *name, struct progress *progress, bool now);

/* Read it; false: there is none, or it cannot be read. */
bool progress_read(struct disk_folder *folder, const char *name, struct progress *out);

#endif
