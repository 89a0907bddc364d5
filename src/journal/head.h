/*
 * The file `head`: the last line of a journal that is known to be on disk, told by its writer after each flush. Its form, and what it
 * says of lines, are told at the top of line.c.
 *
 * `source` is that of the journal's lines everywhere: the record of another CA is none.
 */
#ifndef HEAD_H
#define HEAD_H

#include "disk.h"
#include "line.h"

#define HEAD_NAME "head"
#define HEAD_SIZE 207                   /* bytes: less than a sector */

struct head {
    char run[37];                       /* GUID of the run that wrote it */
    struct chain_head line;             /* its sequence is never 0 */
};

/* The record, and a zero behind it. Failures are those of the hash; E_INVALIDARG: the source is longer than LINE_SOURCE_MAX. */
HRESULT head_spell(const struct head *head, struct span source, char out[HEAD_SIZE + 1]) MUST_CHECK;

/* Whether `size` bytes are a record of this CA's; only then is `head` set. */
bool head_parse(const char *text, size_t size, struct span source, struct head *head);

/*
 * What `head` in the folder says. S_FALSE: there is none; no such file, or one that holds no record of this CA's. Any program may ask
 * at any time, also while a writer is at work. Another failure is that of the disk, and says nothing of the journal.
 */
HRESULT head_read(struct disk_folder *folder, struct span source, struct head *head) MUST_CHECK;

/* --- the writer, who has the folder open for writing --- */

/* Open the file, make it where there is none. A record in it stays until head_write. Closed by disk_close. */
HRESULT head_open(struct disk_folder *folder, struct disk_file **out) MUST_CHECK;

/* Put the record in the place of the one before, in one write. Not flushed. */
HRESULT head_write(struct disk_file *file, const struct head *head, struct span source) MUST_CHECK;

#endif
