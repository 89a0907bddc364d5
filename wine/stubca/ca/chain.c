/* Chains of certificates. */
#include "chain.h"

#include "properties.h"
#include "signature.h"
#include "stubca/base/text.h"
#include "der/cms.h"
#include "der/identifier.h"
#include "der/usage.h"
#include "der/x509.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

#define OID_KEY_USAGE "2.5.29.15"
#define OID_BASIC_CONSTRAINTS "2.5.29.19"
#define OID_AUTHORITY_KEY "2.5.29.35"

/* ---- one certificate ---- */

LONG chain_disposition(const struct ca *ca, const struct certificate *certificate)
{
    int raw = property_find("RawCertificate");

    for (LONG id = 1; id <= rows_last(ca->rows); id++) {
        const struct row *row = rows_find(ca->rows, id);
        const struct value *value = row ? row_value(row, HALF_CERTIFICATE, raw) : NULL;

        if (value && der_same((struct der_bytes){value->data, value->size}, certificate->raw))
            return row_long(row, HALF_REQUEST, "Disposition", 0);
    }
    return 0;
}

static HRESULT chain_check_dates(const struct certificate *certificate, struct reason *reason)
{
    if (certificate->not_after >= ca_now() && certificate->not_before <= ca_now()) return S_OK;
    return text_reason(reason, CERT_E_EXPIRED,
                       "the certificate of serial number %s is not valid now", certificate->serial);
}

HRESULT chain_check_certificate(const struct ca *ca, const struct certificate *certificate,
                                struct reason *reason)
{
    if (chain_disposition(ca, certificate) == DB_DISP_REVOKED)
        return text_reason(reason, CRYPT_E_REVOKED,
                           "the certificate of serial number %s has been revoked",
                           certificate->serial);
    return chain_check_dates(certificate, reason);
}

/* ---- one step up ---- */

static bool names_issuer(const struct certificate *certificate, const struct certificate *issuer)
{
    const struct subject_extension *extension =
        subject_extension(&certificate->subject, OID_AUTHORITY_KEY);
    struct authority_key authority;
    struct der_fault fault;
    char *id;
    bool same;

    if (!der_same(certificate->raw_issuer, issuer->subject.raw_name)) return false;
    if (!extension || !authority_key_read(extension->value, &authority, &fault, DER_BORNE) ||
        !authority.key.size)
        return true;
    id = hex_of(authority.key);
    same = !strcmp(id, issuer->subject.key_identifier);
    free(id);
    return same;
}

static HRESULT chain_verify(const struct certificate *certificate,
                            const struct certificate *issuer, struct reason *reason)
{
    char algorithm[DER_OID_TEXT];
    struct x509 x509, above;
    struct der_fault fault;
    HRESULT hr;

    if (!x509_read(certificate->raw.data, certificate->raw.size, &x509, &fault, DER_BORNE) ||
        !x509_read(issuer->raw.data, issuer->raw.size, &above, &fault, DER_BORNE) ||
        !der_oid_text(x509.signature_algorithm.oid, algorithm, sizeof algorithm))
        return text_reason(reason, CRYPT_E_ASN1_ERROR, "a certificate of the chain cannot be read");
    hr = signature_verify(&(struct signature){"certificate", &above.key, algorithm, NULL, x509.info,
                                              x509.signature},
                          reason);
    return hr == NTE_BAD_SIGNATURE ? TRUST_E_CERT_SIGNATURE : hr;
}

/* ---- the CA's own certificates ---- */

static HRESULT check_own(const struct ca *ca, const struct certificate *own, struct reason *reason)
{
    if (parent_has_revoked(ca->parent, own->serial))
        return text_reason(reason, CRYPT_E_REVOKED, "this CA's own certificate has been revoked");
    return chain_check_dates(own, reason);
}

/* S_FALSE: none of the CA's own certificates is named as the issuer. Of several with the same key,
 * one that is good is enough. */
static HRESULT ends_in_own(const struct ca *ca, const struct certificate *certificate,
                           struct reason *reason)
{
    HRESULT hr = S_FALSE;

