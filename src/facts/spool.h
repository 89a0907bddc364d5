/*
 * Entries of any size, kept in the order in which they are added and read again at their offsets.
 *
 * The first `most` bytes are kept in memory, the rest in a temporary file (temp_file.h). The first
 * failure stays in `hr`: E_OUTOFMEMORY, or the error of the disk; from then on nothing is added.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include "base/bytes.h"
#include "base/temp_file.h"

struct spool {
    size_t most;                        /* bytes in memory */
    struct bytes head, tail;            /* owned; the first entries, and those for the file */
    struct temp_file *file;             /* owned; NULL as long as all is in memory */
    uint64_t size;                      /* of all entries; the offset of the next */
    uint64_t written;                   /* bytes in the file */
    HRESULT hr;
};

void spool_begin(struct spool *spool, size_t most);
void spool_free(struct spool *spool);

/* The offset of the entry; after a failure of no use. */
uint64_t spool_add(struct spool *spool, const void *data, size_t size);

/* `size` bytes of one entry, from `offset` on, which lies within it. False: a failure, such as
 * E_INVALIDARG behind the last entry. */
bool spool_read(struct spool *spool, uint64_t offset, void *out, size_t size);

#endif
