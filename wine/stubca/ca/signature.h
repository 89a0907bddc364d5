/*
 * Verification of signatures on requests and on the layers around them.
 *
 * RSA (PKCS#1 v1.5) with SHA-1, -256, -384, -512; ECDSA with the same hashes on P-256, P-384 and
 * P-521 (which Wine 8 does not support). Any thread.
 */
#ifndef STUBCA_SIGNATURE_H
#define STUBCA_SIGNATURE_H

#include <windows.h>
#include "der/key.h"
#include "stubca/base/reason.h"

enum { DIGEST_MAX = 64 };

struct signature {
    const char *whose;                  /* what is signed, for the reason: "request" */
    const struct public_key *key;
    const char *algorithm;              /* dotted: the signature's algorithm, or the key's
                                         * together with `digest` */
    const char *digest;                 /* dotted: the hash's. NULL if `algorithm` includes it */
    struct der_bytes message, bits;
};

/*
 * Verify that the holder of the key signed the message. S_OK: yes.
 *
 *   NTE_BAD_SIGNATURE (0x80090006)      the signature is wrong
 *   NTE_BAD_ALGID (0x80090008)          this CA does not support the signature algorithm or the key
 *   CRYPT_E_ASN1_ERROR                  key or signature do not match their algorithm
 */
HRESULT signature_verify(const struct signature *signature, struct reason *reason);

/* The hash of the bytes with the algorithm of that OID; NTE_BAD_ALGID: not supported. */
HRESULT digest_make(const char *oid, struct der_bytes bytes, unsigned char digest[DIGEST_MAX],
                    size_t *size, struct reason *reason);

#endif
