/* Reading a whole file, up to a size limit. */
#ifndef FILE_READ_H
#define FILE_READ_H

#include "bytes.h"
#include "os.h"

/*
 * Append the file's content to `out`. `path` is UTF-8; "-" is standard input.
 * ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_IO_DEVICE and E_OUTOFMEMORY have their usual
 * meaning; E_INVALIDARG: the file is longer than `most` bytes. On failure `out` is unchanged.
 */
HRESULT file_read(const char *path, size_t most, struct bytes *out) MUST_CHECK;

#endif
