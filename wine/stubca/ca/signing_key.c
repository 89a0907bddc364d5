/* Keys that sign. */
#include "signing_key.h"

#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <bcrypt.h>
#include <stdlib.h>

#define SHA256_RSA "1.2.840.113549.1.1.11"
#define RSA        "1.2.840.113549.1.1.1"

enum { KEY_BITS = 2048, KEY_SIZE = KEY_BITS / 8, HASH_SIZE = 32, EXPONENT_MAX = 8 };

struct signing_key {
    LONG ref;
    BCRYPT_KEY_HANDLE key;
    SRWLOCK lock;                       /* around signing */
};

static HRESULT signing_key_failed(const char *call, NTSTATUS status, struct reason *reason)
{
    return text_reason(reason, HRESULT_FROM_NT(status), "%s failed with 0x%08lx", call,
                       (unsigned long)status);
}

static HRESULT make(struct signing_key *key, struct reason *reason)
{
    BCRYPT_ALG_HANDLE algorithm;
    NTSTATUS status = BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_RSA_ALGORITHM, NULL, 0);

    if (status) return signing_key_failed("BCryptOpenAlgorithmProvider", status, reason);
    status = BCryptGenerateKeyPair(algorithm, &key->key, KEY_BITS, 0);
    if (!status) status = BCryptFinalizeKeyPair(key->key, 0);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return status ? signing_key_failed("BCryptGenerateKeyPair", status, reason) : S_OK;
}

HRESULT signing_key_make(struct signing_key **out, struct reason *reason)
{
    struct signing_key *key = heap_take(sizeof *key);           /* all zero is SRWLOCK_INIT */
    HRESULT hr;

    *out = NULL;
    key->ref = 1;
    if (SUCCEEDED(hr = make(key, reason))) *out = key;
    else signing_key_let_go(key);
    return hr;
}

struct signing_key *signing_key_hold(struct signing_key *key)
{
    InterlockedIncrement(&key->ref);
    return key;
}

void signing_key_let_go(struct signing_key *key)
{
    if (!key || InterlockedDecrement(&key->ref)) return;
    if (key->key) BCryptDestroyKey(key->key);
    free(key);
}

/* A BCRYPT_RSAKEY_BLOB: a header, the exponent, the modulus. */
HRESULT signing_key_put_public(const struct signing_key *key, struct der_writer *w,
                               struct reason *reason)
{
    struct { BCRYPT_RSAKEY_BLOB head; unsigned char numbers[EXPONENT_MAX + KEY_SIZE]; } blob;
    struct der_writer rsa = {0};
    size_t list, whole, algorithm;
    ULONG size = 0;
    NTSTATUS status = BCryptExportKey(key->key, NULL, BCRYPT_RSAPUBLIC_BLOB, (UCHAR *)&blob,
                                      sizeof blob, &size, 0);

    if (status) return signing_key_failed("BCryptExportKey", status, reason);
    if (blob.head.cbModulus != KEY_SIZE || blob.head.cbPublicExp > EXPONENT_MAX)
        return text_reason(reason, NTE_BAD_KEY, "the key made is not one of %d bits", KEY_BITS);
    list = der_open(&rsa, DER_SEQUENCE);
    der_put_positive(&rsa, blob.numbers + blob.head.cbPublicExp, KEY_SIZE);
    der_put_positive(&rsa, blob.numbers, blob.head.cbPublicExp);
    der_close(&rsa, list);
    whole = der_open(w, DER_SEQUENCE);
    algorithm = der_open(w, DER_SEQUENCE);
    der_put_oid(w, RSA);
    der_put(w, DER_NULL, NULL, 0);
    der_close(w, algorithm);
    der_put_bits(w, rsa.data, rsa.size);
    der_close(w, whole);
    free(rsa.data);
    return w->result;
}

void signing_key_put_algorithm(struct der_writer *w)
{
    size_t algorithm = der_open(w, DER_SEQUENCE);

    der_put_oid(w, SHA256_RSA);
    der_put(w, DER_NULL, NULL, 0);
    der_close(w, algorithm);
}

static NTSTATUS signing_key_hash_of(const struct der_writer *info, unsigned char hash[HASH_SIZE])
{
    BCRYPT_ALG_HANDLE algorithm;
    NTSTATUS status = BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0);

    if (status) return status;
    status = BCryptHash(algorithm, NULL, 0, info->data, (ULONG)info->size, hash, HASH_SIZE);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return status;
}

HRESULT signing_key_sign(struct signing_key *key, const struct der_writer *info,
                         struct der_writer *out, struct reason *reason)
{
    BCRYPT_PKCS1_PADDING_INFO padding = {BCRYPT_SHA256_ALGORITHM};
    unsigned char hash[HASH_SIZE], signature[KEY_SIZE];
    ULONG size = 0;
    size_t whole;
    NTSTATUS status = signing_key_hash_of(info, hash);

    if (status) return signing_key_failed("BCryptHash", status, reason);
    AcquireSRWLockExclusive(&key->lock);
    status = BCryptSignHash(key->key, &padding, hash, sizeof hash, signature, sizeof signature,
                            &size, BCRYPT_PAD_PKCS1);
    ReleaseSRWLockExclusive(&key->lock);
    if (status) return signing_key_failed("BCryptSignHash", status, reason);
    whole = der_open(out, DER_SEQUENCE);
    der_put_raw(out, (struct der_bytes){info->data, info->size});
    signing_key_put_algorithm(out);
    der_put_bits(out, signature, size);
    der_close(out, whole);
    return out->result;
}
