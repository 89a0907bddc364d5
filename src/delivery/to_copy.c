/*
 * The destination `copy`: the journal's files, byte for byte, in another folder.
 *
 * A line goes to the same file and the same offset that it has in the journal. Bytes between the
 * end of the copy and a line (abandoned tails, damage) are copied from the journal as they are, so
 * `certwitness verify` judges the copy as it judges the journal. Bytes that the copy has already
 * are compared and never overwritten. The folder is locked like a journal's, so no module writes
 * to it.
 */
#include "destination.h"

#include "base/error_text.h"
#include "journal/segment.h"

#include <inttypes.h>
#include <stdlib.h>

#define COPY_PIECE 65536

struct to_copy {
    const struct destination_place *place;              /* borrowed */
    struct disk_folder *journal, *folder;               /* owned; NULL: not open now */
    struct disk_file *from, *to;                        /* owned; of `segment`; NULL: none */
    uint64_t segment, end;                              /* the file that is open, and its size */
    bool dirty, fresh;                  /* not flushed: bytes of `to`, its name */
};

static HRESULT to_copy_open(const struct destination_place *place, void **out, char *why)
{
    struct to_copy *copy = calloc(1, sizeof *copy);

    *out = copy;
    if (!copy) {
        destination_say(why, "there is not enough memory");
        return E_OUTOFMEMORY;
    }
    copy->place = place;
    return S_OK;
}

static void to_copy_leave(struct to_copy *copy)
{
    disk_close(copy->from);
    disk_close(copy->to);
    disk_close_folder(copy->folder);
    disk_close_folder(copy->journal);
    copy->from = copy->to = NULL;
    copy->folder = copy->journal = NULL;
    copy->segment = 0;
    copy->dirty = copy->fresh = false;
}

static HRESULT to_copy_flush(struct to_copy *copy)
{
    HRESULT hr = S_OK;

    if (copy->dirty) hr = disk_flush(copy->to);
    if (SUCCEEDED(hr) && copy->fresh) hr = disk_flush_folder(copy->folder);
    if (SUCCEEDED(hr)) copy->dirty = copy->fresh = false;
    return hr;
}

static HRESULT to_copy_enter(struct to_copy *copy)
{
    HRESULT hr = S_OK;

    if (!copy->journal) hr = disk_view_folder(copy->place->journal, &copy->journal);
    if (SUCCEEDED(hr) && !copy->folder)
        hr = disk_open_folder(copy->place->target->path, &copy->folder);
    return hr;
}

/* Open the files of a segment, and make that of the copy if it is missing. */
static HRESULT to_copy_begin(struct to_copy *copy, uint64_t segment)
{
    char name[SEGMENT_NAME_SIZE + 1];
    HRESULT hr = to_copy_flush(copy);

    if (FAILED(hr)) return hr;
    disk_close(copy->from);
    disk_close(copy->to);
    copy->from = copy->to = NULL;
    copy->segment = segment;
    segment_name(segment, name);
    if (FAILED(hr = disk_view(copy->journal, name, &copy->from))) return hr;
    hr = disk_open(copy->folder, name, &copy->to);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        hr = disk_create(copy->folder, name, &copy->to);
    if (FAILED(hr)) return hr;
    copy->dirty = copy->fresh = true;   /* what stands there may never have been flushed */
    return disk_end(copy->to, &copy->end);
}

/* Read all of a piece; ERROR_INVALID_DATA: the file is shorter. */
static HRESULT to_copy_read(struct disk_file *file, uint64_t offset, char *data, size_t size)
{
    size_t got;
    HRESULT hr = disk_read(file, offset, data, size, &got);

    return SUCCEEDED(hr) && got < size ? HRESULT_FROM_WIN32(ERROR_INVALID_DATA) : hr;
}

