/*
 * The attribute `san`, which names who a certificate is for beside the request: dns=pc17.demo.example&upn=alice@demo.example.
 *
 * A CA honours it where its policy has EDITF_ATTRIBUTESUBJECTALTNAME2. Whoever may enroll then names whom he likes.
 */
#ifndef STUBCA_SAN_ATTRIBUTE_H
#define STUBCA_SAN_ATTRIBUTE_H

#include "stubca/base/der_write.h"
#include "stubca/base/reason.h"

/* Write the subjectAltName that the text stands for: dns, email, upn, url, oid, ipaddress (of four numbers), guid (32 hex
 * digits) and other names by OID ("1.2.3.4={utf8}text"). The writer is all zero. E_INVALIDARG, with the reason: one of another
 * kind, or a value that is none of its kind. The caller frees the writer's data, whatever comes of it. */
HRESULT san_attribute_write(const char *text, struct der_writer *writer, struct reason *reason);

#endif
