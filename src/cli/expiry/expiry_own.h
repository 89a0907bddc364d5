/*
 * The CA's own certificates and CRLs, and which of them need a person: a certificate that ends
 * within the window or has ended and still counts (expiry.h), unless the CA has a later one that
 * does not, and a CRL that is late.
 */
#ifndef EXPIRY_OWN_H
#define EXPIRY_OWN_H

#include "expiry.h"

#define EXPIRY_OWN_MOST (3 * SERVICES_MOST)

/* One of both. */
struct expiry_own {
    const struct service_certificate *certificate; /* borrowed, as the CRL */
    const struct service_crl *crl;
    const struct service_certificate *replacement; /* borrowed; of a certificate that ends: the one
                                         * that the CA signs with since; NULL: none is known */
    bool needs_person;
    bool is_told;                       /* of those that need one: a message names it */
    uint8_t key[FACT_KEY];              /* from run to run */
    int64_t threshold, end;             /* for expiry_state.h */
};

struct expiry_owns {
    struct expiry_own list[EXPIRY_OWN_MOST];
    unsigned count;
};

/* All that have not ended before; all that need a person are to be told. */
void expiry_own_find(struct expiry_owns *owns, const struct expiry *expiry,
                     const struct services *services);

/* What is wrong with the CRL: "the journal has none that was published in time". */
const char *expiry_own_remark(const struct service_crl *crl);
/* "CRL of key" or "Delta CRL of key". */
const char *expiry_own_crl(const struct service_crl *crl);

#endif
