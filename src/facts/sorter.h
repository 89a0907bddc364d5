/*
 * Records of one size, sorted, however many there are.
 *
 * Records are compared as bytes, from their start up to `key` bytes, and equal ones keep the order
 * in which they were added. Up to `memory` bytes are kept in memory; the rest lies in a temporary
 * file (temp_file.h), in sorted runs that are merged while they are read. Numbers that are part of
 * a key are written with sorter_put, highest byte first.
 *
 * sorter_begin, any number of sorter_add, sorter_sort, any number of sorter_next, sorter_free. The
 * first failure stays in `hr`, and from then on nothing is added and nothing comes out:
 * E_OUTOFMEMORY, or the error of the disk. One thread.
 */
#ifndef SORTER_H
#define SORTER_H

#include "base/temp_file.h"

#define SORTER_RUNS_MOST 4096           /* runs: of 16 MiB, 64 GiB; one more is E_OUTOFMEMORY */

struct sorter {
    size_t record, key;                 /* bytes */
    char *memory, *spare;               /* owned; each has room for `most` records */
    size_t count, most, room;           /* records in memory; how many may be; have memory now */
    struct temp_file *file;             /* owned; NULL as long as all is in memory */
    struct sorter_run *runs;            /* owned */
    uint32_t *heap;                     /* owned; runs by their next record */
    size_t run_count, heap_count;
    size_t at;                          /* without a file: the next record */
    bool took;                          /* the first run of the heap gave a record */
    uint64_t written, added;
    HRESULT hr;
};

/* `memory` is the bytes that may be used, for records and for sorting them; at least 64 KiB. */
void sorter_begin(struct sorter *sorter, size_t record, size_t key, size_t memory);
void sorter_free(struct sorter *sorter);

void sorter_add(struct sorter *sorter, const void *record);

/* No more is added. */
void sorter_sort(struct sorter *sorter);
/* The next record, until the next call; NULL behind the last, or after a failure. */
const void *sorter_next(struct sorter *sorter);

static inline void sorter_put(uint8_t out[8], uint64_t number)
{
    for (int i = 7; i >= 0; i--, number >>= 8) out[i] = (uint8_t)number;
}

static inline uint64_t sorter_get(const uint8_t in[8])
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++) number = number << 8 | in[i];
    return number;
}

#endif
