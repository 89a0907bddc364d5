/*
 * What a browser's KEYGEN made: SignedPublicKeyAndChallenge, Netscape's request for a certificate,
 * which MS-WCCE (2.2.2.6.4) still has. A public key and its proof; whatever else is wanted comes
 * beside it.
 */
#ifndef DER_SPKAC_H
#define DER_SPKAC_H

#include "key.h"

struct spkac {
    struct der_bytes info; /* the bytes that are signed */
    struct public_key key;
    size_t challenge_size; /* of the challenge: a password, so no more is told of it */
    struct algorithm signature_algorithm;
    struct der_bytes signature;
};

/* Read one, which is all of `data`. */
bool spkac_read(const void *data, size_t size, struct spkac *spkac, struct der_fault *fault,
                struct der_remarks *remarks);

/* The challenge itself, for the certification authority only, as pkcs10_secret_challenge. A request
 * that was read has one; it may be empty. */
struct der_value spkac_secret_challenge(const struct spkac *spkac);

#endif
