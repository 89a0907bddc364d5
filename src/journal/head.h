/*
 * The file `head`: the last line of a journal that is known to be on disk, recorded by the writer
 * after each flush. Its format and its meaning are described at the top of line.c.
 *
 * `source` is the source of the journal's lines in all calls: the record of another CA is not
 * accepted.
 */
#ifndef HEAD_H
#define HEAD_H

#include "disk.h"
#include "line.h"

#define HEAD_NAME "head"
#define HEAD_SIZE 207                   /* bytes: less than a sector */

struct head {
    char run[37];                       /* GUID of the run that wrote the record */
    struct chain_head line;             /* its sequence is never 0 */
};

/*
 * Format the record, with a terminating zero. Failures are those of the hash; E_INVALIDARG: the
 * source is longer than LINE_SOURCE_MAX.
 */
HRESULT head_spell(const struct head *head, struct span source, char out[HEAD_SIZE + 1]) MUST_CHECK;

/*
 * Parse a record. Returns false, with `head` unchanged, unless the `size` bytes are a record of
 * this CA.
 */
bool head_parse(const char *text, size_t size, struct span source, struct head *head);

/*
 * Read the file. S_FALSE: there is no such file, or it does not hold a record of this CA. Any
 * program may call this at any time, also beside a writer. Any other failure is that of the disk,
 * and means nothing about the journal.
 */
HRESULT head_read(struct disk_folder *folder, struct span source, struct head *head) MUST_CHECK;

/* --- for the writer, which has the folder open for writing --- */

/*
 * Open the file, creating it if missing. An existing record stays until head_write. Close it with
 * disk_close.
 */
HRESULT head_open(struct disk_folder *folder, struct disk_file **out) MUST_CHECK;

/* Overwrite the record, in one write. Not flushed. */
HRESULT head_write(struct disk_file *file, const struct head *head, struct span source) MUST_CHECK;

#endif
