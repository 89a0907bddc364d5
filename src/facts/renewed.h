/*
 * Which certificate a request says that it renews.
 *
 * Where the CA's RequestFlags have the bit of a renewal (2) and not that of a request on behalf of
 * somebody else (0x10), it is the one whose issuer and serial number name the signer of the CMS:
 * the CA says that the old key signed. With several such signers, or else, it is the certificate in
 * the attribute 1.3.6.1.4.1.311.13.1, and the request's word alone: anybody can write any
 * certificate there, as it is or made up. A request with several such signers, or with such an
 * attribute that cannot be read, names one, and which is not known.
 */
#ifndef RENEWED_H
#define RENEWED_H

#include "fact_key.h"
#include "events/event.h"

#define RENEWED_HASH 20                 /* bytes of a SHA-1 */

/* All zeros: no certificate is named, or it is not known which. */
struct renewed {
    uint8_t serial[FACT_KEY];           /* renewed_serial_key of its serial number */
    uint8_t issuer[8];                  /* renewed_issuer_key of its issuer */
    bool is_vouched;                    /* by the CA: the old key signed */
    uint8_t hash[RENEWED_HASH];         /* of the attribute's certificate; zeros: not known */
};

/* False: none is named. */
bool renewed_read(struct event *event, struct renewed *renewed);

/* The key of a serial number, hexadecimal digits in any way of writing them. False: it is none. */
bool renewed_serial_key(const char *digits, size_t size, uint8_t out[FACT_KEY]);
/* The same of an INTEGER's contents; and the key of a Name, in any case and of any string type. */
bool renewed_serial_key_of(struct der_bytes serial, uint8_t out[FACT_KEY]);
void renewed_issuer_key(struct der_bytes name, uint8_t out[8]);

#endif
