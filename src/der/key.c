/* Reading of public keys. */
#include "key.h"
#include "value.h"

#include <string.h>

#define RSA_ENCRYPTION "1.2.840.113549.1.1.1"
#define RSASSA_PSS     "1.2.840.113549.1.1.10"
#define MGF1           "1.2.840.113549.1.1.8"
#define DSA            "1.2.840.10040.4.1"
#define DH             "1.2.840.10046.2.1"
#define PKCS3_DH       "1.2.840.113549.1.3.1"
#define EC_PUBLIC_KEY  "1.2.840.10045.2.1"

/* The first three are those that Windows issues for, and the only ones whose points are taken
 * apart. */
#define WINDOWS_CURVES 3
#define BRAINPOOL "1.3.36.3.3.2.8.1.1."
static const struct curve { const char *oid; unsigned bits;
} curves[] = {
    {"1.2.840.10045.3.1.7", 256}, /* P-256 */
    {"1.3.132.0.34", 384},        /* P-384 */
    {"1.3.132.0.35", 521},        /* P-521 */
    {"1.2.840.10045.3.1.1", 192},
    {"1.2.840.10045.3.1.2", 192},
    {"1.2.840.10045.3.1.3", 192}, /* P-192, prime192v2, v3 */
    {"1.2.840.10045.3.1.4", 239},
    {"1.2.840.10045.3.1.5", 239},
    {"1.2.840.10045.3.1.6", 239}, /* prime239v1 to v3 */
    {"1.3.132.0.33", 224},        /* P-224 */
    {"1.3.132.0.6", 112},
    {"1.3.132.0.7", 112},
    {"1.3.132.0.28", 128},
    {"1.3.132.0.29", 128}, /* secp112r1 ... secp128r2 */
    {"1.3.132.0.8", 160},
    {"1.3.132.0.9", 160},
    {"1.3.132.0.30", 160}, /* secp160r1, k1, r2 */
    {"1.3.132.0.31", 192},
    {"1.3.132.0.32", 224},
    {"1.3.132.0.10", 256}, /* secp192k1, 224k1, 256k1 */
    {"1.3.132.0.4", 113},
    {"1.3.132.0.5", 113},
    {"1.3.132.0.22", 131},
    {"1.3.132.0.23", 131}, /* sect113r1 ... sect131r2 */
    {"1.3.132.0.1", 163},
    {"1.3.132.0.2", 163},
    {"1.3.132.0.15", 163}, /* sect163k1, r1, r2 */
    {"1.3.132.0.24", 193},
    {"1.3.132.0.25", 193},
    {"1.3.132.0.26", 233},
    {"1.3.132.0.27", 233}, /* sect193r1 ... sect233r1 */
    {"1.3.132.0.3", 239},
    {"1.3.132.0.16", 283},
    {"1.3.132.0.17", 283}, /* sect239k1, 283k1, 283r1 */
    {"1.3.132.0.36", 409},
    {"1.3.132.0.37", 409},
    {"1.3.132.0.38", 571},
    {"1.3.132.0.39", 571}, /* sect409k1 ... sect571r1 */
    {BRAINPOOL "1", 160},
    {BRAINPOOL "2", 160},
    {BRAINPOOL "3", 192},
    {BRAINPOOL "4", 192}, /* brainpoolP160r1, t1 ... */
    {BRAINPOOL "5", 224},
    {BRAINPOOL "6", 224},
    {BRAINPOOL "7", 256},
    {BRAINPOOL "8", 256},
    {BRAINPOOL "9", 320},
    {BRAINPOOL "10", 320},
    {BRAINPOOL "11", 384},
    {BRAINPOOL "12", 384},
    {BRAINPOOL "13", 512},
    {BRAINPOOL "14", 512},
    {"1.2.156.10197.1.301", 256},     /* SM2 */
    {"1.2.250.1.223.101.256.1", 256}, /* FRP256v1 */
};

