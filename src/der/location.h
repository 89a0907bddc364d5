/*
 * Where CRLs and other things about a certificate are to be had: distribution points, access
 * descriptions.
 *
 * Lists are walked as general_name.h does it; the fault counts from the start of the extension's
 * value.
 */
#ifndef DER_LOCATION_H
#define DER_LOCATION_H

#include "general_name.h"

/* Why a CRL covers a revocation: bit n of a distribution point's reasons. (Bit 0 is not used.) */
enum {
    REASON_KEY_COMPROMISE = 1,
    REASON_CA_COMPROMISE,
    REASON_AFFILIATION_CHANGED,
    REASON_SUPERSEDED,
    REASON_CESSATION_OF_OPERATION,
    REASON_CERTIFICATE_HOLD,
    REASON_PRIVILEGE_WITHDRAWN,
    REASON_AA_COMPROMISE,
    REASONS
};

/* One of cRLDistributionPoints 2.5.29.31, freshestCRL 2.5.29.46, or the locations that a CRL itself
 * was published at, 1.3.6.1.4.1.311.21.14. What is left out is nothing. */
struct distribution_point {
    struct der_bytes names;             /* for general_names_in */
    struct der_bytes
        relative; /* instead of them: for name_begin_set, to be put behind the issuer's name */
    bool has_reasons;
    uint32_t reasons;
    struct der_bytes issuer;            /* of the CRL: for general_names_in */
};
bool distribution_points_begin(struct der *cursor, struct der_fault *fault,
                               struct der_remarks *remarks, struct der_bytes value);
bool distribution_points_next(struct der *cursor, struct distribution_point *point);

/* issuingDistributionPoint of a CRL, 2.5.29.28. */
struct issuing_point {
    struct der_bytes names, relative;   /* as above */
    bool only_users, only_cas, indirect, only_attributes;
    bool has_reasons;
    uint32_t reasons;
};
bool issuing_point_read(struct der_bytes value, struct issuing_point *point,
                        struct der_fault *fault, struct der_remarks *remarks);

/* authorityInfoAccess 1.3.6.1.5.5.7.1.1 and subjectInfoAccess 1.3.6.1.5.5.7.1.11: at least one. */
struct access_description {
    struct der_bytes method; /* OID: 1.3.6.1.5.5.7.48.1 OCSP, .48.2 the issuer's certificate, ... */
    struct general_name location;
};
bool access_descriptions_begin(struct der *cursor, struct der_fault *fault,
                               struct der_remarks *remarks, struct der_bytes value);
bool access_descriptions_next(struct der *cursor, struct access_description *description);

#endif
