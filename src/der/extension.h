/*
 * X.509 extensions, and what the common ones say.
 */
#ifndef DER_EXTENSION_H
#define DER_EXTENSION_H

#include "general_name.h"

/* Extensions in one list: finding repeated ones compares each with each. Real ones have about ten.
 * With remarks there may be more, each compared with the first of them. */
#define EXTENSIONS_MAX 100

struct extension {
    struct der_bytes oid;               /* contents of the OID */
    bool critical;
    struct der_bytes value; /* contents of the OCTET STRING: DER of its own, not yet looked at */
};

/* Read a SEQUENCE OF Extension and check all of it: at least one, none twice; with remarks, none is
 * borne, and so is one that stands there twice, of which extensions_find gives the first. `list` is
 * its contents, for the two below. */
bool extensions_read(struct der *der, const char *what, struct der_bytes *list);

/* Walk over such a list, or find one in it. A list of nothing has none. */
void extensions_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list);
bool extensions_next(struct der *cursor, struct extension *extension);
bool extensions_find(struct der_bytes list, const char *dotted_oid, struct extension *extension);

#endif
