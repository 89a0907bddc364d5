#include "copy_file.h"

#include <stdlib.h>
#include <string.h>

#define PIECE 65536

void copy_file_close(struct copy_file *file)
{
    disk_close(file->from);
    disk_close(file->to);
    file->from = file->to = NULL;
    file->segment = 0;
    file->dirty = file->fresh = false;
}

HRESULT copy_file_flush(struct copy_file *file)
{
    HRESULT hr = S_OK;

    if (file->dirty) hr = disk_flush(file->to);
    if (SUCCEEDED(hr) && file->fresh) hr = disk_flush_folder(file->folder);
    if (SUCCEEDED(hr)) file->dirty = file->fresh = false;
    return hr;
}

HRESULT copy_file_stands(const struct copy_file *file)
{
    char name[SEGMENT_NAME_SIZE + 1];
    uint64_t end;
    HRESULT hr;

    if (!file->to) return S_OK;
    segment_name(file->segment, name);
    hr = disk_is_same_file(file->folder, name, file->to);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return S_FALSE;
    if (hr == S_OK && SUCCEEDED(hr = disk_end(file->to, &end)) && end != file->end) hr = S_FALSE;
    return hr;
}

/* Read all of a piece; ERROR_INVALID_DATA: the file is shorter. */
static HRESULT copy_file_read(struct disk_file *file, uint64_t offset, char *data, size_t size)
{
    size_t got;
    HRESULT hr = disk_read(file, offset, data, size, &got);

    return SUCCEEDED(hr) && got < size ? HRESULT_FROM_WIN32(ERROR_INVALID_DATA) : hr;
}

static size_t copy_file_piece(const struct copy_file *file, uint64_t from, uint64_t to, HRESULT *hr)
{
    if (__atomic_load_n(file->stop, __ATOMIC_ACQUIRE)) *hr = HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    return to - from < PIECE ? (size_t)(to - from) : PIECE;
}

/* Bytes of the journal from the copy's end up to `offset`. */
static HRESULT copy_file_fill(struct copy_file *file, uint64_t offset)
{
    char *piece = malloc(PIECE);
    HRESULT hr = piece ? S_OK : E_OUTOFMEMORY;

    while (SUCCEEDED(hr) && file->end < offset) {
        size_t size = copy_file_piece(file, file->end, offset, &hr);

        if (SUCCEEDED(hr)) hr = copy_file_read(file->from, file->end, piece, size);
        if (SUCCEEDED(hr)) {
            file->dirty = true;
            hr = disk_write(file->to, file->end, piece, size);
        }
        if (SUCCEEDED(hr)) file->end += size;
    }
    free(piece);
    return hr;
}

/* What the copy has below `offset`. A journal that is shorter holds other bytes there, too. */
static HRESULT copy_file_compare(struct copy_file *file, uint64_t offset)
{
    char *ours = malloc(2 * PIECE), *theirs = ours ? ours + PIECE : NULL;
    uint64_t end = file->end < offset ? file->end : offset;
    HRESULT hr = ours ? S_OK : E_OUTOFMEMORY;
    size_t got;

    for (uint64_t at = 0; hr == S_OK && at < end;) {
        size_t size = copy_file_piece(file, at, end, &hr);

        if (SUCCEEDED(hr)) hr = copy_file_read(file->to, at, ours, size);
        if (SUCCEEDED(hr)) hr = disk_read(file->from, at, theirs, size, &got);
        if (FAILED(hr)) break;
        file->differs = at;
        for (size_t i = 0; i < got && ours[i] == theirs[i]; i++) file->differs++;
        if (file->differs < at + size) hr = S_FALSE;
        at += size;
    }
    free(ours);
    return hr;
}

static HRESULT copy_file_enter(struct copy_file *file, uint64_t segment)
{
    struct disk_folder *journal = NULL;
    char name[SEGMENT_NAME_SIZE + 1];
    HRESULT hr = copy_file_flush(file);

    if (FAILED(hr)) return hr;
    copy_file_close(file);
    segment_name(segment, name);
    hr = disk_view_folder(file->journal, &journal);
    if (SUCCEEDED(hr)) hr = disk_view(journal, name, &file->from);
    disk_close_folder(journal);
    if (FAILED(hr)) return hr;
    hr = disk_open(file->folder, name, &file->to);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        hr = disk_create(file->folder, name, &file->to);
    if (FAILED(hr)) return hr;
    file->segment = segment;
    file->dirty = file->fresh = true;   /* what stands there may never have been flushed */
    return disk_end(file->to, &file->end);
}

/* All that the journal has of a segment which is followed by another one. */
static HRESULT copy_file_complete(struct copy_file *file, uint64_t segment)
{
    uint64_t end = 0;
    HRESULT hr = copy_file_enter(file, segment);

    if (SUCCEEDED(hr)) hr = disk_end(file->from, &end);
    return SUCCEEDED(hr) ? copy_file_fill(file, end) : hr;
}

/* The next segment of the journal; 0: none. */
static HRESULT copy_file_next(const struct copy_file *file, uint64_t segment, uint64_t *next)
{
    struct disk_folder *journal = NULL;
    HRESULT hr = disk_view_folder(file->journal, &journal);

    *next = 0;
    if (SUCCEEDED(hr)) hr = segment_find_above(journal, segment, next);
    disk_close_folder(journal);
    return hr;
}

/* Files of the journal that were pruned are no matter: the copy keeps what it has of them. */
static HRESULT copy_file_open_before(struct copy_file *file, uint64_t segment)
{
    uint64_t at = 0;
    HRESULT hr = segment_find_below(file->folder, segment, &at);

    while (SUCCEEDED(hr) && at && at < segment) {
        hr = copy_file_complete(file, at);
        if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) hr = S_OK;
        if (SUCCEEDED(hr)) hr = copy_file_next(file, at, &at);
    }
    return hr;
}

HRESULT copy_file_open(struct copy_file *file, uint64_t segment, uint64_t offset)
{
    HRESULT hr = copy_file_open_before(file, segment);

    if (SUCCEEDED(hr)) hr = copy_file_enter(file, segment);
    return SUCCEEDED(hr) ? copy_file_compare(file, offset) : hr;
}

HRESULT copy_file_put(struct copy_file *file, uint64_t offset, struct span line)
{
    HRESULT hr = copy_file_fill(file, offset);
    uint64_t there = SUCCEEDED(hr) ? file->end - offset : 0;
    size_t have = there < line.size ? (size_t)there : line.size;
    char *data = malloc(have + 1);

    if (!data) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && have) hr = copy_file_read(file->to, offset, data, have);
    if (SUCCEEDED(hr) && memcmp(data, line.text, have)) hr = S_FALSE;
    free(data);
    file->differs = offset;
    if (hr != S_OK || have == line.size) return hr;
    file->dirty = true;
    hr = disk_write(file->to, offset + have, line.text + have, line.size - have);
    if (SUCCEEDED(hr)) file->end = offset + line.size;
    return hr;
}