/* Bytes of the journal from the copy's end up to `offset`. */
static HRESULT to_copy_fill(struct to_copy *copy, uint64_t offset)
{
    char *piece = malloc(COPY_PIECE);
    HRESULT hr = piece ? S_OK : E_OUTOFMEMORY;

    while (SUCCEEDED(hr) && copy->end < offset) {
        size_t size = offset - copy->end < COPY_PIECE ? (size_t)(offset - copy->end) : COPY_PIECE;

        if (SUCCEEDED(hr = to_copy_read(copy->from, copy->end, piece, size)))
            hr = disk_write(copy->to, copy->end, piece, size);
        copy->dirty = true;
        if (SUCCEEDED(hr)) copy->end += size;
    }
    free(piece);
    return hr;
}

/* What the copy has of the line already has to be the line; the rest is written. S_FALSE: it is
 * something else. */
static HRESULT to_copy_put(struct to_copy *copy, uint64_t offset, struct span line)
{
    uint64_t there = copy->end - offset;
    size_t have = there < line.size ? (size_t)there : line.size;
    char *data = malloc(have + 1);
    HRESULT hr = data ? S_OK : E_OUTOFMEMORY;

    if (SUCCEEDED(hr) && have) hr = to_copy_read(copy->to, offset, data, have);
    if (SUCCEEDED(hr) && memcmp(data, line.text, have)) hr = S_FALSE;
    free(data);
    if (hr != S_OK || have == line.size) return hr;
    copy->dirty = true;
    hr = disk_write(copy->to, offset + have, line.text + have, line.size - have);
    if (SUCCEEDED(hr)) copy->end = offset + line.size;
    return hr;
}

static HRESULT to_copy_line(struct to_copy *copy, const struct batch *batch, unsigned index)
{
    const struct batch_line *line = &batch->lines[index];
    const struct position *at = &line->position;
    HRESULT hr = S_OK;

    if (line->own) return S_OK;         /* it is in no file */
    if (at->segment != copy->segment) hr = to_copy_begin(copy, at->segment);
    if (SUCCEEDED(hr) && copy->end < at->offset) hr = to_copy_fill(copy, at->offset);
    return SUCCEEDED(hr) ? to_copy_put(copy, at->offset, batch_lines(batch, index, 1)) : hr;
}

static void to_copy_complain(const struct to_copy *copy, const struct position *at, HRESULT hr,
                             struct destination_report *report)
{
    const char *path = copy->place->target->path;
    char text[ERROR_TEXT_MAX];

    report->result = DESTINATION_AGAIN;
    report->needs_hands = hr == S_FALSE || hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    if (hr == S_FALSE)
        destination_say(report->why,
                        "%s holds other bytes than the journal in %020" PRIu64 ".jsonl at byte "
                        "%" PRIu64 "; keep that folder as evidence, and give an empty one as path",
                        path, at->segment, at->offset);
    else if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        destination_say(report->why, "another program has %s open as a journal", path);
    else
        destination_say(report->why, "copying %020" PRIu64 ".jsonl to %s: %s", at->segment, path,
                        error_text(hr, text));
}

static void to_copy_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                         struct destination_report *report)
{
    struct to_copy *copy = self;
    unsigned at = first;
    HRESULT hr = to_copy_enter(copy);

    while (hr == S_OK && at < first + count && (hr = to_copy_line(copy, batch, at)) == S_OK) at++;
    if (SUCCEEDED(hr)) {
        HRESULT flushed = to_copy_flush(copy);

        if (FAILED(flushed)) hr = flushed;
        else report->taken = at - first;
    }
    if (hr == S_OK) {
        report->result = DESTINATION_TAKEN;
        return;
    }
    to_copy_complain(copy, &batch->lines[at < first + count ? at : first].position, hr, report);
    to_copy_leave(copy);                /* and from the beginning next time */
}

static void to_copy_render(void *self, const struct batch *batch, unsigned first, unsigned count,
                           struct bytes *out)
{
    struct span lines = batch_lines(batch, first, count);

    (void)self;
    bytes_add(out, lines.text, lines.size);
}

static void to_copy_close(void *self)
{
    to_copy_leave(self);
    free(self);
}

const struct destination_class destination_copy = {to_copy_open, to_copy_send, to_copy_render,
                                                   to_copy_close};
