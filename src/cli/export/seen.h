/*
 * What has been seen already: a set of runs of bytes, each known by 64 bits of a hash that nobody can foretell, so that nobody can make two that
 * pass for one. Eleven to twenty-two bytes of memory for each.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is empty. */
struct seen {
    uint64_t *keys;                     /* owned; 0: free */
    size_t room, count;
    char secret[37];                    /* made with the first */
};

void seen_free(struct seen *seen);

/* True the first time that it is asked about these bytes, whose SHA-256 it is given; true every time when memory or chance has run out. */
bool seen_first(struct seen *seen, const uint8_t sha256[32]);

#endif
