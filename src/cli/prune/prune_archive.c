#include "prune_archive.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK (64u << 10)

/* How many bytes both begin with alike, and whether `copy` holds no other after them. */
static HRESULT prune_archive_compare(struct disk_file *file, struct disk_file *copy,
                                     uint64_t *alike, bool *ended, bool *same)
{
    static char ours[BLOCK], theirs[BLOCK];
    size_t size, got;
    HRESULT hr;

    for (*alike = 0;; *alike += got) {
        if (FAILED(hr = disk_read(file, *alike, ours, BLOCK, &size)) ||
            FAILED(hr = disk_read(copy, *alike, theirs, BLOCK, &got)))
            return hr;
        *ended = got <= size && !memcmp(ours, theirs, got);
        *same = *ended && got == size && size < BLOCK;
        if (!*ended || got < BLOCK) break;
    }
    *alike += *ended ? got : 0;
    return S_OK;
}

static HRESULT copy_rest(struct disk_file *file, struct disk_file *copy, uint64_t offset)
{
    static char block[BLOCK];
    size_t size;
    HRESULT hr;

    do {
        if (FAILED(hr = disk_read(file, offset, block, BLOCK, &size))) return hr;
        if (size && FAILED(hr = disk_write(copy, offset, block, size))) return hr;
        offset += size;
    } while (size == BLOCK);
    return disk_flush(copy);
}

/* Read back through a handle of its own. */
static HRESULT prune_archive_check(struct disk_folder *archive, struct disk_file *file,
                                   const char *name)
{
    struct disk_file *copy;
    uint64_t alike;
    bool ended, same = false;
    HRESULT hr = disk_view(archive, name, &copy);

    if (FAILED(hr)) return hr;
    hr = prune_archive_compare(file, copy, &alike, &ended, &same);
    disk_close(copy);
    return SUCCEEDED(hr) && !same ? HRESULT_FROM_WIN32(ERROR_INVALID_DATA) : hr;
}

static HRESULT put(struct disk_folder *archive, struct disk_file *file, const char *name)
{
    struct disk_file *copy = NULL;
    uint64_t alike = 0;
    bool ended = true, same = false;
    HRESULT hr = disk_create(archive, name, &copy);

    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) &&
        SUCCEEDED(hr = disk_open(archive, name, &copy)))
        hr = prune_archive_compare(file, copy, &alike, &ended, &same);
    if (SUCCEEDED(hr) && !ended) hr = HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
    if (SUCCEEDED(hr))
        hr = copy_rest(file, copy,
                       alike); /* flushed, though it is there: nobody knows who wrote it */
    disk_close(copy);
    if (SUCCEEDED(hr)) hr = disk_flush_folder(archive);
    return SUCCEEDED(hr) ? prune_archive_check(archive, file, name) : hr;
}

HRESULT prune_archive_put(struct disk_folder *folder, struct disk_folder *archive, const char *name)
{
    struct disk_file *file;
    HRESULT hr = disk_view(folder, name, &file);

    if (FAILED(hr)) return hr;
    hr = put(archive, file, name);
    disk_close(file);
    return hr;
}
