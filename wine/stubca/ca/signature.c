/* Signatures, verified by BCrypt. */
#define WIN32_NO_STATUS /* winnt.h has some of them, ntstatus.h all */
#include "signature.h"

#include "der/value.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <bcrypt.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#include <stdlib.h>
#include <string.h>

#define OID_RSA    "1.2.840.113549.1.1.1"
#define OID_EC     "1.2.840.10045.2.1"
#define OID_SHA1   "1.3.14.3.2.26"
#define OID_SHA256 "2.16.840.1.101.3.4.2.1"
#define OID_SHA384 "2.16.840.1.101.3.4.2.2"
#define OID_SHA512 "2.16.840.1.101.3.4.2.3"

/* The signature algorithms that are verified, and the hash of each. */
static const struct signing {
    const char *oid, *key,
        *digest; /* of the signature; of the key and the hash, which some name in its place */
    bool is_rsa;
    const WCHAR *hash;
    ULONG hash_size;
} signings[] = {
    {"1.2.840.113549.1.1.5", OID_RSA, OID_SHA1, true, BCRYPT_SHA1_ALGORITHM, 20},
    {"1.2.840.113549.1.1.11", OID_RSA, OID_SHA256, true, BCRYPT_SHA256_ALGORITHM, 32},
    {"1.2.840.113549.1.1.12", OID_RSA, OID_SHA384, true, BCRYPT_SHA384_ALGORITHM, 48},
    {"1.2.840.113549.1.1.13", OID_RSA, OID_SHA512, true, BCRYPT_SHA512_ALGORITHM, 64},
    {"1.2.840.10045.4.1", OID_EC, OID_SHA1, false, BCRYPT_SHA1_ALGORITHM, 20},
    {"1.2.840.10045.4.3.2", OID_EC, OID_SHA256, false, BCRYPT_SHA256_ALGORITHM, 32},
    {"1.2.840.10045.4.3.3", OID_EC, OID_SHA384, false, BCRYPT_SHA384_ALGORITHM, 48},
    {"1.2.840.10045.4.3.4", OID_EC, OID_SHA512, false, BCRYPT_SHA512_ALGORITHM, 64},
};

/* The curves, by the size of their field. */
static const struct curve {
    ULONG size;
    const WCHAR *algorithm;
    ULONG magic;
} curves[] = {
    {32, BCRYPT_ECDSA_P256_ALGORITHM, BCRYPT_ECDSA_PUBLIC_P256_MAGIC},
    {48, BCRYPT_ECDSA_P384_ALGORITHM, BCRYPT_ECDSA_PUBLIC_P384_MAGIC},
    {66, BCRYPT_ECDSA_P521_ALGORITHM, BCRYPT_ECDSA_PUBLIC_P521_MAGIC},
};

/* What there is to verify, in BCrypt's words. */
struct check {
    const WCHAR *algorithm;
    const WCHAR *blob_type;
    unsigned char *blob;                /* owned: the public key */
    ULONG blob_size;
    unsigned char *signature;           /* owned */
    ULONG signature_size;
    ULONG hash_size;                    /* how much of the hash is signed */
    const struct signing *signing;
};

static const struct signing *find_signing(const char *oid, const char *digest)
{
    for (size_t i = 0; i < sizeof signings / sizeof *signings; i++) {
        const struct signing *signing = &signings[i];

        if (digest && strcmp(signing->digest, digest)) continue;
        if (!strcmp(signing->oid, oid) || (digest && !strcmp(signing->key, oid))) return signing;
    }
    return NULL;
}

static HRESULT bad_key(const struct der_fault *fault, struct reason *reason)
{
    char sentence[200];

    der_fault_text(fault, sentence, sizeof sentence);
    return text_reason(reason, fault->error == DER_E_ALGORITHM ? NTE_BAD_ALGID : CRYPT_E_ASN1_ERROR,
                       "in the public key %s of it", sentence);
}

/* An RSA key as BCRYPT_RSAPUBLIC_BLOB; the signature is as long as the modulus and stays as it is.
 */
static HRESULT prepare_rsa(const struct signature *signature, struct check *check,
                           struct reason *reason)
{
    struct der_bytes modulus, exponent, bits = signature->bits;
    struct der_fault fault;

    if (!public_key_rsa(signature->key, &fault, NULL, &modulus, &exponent))
        return bad_key(&fault, reason);
    if (bits.size != modulus.size)
        return text_reason(reason, NTE_BAD_SIGNATURE,
                           "the %s's signature is not as long as its key", signature->whose);
    BCRYPT_RSAKEY_BLOB head = {.Magic = BCRYPT_RSAPUBLIC_MAGIC,
                               .BitLength = public_key_length(signature->key),
                               .cbPublicExp = (ULONG)exponent.size,
                               .cbModulus = (ULONG)modulus.size};
    check->algorithm = BCRYPT_RSA_ALGORITHM;
    check->blob_type = BCRYPT_RSAPUBLIC_BLOB;
    check->blob_size = (ULONG)(sizeof head + exponent.size + modulus.size);
    check->blob = heap_take(check->blob_size);
    memcpy(check->blob, &head, sizeof head);
    memcpy(check->blob + sizeof head, exponent.data, exponent.size);
    memcpy(check->blob + sizeof head + exponent.size, modulus.data, modulus.size);
    check->hash_size = check->signing->hash_size;
    check->signature = heap_copy(bits.data, bits.size);
    check->signature_size = (ULONG)bits.size;
    return S_OK;
}

/* ECDSA's signature is SEQUENCE { r INTEGER, s INTEGER } in X.509 and the two numbers at full
 * length in BCrypt. */
static HRESULT split_signature(const struct signature *signature, struct check *check, ULONG size,
                               struct reason *reason)
{
    struct der_fault fault;
    struct der der, inside;
    struct der_bytes r, s;

