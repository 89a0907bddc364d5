/*
 * A writer of DER, as far as certificates and CRLs need it.
 *
 * Values are appended to one buffer. A constructed value is opened before its content and closed
 * after it, which inserts its length.
 *
 *     struct der_writer w = {0};
 *     size_t list = der_open(&w, DER_SEQUENCE);
 *     der_put_oid(&w, "2.5.29.14");
 *     der_put(&w, DER_OCTET_STRING, key_id, sizeof key_id);
 *     der_close(&w, list);
 *
 * Single calls do not fail. If an OID, number or date cannot be written, `result` is set to
 * E_INVALIDARG and later calls do nothing, so one check at the end is enough. The caller frees
 * `data`, whatever the result.
 */
#ifndef STUBCA_DER_WRITE_H
#define STUBCA_DER_WRITE_H

#include <windows.h>
#include "der/der.h"

struct der_writer {
    unsigned char *data;
    size_t size, capacity;
    HRESULT result;
};

size_t der_open(struct der_writer *writer, uint32_t tag);
void der_close(struct der_writer *writer, size_t opened);       /* in reverse order of opening */

void der_put(struct der_writer *writer, uint32_t tag, const void *content, size_t size);
void der_put_raw(struct der_writer *writer,
                 struct der_bytes whole); /* a value that is DER already */
void der_put_oid(struct der_writer *writer, const char *dotted);
void der_put_boolean(struct der_writer *writer, bool value);
void der_put_number(struct der_writer *writer, uint32_t number);                /* INTEGER */
void der_put_enumerated(struct der_writer *writer, unsigned number);            /* below 128 */
void der_put_positive(struct der_writer *writer, const void *magnitude,
                      size_t size); /* INTEGER; puts a 00 in front */
void der_put_bits(struct der_writer *writer, const void *bytes,
                  size_t size);                                    /* BIT STRING of whole bytes */
void der_put_named_bits(struct der_writer *writer, uint32_t bits); /* bit n is the bit named n */
void der_put_time(struct der_writer *writer, int64_t seconds); /* since 1970; UTCTime up to 2049 */

#endif
