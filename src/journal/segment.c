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

#define WINDOW_MIN (64u << 10)

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

HRESULT segment_next(struct segment_reader *reader, struct segment_piece *piece)
{
    const char *lf = NULL;
    size_t size, start;
    HRESULT hr;

    for (;;) {
        size =
            reader->size - reader->at < LINE_MAX_SIZE ? reader->size - reader->at : LINE_MAX_SIZE;
        if (size) lf = memchr(reader->window + reader->at, '\n', size);
        if (lf || size == LINE_MAX_SIZE || reader->ended) break;
        if (FAILED(hr = segment_fill(reader))) return hr;
    }
    if (!size) return S_FALSE;
    if (lf) size = lf + 1 - (reader->window + reader->at);
    else if (size == LINE_MAX_SIZE &&
             (start = line_last_start((struct span){reader->window + reader->at, size})))
        size = start;
    piece->offset = reader->offset + reader->at;
    piece->text = (struct span){reader->window + reader->at, size};
    reader->at += size;
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
