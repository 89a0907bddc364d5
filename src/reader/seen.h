/* What has been seen already: a set of runs of bytes, each known by 64 bits of its SHA-256. Eight to sixteen bytes of memory for each. */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is empty. */
struct seen {
    uint64_t *keys;                     /* owned; 0: free */
    size_t room, count;
};

void seen_free(struct seen *seen);

/* True the first time that it is asked about these bytes, whose SHA-256 it is given; true every time when memory has run out. `salt`
 * tells sets apart that share the memory. */
bool seen_first(struct seen *seen, const uint8_t sha256[32], uint8_t salt);

#endif
