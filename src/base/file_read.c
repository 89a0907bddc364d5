#include "file_read.h"

#include "file_system.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

HRESULT file_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR: return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    case EISDIR:
    case EACCES:
    case EPERM:   return HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
    case EMLINK:
    case ELOOP:   return HRESULT_FROM_WIN32(ERROR_REPARSE_POINT_ENCOUNTERED);
    case EEXIST:  return HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
    case ENOSPC:  return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    case ENOMEM:  return E_OUTOFMEMORY;
    default:      return HRESULT_FROM_WIN32(ERROR_IO_DEVICE);
    }
}

HRESULT file_read(const char *path, size_t most, struct bytes *out)
{
    size_t before = out->size, got;
    HRESULT hr = S_OK;
    FILE *file;
    char *room;

    errno = 0;
    if (!(file = strcmp(path, "-") ? file_open(path, "rb") : file_standard_input()))
        return file_error();
    while ((room = bytes_reserve(out, 65536)) && (got = fread(room, 1, 65536, file)) &&
           (out->size += got) - before <= most)
        continue;
    if (!room) hr = E_OUTOFMEMORY;
    else if (ferror(file)) hr = file_error();
    else if (out->size - before > most) hr = E_INVALIDARG;
    if (FAILED(hr)) out->size = before;
    if (file != stdin) fclose(file);
    return hr;
}
