/* How often each of many texts came, in bounded memory: what comes when the table is full counts as
 * one of the others. */
#ifndef TALLY_H
#define TALLY_H

#include "base/bytes.h"

#include <stdint.h>

/* texts: more templates than any forest has, more requesters than anybody reads */
#define TALLY_MAX 4096
#define TALLY_TEXT   256 /* bytes kept of a text; it is told from others by all of it */
#define TALLY_COUNTS 3

struct tally_row {
    char *text;                         /* owned; `size` bytes, UTF-8 that may be hostile */
    size_t size, whole;                 /* of what is kept, and of all */
    uint64_t hash;
    uint64_t counts[TALLY_COUNTS];
};

/* {0} is empty. At most some 2 MiB. */
struct tally {
    struct tally_row *rows;             /* owned */
    unsigned count;
    uint16_t *places;                   /* owned: 1 + index of a row, by hash */
    uint64_t others[TALLY_COUNTS]; /* of texts that had no room; a text that has a row is counted
                                      there completely */
};

void tally_free(struct tally *tally);
void tally_add(struct tally *tally, const char *text, size_t size, unsigned which);
void tally_add_many(struct tally *tally, const char *text, size_t size, unsigned which,
                    uint64_t count);
/* The highest sums first, texts that are equal in that by their bytes. Nothing is added afterwards.
 */
void tally_sort(struct tally *tally);

#endif
