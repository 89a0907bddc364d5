/*
 * Verifying signatures, of requests and of what they are wrapped in.
 *
 * RSA (PKCS#1 v1.5) with SHA-1, -256, -384, -512; ECDSA on P-256, P-384 and (not under Wine 8, which has none) P-521 with
 * the same. Any thread.
 */
#ifndef STUBCA_SIGNATURE_H
#define STUBCA_SIGNATURE_H

#include <windows.h>
#include "der/key.h"
#include "stubca/base/reason.h"

enum { DIGEST_MAX = 64 };

struct signature {
    const char *whose;                  /* "request": for the reason */
    const struct public_key *key;
    const char *algorithm;              /* dotted: of the signature; or of the key, and then: */
    const char *digest;                 /* dotted: of the hash. NULL where the algorithm says it */
    struct der_bytes message, bits;
};

/*
 * Did the holder of the key sign the message? S_OK if so.
 *   NTE_BAD_SIGNATURE (0x80090006)      the signature is wrong
 *   NTE_BAD_ALGID (0x80090008)          a signature algorithm or key that this CA does not verify
 *   CRYPT_E_ASN1_ERROR                  key or signature are not what their algorithm says
 */
HRESULT signature_verify(const struct signature *signature, struct reason *reason);

/* The hash of the bytes by an algorithm of that OID; NTE_BAD_ALGID: none that this CA knows. */
HRESULT digest_make(const char *oid, struct der_bytes bytes, unsigned char digest[DIGEST_MAX], size_t *size, struct reason *reason);

#endif
