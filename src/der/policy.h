/*
 * Certificate policies, and Microsoft's application policies, which are written the same way.
 *
 * A list is begun with an extension's value and walked as general_name.h does it; what is written
 * once is read by one call. The fault counts from the start of the value.
 */
#ifndef DER_POLICY_H
#define DER_POLICY_H

#include "der.h"

/* certificatePolicies 2.5.29.32, application policies 1.3.6.1.4.1.311.21.10: at least one. */
struct policy {
    struct der_bytes oid;
    struct der_bytes
        qualifiers; /* for policy_qualifiers_begin; checked; nothing where there are none */
};
bool policies_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                    struct der_bytes value);
bool policies_next(struct der *cursor, struct policy *policy);

/* What a policy says of itself. */
struct policy_qualifier {
    struct der_bytes oid;
    struct der_bytes cps;                       /* of 1.3.6.1.5.5.7.2.1: a URI, IA5 text */
    struct der_value
        organization; /* of 1.3.6.1.5.5.7.2.2, a notice to the user: text; tag 0: left out */
    struct der_bytes numbers; /* ... the INTEGERs of that organization's notices, as they are */
    struct der_value text;                      /* ... the notice itself: text; tag 0: left out */
    struct der_value other;                     /* of any other OID */
};
void policy_qualifiers_begin(struct der *cursor, struct der_fault *fault,
                             struct der_bytes qualifiers);
bool policy_qualifiers_next(struct der *cursor, struct policy_qualifier *qualifier);

/* policyMappings 2.5.29.33, and of application policies 1.3.6.1.4.1.311.21.11: at least one pair.
 */
struct policy_mapping {
    struct der_bytes issuer, subject;           /* OIDs */
};
bool policy_mappings_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                           struct der_bytes value);
bool policy_mappings_next(struct der *cursor, struct policy_mapping *mapping);

/* policyConstraints 2.5.29.36, and of application policies 1.3.6.1.4.1.311.21.12: contents of
 * INTEGERs, nothing where they are left out. */
struct policy_constraints {
    struct der_bytes require_explicit, inhibit_mapping;
};
bool policy_constraints_read(struct der_bytes value, struct policy_constraints *constraints,
                             struct der_fault *fault, struct der_remarks *remarks);

#endif
