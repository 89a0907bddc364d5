#include "cert_show.h"
#include "cms_show.h"
#include "der/ber.h"
#include "der/cms.h"
#include "der/crl.h"
#include "der/pkcs10.h"
#include "der/spkac.h"
#include "der/trust.h"
#include "der/value.h"
#include "der/x509.h"
#include "extension_show.h"
#include "base/os.h"
#include "name_show.h"
#include "oid_name.h"
#include "remark_show.h"
#include "request_show.h"

#include <stdlib.h>
#include <string.h>

void algorithm_show(struct outline *outline, const char *key, const char *label,
                    const struct algorithm *algorithm)
{
    struct der_fault fault;
    struct pss pss;
    bool is_pss = algorithm_pss(algorithm, &pss, &fault, DER_BORNE);
    bool has_more = is_pss || algorithm->parameters.size > 2;          /* NULL has two bytes */

    if (!has_more && !outline->as_json) {                       /* one line is enough */
        oid_show(outline, key, label, algorithm->oid);
        return;
    }
    outline_group(outline, key, label, NULL);
    oid_show(outline, "algorithm", "Algorithm", algorithm->oid);
    if (!is_pss) {
        parameters_show(outline, algorithm->parameters);
    } else {
        if (pss.hash.size) oid_show(outline, "hash", "Hash", pss.hash);
        if (pss.mask_hash.size) oid_show(outline, "maskHash", "Hash of the mask", pss.mask_hash);
        if (pss.salt_size.size) integer_show(outline, "saltLength", "Salt length", pss.salt_size);
    }
    outline_close(outline);
}

/* The curve of an EC key, known or not: the OID that its parameters are. */
static bool curve_of(const struct public_key *key, struct der_bytes *oid)
{
    struct der_fault fault;
    struct der parameters;

    if (!der_oid_is(key->algorithm.oid, "1.2.840.10045.2.1")) return false;
    der_begin_with(&parameters, &fault, DER_BORNE, key->algorithm.parameters.data,
                   key->algorithm.parameters.size);
    return der_oid(&parameters, "curve", oid);
}

/* A positive number, as a number if it is none of the giants. */
static void magnitude_show(struct outline *outline, const char *key, const char *label,
                           struct der_bytes magnitude)
{
    int64_t number = 0;

    for (size_t i = 0; i < magnitude.size && i < 7; i++) number = number << 8 | magnitude.data[i];
    if (magnitude.size < 7) outline_number(outline, key, label, number);
    else outline_hex(outline, key, label, magnitude.data, magnitude.size);
}

static void key_show(struct outline *outline, const struct public_key *key,
                     struct der_remarks *remarks)
{
    struct der_bytes modulus, exponent, curve;
    unsigned length = public_key_length(key);
    struct der_fault fault;

    outline_group(outline, "publicKey", "Public key", NULL);
    oid_show(outline, "algorithm", "Algorithm", key->algorithm.oid);
    if (length) outline_number(outline, "length", "Length in bits", length);
    if (curve_of(key, &curve)) oid_show(outline, "curve", "Curve", curve);
    else parameters_show(outline, key->algorithm.parameters);
    if (public_key_rsa(key, &fault, remarks, &modulus, &exponent)) {
        outline_hex(outline, "modulus", "Modulus", modulus.data, modulus.size);
        magnitude_show(outline, "exponent", "Exponent", exponent);
    } else {
        outline_hex(outline, "bits", "Bits", key->bits.data, key->bits.size);
    }
    outline_close(outline);
}

static void signature_show(struct outline *outline, const struct algorithm *algorithm,
                           struct der_bytes signature)
{
    algorithm_show(outline, "signatureAlgorithm", "Signature algorithm", algorithm);
    outline_hex(outline, "signature", "Signature", signature.data, signature.size);
}

static void fingerprints_show(struct outline *outline, const void *data, size_t size)
{
    uint8_t sha1[20], sha256[32];

    if (SUCCEEDED(os_sha1(data, size, sha1)))
        plain_hex_show(outline, "sha1", "SHA-1 fingerprint", (struct der_bytes){sha1, sizeof sha1});
    if (SUCCEEDED(os_sha256(data, size, sha256)))
        plain_hex_show(outline, "sha256", "SHA-256 fingerprint",
                       (struct der_bytes){sha256, sizeof sha256});
}