bool algorithm_read(struct der *der, const char *what, struct algorithm *algorithm)
{
    const unsigned char *first = der->at;
    struct der_value parameters = {0};
    struct der inside;

    *algorithm = (struct algorithm){0};
    if (!der_enter(der, what, DER_SEQUENCE, &inside) || !der_oid(&inside, what, &algorithm->oid))
        return false;
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
    if (!der_enter(der, what, DER_SEQUENCE, &inside) ||
        !algorithm_read(&inside, what, &key->algorithm) ||
        !der_whole_bits(&inside, what, &key->bits) || !der_end(&inside, what))
        return false;
    key->whole = (struct der_bytes){first, (size_t)(der->at - first)};
    return true;
}

/* Begin reading the key's own bits, if it is of this algorithm. Offsets count from the start of the
 * whole key. */
static bool begin_bits(const struct public_key *key, const char *oid, struct der_fault *fault,
                       struct der_remarks *remarks, struct der *bits)
{
    der_begin_with(bits, fault, remarks, key->whole.data, key->whole.size);
    if (!der_oid_is(key->algorithm.oid, oid))
        return der_refuse(bits, DER_E_ALGORITHM, "key's algorithm", key->algorithm.oid.data);
    bits->at = key->bits.data;
    bits->end = key->bits.data + key->bits.size;
    return true;
}

static bool read_rsa(const struct public_key *key, const char *oid, struct der_fault *fault,
                     struct der_remarks *remarks, struct der_bytes *modulus,
                     struct der_bytes *exponent)
{
    struct der bits, inside;
    bool ok;

    *modulus = *exponent = (struct der_bytes){0};
    ok = begin_bits(key, oid, fault, remarks, &bits) &&
         der_enter(&bits, "RSA key", DER_SEQUENCE, &inside) &&
         der_positive(&inside, "RSA modulus", modulus) &&
         der_positive(&inside, "RSA exponent", exponent) && der_end(&inside, "RSA exponent") &&
         der_end(&bits, "RSA key");
    if (!ok) *modulus = *exponent = (struct der_bytes){0};
    return ok;
}

bool public_key_rsa(const struct public_key *key, struct der_fault *fault,
                    struct der_remarks *remarks, struct der_bytes *modulus,
                    struct der_bytes *exponent)
{
    return read_rsa(key, RSA_ENCRYPTION, fault, remarks, modulus, exponent);
}

/* The curve that an EC key names; NULL, and a fault, for what is not known. */
static const struct curve *named_curve(const struct public_key *key, struct der_fault *fault,
                                       struct der_bytes *oid)
{
    struct der bits, parameters;

    *oid = (struct der_bytes){0};
    if (!begin_bits(key, EC_PUBLIC_KEY, fault, DER_BORNE, &bits)) return NULL;
    parameters = bits;
    parameters.at =
        key->algorithm.parameters.size ? key->algorithm.parameters.data : key->bits.data;
    parameters.end = parameters.at + key->algorithm.parameters.size;
    if (!der_oid(&parameters, "named curve", oid)) return NULL;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (der_oid_is(*oid, curves[i].oid)) return &curves[i];
    }
    der_refuse(&parameters, DER_E_ALGORITHM, "named curve", oid->data);
    *oid = (struct der_bytes){0};
    return NULL;
}

static unsigned bit_length(struct der_bytes magnitude)
{
    unsigned bits = 0;

    for (unsigned top = magnitude.data[0]; top; top >>= 1) bits++;
    return bits + (unsigned)(magnitude.size - 1) * 8;
}

static bool refuse_curve(const struct public_key *key, struct der_fault *fault,
                         struct der_bytes *oid)
{
    const unsigned char *at = oid->data;
    struct der bits;

    *oid = (struct der_bytes){0};
    return begin_bits(key, EC_PUBLIC_KEY, fault, NULL, &bits) &&
           der_refuse(&bits, DER_E_ALGORITHM, "named curve", at);
}

