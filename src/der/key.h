/*
 * Public keys (SubjectPublicKeyInfo) and the algorithms that go with them.
 */
#ifndef DER_KEY_H
#define DER_KEY_H

#include "der.h"

/* An AlgorithmIdentifier. */
struct algorithm {
    struct der_bytes oid;               /* contents of the OID */
    struct der_bytes parameters;        /* whole, such as 05 00; nothing where they are left out */
    struct der_bytes whole;
};

struct public_key {
    struct algorithm algorithm;
    struct der_bytes
        bits; /* the key itself, without the byte that counts unused bits (there are none) */
    struct der_bytes whole;             /* the SubjectPublicKeyInfo */
};

bool algorithm_read(struct der *der, const char *what, struct algorithm *algorithm);
bool public_key_read(struct der *der, const char *what, struct public_key *key);

/* The two below look into a key that public_key_read gave; their fault counts from key->whole. */

/* An RSA key's numbers, as der_positive gives them. DER_E_ALGORITHM unless the key is
 * rsaEncryption's. */
bool public_key_rsa(const struct public_key *key, struct der_fault *fault,
                    struct der_remarks *remarks, struct der_bytes *modulus,
                    struct der_bytes *exponent);

/* An EC key: the OID of its named curve, and the two coordinates of its uncompressed point, each as
 * long as the curve's field. Known are P-256, P-384 and P-521; DER_E_ALGORITHM for others,
 * DER_E_POINT where the point is written otherwise. */
bool public_key_ec(const struct public_key *key, struct der_fault *fault, struct der_bytes *curve,
                   struct der_bytes *x, struct der_bytes *y);

/* The key's length in bits: the modulus of RSA (rsaEncryption and RSASSA-PSS), DSA and DH, the
 * field of a curve that is known (those of SEC 2, X9.62, Brainpool) or written out, 256 for Ed25519
 * and X25519, 456 and 448 for Ed448 and X448. 0 where it is not known. */
unsigned public_key_length(const struct public_key *key);

/* What an RSASSA-PSS algorithm (1.2.840.113549.1.1.10) is used with. */
struct pss {
    struct der_bytes hash, mask_hash;   /* OIDs; nothing: SHA-1, the default */
    struct der_bytes salt_size;         /* contents of an INTEGER; nothing: 20 */
};

/* DER_E_ALGORITHM for another algorithm, or where the mask is not made by MGF1; DER_E_MISSING for a
 * key that may be used with any hash. The fault counts from algorithm->whole. */
bool algorithm_pss(const struct algorithm *algorithm, struct pss *pss, struct der_fault *fault,
                   struct der_remarks *remarks);

#endif