    for (unsigned i = 0; i < ca->certificate_count; i++) {
        const struct certificate *own = authority_certificate(ca->certificates[i].authority);

        if (!names_issuer(certificate, own)) continue;
        hr = chain_verify(certificate, own, reason);
        if (SUCCEEDED(hr)) hr = check_own(ca, own, reason);
        if (SUCCEEDED(hr)) return S_OK;
    }
    return hr;
}

/* ---- what is between ---- */

/* `below`: how many certificates are between the issuer and the certificate at the bottom. */
static bool may_certify(const struct certificate *issuer, size_t below)
{
    const struct subject_extension *constraints =
                                       subject_extension(&issuer->subject, OID_BASIC_CONSTRAINTS),
                                   *usage = subject_extension(&issuer->subject, OID_KEY_USAGE);
    struct basic_constraints basic;
    struct der_fault fault;
    uint32_t bits;
    int64_t most;

    if (!constraints ||
        !basic_constraints_read(constraints->value, &basic, &fault, DER_BORNE) || !basic.ca)
        return false;
    if (basic.path_length.size &&
        (!der_number(basic.path_length, &most) || most < (int64_t)below))
        return false;
    return !usage || (key_usage_read(usage->value, &bits, &fault, DER_BORNE) &&
                      bits & 1u << KEY_USAGE_CERT_SIGN);
}

/* The issuer, among those that came along. The caller frees; NULL: it is not there. */
static struct certificate *find_issuer(const struct certificate *certificate,
                                       struct der_bytes others)
{
    struct certificate *issuer;
    struct der_value other;
    struct der_fault fault;
    struct reason reason;
    struct der cursor;

    for (cms_others_begin(&cursor, &fault, others); cms_others_next(&cursor, &other);) {
        if (other.tag != DER_SEQUENCE ||
            FAILED(certificate_read(other.whole.data, other.whole.size, &issuer, &reason)))
            continue;
        if (names_issuer(certificate, issuer)) return issuer;
        certificate_free(issuer);
    }
    return NULL;
}

static bool is_self_issued(const struct certificate *certificate)
{
    return der_same(certificate->raw_issuer, certificate->subject.raw_name);
}

/* Adds the issuer of the topmost certificate to the chain. */
static HRESULT chain_climb(const struct ca *ca, const struct certificate *top,
                           struct der_bytes others, struct chain *chain, struct reason *reason)
{
    struct certificate *issuer;
    HRESULT hr;

    if (is_self_issued(top))
        return text_reason(reason, CERT_E_UNTRUSTEDROOT,
                           "the chain ends in a self-signed certificate that is not this CA's");
    if (chain->count == CHAIN_MAX)
        return text_reason(reason, CERT_E_CHAINING, "the chain has more than %d certificates",
                           CHAIN_MAX + 1);
    if (!(issuer = find_issuer(top, others)))
        return text_reason(reason, CERT_E_CHAINING,
                           "the certificate of serial number %s was issued by \"%s\", whose "
                           "certificate is not there",
                           top->serial, top->issuer ? top->issuer : "");
    chain->links[chain->count++] = issuer;
    if (!may_certify(issuer, chain->count - 1))
        return text_reason(reason, TRUST_E_BASIC_CONSTRAINTS,
                           "the certificate of serial number %s may not certify this one",
                           issuer->serial);
    if (FAILED(hr = chain_verify(top, issuer, reason))) return hr;
    return chain_check_certificate(ca, issuer, reason);
}

HRESULT chain_build(const struct ca *ca, const struct certificate *certificate,
                    struct der_bytes others, struct chain *chain, struct reason *reason)
{
    const struct certificate *top = certificate;
    HRESULT hr;

    *chain = (struct chain){.count = 0};
    if (FAILED(hr = chain_check_certificate(ca, certificate, reason))) return hr;
    while ((hr = ends_in_own(ca, top, reason)) == S_FALSE) {
        if (FAILED(hr = chain_climb(ca, top, others, chain, reason))) return hr;
        top = chain->links[chain->count - 1];
    }
    return hr;
}

void chain_free(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) certificate_free(chain->links[i]);
    chain->count = 0;
}
