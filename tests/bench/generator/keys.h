/*
 * Keys and signatures that are functions of a seed.
 *
 * Keys on P-256 are true keys, and what they sign verifies. Of RSA keys, those of the kinds below
 * that say so are true; the others are a modulus of random bytes, and their signatures are random
 * bytes. Nothing here protects anything: nonces and primes follow from the seed.
 */
#ifndef GENERATOR_KEYS_H
#define GENERATOR_KEYS_H

#include "base/bytes.h"

#include <stdint.h>

enum key_kind {
    KEY_EC,                             /* P-256 */
    KEY_RSA,                            /* 2048 bits, made up */
    KEY_RSA_TRUE,                       /* 2048 bits; takes a tenth of a second to make */
    KEY_RSA_1024,                       /* true, as the next two */
    KEY_RSA_EXPONENT_3,
    KEY_RSA_CLOSE,                      /* the two primes are neighbours */
};

enum { KEY_SPKI_MAX = 320 };

struct key {
    enum key_kind kind;
    uint64_t number;
    unsigned char spki[KEY_SPKI_MAX];   /* SubjectPublicKeyInfo */
    size_t spki_size;
    size_t bits_size;                   /* of the content of its BIT STRING, at the end of `spki` */
    unsigned char secret[32];           /* P-256 */
};

void keys_begin(uint64_t seed);
void keys_end(void);
void key_make(struct key *key, enum key_kind kind, uint64_t number);
bool key_is_true(const struct key *key);

/* "RSA 2048" */
const char *key_words(const struct key *key);

void key_identifier(const struct key *key, unsigned char out[20]);
/* The AlgorithmIdentifier of a signature with SHA-256, or with SHA-1. */
void key_put_algorithm(const struct key *key, bool sha1, struct bytes *out);
/* Append a signature over the bytes, without anything around it. */
void key_sign(const struct key *key, bool sha1, const void *data, size_t size, struct bytes *out);

#endif
