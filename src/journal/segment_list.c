#include "segment_list.h"

#include "segment.h"

#include <stdlib.h>

#define ROOM_MIN 64

void segment_list_free(struct segment_list *list)
{
    free(list->starts);
    *list = (struct segment_list){0};
}

static void segment_list_add(void *context, const char *name)
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

#define BYTE_VALUES 256

/* From `from` to `to`, in the order of one byte; what has the same one stays in order. False: all
 * have the same one, nothing was moved. */
static bool sort_by_byte(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    size_t places[BYTE_VALUES] = {0}, place = 0;

    for (size_t i = 0; i < count; i++) places[(from[i] >> shift) % BYTE_VALUES]++;
    if (places[(from[0] >> shift) % BYTE_VALUES] == count) return false;
    for (unsigned value = 0; value < BYTE_VALUES; value++) {
        size_t before = place;

        place += places[value];
        places[value] = before;
    }
    for (size_t i = 0; i < count; i++) to[places[(from[i] >> shift) % BYTE_VALUES]++] = from[i];
    return true;
}

/* Byte by byte, the lowest first: as many steps as there are segments, in whatever order somebody
 * has chosen. */
static HRESULT sort(struct segment_list *list)
{
    uint64_t *spare = malloc(list->count * sizeof *spare), *other;

    if (!spare) return E_OUTOFMEMORY;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!sort_by_byte(list->starts, spare, list->count, shift)) continue;
        other = list->starts;
        list->starts = spare;
        list->room = list->count;
        spare = other;
    }
    free(spare);
    return S_OK;
}

HRESULT segment_list_read(struct segment_list *list, struct disk_folder *folder)
{
    bool sorted = true;
    HRESULT hr;

    list->count = 0;
    list->failed = false;
    hr = disk_list(folder, segment_list_add, list);
    if (SUCCEEDED(hr) && list->failed) hr = E_OUTOFMEMORY;
    for (size_t at = 1; at < list->count && sorted; at++)
        sorted = list->starts[at - 1] < list->starts[at];
    if (SUCCEEDED(hr) && !sorted) hr = sort(list);      /* NTFS lists in the order of names */
    if (FAILED(hr)) segment_list_free(list);
    return hr;
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
