/*
 * The CRLs of a CA: what a crl.issued reports for each of its keys, and which of them the journal
 * contains already.
 *
 * A CA publishes all its CRLs at once, including those of old keys and an unchanged base CRL. A
 * CRL that the last recorded crl.issued contained in full is reported by its SHA-256 only.
 */
#ifndef CRLS_H
#define CRLS_H

#include "event_data.h"

#define CRLS_KEYS_MAX 256               /* CA certificates that are read: one more for each
                                         * renewal */

enum crls_kind { CRLS_BASE, CRLS_DELTA };

/* The SHA-256 of each CRL of one event; all zeros: no CRL. */
struct crls_digests { uint8_t hash[CRLS_KEYS_MAX][2][32]; };

/*
 * The CRLs that the journal contains. One for each journal; {.lock = SRWLOCK_INIT} is empty. Any
 * thread.
 */
struct crls_memory {
    SRWLOCK lock;
    struct crls_digests last;
};

/*
 * Add data.ca. `*digests`, zeroed by the caller, receives what to pass to crls_remember once the
 * event is in the journal.
 */
void crls_read(struct event_data *event_data, struct crls_memory *memory,
               struct crls_digests *digests);

/*
 * Remember the CRLs of an event that is in the journal. Called only then, since otherwise a later
 * line could refer to one that was lost.
 */
void crls_remember(struct crls_memory *memory, const struct crls_digests *digests);

#endif
