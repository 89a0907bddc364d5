/*
 * Certificates: X.509 (RFC 5280), versions 1 to 3. No signature is verified here and no chain is
 * built.
 */
#ifndef DER_X509_H
#define DER_X509_H

#include "extension.h"
#include "key.h"

struct x509 {
    int version;                                /* 1, 2 or 3; with remarks, any */
    struct der_bytes info;                      /* the bytes that are signed */
    struct der_bytes serial; /* contents of the INTEGER: old ones may be negative, zero or long */
    struct der_bytes issuer, subject;           /* whole Names, for name_begin */
    int64_t not_before, not_after;              /* seconds since 1970 */
    struct public_key key;
    struct der_bytes issuer_id, subject_id; /* unique IDs, of the nineties: bits, without the byte
                                             * that counts unused ones; nothing before version 2 */
    struct der_bytes extensions;                /* for extensions_begin; nothing before version 3 */
    struct algorithm signature_algorithm;
    struct algorithm
        inner_algorithm; /* as it stands in what is signed: the same, but for a remark */
    struct der_bytes signature;
    struct der_bytes rest; /* what follows the certificate: nothing, but for a remark.
                            * trust.h reads what openssl puts there */
};

/* Read a certificate, which is all of `data`. With remarks, parts are read that its version does
 * not have. */
bool x509_read(const void *data, size_t size, struct x509 *certificate, struct der_fault *fault,
               struct der_remarks *remarks);

#endif
