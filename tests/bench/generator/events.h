/* The events of a world, written as a CA's exit module records them. */
#ifndef GENERATOR_EVENTS_H
#define GENERATOR_EVENTS_H

#include "journal_out.h"
#include "world.h"

/* What the answers need of a journal that was written. */
struct written {
    uint64_t planted[PLANTED_COUNT];    /* sequences */
    uint64_t crl, delta;                /* the last ones */
    int64_t crl_until, delta_until;     /* seconds */
    uint64_t lines, segments;
};

/* Writes the whole journal; fills in what items learn only then. */
void events_write(struct world *world, const struct authority *authority, const char *folder, struct written *written);

#endif
