/* A set of RequestIDs, in bounded memory: a bit for each, in pages, since a CA counts them up from 1. */
#ifndef ID_SET_H
#define ID_SET_H

#include <stdbool.h>
#include <stdint.h>

#define ID_SET_PAGES 16384              /* in use: 8 MiB, of 67 million RequestIDs that lie together */

/* {0} is empty. */
struct id_set {
    uint64_t **pages;                   /* owned, by the page's number; NULL: nothing in it */
    unsigned count;
};

void id_set_free(struct id_set *set);
bool id_set_has(const struct id_set *set, int64_t id);
/* False: it is not one that a CA gives (1 to 2^31 - 1), or there is no room. */
bool id_set_add(struct id_set *set, int64_t id);
void id_set_remove(struct id_set *set, int64_t id);

#endif
