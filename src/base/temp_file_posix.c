#define _GNU_SOURCE
#include "temp_file.h"

#include "file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct temp_file {
    int handle;
};

static int open_unnamed(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int handle;

    if (!folder || !*folder) folder = "/tmp";
    if (snprintf(path, sizeof path, "%s/certwitness-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if ((handle = mkostemp(path, O_CLOEXEC)) >= 0) unlink(path);
    return handle;
}

HRESULT temp_file_open(struct temp_file **out)
{
    struct temp_file *file = malloc(sizeof *file);

    *out = NULL;
    if (!file) return E_OUTOFMEMORY;
    if ((file->handle = open_unnamed()) < 0) {
        HRESULT hr = file_error();

        free(file);
        return hr;
    }
    *out = file;
    return S_OK;
}

void temp_file_close(struct temp_file *file)
{
    if (file) close(file->handle);
    free(file);
}

HRESULT temp_file_write(struct temp_file *file, uint64_t offset, const void *data, size_t size)
{
    const char *at = data;

    while (size) {
        ssize_t done = pwrite(file->handle, at, size, (off_t)offset);

        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done ? file_error() : HRESULT_FROM_WIN32(ERROR_DISK_FULL);
        at += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
    return S_OK;
}

HRESULT temp_file_read(struct temp_file *file, uint64_t offset, void *data, size_t size)
{
    char *at = data;

    while (size) {
        ssize_t done = pread(file->handle, at, size, (off_t)offset);

        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done ? file_error() : HRESULT_FROM_WIN32(ERROR_IO_DEVICE);
        at += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
    return S_OK;
}
