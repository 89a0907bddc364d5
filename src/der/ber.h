/*
 * BER as DER: what CMS may be by its standard, and what a strict reader would let an enrollee hide
 * behind.
 *
 * Lengths that are indefinite become definite, strings in pieces become whole; also in the content
 * of CMS, which stands in an OCTET STRING of its own. Whatever needs neither is copied as it
 * stands, padded lengths included: a certificate within keeps its bytes and with them its hash.
 * That a value has the right type is for who reads the result.
 */
#ifndef DER_BER_H
#define DER_BER_H

#include "der.h"

/* The bounds: levels, and values that hold others. Memory is at most 32 bytes for each of these,
 * and the result, which is hardly longer than the input. Time is a few times the input's size. */
#define BER_DEPTH_MAX  32
#define BER_VALUES_MAX (1u << 20)

/*
 * The DER that `data` stands for, with what follows the first value: `*becomes` bytes, for the
 * caller to free. `*at` is where it first shows to be BER. NULL: it is no BER, or neither, or there
 * is too much for the bounds, or not enough memory; only then does this set errno, to ENOMEM.
 */
unsigned char *ber_to_der(const void *data, size_t size, size_t *becomes, size_t *at);

#endif
