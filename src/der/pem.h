/*
 * DER as it stands in text: PEM's blocks (RFC 7468), one after the other, or nothing but base64.
 * Portable; nothing is allocated, and nothing decoded (base64.h).
 *
 *     pem_begin(&pem, data, size);
 *     while (pem_next(&pem, &block) == PEM_BLOCK) base64_decode(block.base64, true, room, &used);
 */
#ifndef DER_PEM_H
#define DER_PEM_H

#include "der.h"

/* The reader's own. */
struct pem {
    struct der_bytes text;
    size_t at;
    bool begun, done;
};

struct pem_block {
    struct der_bytes label; /* "CERTIFICATE"; nothing where the text has no BEGIN line. Whoever
                               wrote the file chose it */
    struct der_bytes base64;            /* with the ends of lines in it */
    size_t offset;                      /* of the base64 in what pem_begin was given */
};

enum pem_result {
    PEM_BLOCK,
    PEM_END,     /* no more */
    PEM_UNENDED, /* a block without an END line of its label; `block` is what there is of it. There
                    is no more */
};

/* A UTF-8 mark in front is passed over; so is whatever stands before, between and behind blocks.
 * Text without a BEGIN line is one block. */
void pem_begin(struct pem *pem, const void *data, size_t size);
enum pem_result pem_next(struct pem *pem, struct pem_block *block);

#endif
