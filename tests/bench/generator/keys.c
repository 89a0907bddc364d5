#include "keys.h"

#include "der_put.h"
#include "random.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EC_PUBLIC_KEY "1.2.840.10045.2.1"
#define EC_P256       "1.2.840.10045.3.1.7"
#define RSA_KEY       "1.2.840.113549.1.1.1"

enum { PRIMES_MAX = 256, MODULUS_MAX = 256 };

static uint64_t seed;
static BN_CTX *context;
static EC_GROUP *group;
static BIGNUM *order;
static struct prime {
    uint64_t number;
    unsigned bits;
    BIGNUM *prime;
} primes[PRIMES_MAX];                   /* made when a true RSA key first needs them */
static size_t prime_count;

static void need(bool ok)
{
    if (!ok) fputs("generate: libcrypto failed\n", stderr), exit(2);
}

void keys_begin(uint64_t the_seed)
{
    seed = the_seed;
    need((context = BN_CTX_new()) != NULL);
    need((group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)) != NULL);
    need((order = BN_dup(EC_GROUP_get0_order(group))) != NULL);
}

void keys_end(void)
{
    while (prime_count) BN_free(primes[--prime_count].prime);
    BN_free(order);
    EC_GROUP_free(group);
    BN_CTX_free(context);
}

/* ---- P-256 ---- */

/* The scalar, and the affine point that it leads to. */
static void ec_point(const BIGNUM *scalar, BIGNUM *x, BIGNUM *y)
{
    EC_POINT *point = EC_POINT_new(group);

    need(point && EC_POINT_mul(group, point, scalar, NULL, NULL, context));
    need(EC_POINT_get_affine_coordinates(group, point, x, y, context));
    EC_POINT_free(point);
}

static void ec_make(struct key *key, unsigned char point[65])
{
    BIGNUM *scalar, *x, *y;

    BN_CTX_start(context);
    scalar = BN_CTX_get(context), x = BN_CTX_get(context), y = BN_CTX_get(context);
    random_bytes(seed, key->number, DRAW_KEY, key->secret, sizeof key->secret);
    need(y && BN_bin2bn(key->secret, sizeof key->secret, scalar));
    need(BN_nnmod(scalar, scalar, order, context));
    need(BN_bn2binpad(scalar, key->secret, sizeof key->secret) > 0);
    ec_point(scalar, x, y);
    point[0] = 4;
    need(BN_bn2binpad(x, point + 1, 32) > 0 && BN_bn2binpad(y, point + 33, 32) > 0);
    BN_CTX_end(context);
}

static void put_big(struct bytes *out, const BIGNUM *number)
{
    unsigned char bytes[MODULUS_MAX];
    int size = BN_bn2bin(number, bytes);

    put_positive(out, bytes, (size_t)size);
}

/* The nonce follows from key and hash; it is below the order but for one case in 2^32, which is reduced. */
static void ec_sign(const struct key *key, const unsigned char *hash, size_t hash_size, struct bytes *out)
{
    unsigned char material[32 + SHA256_DIGEST_LENGTH], nonce[SHA256_DIGEST_LENGTH];
    BIGNUM *d, *k, *r, *s, *y, *z;
    size_t whole;

    BN_CTX_start(context);
    d = BN_CTX_get(context), k = BN_CTX_get(context), r = BN_CTX_get(context), s = BN_CTX_get(context);
    y = BN_CTX_get(context), z = BN_CTX_get(context);
    memset(material, 0, sizeof material);
    memcpy(material, key->secret, 32);
    memcpy(material + 32, hash, hash_size);
    SHA256(material, sizeof material, nonce);
    need(z && BN_bin2bn(nonce, sizeof nonce, k) && BN_nnmod(k, k, order, context));
    need(BN_bin2bn(key->secret, 32, d) && BN_bin2bn(hash, (int)hash_size, z));
    ec_point(k, r, y);
    need(BN_nnmod(r, r, order, context));
    need(BN_mod_mul(s, r, d, order, context) && BN_mod_add(s, s, z, order, context));
    need(BN_mod_inverse(k, k, order, context) && BN_mod_mul(s, s, k, order, context));
    whole = put_open(out, TAG_SEQUENCE);
    put_big(out, r);
    put_big(out, s);
    put_close(out, whole);
    BN_CTX_end(context);
}

