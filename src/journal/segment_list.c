#include "segment_list.h"

#include "segment.h"

#include <stdlib.h>

#define ROOM_MIN 64

void segment_list_free(struct segment_list *list)
{
    free(list->starts);
    *list = (struct segment_list){0};
}

static void add(void *context, const char *name)
{
    struct segment_list *list = context;
    uint64_t sequence = segment_sequence(name), *grown;

    if (!sequence || list->failed) return;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : ROOM_MIN;

        if (!(grown = realloc(list->starts, room * sizeof *grown))) {
            list->failed = true;
            return;
        }
        list->starts = grown;
        list->room = room;
    }
    list->starts[list->count++] = sequence;
}

static void sink(uint64_t *heap, size_t at, size_t count)
{
    uint64_t value = heap[at];

    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && heap[child + 1] > heap[child];
        if (heap[child] <= value) break;
        heap[at] = heap[child];
    }
    heap[at] = value;
}

/* A heap: qsort may take as long as it likes in an order that somebody has chosen. */
static void sort(uint64_t *starts, size_t count)
{
    for (size_t at = count / 2; at--;) sink(starts, at, count);
    for (size_t left = count; left-- > 1;) {
        uint64_t highest = starts[0];

        starts[0] = starts[left];
        starts[left] = highest;
        sink(starts, 0, left);
    }
}

HRESULT segment_list_read(struct segment_list *list, struct disk_folder *folder)
{
    bool sorted = true;
    HRESULT hr;

    list->count = 0;
    list->failed = false;
    hr = disk_list(folder, add, list);
    if (SUCCEEDED(hr) && list->failed) hr = E_OUTOFMEMORY;
    if (FAILED(hr)) {
        segment_list_free(list);
        return hr;
    }
    for (size_t at = 1; at < list->count && sorted; at++) sorted = list->starts[at - 1] < list->starts[at];
    if (!sorted) sort(list->starts, list->count);       /* NTFS lists in the order of names */
    return S_OK;
}

/* How many are not above `limit`. */
static size_t count_to(const struct segment_list *list, uint64_t limit)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->starts[middle] <= limit) low = middle + 1;
        else high = middle;
    }
    return low;
}

uint64_t segment_list_above(const struct segment_list *list, uint64_t limit)
{
    size_t at = count_to(list, limit);

    return at < list->count ? list->starts[at] : 0;
}

uint64_t segment_list_below(const struct segment_list *list, uint64_t limit)
{
    size_t at = limit ? count_to(list, limit - 1) : 0;

    return at ? list->starts[at - 1] : 0;
}
