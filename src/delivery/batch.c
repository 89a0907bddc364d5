#include "batch.h"

#include <stdlib.h>

HRESULT batch_open(struct batch *batch)
{
    memset(batch, 0, sizeof *batch);
    batch->lines = calloc(BATCH_LINES, sizeof *batch->lines);
    return batch->lines ? S_OK : E_OUTOFMEMORY;
}

void batch_free(struct batch *batch)
{
    bytes_free(&batch->text);
    free(batch->lines);
    memset(batch, 0, sizeof *batch);
}

void batch_empty(struct batch *batch)
{
    batch->count = 0;
    bytes_reset(&batch->text, 2 * BATCH_BYTES);
}

bool batch_is_full(const struct batch *batch)
{
    return batch->count == BATCH_LINES || batch->text.size >= BATCH_BYTES;
}

HRESULT batch_add(struct batch *batch, struct span text, const struct position *position, bool own)
{
    struct batch_line *line = &batch->lines[batch->count];
    char *room = bytes_reserve(&batch->text, text.size);

    if (!room) return E_OUTOFMEMORY;
    memcpy(room, text.text, text.size);
    *line = (struct batch_line){batch->text.size, text.size - 1, *position, own};
    batch->text.size += text.size;
    batch->count++;
    return S_OK;
}

struct span batch_line(const struct batch *batch, unsigned index)
{
    return (struct span){batch->text.data + batch->lines[index].offset, batch->lines[index].size};
}

struct span batch_lines(const struct batch *batch, unsigned first, unsigned count)
{
    const struct batch_line *last = &batch->lines[first + count - 1];
    size_t begin = batch->lines[first].offset;

    return (struct span){batch->text.data + begin, last->offset + last->size + 1 - begin};
}
