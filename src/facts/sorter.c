#include "sorter.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256                  /* records */

/* A sorted part of the file, read through a piece of the sorter's memory. */
struct sorter_run {
    uint64_t offset, left;              /* of the records that are not in memory; their count */
    char *piece;                        /* borrowed */
    size_t at, count;                   /* records in the piece */
};

void sorter_begin(struct sorter *sorter, size_t record, size_t key, size_t memory)
{
    *sorter = (struct sorter){.record = record, .key = key, .most = memory / 2 / record};
}

void sorter_free(struct sorter *sorter)
{
    free(sorter->memory);
    free(sorter->spare);
    free(sorter->runs);
    free(sorter->heap);
    temp_file_close(sorter->file);
    sorter->memory = sorter->spare = NULL;
    sorter->runs = NULL;
    sorter->heap = NULL;
    sorter->file = NULL;
    sorter->count = sorter->room = sorter->run_count = sorter->heap_count = 0;
}

static void sorter_fail(struct sorter *sorter, HRESULT hr)
{
    if (FAILED(hr) && SUCCEEDED(sorter->hr)) sorter->hr = hr;
}

static bool sorter_grow(struct sorter *sorter)
{
    size_t room = sorter->room ? sorter->room * 2 : FIRST_ROOM;
    char *memory, *spare;

    if (room > sorter->most) room = sorter->most;
    if ((memory = realloc(sorter->memory, room * sorter->record))) sorter->memory = memory;
    if ((spare = realloc(sorter->spare, room * sorter->record))) sorter->spare = spare;
    if (!memory || !spare) sorter_fail(sorter, E_OUTOFMEMORY);
    else sorter->room = room;
    return memory && spare;
}

/* Merge two sorted neighbours, [from, middle) and [middle, to), into `out`. */
static void merge_pair(const struct sorter *sorter, const char *in, char *out, size_t from,
                       size_t middle, size_t to)
{
    size_t size = sorter->record, a = from, b = middle;

    for (size_t at = from; at < to; at++) {
        bool first = b == to ||
                     (a < middle && memcmp(in + a * size, in + b * size, sorter->key) <= 0);

        memcpy(out + at * size, in + (first ? a++ : b++) * size, size);
    }
}

/* Bottom up, from one of the two memories into the other and back. Stable. */
static void sort_memory(struct sorter *sorter)
{
    for (size_t width = 1; width < sorter->count; width *= 2) {
        char *sorted = sorter->spare;

        for (size_t from = 0; from < sorter->count; from += 2 * width) {
            size_t middle = from + width < sorter->count ? from + width : sorter->count;
            size_t to = middle + width < sorter->count ? middle + width : sorter->count;

            merge_pair(sorter, sorter->memory, sorted, from, middle, to);
        }
        sorter->spare = sorter->memory;
        sorter->memory = sorted;
    }
}

static bool keep_run(struct sorter *sorter)
{
    struct sorter_run *runs;

    if (sorter->run_count == SORTER_RUNS_MOST) return false;
    runs = realloc(sorter->runs, (sorter->run_count + 1) * sizeof *runs);
    if (!runs) return false;
    sorter->runs = runs;
    runs[sorter->run_count++] =
        (struct sorter_run){.offset = sorter->written, .left = sorter->count};
    return true;
}

static void write_run(struct sorter *sorter)
{
    size_t size = sorter->count * sorter->record;

    if (!sorter->file) sorter_fail(sorter, temp_file_open(&sorter->file));
    if (FAILED(sorter->hr)) return;
    sort_memory(sorter);
    if (!keep_run(sorter)) sorter_fail(sorter, E_OUTOFMEMORY);
    else sorter_fail(sorter, temp_file_write(sorter->file, sorter->written, sorter->memory, size));
    sorter->written += size;
    sorter->count = 0;
}

void sorter_add(struct sorter *sorter, const void *record)
{
    if (FAILED(sorter->hr)) return;
    if (sorter->count == sorter->most) write_run(sorter);
    else if (sorter->count == sorter->room && !sorter_grow(sorter)) return;
    if (FAILED(sorter->hr)) return;
    memcpy(sorter->memory + sorter->count++ * sorter->record, record, sorter->record);
    sorter->added++;
}

static void fill(struct sorter *sorter, struct sorter_run *run)
{
    size_t count = sorter->most / sorter->run_count;

    if (run->left < count) count = (size_t)run->left;
    run->at = 0;
    run->count = count;
    run->left -= count;
    if (count) sorter_fail(sorter, temp_file_read(sorter->file, run->offset, run->piece,
                                                  count * sorter->record));
    run->offset += count * sorter->record;
}

static const char *head_of(const struct sorter *sorter, uint32_t run)
{
    return sorter->runs[run].piece + sorter->runs[run].at * sorter->record;
}

/* Of equal records that of the earlier run comes first. */
static bool comes_before(const struct sorter *sorter, uint32_t one, uint32_t other)
{
    int order = memcmp(head_of(sorter, one), head_of(sorter, other), sorter->key);

    return order < 0 || (!order && one < other);
}

static void sink(struct sorter *sorter, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < sorter->heap_count; at = child) {
        uint32_t moved = sorter->heap[at];

        if (child + 1 < sorter->heap_count &&
            comes_before(sorter, sorter->heap[child + 1], sorter->heap[child]))
            child++;
        if (!comes_before(sorter, sorter->heap[child], moved)) return;
        sorter->heap[at] = sorter->heap[child];
        sorter->heap[child] = moved;
    }
}

static void begin_merge(struct sorter *sorter)
{
    size_t piece = sorter->most / sorter->run_count;

    free(sorter->spare);
    sorter->spare = NULL;
    sorter->heap = malloc(sorter->run_count * sizeof *sorter->heap);
    if (!sorter->heap || !piece) sorter_fail(sorter, E_OUTOFMEMORY);
    for (size_t i = 0; i < sorter->run_count && SUCCEEDED(sorter->hr); i++) {
        sorter->runs[i].piece = sorter->memory + i * piece * sorter->record;
        fill(sorter, &sorter->runs[i]);
        sorter->heap[sorter->heap_count++] = (uint32_t)i;
    }
    if (FAILED(sorter->hr)) return;
    for (size_t i = sorter->heap_count; i-- > 0;) sink(sorter, i);
}

void sorter_sort(struct sorter *sorter)
{
    if (FAILED(sorter->hr)) return;
    if (!sorter->file) {
        sort_memory(sorter);
        return;
    }
    if (sorter->count) write_run(sorter);
    if (SUCCEEDED(sorter->hr)) begin_merge(sorter);
}

/* Go on behind the record that was given last. */
static void leave_head(struct sorter *sorter)
{
    struct sorter_run *run = &sorter->runs[sorter->heap[0]];

    if (++run->at == run->count) fill(sorter, run);
    if (!run->count) sorter->heap[0] = sorter->heap[--sorter->heap_count];
    sink(sorter, 0);
}

const void *sorter_next(struct sorter *sorter)
{
    if (FAILED(sorter->hr)) return NULL;
    if (!sorter->file)
        return sorter->at < sorter->count ? sorter->memory + sorter->at++ * sorter->record : NULL;
    if (sorter->took) leave_head(sorter);
    sorter->took = sorter->heap_count && SUCCEEDED(sorter->hr);
    return sorter->took ? head_of(sorter, sorter->heap[0]) : NULL;
}
