#include "reverse_reader.h"

#include "segment_list.h"

#include <stdlib.h>
#include <string.h>

#define STEP (128u << 10)               /* read at once, backwards */
#define ROOM (LINE_MAX_SIZE + STEP)     /* the longest line, and what was read along with it */

struct reverse_reader {
    struct disk_folder *folder;         /* owned */
    struct segment_list segments;       /* owned */
    bool listed;                        /* they are those that are there */
    struct disk_file *file;             /* owned; NULL: the segment before `segment` is next */
    uint64_t segment;                   /* first sequence of the segment that is open, or was */
    uint64_t limit;                     /* that of the one behind it */
    uint64_t offset;                    /* of window[0] in the file */
    size_t size;                        /* bytes in the window that have not been passed */
    size_t room;
    char *window;                       /* owned */
};

HRESULT reverse_reader_open(const char *path, struct reverse_reader **out)
{
    struct reverse_reader *tail = calloc(1, sizeof *tail);
    HRESULT hr;

    *out = NULL;
    if (!tail) return E_OUTOFMEMORY;
    tail->segment = UINT64_MAX;
    if (FAILED(hr = disk_view_folder(path, &tail->folder))) {
        free(tail);
        return hr;
    }
    *out = tail;
    return S_OK;
}

static void close_segment(struct reverse_reader *tail)
{
    disk_close(tail->file);
    tail->file = NULL;
    tail->size = 0;
}

void reverse_reader_close(struct reverse_reader *tail)
{
    if (!tail) return;
    close_segment(tail);
    disk_close_folder(tail->folder);
    segment_list_free(&tail->segments);
    free(tail->window);
    free(tail);
}

/* The segment before. S_FALSE: there is none. */
static HRESULT reverse_reader_open_segment(struct reverse_reader *tail)
{
    char name[SEGMENT_NAME_SIZE + 1];
    uint64_t start;
    HRESULT hr;

    if (!tail->listed && FAILED(hr = segment_list_read(&tail->segments, tail->folder))) return hr;
    tail->listed = true;
    if (!(start = segment_list_below(&tail->segments, tail->segment))) return S_FALSE;
    tail->limit = tail->segment;
    tail->segment = start;
    segment_name(start, name);
    hr = disk_view(tail->folder, name, &tail->file);
    tail->listed =
        hr !=
        HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND); /* pruned meanwhile, as those before it may be */
    if (FAILED(hr)) return tail->listed ? hr : reverse_reader_open_segment(tail);
    hr = disk_end(tail->file, &tail->offset);
    if (FAILED(hr)) close_segment(tail);
    return hr;
}

static HRESULT make_room(struct reverse_reader *tail, size_t more)
{
    size_t room = tail->room ? tail->room : 2 * STEP;
    char *window;

    while (room < tail->size + more) room *= 2;
    if (room == tail->room) return S_OK;
    if (!(window = realloc(tail->window, room))) return E_OUTOFMEMORY;
    tail->window = window;
    tail->room = room;
    return S_OK;
}

/* What stands before the window, in front of what is in it. */
static HRESULT reverse_reader_fill(struct reverse_reader *tail)
{
    size_t more = tail->offset < STEP ? (size_t)tail->offset : STEP, got;
    HRESULT hr;

    if (FAILED(hr = make_room(tail, more))) return hr;
    memmove(tail->window + more, tail->window, tail->size);
    hr = disk_read(tail->file, tail->offset - more, tail->window, more, &got);
    if (FAILED(hr)) return hr;
    tail->size =
        got < more ? got
                   : tail->size + more; /* cut meanwhile: what stood behind is not there any more */
    tail->offset -= more;
    return S_OK;
}

/* Where the last piece in the window begins, that ends in its last byte; `*known` is false where
 * more has to be read to tell. */
static size_t piece_start(const struct reverse_reader *tail, bool *known)
{
    size_t at = tail->size - 1;

    while (at && tail->window[at - 1] != '\n') at--;
    *known = at || !tail->offset;
    return at;
}

/* One piece off the end. S_FALSE: the segment has been passed. */
static HRESULT previous_piece(struct reverse_reader *tail, struct span *piece)
{
    bool known = false;
    size_t start = 0;
    HRESULT hr;

    for (;;) {
        if (tail->size) start = piece_start(tail, &known);
        else known = !tail->offset;
        if (known || tail->size >= LINE_MAX_SIZE) break;
        if (FAILED(hr = reverse_reader_fill(tail))) return hr;
    }
    if (!tail->size) return S_FALSE;
    *piece = (struct span){tail->window + start,
                           tail->size -
                               start}; /* longer than a line can be: no line, or the end of one */
    tail->size = start;
    return S_OK;
}

HRESULT reverse_reader_previous(struct reverse_reader *tail, struct line *line,
                                struct reader_start *place)
{
    struct span piece;

    for (HRESULT hr = S_OK;; hr = S_OK) {
        if (!tail->file && (hr = reverse_reader_open_segment(tail)) == S_FALSE) return hr;
        if (SUCCEEDED(hr) && (hr = previous_piece(tail, &piece)) != S_OK) close_segment(tail);
        if (hr == S_FALSE) continue;
        if (FAILED(hr)) {
            *place = (struct reader_start){.segment = tail->segment};
            return hr;
        }
        if (line_read(piece.text, piece.size, line) != LINE_OK || line->sequence >= tail->limit)
            continue;
        *place = (struct reader_start){.segment = tail->segment,
                                       .offset = tail->offset + tail->size,
                                       .sequence = line->sequence};
        return S_OK;
    }
}
