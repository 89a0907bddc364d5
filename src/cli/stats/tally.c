#include "tally.h"

#include <stdlib.h>
#include <string.h>

#define PLACES (2 * TALLY_MAX)

void tally_free(struct tally *tally)
{
    for (unsigned i = 0; i < tally->count; i++) free(tally->rows[i].text);
    free(tally->rows);
    free(tally->places);
    *tally = (struct tally){0};
}

static uint64_t tally_hash_of(const char *text, size_t size)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash;
}

static bool is_row(const struct tally_row *row, const char *text, size_t size, uint64_t hash)
{
    return row->hash == hash && row->whole == size && !memcmp(row->text, text, row->size);
}

static struct tally_row *tally_make_row(struct tally *tally, uint16_t *place, const char *text,
                                        size_t size, uint64_t hash)
{
    struct tally_row *row = &tally->rows[tally->count];
    size_t kept = size < TALLY_TEXT ? size : TALLY_TEXT;

    if (tally->count == TALLY_MAX || !(row->text = malloc(kept + !kept))) return NULL;
    while (kept < size && kept && ((unsigned char)text[kept] & 0xc0) == 0x80)
        kept--; /* not within a character */
    memcpy(row->text, text, kept);
    row->size = kept;
    row->whole = size;
    row->hash = hash;
    *place = (uint16_t)++tally->count;
    return row;
}

void tally_add_many(struct tally *tally, const char *text, size_t size, unsigned which,
                    uint64_t count)
{
    uint64_t hash = tally_hash_of(text, size);
    struct tally_row *row = NULL;
    unsigned at = hash % PLACES;

    if (!tally->rows) tally->rows = calloc(TALLY_MAX, sizeof *tally->rows);
    if (!tally->places) tally->places = calloc(PLACES, sizeof *tally->places);
    if (tally->rows && tally->places) {
        while (tally->places[at] && !is_row(&tally->rows[tally->places[at] - 1], text, size, hash))
            at = (at + 1) % PLACES;
        row = tally->places[at] ? &tally->rows[tally->places[at] - 1]
                                : tally_make_row(tally, &tally->places[at], text, size, hash);
    }
    if (row) row->counts[which] += count;
    else tally->others[which] += count;
}

void tally_add(struct tally *tally, const char *text, size_t size, unsigned which)
{
    tally_add_many(tally, text, size, which, 1);
}

static uint64_t tally_sum_of(const struct tally_row *row)
{
    uint64_t sum = 0;

    for (int i = 0; i < TALLY_COUNTS; i++) sum += row->counts[i];
    return sum;
}

static int tally_compare(const void *a, const void *b)
{
    const struct tally_row *one = a, *other = b;
    uint64_t of_one = tally_sum_of(one), of_other = tally_sum_of(other);
    size_t shorter = one->size < other->size ? one->size : other->size;
    int order;

    if (of_one != of_other) return of_one > of_other ? -1 : 1;
    order = shorter ? memcmp(one->text, other->text, shorter) : 0;
    return order ? order : (one->size > other->size) - (one->size < other->size);
}

void tally_sort(struct tally *tally)
{
    if (tally->count) qsort(tally->rows, tally->count, sizeof *tally->rows, tally_compare);
    free(tally->places);
    tally->places = NULL;
}