/* ---- RSA ---- */

/* The first prime from there on, with both highest bits set, that 3 and 65537 go with. */
static BIGNUM *prime_from(uint64_t number, unsigned bits)
{
    unsigned char bytes[MODULUS_MAX / 2];
    BIGNUM *prime = BN_new();

    random_bytes(seed, number, DRAW_PRIME, bytes, bits / 8);
    bytes[0] |= 0xc0;
    bytes[bits / 8 - 1] |= 1;
    need(prime && BN_bin2bn(bytes, (int)(bits / 8), prime));
    while (BN_mod_word(prime, 3) == 1 || BN_mod_word(prime, 65537) == 1 || !BN_check_prime(prime, context, NULL))
        need(BN_add_word(prime, 2));
    return prime;
}

/* Made once for each number. */
static const BIGNUM *prime_of(uint64_t number, unsigned bits)
{
    size_t i;

    for (i = 0; i < prime_count; i++)
        if (primes[i].number == number && primes[i].bits == bits) return primes[i].prime;
    need(i < PRIMES_MAX);
    primes[prime_count++] = (struct prime){number, bits, prime_from(number, bits)};
    return primes[i].prime;
}

static BIGNUM *next_prime(const BIGNUM *before)
{
    BIGNUM *prime = BN_dup(before);

    need(prime != NULL);
    do need(BN_add_word(prime, 2));
    while (BN_mod_word(prime, 65537) == 1 || !BN_check_prime(prime, context, NULL));
    return prime;
}

/* The two primes of a true key; the caller frees them. */
static void rsa_primes(const struct key *key, BIGNUM **p, BIGNUM **q)
{
    unsigned bits = key->kind == KEY_RSA_1024 ? 512 : 1024;

    *p = BN_dup(prime_of(2 * key->number, bits));
    *q = key->kind == KEY_RSA_CLOSE ? next_prime(*p) : BN_dup(prime_of(2 * key->number + 1, bits));
    need(*p && *q);
}

static unsigned rsa_exponent(const struct key *key)
{
    return key->kind == KEY_RSA_EXPONENT_3 ? 3 : 65537;
}

static size_t rsa_size(const struct key *key)
{
    return key->kind == KEY_RSA_1024 ? 128 : MODULUS_MAX;
}

static void rsa_modulus(const struct key *key, unsigned char *out)
{
    BIGNUM *p, *q, *n;

    if (key->kind == KEY_RSA) {
        random_bytes(seed, key->number, DRAW_KEY, out, MODULUS_MAX);
        out[0] |= 0x80;
        out[MODULUS_MAX - 1] |= 1;
        return;
    }
    rsa_primes(key, &p, &q);
    need((n = BN_new()) && BN_mul(n, p, q, context));
    need(BN_bn2binpad(n, out, (int)rsa_size(key)) > 0);
    BN_free(p), BN_free(q), BN_free(n);
}

static void rsa_power(const struct key *key, unsigned char *padded)
{
    BIGNUM *p, *q, *n = BN_new(), *d = BN_new(), *e = BN_new(), *m = BN_new();
    int size = (int)rsa_size(key);

    rsa_primes(key, &p, &q);
    need(n && d && e && m && BN_mul(n, p, q, context) && BN_sub_word(p, 1) && BN_sub_word(q, 1));
    need(BN_mul(d, p, q, context) && BN_set_word(e, rsa_exponent(key)));
    need(BN_mod_inverse(e, e, d, context) && BN_bin2bn(padded, size, m));
    need(BN_mod_exp(m, m, e, n, context) && BN_bn2binpad(m, padded, size) > 0);
    BN_free(p), BN_free(q), BN_free(n), BN_free(d), BN_free(e), BN_free(m);
}

