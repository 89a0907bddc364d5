/*
 * The attribute `san`, which names the certificate's holder outside the request:
 * dns=pc17.demo.example&upn=alice@demo.example.
 *
 * A CA honours it if its policy has EDITF_ATTRIBUTESUBJECTALTNAME2. Any enrollee can then name any
 * holder.
 */
#ifndef STUBCA_SAN_ATTRIBUTE_H
#define STUBCA_SAN_ATTRIBUTE_H

#include "stubca/base/der_write.h"
#include "stubca/base/reason.h"

/*
 * Write the subjectAltName described by the text: dns, email, upn, url, oid, ipaddress (four
 * numbers), guid (32 hex digits) and other names by OID ("1.2.3.4={utf8}text"). The writer is all
 * zero. E_INVALIDARG, with the reason: unknown kind, or invalid value. The caller frees the
 * writer's data, whatever the result.
 */
HRESULT san_attribute_write(const char *text, struct der_writer *writer, struct reason *reason);

#endif
