/* Reading of public keys. */
#include "key.h"
#include "value.h"

#include <string.h>

#define RSA_ENCRYPTION "1.2.840.113549.1.1.1"
#define RSASSA_PSS     "1.2.840.113549.1.1.10"
#define MGF1           "1.2.840.113549.1.1.8"
#define DSA            "1.2.840.10040.4.1"
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

static bool read_rsa(const struct public_key *key, const char *oid, struct der_fault *fault, struct der_bytes *modulus,
                     struct der_bytes *exponent)
{
    struct der bits, inside;
    bool ok;

    *modulus = *exponent = (struct der_bytes){0};
    ok = begin_bits(key, oid, fault, &bits) && der_enter(&bits, "RSA key", DER_SEQUENCE, &inside)
      && der_positive(&inside, "RSA modulus", modulus) && der_positive(&inside, "RSA exponent", exponent)
      && der_end(&inside, "RSA exponent") && der_end(&bits, "RSA key");
    if (!ok) *modulus = *exponent = (struct der_bytes){0};
    return ok;
}

bool public_key_rsa(const struct public_key *key, struct der_fault *fault, struct der_bytes *modulus,
                    struct der_bytes *exponent)
{
    return read_rsa(key, RSA_ENCRYPTION, fault, modulus, exponent);
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

/* DSA's modulus is the first of its parameters: SEQUENCE { p INTEGER, q INTEGER, g INTEGER } */
static unsigned dsa_length(const struct public_key *key)
{
    struct der_fault fault;
    struct der whole, inside;
    struct der_bytes p, q, g;

    if (!der_oid_is(key->algorithm.oid, DSA)) return 0;
    der_begin(&whole, &fault, key->algorithm.parameters.data, key->algorithm.parameters.size);
    if (!der_enter(&whole, "DSA parameters", DER_SEQUENCE, &inside) || !der_positive(&inside, "p", &p)
        || !der_positive(&inside, "q", &q) || !der_positive(&inside, "g", &g) || !der_end(&inside, "DSA parameters"))
        return 0;
    return bit_length(p);
}

/* Keys that are what they are, without parameters. */
static unsigned fixed_length(const struct public_key *key)
{
    static const struct { const char *oid; unsigned size; } known[] = {
        {"1.3.101.110", 32}, {"1.3.101.111", 56}, {"1.3.101.112", 32}, {"1.3.101.113", 57},    /* X25519 ... Ed448 */
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (key->bits.size == known[i].size && der_oid_is(key->algorithm.oid, known[i].oid)) return known[i].size * 8;
    }
    return 0;
}

unsigned public_key_length(const struct public_key *key)
{
    struct der_bytes modulus, exponent, curve;
    const struct curve *known;
    struct der_fault fault;
    unsigned bits;

    if (public_key_rsa(key, &fault, &modulus, &exponent) || read_rsa(key, RSASSA_PSS, &fault, &modulus, &exponent))
        return bit_length(modulus);
    if ((known = named_curve(key, &fault, &curve))) return known->bits;
    return (bits = dsa_length(key)) ? bits : fixed_length(key);
}

/* [number] EXPLICIT AlgorithmIdentifier, if it is there. */
static bool read_explicit(struct der *der, unsigned number, const char *what, struct algorithm *algorithm)
{
    struct der explicit;

    *algorithm = (struct algorithm){0};
    if (!der_next_is(der, DER_CONTEXT_CONSTRUCTED(number))) return !der->fault->error;
    return der_enter(der, what, DER_CONTEXT_CONSTRUCTED(number), &explicit) && algorithm_read(&explicit, what, algorithm)
        && der_end(&explicit, what);
}

/* MGF1's parameter is the hash that it uses. */
static bool read_mask(struct der *der, struct pss *pss)
{
    const unsigned char *at = der->at;
    struct algorithm mask, hash;
    struct der inside;

    if (!read_explicit(der, 1, "mask", &mask)) return false;
    if (!mask.oid.size) return true;
    if (!der_oid_is(mask.oid, MGF1) || !mask.parameters.size) return der_refuse(der, DER_E_ALGORITHM, "mask", at);
    inside = *der;
    inside.at = mask.parameters.data;
    inside.end = mask.parameters.data + mask.parameters.size;
    if (!algorithm_read(&inside, "hash of the mask", &hash)) return false;
    pss->mask_hash = hash.oid;
    return true;
}

/* SEQUENCE { [0] hash DEFAULT SHA-1, [1] mask DEFAULT MGF1 with SHA-1, [2] salt's size INTEGER DEFAULT 20,
 *            [3] trailer INTEGER DEFAULT 1 }, every tag explicit */
static bool read_pss(struct der *parameters, struct pss *pss)
{
    struct der inside, explicit;
    struct der_bytes trailer;
    struct algorithm hash;

    if (!der_enter(parameters, "PSS parameters", DER_SEQUENCE, &inside) || !read_explicit(&inside, 0, "hash", &hash)
        || !read_mask(&inside, pss))
        return false;
    pss->hash = hash.oid;
    if (der_next_is(&inside, DER_CONTEXT_CONSTRUCTED(2))
        && (!der_enter(&inside, "size of the salt", DER_CONTEXT_CONSTRUCTED(2), &explicit)
            || !der_integer(&explicit, "size of the salt", &pss->salt_size) || !der_end(&explicit, "size of the salt")))
        return false;
    if (der_more(&inside) && (!der_enter(&inside, "trailer", DER_CONTEXT_CONSTRUCTED(3), &explicit)
                              || !der_integer(&explicit, "trailer", &trailer) || !der_end(&explicit, "trailer")))
        return false;
    return der_end(&inside, "PSS parameters");
}

bool algorithm_pss(const struct algorithm *algorithm, struct pss *pss, struct der_fault *fault)
{
    struct der whole, parameters;

    *pss = (struct pss){0};
    der_begin(&whole, fault, algorithm->whole.data, algorithm->whole.size);
    if (!der_oid_is(algorithm->oid, RSASSA_PSS)) return der_refuse(&whole, DER_E_ALGORITHM, "algorithm", whole.at);
    if (!algorithm->parameters.size) return der_refuse(&whole, DER_E_MISSING, "PSS parameters", whole.end);
    parameters = whole;
    parameters.at = algorithm->parameters.data;
    if (read_pss(&parameters, pss)) return true;
    *pss = (struct pss){0};
    return false;
}