/* PKCS #1 version 1.5 */
static void rsa_sign(const struct key *key, bool sha1, const unsigned char *hash, size_t hash_size, struct bytes *out)
{
    static const unsigned char of_sha256[] = {0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20},
                               of_sha1[] = {0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 0x14};
    size_t size = rsa_size(key), head = sha1 ? sizeof of_sha1 : sizeof of_sha256;
    unsigned char padded[MODULUS_MAX] = {0, 1};

    if (key->kind == KEY_RSA) {
        uint64_t place;

        memcpy(&place, hash, sizeof place);
        random_bytes(seed, place, DRAW_SIGNATURE, padded, size);
    } else {
        memset(padded + 2, 0xff, size - hash_size - head - 3);
        memcpy(padded + size - hash_size - head, sha1 ? of_sha1 : of_sha256, head);
        memcpy(padded + size - hash_size, hash, hash_size);
        rsa_power(key, padded);
    }
    bytes_add(out, padded, size);
}

static void rsa_put_public(const struct key *key, struct bytes *out)
{
    unsigned char modulus[MODULUS_MAX];
    size_t whole = put_open(out, TAG_SEQUENCE);

    rsa_modulus(key, modulus);
    put_positive(out, modulus, rsa_size(key));
    put_number(out, rsa_exponent(key));
    put_close(out, whole);
}

/* ---- both ---- */

/* What the BIT STRING of the SubjectPublicKeyInfo holds. */
static void put_public(struct key *key, struct bytes *out)
{
    unsigned char point[65];

    if (key->kind != KEY_EC) return rsa_put_public(key, out);
    ec_make(key, point);
    bytes_add(out, point, sizeof point);
}

void key_make(struct key *key, enum key_kind kind, uint64_t number)
{
    struct bytes out = {0}, bits = {0};
    size_t whole, algorithm;

    *key = (struct key){.kind = kind, .number = number};
    put_public(key, &bits);
    whole = put_open(&out, TAG_SEQUENCE);
    algorithm = put_open(&out, TAG_SEQUENCE);
    put_oid(&out, kind == KEY_EC ? EC_PUBLIC_KEY : RSA_KEY);
    if (kind == KEY_EC) put_oid(&out, EC_P256);
    else put_null(&out);
    put_close(&out, algorithm);
    put_bits(&out, bits.data, bits.size);
    put_close(&out, whole);
    need(!out.failed && !bits.failed && out.size <= KEY_SPKI_MAX);
    memcpy(key->spki, out.data, out.size);
    key->spki_size = out.size;
    key->bits_size = bits.size;
    bytes_free(&out);
    bytes_free(&bits);
}

bool key_is_true(const struct key *key)
{
    return key->kind != KEY_RSA;
}

const char *key_words(const struct key *key)
{
    return key->kind == KEY_EC ? "EC 256" : key->kind == KEY_RSA_1024 ? "RSA 1024" : "RSA 2048";
}

void key_identifier(const struct key *key, unsigned char out[20])
{
    SHA1(key->spki + key->spki_size - key->bits_size, key->bits_size, out);
}

void key_put_algorithm(const struct key *key, bool sha1, struct bytes *out)
{
    size_t whole = put_open(out, TAG_SEQUENCE);

    if (key->kind == KEY_EC) put_oid(out, sha1 ? "1.2.840.10045.4.1" : "1.2.840.10045.4.3.2");
    else {
        put_oid(out, sha1 ? "1.2.840.113549.1.1.5" : "1.2.840.113549.1.1.11");
        put_null(out);
    }
    put_close(out, whole);
}

void key_sign(const struct key *key, bool sha1, const void *data, size_t size, struct bytes *out)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    size_t hash_size = sha1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;

    if (sha1) SHA1(data, size, hash);
    else SHA256(data, size, hash);
    if (key->kind == KEY_EC) ec_sign(key, hash, hash_size, out);
    else rsa_sign(key, sha1, hash, hash_size, out);
}
