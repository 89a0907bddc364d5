/*
 * Certification requests: PKCS#10 (RFC 2986).
 *
 * Accepted is version 0 (the only one there is), with any attributes. Leaving the attributes out
 * altogether, tag and all, is no DER of that type, but old programs do it and nothing is ambiguous
 * about it: it counts as none. The signature is not verified here.
 */
#ifndef DER_PKCS10_H
#define DER_PKCS10_H

#include "attribute.h"
#include "extension.h"
#include "key.h"

/* Views of the request's parts. Lists of nothing where the request has no such attribute. */
struct pkcs10 {
    int version;                                /* 0, the only one there is; with remarks, any */
    struct der_bytes info;                      /* the bytes that are signed */
    struct der_bytes subject;                   /* a whole Name, for name_begin */
    struct public_key key;
    struct der_bytes attributes;                /* for attributes_begin */
    struct der_bytes
        extensions; /* extensionRequest, 1.2.840.113549.1.9.14, for extensions_begin.
                     * With remarks, the first of several: see pkcs10_extensions_begin */
    struct der_bytes
        microsoft_extensions; /* the same under Microsoft's own number, 1.3.6.1.4.1.311.2.1.14 */
    bool has_challenge;                         /* challengePassword, 1.2.840.113549.1.9.7 */
    size_t challenge_size; /* ... how many bytes it has: a password, so no more is told of it */
    struct algorithm signature_algorithm;
    struct der_bytes signature;
};

/* Read a request, which is all of `data`. */
bool pkcs10_read(const void *data, size_t size, struct pkcs10 *request, struct der_fault *fault,
                 struct der_remarks *remarks);

/* The challenge itself, for the certification authority that it is meant for and for nobody else;
 * tag 0 where there is none. What shows or stores requests has no business here. */
struct der_value pkcs10_secret_challenge(const struct pkcs10 *request);

/* All extensions that are requested, wherever they stand: of every value of every such attribute,
 * extensionRequest before Microsoft's. (A strict reading bears one of each.) Not to be copied: it
 * points into itself. */
struct pkcs10_extensions {
    const struct pkcs10 *request;
    struct der_fault fault;
    struct der attributes, values, list;
    unsigned round;
};
void pkcs10_extensions_begin(struct pkcs10_extensions *cursor, const struct pkcs10 *request);
bool pkcs10_extensions_next(struct pkcs10_extensions *cursor, struct extension *extension);

/* The first of them with this OID. */
bool pkcs10_extension(const struct pkcs10 *request, const char *dotted_oid,
                      struct extension *extension);

#endif
