/*
 * A file of the copy, and the same file of the journal: what the copy has already is compared and
 * never overwritten, and what it lacks is written.
 *
 * After S_FALSE and failures close the file; what is on disk of it stays, and is compared when it
 * is opened again. S_FALSE: the copy holds other bytes than the journal, from `differs` on.
 * ERROR_FILE_NOT_FOUND: the journal has no such file any more.
 */
#ifndef COPY_FILE_H
#define COPY_FILE_H

#include "base/span.h"
#include "journal/disk.h"
#include "journal/segment.h"

struct copy_file {
    struct disk_folder *folder;         /* borrowed: the copy's */
    const char *journal;                /* borrowed: the path of the journal's folder */
    const int32_t *stop;                /* borrowed; not 0: end with ERROR_TIMEOUT */
    struct disk_file *from, *to;        /* owned; NULL: none is open */
    uint64_t segment, end;              /* the file that is open, and its size in the copy */
    uint64_t differs;
    bool dirty, fresh;                  /* not flushed: bytes of `to`, its name */
};

/*
 * Flush and close the file that is open, and open that of `segment`; it is made if it is missing.
 * First the files before it, from the last one that the copy has, are given what they lack. What
 * the copy has below `offset` is compared.
 */
HRESULT copy_file_open(struct copy_file *file, uint64_t segment, uint64_t offset) MUST_CHECK;
void copy_file_close(struct copy_file *file);

/* Put a line at its offset, behind what the journal has between it and the end of the copy. */
HRESULT copy_file_put(struct copy_file *file, uint64_t offset, struct span line) MUST_CHECK;

/* S_OK: what was put is on disk. */
HRESULT copy_file_flush(struct copy_file *file) MUST_CHECK;

/*
 * Whether the file that is open is what its name leads to, with all that was put. S_FALSE: somebody
 * has removed, replaced or changed it.
 */
HRESULT copy_file_stands(const struct copy_file *file) MUST_CHECK;

#endif
