#include "segment.h"

#include "base/digits.h"

#include <stdlib.h>
#include <string.h>

#define SUFFIX ".jsonl"

void segment_name(uint64_t sequence, char out[SEGMENT_NAME_SIZE + 1])
{
    digits_padded(sequence, out, 20);
    strcpy(out + 20, SUFFIX);
}

uint64_t segment_sequence(const char *name)
{
    uint64_t sequence;

    if (strlen(name) != SEGMENT_NAME_SIZE || strcmp(name + 20, SUFFIX) ||
        !digits_read(name, 20, &sequence))
        return 0;
    return sequence < UINT64_MAX ? sequence : 0;
}

struct search {
    uint64_t limit, found;
};

static void look_below(void *context, const char *name)
{
    struct search *search = context;
    uint64_t sequence = segment_sequence(name);

    if (sequence < search->limit && sequence > search->found) search->found = sequence;
}

static void segment_look_above(void *context, const char *name)
{
    struct search *search = context;
    uint64_t sequence = segment_sequence(name);

    if (sequence > search->limit && (!search->found || sequence < search->found))
        search->found = sequence;
}

HRESULT segment_find_below(struct disk_folder *folder, uint64_t limit, uint64_t *sequence)
{
    struct search search = {limit, 0};
    HRESULT hr = disk_list(folder, look_below, &search);

    *sequence = search.found;
    return hr;
}

static void keep_if_last(void *context, const char *name)
{
    struct segments_last *last = context;
    uint64_t sequence = segment_sequence(name);
    unsigned at = last->count;

    if (!sequence || (at == SEGMENTS_LAST_MAX && sequence < last->first[at - 1])) return;
    if (at < SEGMENTS_LAST_MAX) last->count++;
    else at--;
    for (; at && last->first[at - 1] < sequence; at--) last->first[at] = last->first[at - 1];
    last->first[at] = sequence;
}

HRESULT segment_find_last(struct disk_folder *folder, struct segments_last *out)
{
    out->count = 0;
    return disk_list(folder, keep_if_last, out);
}

HRESULT segment_find_above(struct disk_folder *folder, uint64_t limit, uint64_t *sequence)
{
    struct search search = {limit, 0};
    HRESULT hr = disk_list(folder, segment_look_above, &search);

    *sequence = search.found;
    return hr;
}

#define WINDOW_MIN  (64u << 10)
#define WINDOW_TAKE (256u << 10)        /* of which two or three fit into a processor's cache */

struct segment_reader {
    struct disk_file *file;             /* owned */
    uint64_t offset;                    /* of window[0] in the file */
    size_t size, at;                    /* bytes in the window; the next piece begins at `at` */
    bool ended;                         /* nothing in the file beyond the window */
    size_t room;
    char *window;                       /* owned */
};

HRESULT segment_reader_open(struct disk_folder *folder, uint64_t sequence,
                            struct segment_reader **out)
{
    struct segment_reader *reader = calloc(1, sizeof *reader);
    char name[SEGMENT_NAME_SIZE + 1];
    HRESULT hr = E_OUTOFMEMORY;

    *out = NULL;
    if (!reader || !(reader->window = malloc(WINDOW_MIN))) goto failed;
    reader->room = WINDOW_MIN;
    segment_name(sequence, name);
    if (FAILED(hr = disk_view(folder, name, &reader->file))) goto failed;
    *out = reader;
    return S_OK;
failed:
    segment_reader_close(reader);
    return hr;
}

void segment_reader_close(struct segment_reader *reader)
{
    if (!reader) return;
    disk_close(reader->file);
    free(reader->window);
    free(reader);
}

static HRESULT segment_widen(struct segment_reader *reader)
{
    char *window = realloc(reader->window, 2 * reader->room);

    if (!window) return E_OUTOFMEMORY;
    reader->window = window;
    reader->room *= 2;
    return S_OK;
}