    der_begin(&der, &fault, signature->bits.data, signature->bits.size);
    if (!der_enter(&der, "signature", DER_SEQUENCE, &inside) ||
        !der_positive(&inside, "first number", &r) || !der_positive(&inside, "second number", &s) ||
        !der_end(&inside, "signature") || !der_end(&der, "signature")) {
        char sentence[200];

        der_fault_text(&fault, sentence, sizeof sentence);
        return text_reason(reason, CRYPT_E_ASN1_ERROR, "in the %s's signature %s of it",
                           signature->whose, sentence);
    }
    if (r.size > size || s.size > size)
        return text_reason(reason, NTE_BAD_SIGNATURE, "the %s's signature is longer than its key",
                           signature->whose);
    check->signature_size = 2 * size;
    check->signature = heap_take(2 * size);
    memcpy(check->signature + size - r.size, r.data, r.size);
    memcpy(check->signature + 2 * size - s.size, s.data, s.size);
    return S_OK;
}

static HRESULT prepare_ecdsa(const struct signature *signature, struct check *check,
                             struct reason *reason)
{
    struct der_bytes oid, x, y;
    struct der_fault fault;
    const struct curve *curve = curves;

    if (!public_key_ec(signature->key, &fault, &oid, &x, &y)) return bad_key(&fault, reason);
    while (curve->size != x.size) curve++; /* public_key_ec knows these three and no other */
    BCRYPT_ECCKEY_BLOB head = {curve->magic, curve->size};
    check->algorithm = curve->algorithm;
    check->blob_type = BCRYPT_ECCPUBLIC_BLOB;
    check->blob_size = (ULONG)sizeof head + 2 * curve->size;
    check->blob = heap_take(check->blob_size);
    memcpy(check->blob, &head, sizeof head);
    memcpy(check->blob + sizeof head, x.data, x.size);
    memcpy(check->blob + sizeof head + x.size, y.data, y.size);
    /* ECDSA takes as many bits of the hash, from the left, as the curve has. Wine must be given no
     * more than these. */
    check->hash_size =
        check->signing->hash_size < curve->size ? check->signing->hash_size : curve->size;
    return split_signature(signature, check, curve->size, reason);
}

static NTSTATUS signature_hash_of(struct der_bytes bytes, const struct signing *signing,
                                  unsigned char hash[64])
{
    BCRYPT_ALG_HANDLE algorithm = NULL;
    NTSTATUS status = BCryptOpenAlgorithmProvider(&algorithm, signing->hash, NULL, 0);

    if (status) return status;
    status = BCryptHash(algorithm, NULL, 0, (UCHAR *)bytes.data, (ULONG)bytes.size, hash,
                        signing->hash_size);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return status;
}

static NTSTATUS verify(const struct check *check, unsigned char *hash)
{
    BCRYPT_PKCS1_PADDING_INFO pkcs1 = {check->signing->hash};
    void *padding = check->signing->is_rsa ? &pkcs1 : NULL;
    BCRYPT_ALG_HANDLE algorithm = NULL;
    BCRYPT_KEY_HANDLE key = NULL;
    NTSTATUS status;

    if ((status = BCryptOpenAlgorithmProvider(&algorithm, check->algorithm, NULL, 0))) goto done;
    status = BCryptImportKeyPair(algorithm, NULL, check->blob_type, &key, check->blob,
                                 check->blob_size, 0);
    if (status) goto done;
    status = BCryptVerifySignature(key, padding, hash, check->hash_size, check->signature,
                                   check->signature_size, padding ? BCRYPT_PAD_PKCS1 : 0);
done:
    if (key) BCryptDestroyKey(key);
    if (algorithm) BCryptCloseAlgorithmProvider(algorithm, 0);
    return status;
}

static HRESULT not_verified(NTSTATUS status, const char *whose, struct reason *reason)
{
    if (status == STATUS_NOT_SUPPORTED || status == STATUS_NOT_IMPLEMENTED ||
        status == STATUS_NOT_FOUND)
        return text_reason(reason, NTE_BAD_ALGID,
                           "this system cannot verify such a key's signatures (0x%08lx)",
                           (unsigned long)status);
    return text_reason(reason, NTE_BAD_SIGNATURE,
                       "the %s's signature is not made by its key (0x%08lx)", whose,
                       (unsigned long)status);
}

HRESULT signature_verify(const struct signature *signature, struct reason *reason)
{
    struct check check = {.signing = find_signing(signature->algorithm, signature->digest)};
    unsigned char hash[DIGEST_MAX];
    NTSTATUS status;
    HRESULT hr;

    *reason = (struct reason){""};
    if (!check.signing)
        return text_reason(reason, NTE_BAD_ALGID, "a %s signed with %s cannot be verified",
                           signature->whose, signature->algorithm);
    hr = (check.signing->is_rsa ? prepare_rsa : prepare_ecdsa)(signature, &check, reason);
    if (FAILED(hr)) goto done;
    if ((status = signature_hash_of(signature->message, check.signing, hash)) ||
        (status = verify(&check, hash)))
        hr = not_verified(status, signature->whose, reason);
done:
    free(check.blob);
    free(check.signature);
    return hr;
}

HRESULT digest_make(const char *oid, struct der_bytes bytes, unsigned char digest[DIGEST_MAX],
                    size_t *size, struct reason *reason)
{
    for (size_t i = 0; i < sizeof signings / sizeof *signings; i++) {
        if (strcmp(signings[i].digest, oid)) continue;
        *size = signings[i].hash_size;
        if (!signature_hash_of(bytes, &signings[i], digest)) return S_OK;
    }
    return text_reason(reason, NTE_BAD_ALGID, "a hash by %s cannot be made", oid);
}
