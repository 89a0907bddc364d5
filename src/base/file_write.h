/*
 * A file that is there whole or not at all: written under another name (".part" behind its own), flushed, and only then given its name, in
 * place of what had it. What is left of one that was not finished makes way for the next. A link with either of the names is neither followed
 * nor replaced, nor is a file that has another name besides: ERROR_REPARSE_POINT_ENCOUNTERED.
 */
#ifndef FILE_WRITE_H
#define FILE_WRITE_H

#include "bytes.h"
#include "os.h"

#include <stdio.h>

struct file_write {
    struct bytes text;                  /* what the caller appends; file_write_some takes it away when there is much of it */
    char *path, *part;                  /* owned */
    FILE *file;
    HRESULT hr;                         /* the first failure */
};

/* `path` is UTF-8. Failure is remembered, and file_write_end tells it. Whatever happens, file_write_end has to follow. */
void file_write_begin(struct file_write *write, const char *path);
void file_write_some(struct file_write *write);
/* `keep`: give it its name; else it is removed. After a failure it is removed as well. */
HRESULT file_write_end(struct file_write *write, bool keep) MUST_CHECK;

/* All of it at once. S_FALSE: there is such a file already, with just these bytes, and nothing was written. */
HRESULT file_put(const char *path, const void *data, size_t size) MUST_CHECK;

#endif