/* The algorithm that stands in what is signed, should it be another. */
static void inner_algorithm_show(struct outline *outline, const struct algorithm *inner,
                                 const struct algorithm *outer)
{
    if (!der_same(inner->whole, outer->whole))
        algorithm_show(outline, "signedAlgorithm", "Signature algorithm in what is signed", inner);
}

void certificate_show(struct outline *outline, const struct x509 *certificate,
                      struct der_remarks *remarks)
{
    outline_number(outline, "version", "Version", certificate->version);
    serial_show(outline, "serialNumber", "Serial number", certificate->serial);
    name_show(outline, "subject", "Subject", certificate->subject);
    name_show(outline, "issuer", "Issuer", certificate->issuer);
    time_show(outline, "notBefore", "Not before", certificate->not_before);
    time_show(outline, "notAfter", "Not after", certificate->not_after);
    key_show(outline, &certificate->key, remarks);
    if (certificate->issuer_id.data)
        outline_hex(outline, "issuerUniqueID", "Issuer's unique ID", certificate->issuer_id.data,
                    certificate->issuer_id.size);
    if (certificate->subject_id.data)
        outline_hex(outline, "subjectUniqueID", "Subject's unique ID", certificate->subject_id.data,
                    certificate->subject_id.size);
    extensions_show(outline, false, certificate->extensions, remarks);
    inner_algorithm_show(outline, &certificate->inner_algorithm, &certificate->signature_algorithm);
    signature_show(outline, &certificate->signature_algorithm, certificate->signature);
}

static void purposes_show(struct outline *outline, const char *key, const char *label,
                          struct der_bytes list)
{
    struct der_fault fault;
    struct der_bytes oid;
    struct der cursor;

    if (!list.size) return;
    outline_list(outline, key, label);
    der_begin_with(&cursor, &fault, DER_BORNE, list.data, list.size);
    while (der_more(&cursor) && der_oid(&cursor, "purpose", &oid))
        oid_show(outline, NULL, NULL, oid);
    outline_close(outline);
}

/* What stands behind a certificate: openssl's settings for it. */
static void trust_show(struct outline *outline, const struct trust *trust)
{
    outline_group(outline, "trust", "Trust settings of OpenSSL", NULL);
    purposes_show(outline, "trusted", "Trusted for", trust->trusted);
    purposes_show(outline, "rejected", "Rejected for", trust->rejected);
    if (trust->alias.tag) text_show(outline, "alias", "Alias", &trust->alias);
    if (trust->key_id.data)
        outline_hex(outline, "keyId", "Key identifier", trust->key_id.data, trust->key_id.size);
    outline_close(outline);
}

static void request_show(struct outline *outline, const struct pkcs10 *request,
                         struct der_remarks *remarks)
{
    outline_number(outline, "version", "Version", (int64_t)request->version + 1);
    name_show(outline, "subject", "Subject", request->subject);
    key_show(outline, &request->key, remarks);
    attributes_show(outline, "attributes", "Attributes", request->attributes, remarks);
    signature_show(outline, &request->signature_algorithm, request->signature);
}

static void keygen_show(struct outline *outline, const struct spkac *spkac,
                        struct der_remarks *remarks)
{
    key_show(outline, &spkac->key, remarks);
    outline_group(outline, "challenge", "Challenge", NULL);
    sealed_show(outline, spkac->challenge_size);
    outline_close(outline);
    signature_show(outline, &spkac->signature_algorithm, spkac->signature);
}

static void entry_show(struct outline *outline, const struct crl_entry *entry,
                       struct der_remarks *remarks)
{
    outline_group(outline, NULL, "Entry", NULL);
    serial_show(outline, "serialNumber", "Serial number", entry->serial);
    time_show(outline, "date", "Revoked", entry->date);
    extensions_show(outline, true, entry->extensions, remarks);
    outline_close(outline);
}

static void entries_show(struct outline *outline, const struct crl *crl, size_t most,
                         struct der_remarks *remarks)
{
    struct crl_entry entry;
    struct der_fault fault;
    struct der cursor;

    outline_number(outline, "count", "Entries", (int64_t)crl->count);
    if (!most || !crl->count) return;
    outline_list(outline, "entries", most < crl->count ? "The first of them" : "All of them");
    for (crl_entries_begin(&cursor, &fault, crl); most && crl_entries_next(&cursor, &entry); most--)
        entry_show(outline, &entry, remarks);
    outline_close(outline);
}

