/* A whole file, up to a limit. */
#ifndef FILE_READ_H
#define FILE_READ_H

#include "bytes.h"
#include "os.h"

/* `path` is UTF-8; "-" is standard input. ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_IO_DEVICE, E_OUTOFMEMORY as told; E_INVALIDARG: longer than `most`
 * bytes. `out` has then nothing added. */
HRESULT file_read(const char *path, size_t most, struct bytes *out) MUST_CHECK;

#endif
