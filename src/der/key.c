/* Reading of public keys. */
#include "key.h"
#include "value.h"

#include <string.h>

#define RSA_ENCRYPTION "1.2.840.113549.1.1.1"
#define EC_PUBLIC_KEY  "1.2.840.10045.2.1"

static const struct curve { const char *oid; unsigned bits; } curves[] = {
    {"1.2.840.10045.3.1.7", 256},       /* P-256 */
    {"1.3.132.0.34", 384},              /* P-384 */
    {"1.3.132.0.35", 521},              /* P-521 */
};

bool algorithm_read(struct der *der, const char *what, struct algorithm *algorithm)
{
    const unsigned char *first = der->at;
    struct der_value parameters = {0};
    struct der inside;

    *algorithm = (struct algorithm){0};
    if (!der_enter(der, what, DER_SEQUENCE, &inside) || !der_oid(&inside, what, &algorithm->oid)) return false;
    if (der_more(&inside)) der_checked(&inside, what, &parameters);
    if (!der_end(&inside, what)) return false;
    algorithm->parameters = parameters.whole;
    algorithm->whole = (struct der_bytes){first, (size_t)(der->at - first)};
    return true;
}

bool public_key_read(struct der *der, const char *what, struct public_key *key)
{
    const unsigned char *first = der->at;
    struct der inside;

    *key = (struct public_key){0};
    if (!der_enter(der, what, DER_SEQUENCE, &inside) || !algorithm_read(&inside, what, &key->algorithm)
        || !der_whole_bits(&inside, what, &key->bits) || !der_end(&inside, what))
        return false;
    key->whole = (struct der_bytes){first, (size_t)(der->at - first)};
    return true;
}

/* Begin reading the key's own bits, if it is of this algorithm. Offsets count from the start of the whole key. */
static bool begin_bits(const struct public_key *key, const char *oid, struct der_fault *fault, struct der *bits)
{
    der_begin(bits, fault, key->whole.data, key->whole.size);
    if (!der_oid_is(key->algorithm.oid, oid))
        return der_refuse(bits, DER_E_ALGORITHM, "key's algorithm", key->algorithm.oid.data);
    bits->at = key->bits.data;
    bits->end = key->bits.data + key->bits.size;
    return true;
}

bool public_key_rsa(const struct public_key *key, struct der_fault *fault, struct der_bytes *modulus,
                    struct der_bytes *exponent)
{
    struct der bits, inside;
    bool ok;

    *modulus = *exponent = (struct der_bytes){0};
    ok = begin_bits(key, RSA_ENCRYPTION, fault, &bits) && der_enter(&bits, "RSA key", DER_SEQUENCE, &inside)
      && der_positive(&inside, "RSA modulus", modulus) && der_positive(&inside, "RSA exponent", exponent)
      && der_end(&inside, "RSA exponent") && der_end(&bits, "RSA key");
    if (!ok) *modulus = *exponent = (struct der_bytes){0};
    return ok;
}

/* The curve that an EC key names; NULL, and a fault, for what is not known. */
static const struct curve *named_curve(const struct public_key *key, struct der_fault *fault, struct der_bytes *oid)
{
    struct der bits, parameters;

    *oid = (struct der_bytes){0};
    if (!begin_bits(key, EC_PUBLIC_KEY, fault, &bits)) return NULL;
    parameters = bits;
    parameters.at = key->algorithm.parameters.size ? key->algorithm.parameters.data : key->bits.data;
    parameters.end = parameters.at + key->algorithm.parameters.size;
    if (!der_oid(&parameters, "named curve", oid)) return NULL;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (der_oid_is(*oid, curves[i].oid)) return &curves[i];
    }
    der_refuse(&parameters, DER_E_ALGORITHM, "named curve", oid->data);
    *oid = (struct der_bytes){0};
    return NULL;
}

bool public_key_ec(const struct public_key *key, struct der_fault *fault, struct der_bytes *curve, struct der_bytes *x,
                   struct der_bytes *y)
{
    const struct curve *known = named_curve(key, fault, curve);
    size_t size = known ? (known->bits + 7) / 8 : 0;

    *x = *y = (struct der_bytes){0};
    if (!known) return false;
    if (key->bits.size != 1 + 2 * size || key->bits.data[0] != 4) {     /* 4: uncompressed */
        struct der bits;

        *curve = (struct der_bytes){0};
        return begin_bits(key, EC_PUBLIC_KEY, fault, &bits)
            && der_refuse(&bits, DER_E_POINT, "public key", key->bits.data);
    }
    *x = (struct der_bytes){key->bits.data + 1, size};
    *y = (struct der_bytes){key->bits.data + 1 + size, size};
    return true;
}

static unsigned bit_length(struct der_bytes magnitude)
{
    unsigned bits = 0;

    for (unsigned top = magnitude.data[0]; top; top >>= 1) bits++;
    return bits + (unsigned)(magnitude.size - 1) * 8;
}

unsigned public_key_length(const struct public_key *key)
{
    struct der_bytes modulus, exponent, curve;
    const struct curve *known;
    struct der_fault fault;

    if (public_key_rsa(key, &fault, &modulus, &exponent)) return bit_length(modulus);
    known = named_curve(key, &fault, &curve);
    return known ? known->bits : 0;
}