static void crl_show(struct outline *outline, const struct crl *crl, size_t entries_max,
                     struct der_remarks *remarks)
{
    outline_number(outline, "version", "Version", crl->version);
    name_show(outline, "issuer", "Issuer", crl->issuer);
    time_show(outline, "thisUpdate", "This update", crl->this_update);
    if (crl->has_next_update) time_show(outline, "nextUpdate", "Next update", crl->next_update);
    extensions_show(outline, false, crl->extensions, remarks);
    entries_show(outline, crl, entries_max, remarks);
    inner_algorithm_show(outline, &crl->inner_algorithm, &crl->signature_algorithm);
    signature_show(outline, &crl->signature_algorithm, crl->signature);
}

static const struct { const char *type, *label;
} kind_names[] = {
    [CERT_CERTIFICATE] = {"certificate", "Certificate"},
    [CERT_PKCS10] = {"request", "Request"},
    [CERT_CRL] = {"crl", "CRL"},
    [CERT_CMS] = {"cms", "CMS"},
    [CERT_OTHER_CMS] = {"cms", "CMS"},
    [CERT_KEYGEN] = {"keygen", "KEYGEN request"},
};

/* What was read, of the kind that it turned out to be. */
struct reading {
    enum cert_kind kind;
    struct x509 certificate;
    struct pkcs10 request;
    struct crl crl;
    struct cms cms;
    struct spkac spkac;
    struct der_remarks remarks;
    struct der_bytes whole;             /* from which remarks count */
    struct der_bytes der;               /* what is shown: the data, or the DER that it stands for */
    unsigned char *converted;           /* owned: that DER; NULL: the data is no BER */
};

/* CMS of another kind, of which the outermost value is read. */
static bool other_cms_read(struct der_bytes bytes, struct der_fault *fault,
                           struct der_remarks *remarks)
{
    struct der whole, inside;

    der_begin_with(&whole, fault, remarks, bytes.data, bytes.size);
    return der_enter(&whole, "CMS", DER_SEQUENCE, &inside) && der_end(&whole, "CMS");
}

static bool is_signed_data(struct der_bytes bytes)
{
    const char *kind = cms_kind(bytes.data, bytes.size);

    return kind && !strcmp(kind, "signed data");
}

static bool read_as(enum cert_kind kind, struct der_bytes der, struct reading *reading,
                    struct der_fault *fault)
{
    struct der_remarks *remarks = &reading->remarks;

    reading->kind = kind;
    der_remarks_begin(remarks, reading->whole.data, reading->whole.size);
    if (kind == CERT_CERTIFICATE)
        return x509_read(der.data, der.size, &reading->certificate, fault, remarks);
    if (kind == CERT_PKCS10)
        return pkcs10_read(der.data, der.size, &reading->request, fault, remarks);
    if (kind == CERT_OTHER_CMS) return other_cms_read(der, fault, remarks);
    if (kind == CERT_CMS) return cms_read(der.data, der.size, &reading->cms, fault, remarks);
    if (kind == CERT_KEYGEN) return spkac_read(der.data, der.size, &reading->spkac, fault, remarks);
    return crl_read(der.data, der.size, &reading->crl, fault, remarks);
}

/* As the kind that was asked for, or as each in turn. */
static bool read_some(enum cert_kind kind, struct der_bytes der, struct reading *reading,
                      struct der_fault *fault)
{
    static const enum cert_kind all[] = {CERT_CERTIFICATE, CERT_PKCS10, CERT_CRL, CERT_KEYGEN, 0};
    static const enum cert_kind requests[] = {CERT_PKCS10, CERT_KEYGEN, 0};
    const enum cert_kind *kinds = kind == CERT_REQUEST ? requests : all;
    struct der_fault other;

    if (kind == CERT_ANY && cms_kind(der.data, der.size) && !is_signed_data(der))
        kind = CERT_OTHER_CMS;
    if ((kind == CERT_ANY || kind == CERT_REQUEST) && cms_kind(der.data, der.size)) kind = CERT_CMS;
    if (kind != CERT_ANY && kind != CERT_REQUEST) return read_as(kind, der, reading, fault);
    *fault = (struct der_fault){0};
    for (; *kinds; kinds++) {
        if (read_as(*kinds, der, reading, &other)) return true;
        if (!fault->error || other.offset > fault->offset) *fault = other;
    }
    return false;
}