/* Move what is left to the window's beginning and fill it up. */
static HRESULT segment_fill(struct segment_reader *reader)
{
    size_t got;
    HRESULT hr;

    if (reader->size - reader->at == reader->room && FAILED(hr = segment_widen(reader))) return hr;
    memmove(reader->window, reader->window + reader->at, reader->size - reader->at);
    reader->offset += reader->at;
    reader->size -= reader->at;
    reader->at = 0;
    hr = disk_read(reader->file, reader->offset + reader->size, reader->window + reader->size,
                   reader->room - reader->size, &got);
    if (FAILED(hr)) return hr;
    reader->size += got;
    reader->ended = reader->size < reader->room;
    return S_OK;
}

/* The next piece, if it is in the window, or the file ends there. */
static bool take_piece(struct segment_reader *reader, struct segment_piece *piece)
{
    size_t left = reader->size - reader->at, size = left < LINE_MAX_SIZE ? left : LINE_MAX_SIZE;
    const char *text = reader->window + reader->at, *lf = size ? memchr(text, '\n', size) : NULL;
    size_t start;

    if (!size || (!lf && size < LINE_MAX_SIZE && !reader->ended)) return false;
    if (lf) size = lf + 1 - text;
    else if (size == LINE_MAX_SIZE && (start = line_last_start((struct span){text, size})))
        size = start;
    piece->offset = reader->offset + reader->at;
    piece->text = (struct span){text, size};
    reader->at += size;
    return true;
}

HRESULT segment_next(struct segment_reader *reader, struct segment_piece *piece)
{
    HRESULT hr;

    while (!take_piece(reader, piece)) {
        if (reader->ended) return S_FALSE;
        if (FAILED(hr = segment_fill(reader))) return hr;
    }
    return S_OK;
}

/* What is left of the reader's window moves to the batch's, and they are exchanged. */
static void segment_swap(struct segment_reader *reader, struct segment_batch *batch)
{
    struct segment_batch given = {.window = reader->window, .room = reader->room};

    memcpy(batch->window, reader->window + reader->at, reader->size - reader->at);
    reader->window = batch->window;
    reader->room = batch->room;
    reader->offset += reader->at;
    reader->size -= reader->at;
    reader->at = 0;
    batch->window = given.window;
    batch->room = given.room;
}

/* Memory for the batch that is as large as what the reader has, or will have. */
static HRESULT make_room(const struct segment_reader *reader, struct segment_batch *batch)
{
    size_t room = reader->room > WINDOW_TAKE ? reader->room : WINDOW_TAKE;

    if (batch->room >= room) return S_OK;
    free(batch->window);
    batch->window = malloc(room);
    batch->room = batch->window ? room : 0;
    return batch->window ? S_OK : E_OUTOFMEMORY;
}

HRESULT segment_take(struct segment_reader *reader, struct segment_batch *batch)
{
    HRESULT hr;

    batch->count = 0;
    if ((hr = segment_next(reader, &batch->pieces[0])) != S_OK) return hr;
    if (FAILED(hr = make_room(reader, batch))) {
        reader->at -= batch->pieces[0].text.size;
        return hr;
    }
    batch->count = 1;
    while (batch->count < SEGMENT_BATCH_MAX && take_piece(reader, &batch->pieces[batch->count]))
        batch->count++;
    segment_swap(reader, batch);
    return S_OK;
}

void segment_seek(struct segment_reader *reader, uint64_t offset)
{
    reader->offset = offset;
    reader->size = reader->at = 0;
    reader->ended = false;
}

HRESULT segment_is_shorter(struct segment_reader *reader, uint64_t size, bool *answer)
{
    char byte;
    size_t got = 1;
    HRESULT hr = size ? disk_read(reader->file, size - 1, &byte, 1, &got) : S_OK;

    *answer = !got;
    return hr;
}

HRESULT segment_open_first(struct disk_folder *folder, uint64_t sequence,
                           struct segment_reader **out, struct line *line)
{
    struct segment_piece piece;
    HRESULT hr = segment_reader_open(folder, sequence, out);

    if (FAILED(hr)) return hr;
    hr = segment_next(*out, &piece);
    if (hr == S_OK && line_read(piece.text.text, piece.text.size, line) != LINE_OK) hr = S_FALSE;
    if (hr == S_OK) return hr;
    segment_reader_close(*out);
    *out = NULL;
    return hr;
}
