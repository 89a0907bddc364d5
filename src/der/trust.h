/*
 * What openssl puts behind a certificate in a "TRUSTED CERTIFICATE": what its owner trusts it for.
 * No signature covers it.
 */
#ifndef DER_TRUST_H
#define DER_TRUST_H

#include "der.h"

struct trust {
    struct der_bytes trusted,
        rejected; /* OIDs one after the other, of purposes; nothing where there are none */
    struct der_value alias; /* text; tag 0 where left out */
    struct der_bytes key_id;
};

/* Read it, as all of `data`. */
bool trust_read(struct der_bytes data, struct trust *trust, struct der_fault *fault,
                struct der_remarks *remarks);

#endif
