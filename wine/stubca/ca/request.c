/* Reading requests, and verifying that who made one holds its key. */
#include "request.h"
#include "der/ber.h"
#include "der/spkac.h"
#include "der/value.h"
#include "signature.h"
#include "stubca/base/heap.h"
#include "stubca/base/pem.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

static HRESULT not_a_request(const struct der_fault *fault, const char *kind,
                             struct reason *reason)
{
    char sentence[200];

    der_fault_text(fault, sentence, sizeof sentence);
    return text_reason(reason, CRYPT_E_ASN1_ERROR, "not a %s request: %s", kind, sentence);
}

/* ---- forms ---- */

/* A PKCS#10 request has two levels before its version, KEYGEN's has two before those of its key. */
static bool is_keygen(struct der_bytes der)
{
    struct der_fault fault;
    struct der outer, inside, key;

    der_begin_with(&outer, &fault, DER_BORNE, der.data, der.size);
    return der_enter(&outer, "request", DER_SEQUENCE, &inside) &&
           der_enter(&inside, "request", DER_SEQUENCE, &key) && der_next_is(&key, DER_SEQUENCE);
}

static const unsigned char nobody[] = {DER_SEQUENCE, 0};        /* an empty Name */

static HRESULT request_read_keygen(struct request *request, struct der_remarks *remarks,
                                   struct reason *reason)
{
    struct der_value challenge;
    struct der_fault fault;
    struct spkac spkac;

    if (!spkac_read(request->der.data, request->der.size, &spkac, &fault, remarks))
        return not_a_request(&fault, "KEYGEN", reason);
    request->form = FORM_KEYGEN;
    challenge = spkac_secret_challenge(&spkac);
    if (challenge.content.size) request->challenge = text_of(&challenge);
    request->pkcs10 = (struct pkcs10){.info = spkac.info,
                                      .subject = {nobody, sizeof nobody},
                                      .key = spkac.key,
                                      .signature_algorithm = spkac.signature_algorithm,
                                      .signature = spkac.signature};
    return S_OK;
}

static HRESULT read_pkcs10(struct request *request, struct der_remarks *remarks,
                           struct reason *reason)
{
    const char *kind = cms_kind(request->der.data, request->der.size) ? "CMS" : "PKCS#10";
    struct der_value challenge;
    struct cms_layers layers;
    struct der_fault fault;

    if (!pkcs10_unwrap_layers(request->der.data, request->der.size, &request->pkcs10, &layers,
                              &fault, remarks))
        return not_a_request(&fault, kind, reason);
    wrapping_fill(&request->wrapping, &layers);
    challenge = pkcs10_secret_challenge(&request->pkcs10);
    if (challenge.tag) request->challenge = text_of(&challenge);
    if (request->wrapping.count) request->form = request->wrapping.is_cmc ? FORM_CMC : FORM_PKCS7;
    return S_OK;
}

/* ---- columns ---- */

struct filling {
    struct subject *subject;
    bool of_cmc;
    HRESULT hr;
    struct reason *reason;
};

static bool request_take_extension(void *argument, const struct extension *extension)
{
    struct filling *filling = argument;

    filling->hr = subject_add(filling->subject, extension, filling->of_cmc, filling->reason);
    return SUCCEEDED(filling->hr);
}

/* What CMC adds takes the place of what the request has. */
static HRESULT fill_extensions(struct request *request, struct reason *reason)
{
    struct filling filling = {
        .subject = &request->subject, .of_cmc = true, .hr = S_OK, .reason = reason};
    struct pkcs10_extensions cursor;
    struct extension extension;

    wrapping_extensions(&request->wrapping, request_take_extension, &filling);
    filling.of_cmc = false;
    if (FAILED(filling.hr) || request->form == FORM_KEYGEN) return filling.hr;
    pkcs10_extensions_begin(&cursor, &request->pkcs10);
    while (pkcs10_extensions_next(&cursor, &extension) &&
           request_take_extension(&filling, &extension))
        continue;
    return filling.hr;
}

static HRESULT request_fill(struct request *request, struct der_remarks *remarks,
                            struct reason *reason)
{
    const struct pkcs10 *pkcs10 = &request->pkcs10;
    HRESULT hr;