/* Parameters written out: SEQUENCE { version INTEGER, SEQUENCE { 1.2.840.10045.1.1, p INTEGER },
 * ... }, the curve over the numbers modulo p; or, over a field of two to the m, 1.2.840.10045.1.2
 * and SEQUENCE { m INTEGER, ... }. */
static unsigned written_curve(const struct public_key *key)
{
    struct der_bytes version, kind, p;
    struct der bits, parameters, inside, field, two;
    struct der_fault fault;
    int32_t m;

    if (!key->algorithm.parameters.size ||
        !begin_bits(key, EC_PUBLIC_KEY, &fault, DER_BORNE, &bits))
        return 0;
    parameters = bits;
    parameters.at = key->algorithm.parameters.data;
    parameters.end = parameters.at + key->algorithm.parameters.size;
    if (!der_enter(&parameters, "curve", DER_SEQUENCE, &inside) ||
        !der_integer(&inside, "version", &version) ||
        !der_enter(&inside, "field", DER_SEQUENCE, &field) ||
        !der_oid(&field, "kind of field", &kind))
        return 0;
    if (der_oid_is(kind, "1.2.840.10045.1.1") && der_positive(&field, "prime", &p))
        return bit_length(p);
    if (der_oid_is(kind, "1.2.840.10045.1.2") && der_enter(&field, "field", DER_SEQUENCE, &two) &&
        der_small(&two, "m", &m))
        return (unsigned)m;
    return 0;
}

bool public_key_ec(const struct public_key *key, struct der_fault *fault, struct der_bytes *curve,
                   struct der_bytes *x, struct der_bytes *y)
{
    const struct curve *known = named_curve(key, fault, curve);
    size_t size = known ? (known->bits + 7) / 8 : 0;

    *x = *y = (struct der_bytes){0};
    if (known && known >= curves + WINDOWS_CURVES) return refuse_curve(key, fault, curve);
    if (!known) return false;
    if (key->bits.size != 1 + 2 * size || key->bits.data[0] != 4) {     /* 4: uncompressed */
        struct der bits;

        *curve = (struct der_bytes){0};
        return begin_bits(key, EC_PUBLIC_KEY, fault, NULL, &bits)
            && der_refuse(&bits, DER_E_POINT, "public key", key->bits.data);
    }
    *x = (struct der_bytes){key->bits.data + 1, size};
    *y = (struct der_bytes){key->bits.data + 1 + size, size};
    return true;
}

/* The modulus is the first parameter of DSA, SEQUENCE { p, q, g }, and of DH, SEQUENCE { p, g, ...
 * }. */
static unsigned modulus_length(const struct public_key *key)
{
    struct der_bytes oid = key->algorithm.oid, p, other;
    bool is_dsa = der_oid_is(oid, DSA);
    struct der_fault fault;
    struct der whole, inside;

    if (!is_dsa && !der_oid_is(oid, DH) && !der_oid_is(oid, PKCS3_DH)) return 0;
    der_begin_with(&whole, &fault, DER_BORNE, key->algorithm.parameters.data,
                   key->algorithm.parameters.size);
    if (!der_enter(&whole, "key's parameters", DER_SEQUENCE, &inside) ||
        !der_positive(&inside, "p", &p) || !der_positive(&inside, "q or g", &other) ||
        (is_dsa && !der_positive(&inside, "g", &other)))
        return 0;
    return bit_length(p);
}

/* Keys that are what they are, without parameters. */
static unsigned fixed_length(const struct public_key *key)
{
    static const struct { const char *oid; unsigned size;
    } known[] = {
        {"1.3.101.110", 32},
        {"1.3.101.111", 56},
        {"1.3.101.112", 32},
        {"1.3.101.113", 57}, /* X25519 ... Ed448 */
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (key->bits.size == known[i].size && der_oid_is(key->algorithm.oid, known[i].oid))
            return known[i].size * 8;
    }
    return 0;
}

