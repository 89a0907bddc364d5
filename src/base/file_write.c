#include "file_write.h"

#include "file_read.h"
#include "file_system.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MUCH (64u << 10)

static char *file_write_joined(const char *path, const char *suffix)
{
    size_t size = strlen(path);
    char *out = malloc(size + strlen(suffix) + 1);

    if (!out) return NULL;
    memcpy(out, path, size);
    strcpy(out + size, suffix);
    return out;
}

void file_write_begin(struct file_write *write, const char *path)
{
    *write = (struct file_write){.path = file_write_joined(path, ""),
                                 .part = file_write_joined(path, ".part")};
    errno = 0;
    if (!write->path || !write->part) write->hr = E_OUTOFMEMORY;
    else if (file_is_odd(write->path))
        write->hr = HRESULT_FROM_WIN32(ERROR_REPARSE_POINT_ENCOUNTERED);
    else if (!(write->file = file_create(write->part))) write->hr = file_error();
}

static void file_write_out(struct file_write *write)
{
    errno = 0;
    if (write->text.failed) write->hr = E_OUTOFMEMORY;
    if (SUCCEEDED(write->hr) && write->text.size &&
        fwrite(write->text.data, 1, write->text.size, write->file) != write->text.size)
        write->hr = file_error();
    bytes_reset(&write->text, 2 * MUCH);
}

void file_write_some(struct file_write *write)
{
    if (write->text.failed || write->text.size >= MUCH) file_write_out(write);
}

HRESULT file_write_end(struct file_write *write, bool keep)
{
    HRESULT hr;

    file_write_out(write);
    if (SUCCEEDED(write->hr) && keep) write->hr = file_flush(write->file);
    errno = 0;
    if (write->file && fclose(write->file) && SUCCEEDED(write->hr)) write->hr = file_error();
    if (SUCCEEDED(write->hr) && keep) write->hr = file_replace(write->part, write->path);
    if (write->file && (FAILED(write->hr) || !keep)) file_remove(write->part);
    hr = write->hr;
    bytes_free(&write->text);
    free(write->path);
    free(write->part);
    *write = (struct file_write){.hr = hr};
    return hr;
}

static bool file_write_is_there(const char *path, const void *data, size_t size)
{
    struct bytes found = {0};
    bool same = !file_is_odd(path) && SUCCEEDED(file_read(path, size, &found)) &&
                found.size == size && (!size || !memcmp(found.data, data, size));

    bytes_free(&found);
    return same;
}

HRESULT file_put(const char *path, const void *data, size_t size)
{
    struct file_write write;

    if (file_write_is_there(path, data, size)) return S_FALSE;
    file_write_begin(&write, path);
    bytes_add(&write.text, data, size);
    return file_write_end(&write, true);
}

HRESULT file_publish(const char *path, const void *data, size_t size)
{
    struct file_write write;

    file_write_begin(&write, path);
    if (SUCCEEDED(write.hr)) write.hr = file_let_read(write.file);
    bytes_add(&write.text, data, size);
    return file_write_end(&write, true);
}