    if (FAILED(hr = subject_begin(&request->subject, pkcs10->subject, &pkcs10->key, reason)))
        return hr;
    if (FAILED(hr = fill_extensions(request, reason))) return hr;
    return subject_end(&request->subject, remarks, reason);
}

/* Fill in the rest from the bytes, which stand in raw. */
static HRESULT request_parse(struct request *request, bool lenient, struct reason *reason)
{
    struct der_remarks *remarks = lenient ? DER_BORNE : NULL;
    HRESULT hr;

    if (request->raw.size > REQUEST_MAX)
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE), "longer than %u bytes",
                           REQUEST_MAX);
    hr = is_keygen(request->der) ? request_read_keygen(request, remarks, reason)
                                 : read_pkcs10(request, remarks, reason);
    if (FAILED(hr)) return hr;
    if (!der_oid_text(request->pkcs10.signature_algorithm.oid, request->signature_algorithm,
                      DER_OID_TEXT))
        return text_reason(reason, CRYPT_E_ASN1_ERROR,
                           "the OID of the signature algorithm is longer than any known");
    return request_fill(request, remarks, reason);
}

/* ---- bytes ---- */

/* Behind "SPKAC=", or where it begins. */
static size_t behind_name(const char *data, size_t size)
{
    static const char name[] = "SPKAC=";

    return size >= sizeof name && !memcmp(data, name, sizeof name - 1) ? sizeof name - 1 : 0;
}

HRESULT request_bytes(const void *data, size_t size, unsigned char **bytes, size_t *count,
                      struct reason *reason)
{
    static const char *const labels[] = {"CERTIFICATE REQUEST", "PKCS7", "CMS"};
    size_t begin = behind_name(data, size);
    HRESULT hr = E_FAIL;

    *bytes = NULL;
    *count = 0;
    if (size > 2 * REQUEST_MAX)
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE),
                           "longer than any request may be");
    for (int i = ARRAYSIZE(labels) - 1; i >= 0 && FAILED(hr);
         i--) /* the first one's reason is the one that is told */
        hr = pem_read((const char *)data + begin, size - begin, labels[i], bytes, count, reason);
    if (SUCCEEDED(hr)) *reason = (struct reason){""};
    return hr;
}

/* The DER that BER stands for, or the bytes themselves. */
static struct der_bytes der_of(struct der_bytes raw, bool lenient)
{
    size_t size = 0, at;
    unsigned char *der =
        lenient && raw.size <= REQUEST_MAX ? ber_to_der(raw.data, raw.size, &size, &at) : NULL;

    return der ? (struct der_bytes){der, size} : raw;
}

HRESULT request_read(const void *data, size_t size, bool lenient, struct request **request,
                     struct reason *reason)
{
    struct request *made;
    unsigned char *bytes;
    size_t count;
    HRESULT hr;

    *request = NULL;
    *reason = (struct reason){""};
    if (FAILED(hr = request_bytes(data, size, &bytes, &count, reason))) return hr;
    made = heap_take(sizeof *made);
    made->raw = (struct der_bytes){bytes, count};
    made->der = der_of(made->raw, lenient);
    if (FAILED(hr = request_parse(made, lenient, reason))) {
        request_free(made);
        return hr;
    }
    *request = made;
    return S_OK;
}

void request_name(struct request *request, struct der_bytes name)
{
    free((void *)request->given_name.data);
    request->given_name = (struct der_bytes){heap_copy(name.data, name.size), name.size};
    subject_name(&request->subject, request->given_name);
}

void request_free(struct request *request)
{
    if (!request) return;
    subject_empty(&request->subject);
    free(request->challenge);
    free((void *)request->given_name.data);
    if (request->der.data != request->raw.data) free((void *)request->der.data);
    free((void *)request->raw.data);
    free(request);
}

HRESULT request_verify(const struct request *request, struct reason *reason)
{
    return signature_verify(&(struct signature){"request", &request->pkcs10.key,
                                                request->signature_algorithm, NULL,
                                                request->pkcs10.info, request->pkcs10.signature},
                            reason);
}
