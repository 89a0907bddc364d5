/*
 * The CRLs of a CA: what a crl.issued tells of each of its keys, and which of them the journal holds already.
 *
 * A CA publishes all its CRLs at once, those of old keys and an unchanged base included. What the last crl.issued that went into the
 * journal told in full is told by its SHA-256 alone.
 */
#ifndef CRLS_H
#define CRLS_H

#include "event_data.h"

#define CRLS_KEYS_MAX 256               /* CA certificates that are looked at: one more for each renewal */

enum crls_kind { CRLS_BASE, CRLS_DELTA };

/* The SHA-256 of each CRL of one event; all zeros where there is none. */
struct crls_digests { uint8_t hash[CRLS_KEYS_MAX][2][32]; };

/* What the journal holds. One for each journal; {.lock = SRWLOCK_INIT} knows nothing. Any thread. */
struct crls_memory {
    SRWLOCK lock;
    struct crls_digests last;
};

/* Add data.ca. `*digests`, zeroed by the caller, takes what to remember once the event is in the journal. */
void crls_read(struct event_data *reading, struct crls_memory *memory, struct crls_digests *digests);

/* An event with these CRLs has gone into the journal: only now, lest a later line point to one that was lost. */
void crls_remember(struct crls_memory *memory, const struct crls_digests *digests);

#endif
