/* Reading certificates. */
#include "certificate.h"
#include "der/x509.h"
#include "stubca/base/heap.h"
#include "stubca/base/pem.h"
#include "stubca/base/text.h"

#include <stdlib.h>

/* Fill in the rest from the DER, which stands in raw. */
static HRESULT certificate_parse(struct certificate *certificate, struct reason *reason)
{
    struct extension extension;
    struct der_fault fault;
    struct x509 x509;
    struct der cursor;
    char sentence[200];
    HRESULT hr;

    if (certificate->raw.size > CERTIFICATE_MAX)
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE), "longer than %u bytes",
                           CERTIFICATE_MAX);
    if (!x509_read(certificate->raw.data, certificate->raw.size, &x509, &fault, NULL)) {
        der_fault_text(&fault, sentence, sizeof sentence);
        return text_reason(reason, CRYPT_E_ASN1_ERROR, "not an X.509 certificate: %s", sentence);
    }
    certificate->serial = hex_of(x509.serial);
    certificate->raw_issuer = x509.issuer;
    certificate->issuer = name_of(x509.issuer);
    certificate->not_before = x509.not_before;
    certificate->not_after = x509.not_after;
    certificate->hash = sha1_of(certificate->raw);
    if (FAILED(hr = subject_begin(&certificate->subject, x509.subject, &x509.key, reason)))
        return hr;
    for (extensions_begin(&cursor, &fault, x509.extensions);
         extensions_next(&cursor, &extension);) {
        if (FAILED(hr = subject_add(&certificate->subject, &extension, false, reason))) return hr;
    }
    /* the CA copies a request's names bit for bit, and may be lenient with requests */
    return subject_end(&certificate->subject, DER_BORNE, reason);
}

HRESULT certificate_read(const void *data, size_t size, struct certificate **certificate,
                         struct reason *reason)
{
    struct certificate *made;
    unsigned char *der;
    size_t der_size;
    HRESULT hr;

    *certificate = NULL;
    *reason = (struct reason){""};
    if (FAILED(hr = pem_read(data, size, "CERTIFICATE", &der, &der_size, reason))) return hr;
    made = heap_take(sizeof *made);
    made->raw = (struct der_bytes){der, der_size};
    if (FAILED(hr = certificate_parse(made, reason))) {
        certificate_free(made);
        return hr;
    }
    *certificate = made;
    return S_OK;
}

void certificate_free(struct certificate *certificate)
{
    if (!certificate) return;
    subject_empty(&certificate->subject);
    free(certificate->serial);
    free(certificate->issuer);
    free(certificate->hash);
    free((void *)certificate->raw.data);
    free(certificate);
}
