#include "id_set.h"

#include <stdlib.h>

#define PAGE_BITS 4096
#define PAGES     (INT32_MAX / PAGE_BITS + 1)

void id_set_free(struct id_set *set)
{
    for (int i = 0; set->pages && i < PAGES; i++) free(set->pages[i]);
    free(set->pages);
    *set = (struct id_set){0};
}

static uint64_t *word_of(const struct id_set *set, int64_t id)
{
    uint64_t *page = set->pages && id > 0 && id <= INT32_MAX ? set->pages[id / PAGE_BITS] : NULL;

    return page ? &page[id % PAGE_BITS / 64] : NULL;
}

bool id_set_has(const struct id_set *set, int64_t id)
{
    const uint64_t *word = word_of(set, id);

    return word && *word >> id % 64 & 1;
}

bool id_set_add(struct id_set *set, int64_t id)
{
    if (id <= 0 || id > INT32_MAX) return false;
    if (!set->pages && !(set->pages = calloc(PAGES, sizeof *set->pages))) return false;
    if (!set->pages[id / PAGE_BITS]) {
        if (set->count == ID_SET_PAGES || !(set->pages[id / PAGE_BITS] = calloc(PAGE_BITS / 64, sizeof(uint64_t)))) return false;
        set->count++;
    }
    *word_of(set, id) |= (uint64_t)1 << id % 64;
    return true;
}

void id_set_remove(struct id_set *set, int64_t id)
{
    uint64_t *word = word_of(set, id);

    if (word) *word &= ~((uint64_t)1 << id % 64);
}
