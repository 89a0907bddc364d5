/*
 * A writer of DER for journals that are made up: it appends values to `struct bytes`.
 *
 * A constructed value is opened before its content and closed after it, which inserts its length.
 * Failures are those of `struct bytes`; an OID that cannot be written ends the program, since all
 * OIDs are constants here.
 */
#ifndef GENERATOR_DER_PUT_H
#define GENERATOR_DER_PUT_H

#include "base/bytes.h"

#include <stdint.h>

enum {
    TAG_BOOLEAN = 1, TAG_INTEGER = 2, TAG_BITS = 3, TAG_OCTETS = 4, TAG_NULL = 5, TAG_OID = 6, TAG_ENUMERATED = 10,
    TAG_UTF8 = 12, TAG_PRINTABLE = 19, TAG_IA5 = 22, TAG_UTC = 23, TAG_GENERALIZED = 24, TAG_BMP = 30,
    TAG_SEQUENCE = 0x30, TAG_SET = 0x31, TAG_CONTEXT = 0x80, TAG_CONSTRUCTED = 0xa0,
};

size_t put_open(struct bytes *out, unsigned tag);
void put_close(struct bytes *out, size_t opened);       /* in reverse order of opening */
void put_close_set(struct bytes *out, size_t opened);   /* the same; puts the elements in the order of DER */

void put_value(struct bytes *out, unsigned tag, const void *content, size_t size);
void put_text(struct bytes *out, unsigned tag, const char *text);
void put_bmp(struct bytes *out, const char *text);      /* ASCII */
void put_oid(struct bytes *out, const char *dotted);
void put_oids(struct bytes *out, const char *dotted);   /* OIDs with one blank between them */
void put_true(struct bytes *out);
void put_null(struct bytes *out);
void put_number(struct bytes *out, uint64_t number);
void put_positive(struct bytes *out, const void *magnitude, size_t size);       /* INTEGER */
void put_bits(struct bytes *out, const void *bytes, size_t size);               /* whole bytes */
void put_named_bits(struct bytes *out, uint32_t bits);                          /* bit n is the bit named n */
void put_time(struct bytes *out, int64_t seconds);                              /* since 1970; UTCTime up to 2049 */

#endif
