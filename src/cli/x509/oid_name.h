/* What object identifiers are known as: purposes, algorithms, curves, policies, attributes. */
#ifndef OID_NAME_H
#define OID_NAME_H

#include <stddef.h>

/* The name that Windows' or the standards' tools show, ASCII; NULL where it is not known. `dotted`
 * as der_oid_text writes it. */
const char *oid_name(const char *dotted);
/* What RFC 5280 calls a purpose: "serverAuth"; NULL: nothing. */
const char *oid_rfc_purpose(const char *dotted);
/* Each known name of a purpose, of either kind; NULL: there are no more. */
const char *oid_purpose_at(size_t index);

#endif
