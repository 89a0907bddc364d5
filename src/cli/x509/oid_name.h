/* What object identifiers are known as: purposes, algorithms, curves, policies, attributes. */
#ifndef OID_NAME_H
#define OID_NAME_H

/* The name that Windows' or the standards' tools show, ASCII; NULL where it is not known. `dotted`
 * as der_oid_text writes it. */
const char *oid_name(const char *dotted);

#endif
