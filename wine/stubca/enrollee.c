/* Somebody who asks for certificates. */
#include "enrollee.h"

#include "der_write.h"
#include "files.h"
#include "heap.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

#define COMMON_NAME "2.5.4.3"
#define RSA         "1.2.840.113549.1.1.1"
#define SHA256_RSA  "1.2.840.113549.1.1.11"

enum { KEY_BITS = 2048, KEY_SIZE = KEY_BITS / 8 };

struct enrollee {
    HCRYPTPROV provider;                /* a temporary container: its key lives in memory and ends with it */
    HCRYPTKEY key;
};

static HRESULT last_error(const char *call, struct reason *reason)
{
    DWORD code = GetLastError();

    return text_reason(reason, HRESULT_FROM_WIN32(code), "%s failed with 0x%08lx", call, (unsigned long)code);
}

HRESULT enrollee_create(struct enrollee **out, struct reason *reason)
{
    struct enrollee *enrollee = heap_take(sizeof *enrollee);
    HRESULT hr = S_OK;

    *out = NULL;
    if (!CryptAcquireContextW(&enrollee->provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT | CRYPT_SILENT)) {
        hr = last_error("CryptAcquireContext", reason);
    } else if (!CryptGenKey(enrollee->provider, AT_SIGNATURE, KEY_BITS << 16, &enrollee->key)) {
        hr = last_error("CryptGenKey", reason);
    }
    if (SUCCEEDED(hr)) *out = enrollee;
    else enrollee_free(enrollee);
    return hr;
}

void enrollee_free(struct enrollee *enrollee)
{
    if (!enrollee) return;
    if (enrollee->key) CryptDestroyKey(enrollee->key);
    if (enrollee->provider) CryptReleaseContext(enrollee->provider, 0);
    free(enrollee);
}

static void put_algorithm(struct der_writer *w, const char *oid)
{
    size_t algorithm = der_open(w, DER_SEQUENCE);

    der_put_oid(w, oid);
    der_put(w, DER_NULL, NULL, 0);
    der_close(w, algorithm);
}

static void put_name(struct der_writer *w, const char *common_name)
{
    size_t name = der_open(w, DER_SEQUENCE), set = der_open(w, DER_SET), part = der_open(w, DER_SEQUENCE);

    der_put_oid(w, COMMON_NAME);
    der_put(w, DER_UTF8_STRING, common_name, strlen(common_name));
    der_close(w, part);
    der_close(w, set);
    der_close(w, name);
}

/* CAPI's numbers are little-endian. */
static void turn_around(unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        unsigned char byte = bytes[i];

        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

static HRESULT put_public_key(struct der_writer *w, const struct enrollee *enrollee, struct reason *reason)
{
    unsigned char blob[sizeof(PUBLICKEYSTRUC) + sizeof(RSAPUBKEY) + KEY_SIZE];
    unsigned char *modulus = blob + sizeof(PUBLICKEYSTRUC) + sizeof(RSAPUBKEY);
    RSAPUBKEY *rsa = (RSAPUBKEY *)(blob + sizeof(PUBLICKEYSTRUC));
    struct der_writer numbers = {0};
    DWORD size = sizeof blob;
    size_t list, info;

    if (!CryptExportKey(enrollee->key, 0, PUBLICKEYBLOB, 0, blob, &size)) return last_error("CryptExportKey", reason);
    turn_around(modulus, KEY_SIZE);
    list = der_open(&numbers, DER_SEQUENCE);
    der_put_positive(&numbers, modulus, KEY_SIZE);
    der_put_number(&numbers, rsa->pubexp);
    der_close(&numbers, list);
    info = der_open(w, DER_SEQUENCE);
    put_algorithm(w, RSA);
    der_put_bits(w, numbers.data, numbers.size);
    der_close(w, info);
    free(numbers.data);
    return S_OK;
}

static HRESULT sign(const struct enrollee *enrollee, const struct der_writer *info, unsigned char signature[KEY_SIZE],
                    struct reason *reason)
{
    DWORD size = KEY_SIZE;
    HCRYPTHASH hash = 0;
    HRESULT hr = S_OK;

    if (!CryptCreateHash(enrollee->provider, CALG_SHA_256, 0, 0, &hash)) return last_error("CryptCreateHash", reason);
    if (!CryptHashData(hash, info->data, (DWORD)info->size, 0)) hr = last_error("CryptHashData", reason);
    else if (!CryptSignHashW(hash, AT_SIGNATURE, NULL, 0, signature, &size)) hr = last_error("CryptSignHash", reason);
    CryptDestroyHash(hash);
    turn_around(signature, KEY_SIZE);
    return hr;
}

/* CertificationRequestInfo of RFC 2986. */
static HRESULT put_info(struct der_writer *w, const struct enrollee *enrollee, const char *common_name,
                        struct reason *reason)
{
    size_t info = der_open(w, DER_SEQUENCE);
    HRESULT hr;

    der_put_number(w, 0);
    put_name(w, common_name);
    hr = put_public_key(w, enrollee, reason);
    der_put(w, DER_CONTEXT_CONSTRUCTED(0), NULL, 0);   /* attributes: none */
    der_close(w, info);
    return hr;
}

HRESULT enrollee_request(struct enrollee *enrollee, const char *common_name, const char *path, struct reason *reason)
{
    struct der_writer info = {0}, whole = {0};
    unsigned char signature[KEY_SIZE] = {0};
    size_t list;
    HRESULT hr;

    if (FAILED(hr = put_info(&info, enrollee, common_name, reason))) goto done;
    if (FAILED(hr = sign(enrollee, &info, signature, reason))) goto done;
    list = der_open(&whole, DER_SEQUENCE);
    der_put_raw(&whole, (struct der_bytes){info.data, info.size});
    put_algorithm(&whole, SHA256_RSA);
    der_put_bits(&whole, signature, sizeof signature);
    der_close(&whole, list);
    if (FAILED(hr = whole.result)) text_reason(reason, hr, "the request cannot be written");
    else hr = file_write_pem(path, "CERTIFICATE REQUEST", whole.data, whole.size, reason);
done:
    free(info.data);
    free(whole.data);
    return hr;
}
