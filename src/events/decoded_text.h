/* Texts and names of certificates and requests, decoded to UTF-8 of whatever length. */
#ifndef DECODED_TEXT_H
#define DECODED_TEXT_H

#include "base/bytes.h"
#include "der/der.h"

/* Append a text of type `tag`, or a whole distinguished name. The result may be hostile. False:
 * nothing was appended. */
bool decoded_text_add(struct bytes *out, uint32_t tag, struct der_bytes content);
bool decoded_name_add(struct bytes *out, struct der_bytes name);

/* Whether a text says all that its bytes said: U+FFFD stands in it where they were no character. */
bool decoded_text_is_whole(const char *text, size_t size);

/* Append an IP address of 4 or 16 bytes; of another size, how many bytes it has. */
void decoded_address_add(struct bytes *out, struct der_bytes address);

/* Append an OID in dotted decimal, or "?" if it cannot be read. */
void decoded_oid_add(struct bytes *out, struct der_bytes oid);

#endif
