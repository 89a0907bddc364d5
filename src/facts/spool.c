#include "spool.h"

#include <string.h>

#define TAIL (256u << 10)               /* bytes that are written at once */

void spool_begin(struct spool *spool, size_t most)
{
    *spool = (struct spool){.most = most};
}

void spool_free(struct spool *spool)
{
    bytes_free(&spool->head);
    bytes_free(&spool->tail);
    temp_file_close(spool->file);
    spool->file = NULL;
}

static void spool_fail(struct spool *spool, HRESULT hr)
{
    if (FAILED(hr) && SUCCEEDED(spool->hr)) spool->hr = hr;
}

static void write_tail(struct spool *spool)
{
    if (!spool->file) spool_fail(spool, temp_file_open(&spool->file));
    if (FAILED(spool->hr)) return;
    spool_fail(spool, temp_file_write(spool->file, spool->written, spool->tail.data,
                                      spool->tail.size));
    spool->written += spool->tail.size;
    spool->tail.size = 0;
}

uint64_t spool_add(struct spool *spool, const void *data, size_t size)
{
    bool in_head = spool->size + size <= spool->most && spool->size == spool->head.size;
    struct bytes *to = in_head ? &spool->head : &spool->tail;
    uint64_t offset = spool->size;

    if (FAILED(spool->hr)) return offset;
    bytes_add(to, data, size);
    if (to->failed) spool_fail(spool, E_OUTOFMEMORY);
    spool->size += size;
    if (!in_head && spool->tail.size >= TAIL) write_tail(spool);
    return offset;
}

bool spool_read(struct spool *spool, uint64_t offset, void *out, size_t size)
{
    if (FAILED(spool->hr)) return false;
    if (!size) return true;
    if (offset > spool->size || size > spool->size - offset) {
        spool_fail(spool, E_INVALIDARG);
        return false;
    }
    if (offset < spool->head.size) {
        memcpy(out, spool->head.data + offset, size);
        return true;
    }
    offset -= spool->head.size;
    if (offset >= spool->written) {
        memcpy(out, spool->tail.data + (offset - spool->written), size);
        return true;
    }
    spool_fail(spool, temp_file_read(spool->file, offset, out, size));
    return SUCCEEDED(spool->hr);
}
