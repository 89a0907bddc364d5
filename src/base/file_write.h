/*
 * Writing a file atomically: it exists completely or not at all.
 *
 * The text is written to a file with ".part" after its name, flushed, and then renamed, replacing
 * an existing file. An unfinished ".part" of an earlier attempt is replaced. If either path is a
 * link or a file with several names, it is neither followed nor replaced:
 * ERROR_REPARSE_POINT_ENCOUNTERED.
 */
#ifndef FILE_WRITE_H
#define FILE_WRITE_H

#include "bytes.h"
#include "os.h"

#include <stdio.h>

struct file_write {
    struct bytes text;                  /* text that the caller appends; file_write_some writes
                                         * it out and empties it once it is long */
    char *path, *part;                  /* owned */
    FILE *file;
    HRESULT hr;                         /* the first failure */
};

/*
 * `path` is UTF-8. A failure is remembered and returned by file_write_end, which must always be
 * called.
 */
void file_write_begin(struct file_write *write, const char *path);
void file_write_some(struct file_write *write);
/*
 * `keep`: rename the file to its final name; otherwise it is removed. After a failure it is always
 * removed.
 */
HRESULT file_write_end(struct file_write *write, bool keep) MUST_CHECK;

/*
 * Write a whole file in one call. S_FALSE: the file already exists with exactly these bytes;
 * nothing was written.
 */
HRESULT file_put(const char *path, const void *data, size_t size) MUST_CHECK;
/* The same for a file that everyone may read. It is always written anew. */
HRESULT file_publish(const char *path, const void *data, size_t size) MUST_CHECK;

#endif
