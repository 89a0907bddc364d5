#include "ca_certificates.h"

#include "server.h"

#include "base/os.h"

#include <stdio.h>
#include <wchar.h>

#define COUNT_MAX 256 /* a CA that is renewed each year for as long as anybody will care */
/* of all certificates; one has 16 KiB at most in the CA's database */
#define BASE64_MAX (256 << 10)

static void ca_certificates_add_certificate(struct json *json,
                                            const struct server_value *certificate, size_t *room)
{
    size_t size = certificate->size, base64 = (size + 2) / 3 * 4;
    uint8_t hash[32];

    json_object(json, "RawCACertificate");
    json_number(json, "size", (int64_t)size);
    if (SUCCEEDED(os_sha256(certificate->bstr, size, hash)))
        json_hex(json, "sha256", hash, sizeof hash);
    else bytes_fail(json->out);         /* Initialize tries it all once more */
    if (base64 <= *room) {
        json_base64(json, "base64", certificate->bstr, size);
        *room -= base64;
    }
    json_end(json);
}

static void add_failure(struct json *json, HRESULT hr)
{
    char text[16];

    snprintf(text, sizeof text, "0x%08lx", (unsigned long)hr);
    json_text(json, "hresult", text);
}

static void ca_certificates_read_certificate(struct json *json, struct server_pair *pair,
                                             LONG index, size_t *room)
{
    struct server_value value;
    WCHAR name[32];
    HRESULT hr;

    swprintf(name, ARRAYSIZE(name), L"RawCACertificate.%ld", index);
    hr = server_pair_get(pair, name, PROPTYPE_BINARY, &value);
    json_object(json, NULL);
    json_number(json, "index", index);
    if (hr == S_OK) ca_certificates_add_certificate(json, &value, room);
    else if (hr != S_FALSE) add_failure(json, hr);
    json_end(json);
    if (hr == S_OK) server_value_free(&value);
}

void ca_certificates_add(struct json *json, LONG count)
{
    struct server_pair pair;
    size_t room = BASE64_MAX;

    json_array(json, "certificates");
    server_pair_open(&pair);
    for (LONG i = 0; pair.plain && i < count && i < COUNT_MAX; i++)
        ca_certificates_read_certificate(json, &pair, i, &room);
    server_pair_close(&pair);
    json_end(json);
}
