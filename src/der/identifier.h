/*
 * Extensions that are a number, a time or a run of bytes, and the one that names the issuer's key.
 *
 * Each call reads the value of one extension, which is all of `value`; the fault counts from its
 * start. Outputs are zero where it is refused.
 */
#ifndef DER_IDENTIFIER_H
#define DER_IDENTIFIER_H

#include "der.h"

/* authorityKeyIdentifier, 2.5.29.35; nothing where a part is left out. */
struct authority_key {
    struct der_bytes key;               /* the issuer's subjectKeyIdentifier */
    struct der_bytes issuer;            /* of the issuer's certificate, for general_names_in */
    struct der_bytes serial;            /* of the issuer's certificate, contents of an INTEGER */
};
bool authority_key_read(struct der_bytes value, struct authority_key *authority,
                        struct der_fault *fault, struct der_remarks *remarks);

/* A value that is one OCTET STRING (subjectKeyIdentifier 2.5.29.14), one INTEGER
 * (cRLNumber 2.5.29.20, deltaCRLIndicator 2.5.29.27, inhibitAnyPolicy 2.5.29.54), one ENUMERATED
 * (cRLReason 2.5.29.21), one OID (holdInstructionCode 2.5.29.23): its contents, right for the type
 * `tag`. `what` is named in the fault. */
bool der_alone(struct der_bytes value, const char *what, uint32_t tag, struct der_bytes *content,
               struct der_fault *fault, struct der_remarks *remarks);

/* A value that is one time (invalidityDate 2.5.29.24): seconds since 1970. */
bool der_time_alone(struct der_bytes value, const char *what, int64_t *seconds,
                    struct der_fault *fault, struct der_remarks *remarks);

#endif
