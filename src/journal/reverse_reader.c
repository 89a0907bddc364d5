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
    struct reverse_reader *reverse = calloc(1, sizeof *reverse);
    HRESULT hr;

    *out = NULL;
    if (!reverse) return E_OUTOFMEMORY;
    reverse->segment = UINT64_MAX;
    if (FAILED(hr = disk_view_folder(path, &reverse->folder))) {
        free(reverse);
        return hr;
    }
    *out = reverse;
    return S_OK;
}

static void close_segment(struct reverse_reader *reverse)
{
    disk_close(reverse->file);
    reverse->file = NULL;
    reverse->size = 0;
}

void reverse_reader_close(struct reverse_reader *reverse)
{
    if (!reverse) return;
    close_segment(reverse);
    disk_close_folder(reverse->folder);
    segment_list_free(&reverse->segments);
    free(reverse->window);
    free(reverse);
}

/* The segment before. S_FALSE: there is none. */
static HRESULT reverse_reader_open_segment(struct reverse_reader *reverse)
{
    char name[SEGMENT_NAME_SIZE + 1];
    uint64_t start;
    HRESULT hr;

    if (!reverse->listed &&
        FAILED(hr = segment_list_read(&reverse->segments, reverse->folder)))
        return hr;
    reverse->listed = true;
    if (!(start = segment_list_below(&reverse->segments, reverse->segment))) return S_FALSE;
    reverse->limit = reverse->segment;
    reverse->segment = start;
    segment_name(start, name);
    hr = disk_view(reverse->folder, name, &reverse->file);
    reverse->listed =
        hr !=
        HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND); /* pruned meanwhile, as those before it may be */
    if (FAILED(hr)) return reverse->listed ? hr : reverse_reader_open_segment(reverse);
    hr = disk_end(reverse->file, &reverse->offset);
    if (FAILED(hr)) close_segment(reverse);
    return hr;
}

static HRESULT make_room(struct reverse_reader *reverse, size_t more)
{
    size_t room = reverse->room ? reverse->room : 2 * STEP;
    char *window;

    while (room < reverse->size + more) room *= 2;
    if (room == reverse->room) return S_OK;
    if (!(window = realloc(reverse->window, room))) return E_OUTOFMEMORY;
    reverse->window = window;
    reverse->room = room;
    return S_OK;
}

/* What stands before the window, in front of what is in it. */
static HRESULT reverse_reader_fill(struct reverse_reader *reverse)
{
    size_t more = reverse->offset < STEP ? (size_t)reverse->offset : STEP, got;
    HRESULT hr;

    if (FAILED(hr = make_room(reverse, more))) return hr;
    memmove(reverse->window + more, reverse->window, reverse->size);
    hr = disk_read(reverse->file, reverse->offset - more, reverse->window, more, &got);
    if (FAILED(hr)) return hr;
    reverse->size =
        got < more ? got
                   : reverse->size + more; /* cut meanwhile: the rest is not there any more */
    reverse->offset -= more;
    return S_OK;
}

/* Where the last piece in the window begins, that ends in its last byte; `*known` is false where
 * more has to be read to tell. */
static size_t piece_start(const struct reverse_reader *reverse, bool *known)
{
    size_t at = reverse->size - 1;

    while (at && reverse->window[at - 1] != '\n') at--;
    *known = at || !reverse->offset;
    return at;
}

/* One piece off the end. S_FALSE: the segment has been passed. */
static HRESULT previous_piece(struct reverse_reader *reverse, struct span *piece)
{
    bool known = false;
    size_t start = 0;
    HRESULT hr;

    for (;;) {
        if (reverse->size) start = piece_start(reverse, &known);
        else known = !reverse->offset;
        if (known || reverse->size >= LINE_MAX_SIZE) break;
        if (FAILED(hr = reverse_reader_fill(reverse))) return hr;
    }
    if (!reverse->size) return S_FALSE;
    *piece = (struct span){reverse->window + start,
                           reverse->size -
                               start}; /* longer than a line can be: no line, or the end of one */
    reverse->size = start;
    return S_OK;
}

HRESULT reverse_reader_previous(struct reverse_reader *reverse, struct line *line,
                                struct reader_start *place)
{
    struct span piece;

    for (HRESULT hr = S_OK;; hr = S_OK) {
        if (!reverse->file && (hr = reverse_reader_open_segment(reverse)) == S_FALSE) return hr;
        if (SUCCEEDED(hr) && (hr = previous_piece(reverse, &piece)) != S_OK) close_segment(reverse);
        if (hr == S_FALSE) continue;
        if (FAILED(hr)) {
            *place = (struct reader_start){.segment = reverse->segment};
            return hr;
        }
        if (line_read(piece.text, piece.size, line) != LINE_OK || line->sequence >= reverse->limit)
            continue;
        *place = (struct reader_start){.segment = reverse->segment,
                                       .offset = reverse->offset + reverse->size,
                                       .sequence = line->sequence};
        return S_OK;
    }
}