/* The same of BER, should it be that. A remark says so, and where. */
static bool read_ber(enum cert_kind kind, struct reading *reading, struct der_fault *fault)
{
    struct der_bytes whole = reading->whole, der = reading->der;
    struct der_fault other;
    size_t size, at;

    reading->converted = ber_to_der(der.data, der.size, &size, &at);
    if (!reading->converted) return false;
    reading->whole = reading->der = (struct der_bytes){reading->converted, size};
    if (!read_some(kind, reading->der, reading, &other)) {      /* all as it was */
        free(reading->converted);
        reading->converted = NULL;
        reading->whole = whole, reading->der = der;
        *fault = other;
        return false;
    }
    remarks_put_ber(&reading->remarks, kind_names[reading->kind].label, at);
    return true;
}

/* What has been read is to be freed with reading_free, whether it was or not. */
static bool reading_begin(struct reading *reading, const void *data, size_t size,
                          const struct cert_show_options *options, struct der_fault *fault)
{
    struct der_fault of_ber = {0};
    bool is_cms = cms_kind(data, size);

    *reading = (struct reading){.der = {data, size}, .whole = {data, size}};
    if (options->whole.size) reading->whole = options->whole;
    if (is_cms && read_ber(options->kind, reading, &of_ber)) return true; /* BER within DER, too */
    if (read_some(options->kind, reading->der, reading, fault)) return true;
    if (!is_cms) return read_ber(options->kind, reading, fault);
    if (of_ber.error) *fault = of_ber;
    return false;
}

static void reading_free(struct reading *reading)
{
    free(reading->converted);
}

/* What follows a certificate, if it is what openssl puts there; else a remark tells of it. */
static void certificate_rest_show(struct outline *outline, struct reading *reading)
{
    struct der_bytes rest = reading->certificate.rest;
    struct der_fault fault;
    struct trust trust;

    if (rest.size && trust_read(rest, &trust, &fault, &reading->remarks))
        trust_show(outline, &trust);
}

static void reading_show(struct outline *outline, struct reading *reading,
                         const struct cert_show_options *options, struct der_fault *fault)
{
    struct der_remarks *remarks = &reading->remarks;

    switch (reading->kind) {
    case CERT_CERTIFICATE:
        certificate_show(outline, &reading->certificate, remarks);
        certificate_rest_show(outline, reading);
        break;
    case CERT_PKCS10:
        request_show(outline, &reading->request, remarks);
        break;
    case CERT_KEYGEN:
        keygen_show(outline, &reading->spkac, remarks);
        break;
    case CERT_OTHER_CMS:
        outline_word(outline, "kind", "Kind", cms_kind(reading->der.data, reading->der.size));
        outline_word(outline, "notTakenApart", "Content", "not taken apart");
        break;
    case CERT_CMS:
        cms_show(outline, &reading->cms, reading->der, options, remarks, fault);
        break;
    default:
        crl_show(outline, &reading->crl, options->entries_max, remarks);
    }
}

static void show_group(struct outline *outline, const char *key, const char *label,
                       struct reading *reading, struct der_bytes data,
                       const struct cert_show_options *options, struct der_fault *fault)
{
    size_t rest = reading->kind == CERT_CERTIFICATE && !reading->converted
                      ? reading->certificate.rest.size
                      : 0;

    outline_group(outline, key, label, NULL);
    if (outline->as_json) outline_word(outline, "type", NULL, kind_names[reading->kind].type);
    if (options->origin) outline_word(outline, "from", "From", options->origin);
    reading_show(outline, reading, options, fault);
    fingerprints_show(outline, data.data, data.size - rest);
    remarks_show(outline, &reading->remarks);
    outline_close(outline);
}

bool cert_show_within(struct outline *outline, const char *key, const char *label, const void *data,
                      size_t size, const struct cert_show_options *options, struct der_fault *fault)
{
    struct reading reading;
    bool ok = reading_begin(&reading, data, size, options, fault);

    if (ok) {
        *fault = (struct der_fault){0};
        if (!label) label = kind_names[reading.kind].label;
        show_group(outline, key, label, &reading, (struct der_bytes){data, size}, options, fault);
    }
    reading_free(&reading);
    return ok;
}

bool cert_show(const void *data, size_t size, const struct cert_show_options *options,
               struct bytes *out, struct der_fault *fault)
{
    struct reading reading;
    struct outline outline;
    bool ok = reading_begin(&reading, data, size, options, fault);

    if (ok) {
        *fault = (struct der_fault){0};
        outline_begin(&outline, out, options->as_json);
        outline.full = options->full;
        outline.names = options->names;
        show_group(&outline, NULL, kind_names[reading.kind].label, &reading,
                   (struct der_bytes){data, size}, options, fault);
    }
    reading_free(&reading);
    return ok;
}
