#include "temp_file.h"

#include "error_windows.h"

#include <stdlib.h>

#define PIECE (1u << 20)

struct temp_file {
    HANDLE handle;
};

/* GetTempFileNameW makes an empty file of the name; it is opened anew so that it goes with its
 * handle. */
static HRESULT open_with_its_handle(HANDLE *out)
{
    WCHAR folder[MAX_PATH + 1], path[MAX_PATH + 1];
    DWORD size = GetTempPathW(MAX_PATH + 1, folder);

    *out = INVALID_HANDLE_VALUE;
    if (!size || size > MAX_PATH) return size ? E_INVALIDARG : last_error();
    if (!GetTempFileNameW(folder, L"cwt", 0, path)) return last_error();
    *out = CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, OPEN_EXISTING,
                       FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (*out == INVALID_HANDLE_VALUE) {
        HRESULT hr = last_error();

        DeleteFileW(path);
        return hr;
    }
    return S_OK;
}

HRESULT temp_file_open(struct temp_file **out)
{
    struct temp_file *file = malloc(sizeof *file);
    HRESULT hr;

    *out = NULL;
    if (!file) return E_OUTOFMEMORY;
    if (FAILED(hr = open_with_its_handle(&file->handle))) {
        free(file);
        return hr;
    }
    *out = file;
    return S_OK;
}

void temp_file_close(struct temp_file *file)
{
    if (file) CloseHandle(file->handle);
    free(file);
}

static OVERLAPPED place_of(uint64_t offset)
{
    return (OVERLAPPED){.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
}

HRESULT temp_file_write(struct temp_file *file, uint64_t offset, const void *data, size_t size)
{
    for (const char *at = data; size;) {
        OVERLAPPED place = place_of(offset);
        DWORD done = 0;

        if (!WriteFile(file->handle, at, size < PIECE ? (DWORD)size : PIECE, &done, &place))
            return last_error();
        if (!done) return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
        at += done;
        offset += done;
        size -= done;
    }
    return S_OK;
}

HRESULT temp_file_read(struct temp_file *file, uint64_t offset, void *data, size_t size)
{
    for (char *at = data; size;) {
        OVERLAPPED place = place_of(offset);
        DWORD done = 0;

        if (!ReadFile(file->handle, at, size < PIECE ? (DWORD)size : PIECE, &done, &place) || !done)
            return HRESULT_FROM_WIN32(ERROR_IO_DEVICE);
        at += done;
        offset += done;
        size -= done;
    }
    return S_OK;
}
