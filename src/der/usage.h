/*
 * What a certificate's key may be used for: basicConstraints, keyUsage, extendedKeyUsage.
 *
 * Each call reads the value of one extension, which is all of `value`; the fault counts from its
 * start. Outputs are zero where it is refused.
 */
#ifndef DER_USAGE_H
#define DER_USAGE_H

#include "der.h"

/* basicConstraints, 2.5.29.19. */
struct basic_constraints {
    bool ca;
    struct der_bytes
        path_length; /* contents of the INTEGER, for der_number; nothing where it is left out */
};
bool basic_constraints_read(struct der_bytes value, struct basic_constraints *constraints,
                            struct der_fault *fault, struct der_remarks *remarks);

/* keyUsage, 2.5.29.15: bit n of `bits` is the use named n in RFC 5280. */
enum {
    KEY_USAGE_DIGITAL_SIGNATURE,
    KEY_USAGE_NON_REPUDIATION,
    KEY_USAGE_KEY_ENCIPHERMENT,
    KEY_USAGE_DATA_ENCIPHERMENT,
    KEY_USAGE_KEY_AGREEMENT,
    KEY_USAGE_CERT_SIGN,
    KEY_USAGE_CRL_SIGN,
    KEY_USAGE_ENCIPHER_ONLY,
    KEY_USAGE_DECIPHER_ONLY,
    KEY_USAGES
};
bool key_usage_read(struct der_bytes value, uint32_t *bits, struct der_fault *fault,
                    struct der_remarks *remarks);

/* extendedKeyUsage, 2.5.29.37: OIDs, at least one. The walk is as with general_names_begin. */
bool purposes_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                    struct der_bytes value);
bool purposes_next(struct der *cursor, struct der_bytes *oid);

#endif
