/*
 * What has been seen already: a set of runs of bytes, each known by 64 bits of a hash that nobody
 * can foretell, so that nobody can make two that pass for one. Eleven to twenty-two bytes of memory
 * for each.
 */
#ifndef DIGEST_SET_H
#define DIGEST_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is empty. */
struct digest_set {
    uint64_t *keys;                     /* owned; 0: free */
    size_t room, count;
    char secret[37];                    /* made with the first */
};

void digest_set_free(struct digest_set *seen);

/* True the first time that it is asked about these bytes, whose SHA-256 it is given; true every
 * time when memory or chance has run out. */
bool digest_set_add(struct digest_set *seen, const uint8_t sha256[32]);

#endif
