#include "segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".jsonl"

void segment_name(uint64_t sequence, char out[SEGMENT_NAME_SIZE + 1])
{
    snprintf(out, SEGMENT_NAME_SIZE + 1, "%020" PRIu64 SUFFIX, sequence);
}

uint64_t segment_sequence(const char *name)
{
    uint64_t sequence = 0;

    if (strlen(name) != SEGMENT_NAME_SIZE || strcmp(name + 20, SUFFIX)) return 0;
    for (int i = 0; i < 20; i++) {
        unsigned digit = (unsigned char)name[i] - '0';

        if (digit > 9 || sequence > (UINT64_MAX - digit) / 10) return 0;
        sequence = sequence * 10 + digit;
    }
    return sequence;
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

static void look_above(void *context, const char *name)
{
    struct search *search = context;
    uint64_t sequence = segment_sequence(name);

    if (sequence > search->limit && (!search->found || sequence < search->found)) search->found = sequence;
}

HRESULT segment_find_below(struct disk_folder *folder, uint64_t limit, uint64_t *sequence)
{
    struct search search = {limit, 0};
    HRESULT hr = disk_list(folder, look_below, &search);

    *sequence = search.found;
    return hr;
}

HRESULT segment_find_above(struct disk_folder *folder, uint64_t limit, uint64_t *sequence)
{
    struct search search = {limit, 0};
    HRESULT hr = disk_list(folder, look_above, &search);

    *sequence = search.found;
    return hr;
}

struct segment_reader {
    struct disk_file *file;             /* owned */
    uint64_t offset;                    /* of window[0] in the file */
    size_t size, at;                    /* bytes in the window; the next piece begins at `at` */
    bool ended;                         /* nothing in the file beyond the window */
    char window[2 * LINE_MAX_SIZE];
};

HRESULT segment_reader_open(struct disk_folder *folder, uint64_t sequence, struct segment_reader **out)
{
    struct segment_reader *reader = malloc(sizeof *reader);
    char name[SEGMENT_NAME_SIZE + 1];
    HRESULT hr;

    *out = NULL;
    if (!reader) return E_OUTOFMEMORY;
    memset(reader, 0, offsetof(struct segment_reader, window));
    segment_name(sequence, name);
    if (FAILED(hr = disk_open(folder, name, &reader->file))) {
        free(reader);
        return hr;
    }
    *out = reader;
    return S_OK;
}

void segment_reader_close(struct segment_reader *reader)
{
    if (!reader) return;
    disk_close(reader->file);
    free(reader);
}

/* Move what is left to the window's beginning and fill it up. */
static HRESULT fill(struct segment_reader *reader)
{
    size_t got;
    HRESULT hr;

    memmove(reader->window, reader->window + reader->at, reader->size - reader->at);
    reader->offset += reader->at;
    reader->size -= reader->at;
    reader->at = 0;
    hr = disk_read(reader->file, reader->offset + reader->size, reader->window + reader->size,
                   sizeof reader->window - reader->size, &got);
    if (FAILED(hr)) return hr;
    reader->size += got;
    reader->ended = reader->size < sizeof reader->window;
    return S_OK;
}

HRESULT segment_next(struct segment_reader *reader, struct segment_piece *piece)
{
    const char *lf;
    size_t size;
    HRESULT hr;

    if (reader->size - reader->at < LINE_MAX_SIZE && !reader->ended && FAILED(hr = fill(reader))) return hr;
    size = reader->size - reader->at;
    if (!size) return S_FALSE;
    if (size > LINE_MAX_SIZE) size = LINE_MAX_SIZE;
    lf = memchr(reader->window + reader->at, '\n', size);
    if (lf) size = lf + 1 - (reader->window + reader->at);
    piece->offset = reader->offset + reader->at;
    piece->text = (struct span){reader->window + reader->at, size};
    reader->at += size;
    return S_OK;
}
