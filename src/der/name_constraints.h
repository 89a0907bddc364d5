/*
 * nameConstraints, 2.5.29.30: the trees of names that a CA may, and may not, certify.
 */
#ifndef DER_NAME_CONSTRAINTS_H
#define DER_NAME_CONSTRAINTS_H

#include "general_name.h"

struct name_constraints {
    struct der_bytes permitted,
        excluded; /* for subtrees_begin, checked; nothing where they are left out */
};

struct subtree {
    struct general_name base;                   /* an IP address has its mask behind it */
    struct der_bytes minimum,
        maximum; /* contents of INTEGERs, which nobody uses; nothing: 0, and none */
};

/* Read the extension's value, which is all of `value`; the fault counts from its start. */
bool name_constraints_read(struct der_bytes value, struct name_constraints *constraints,
                           struct der_fault *fault, struct der_remarks *remarks);

void subtrees_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list);
bool subtrees_next(struct der *cursor, struct subtree *subtree);

#endif
