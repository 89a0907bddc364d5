/*
 * Attributes: a type and a set of values, as requests and CMS have them.
 */
#ifndef DER_ATTRIBUTE_H
#define DER_ATTRIBUTE_H

#include "der.h"

struct attribute {
    struct der_bytes oid;               /* contents of the OID */
    struct der_bytes values; /* contents of the SET, at least one value (with remarks, maybe none),
                                not looked at; nothing where it is secret */
    bool is_secret;                     /* challengePassword, 1.2.840.113549.1.9.7 */
    size_t secret_size; /* ... how many bytes its first value has: a password, so no more is told of
                           it */
};

/* Walk over the contents of a list that was read: pkcs10.h, cms.h and cmc.h have some. */
void attributes_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list);
bool attributes_next(struct der *cursor, struct attribute *attribute);

/* For who reads such lists: enter one under any tag and check the attributes in it; `list` is its
 * contents. In any order. */
bool attributes_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *list);

/* For pkcs10.c alone: the same of one, with a cursor over its values, secret ones included. */
bool attribute_read(struct der *der, struct attribute *attribute, struct der *values);

#endif