unsigned public_key_length(const struct public_key *key)
{
    struct der_bytes modulus, exponent, curve;
    const struct curve *known;
    struct der_fault fault;
    unsigned bits;

    if (read_rsa(key, RSA_ENCRYPTION, &fault, DER_BORNE, &modulus, &exponent)
        || read_rsa(key, RSASSA_PSS, &fault, DER_BORNE, &modulus, &exponent))
        return bit_length(modulus);
    if ((known = named_curve(key, &fault, &curve))) return known->bits;
    if ((bits = written_curve(key)) || (bits = modulus_length(key))) return bits;
    return fixed_length(key);
}

/* [number] EXPLICIT AlgorithmIdentifier, if it is there. */
static bool read_explicit(struct der *der, unsigned number, const char *what,
                          struct algorithm *algorithm)
{
    struct der explicit;

    *algorithm = (struct algorithm){0};
    if (!der_next_is(der, DER_CONTEXT_CONSTRUCTED(number))) return !der->fault->error;
    return der_enter(der, what, DER_CONTEXT_CONSTRUCTED(number), &explicit) &&
           algorithm_read(&explicit, what, algorithm) && der_end(&explicit, what);
}

/* MGF1's parameter is the hash that it uses. */
static bool read_mask(struct der *der, struct pss *pss)
{
    const unsigned char *at = der->at;
    struct algorithm mask, hash;
    struct der inside;

    if (!read_explicit(der, 1, "mask", &mask)) return false;
    if (!mask.oid.size) return true;
    if (!der_oid_is(mask.oid, MGF1) || !mask.parameters.size)
        return der_refuse(der, DER_E_ALGORITHM, "mask", at);
    inside = *der;
    inside.at = mask.parameters.data;
    inside.end = mask.parameters.data + mask.parameters.size;
    if (!algorithm_read(&inside, "hash of the mask", &hash)) return false;
    pss->mask_hash = hash.oid;
    return true;
}

/* SEQUENCE { [0] hash DEFAULT SHA-1, [1] mask DEFAULT MGF1 with SHA-1, [2] salt's size INTEGER
 * DEFAULT 20, [3] trailer INTEGER DEFAULT 1 }, every tag explicit */
static bool read_pss(struct der *parameters, struct pss *pss)
{
    struct der inside, explicit;
    struct der_bytes trailer;
    struct algorithm hash;

    if (!der_enter(parameters, "PSS parameters", DER_SEQUENCE, &inside) ||
        !read_explicit(&inside, 0, "hash", &hash) || !read_mask(&inside, pss))
        return false;
    pss->hash = hash.oid;
    if (der_next_is(&inside, DER_CONTEXT_CONSTRUCTED(2)) &&
        (!der_enter(&inside, "size of the salt", DER_CONTEXT_CONSTRUCTED(2), &explicit) ||
         !der_integer(&explicit, "size of the salt", &pss->salt_size) ||
         !der_end(&explicit, "size of the salt")))
        return false;
    if (der_more(&inside) &&
        (!der_enter(&inside, "trailer", DER_CONTEXT_CONSTRUCTED(3), &explicit) ||
         !der_integer(&explicit, "trailer", &trailer) || !der_end(&explicit, "trailer")))
        return false;
    return der_end(&inside, "PSS parameters");
}

bool algorithm_pss(const struct algorithm *algorithm, struct pss *pss, struct der_fault *fault,
                   struct der_remarks *remarks)
{
    struct der whole, parameters;

    *pss = (struct pss){0};
    der_begin_with(&whole, fault, remarks, algorithm->whole.data, algorithm->whole.size);
    if (!der_oid_is(algorithm->oid, RSASSA_PSS))
        return der_refuse(&whole, DER_E_ALGORITHM, "algorithm", whole.at);
    if (!algorithm->parameters.size)
        return der_refuse(&whole, DER_E_MISSING, "PSS parameters", whole.end);
    parameters = whole;
    parameters.at = algorithm->parameters.data;
    if (read_pss(&parameters, pss)) return true;
    *pss = (struct pss){0};
    return false;
}
