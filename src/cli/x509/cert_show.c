#include "cert_show.h"
#include "cms_show.h"
#include "der/cms.h"
#include "der/crl.h"
#include "der/pkcs10.h"
#include "der/value.h"
#include "der/x509.h"
#include "extension_show.h"
#include "base/os.h"
#include "name_show.h"
#include "oid_name.h"
#include "request_show.h"

#include <string.h>

void algorithm_show(struct outline *outline, const char *key, const char *label, const struct algorithm *algorithm)
{
    struct der_fault fault;
    struct pss pss;

    bool has_more = algorithm_pss(algorithm, &pss, &fault);

    if (!has_more && !outline->as_json) {                       /* one line is enough */
        oid_show(outline, key, label, algorithm->oid);
        return;
    }
    outline_group(outline, key, label, NULL);
    oid_show(outline, "algorithm", "Algorithm", algorithm->oid);
    if (has_more) {
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
    der_begin(&parameters, &fault, key->algorithm.parameters.data, key->algorithm.parameters.size);
    return der_oid(&parameters, "curve", oid);
}

/* A positive number, as a number if it is none of the giants. */
static void magnitude_show(struct outline *outline, const char *key, const char *label, struct der_bytes magnitude)
{
    int64_t number = 0;

    for (size_t i = 0; i < magnitude.size && i < 7; i++) number = number << 8 | magnitude.data[i];
    if (magnitude.size < 7) outline_number(outline, key, label, number);
    else outline_hex(outline, key, label, magnitude.data, magnitude.size);
}

static void key_show(struct outline *outline, const struct public_key *key)
{
    struct der_bytes modulus, exponent, curve;
    unsigned length = public_key_length(key);
    struct der_fault fault;

    outline_group(outline, "publicKey", "Public key", NULL);
    oid_show(outline, "algorithm", "Algorithm", key->algorithm.oid);
    if (length) outline_number(outline, "length", "Length in bits", length);
    if (curve_of(key, &curve)) oid_show(outline, "curve", "Curve", curve);
    if (public_key_rsa(key, &fault, &modulus, &exponent)) {
        outline_hex(outline, "modulus", "Modulus", modulus.data, modulus.size);
        magnitude_show(outline, "exponent", "Exponent", exponent);
    } else {
        outline_hex(outline, "bits", "Bits", key->bits.data, key->bits.size);
    }
    outline_close(outline);
}

static void signature_show(struct outline *outline, const struct algorithm *algorithm, struct der_bytes signature)
{
    algorithm_show(outline, "signatureAlgorithm", "Signature algorithm", algorithm);
    outline_hex(outline, "signature", "Signature", signature.data, signature.size);
}

static void fingerprints_show(struct outline *outline, const void *data, size_t size)
{
    uint8_t sha1[20], sha256[32];

    if (SUCCEEDED(os_sha1(data, size, sha1))) plain_hex_show(outline, "sha1", "SHA-1 fingerprint", (struct der_bytes){sha1, sizeof sha1});
    if (SUCCEEDED(os_sha256(data, size, sha256)))
        plain_hex_show(outline, "sha256", "SHA-256 fingerprint", (struct der_bytes){sha256, sizeof sha256});
}

void certificate_show(struct outline *outline, const struct x509 *certificate)
{
    outline_number(outline, "version", "Version", certificate->version);
    serial_show(outline, "serialNumber", "Serial number", certificate->serial);
    name_show(outline, "subject", "Subject", certificate->subject);
    name_show(outline, "issuer", "Issuer", certificate->issuer);
    outline_time(outline, "notBefore", "Not before", certificate->not_before);
    outline_time(outline, "notAfter", "Not after", certificate->not_after);
    key_show(outline, &certificate->key);
    if (certificate->issuer_id.data)
        outline_hex(outline, "issuerUniqueID", "Issuer's unique ID", certificate->issuer_id.data, certificate->issuer_id.size);
    if (certificate->subject_id.data)
        outline_hex(outline, "subjectUniqueID", "Subject's unique ID", certificate->subject_id.data, certificate->subject_id.size);
    extensions_show(outline, false, certificate->extensions);
    signature_show(outline, &certificate->signature_algorithm, certificate->signature);
}

static void request_show(struct outline *outline, const struct pkcs10 *request)
{
    outline_number(outline, "version", "Version", 1);
    name_show(outline, "subject", "Subject", request->subject);
    key_show(outline, &request->key);
    attributes_show(outline, "attributes", "Attributes", request->attributes);
    signature_show(outline, &request->signature_algorithm, request->signature);
}

static void entry_show(struct outline *outline, const struct crl_entry *entry)
{
    outline_group(outline, NULL, "Entry", NULL);
    serial_show(outline, "serialNumber", "Serial number", entry->serial);
    outline_time(outline, "date", "Revoked", entry->date);
    extensions_show(outline, true, entry->extensions);
    outline_close(outline);
}

static void entries_show(struct outline *outline, const struct crl *crl, size_t most)
{
    struct crl_entry entry;
    struct der_fault fault;
    struct der cursor;

    outline_number(outline, "count", "Entries", (int64_t)crl->count);
    if (!most || !crl->count) return;
    outline_list(outline, "entries", most < crl->count ? "The first of them" : "All of them");
    for (crl_entries_begin(&cursor, &fault, crl); most && crl_entries_next(&cursor, &entry); most--) entry_show(outline, &entry);
    outline_close(outline);
}

static void crl_show(struct outline *outline, const struct crl *crl, size_t entries_max)
{
    outline_number(outline, "version", "Version", crl->version);
    name_show(outline, "issuer", "Issuer", crl->issuer);
    outline_time(outline, "thisUpdate", "This update", crl->this_update);
    if (crl->has_next_update) outline_time(outline, "nextUpdate", "Next update", crl->next_update);
    extensions_show(outline, false, crl->extensions);
    entries_show(outline, crl, entries_max);
    signature_show(outline, &crl->signature_algorithm, crl->signature);
}

/* What was read, of the kind that it turned out to be. */
struct event_data {
    enum cert_kind kind;
    struct x509 certificate;
    struct pkcs10 request;
    struct crl crl;
    struct cms cms;
};

static bool read_as(enum cert_kind kind, const void *data, size_t size, struct event_data *reading, struct der_fault *fault)
{
    reading->kind = kind;
    if (kind == CERT_CERTIFICATE) return x509_read(data, size, &reading->certificate, fault);
    if (kind == CERT_PKCS10) return pkcs10_read(data, size, &reading->request, fault);
    if (kind == CERT_CMS) return cms_read(data, size, &reading->cms, fault);
    return crl_read(data, size, &reading->crl, fault);
}

/* As the kind that was asked for, or as each in turn. */
static bool read_some(enum cert_kind kind, const void *data, size_t size, struct event_data *reading, struct der_fault *fault)
{
    static const enum cert_kind kinds[] = {CERT_CERTIFICATE, CERT_PKCS10, CERT_CRL};
    struct der_fault other;

    if ((kind == CERT_ANY || kind == CERT_REQUEST) && cms_kind(data, size)) kind = CERT_CMS;
    if (kind == CERT_REQUEST) kind = CERT_PKCS10;
    if (kind != CERT_ANY) return read_as(kind, data, size, reading, fault);
    *fault = (struct der_fault){0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (read_as(kinds[i], data, size, reading, &other)) return true;
        if (!fault->error || other.offset > fault->offset) *fault = other;
    }
    return false;
}

static const struct { const char *type, *label; } kind_names[] = {
    [CERT_CERTIFICATE] = {"certificate", "Certificate"}, [CERT_PKCS10] = {"request", "Request"}, [CERT_CRL] = {"crl", "CRL"},
    [CERT_CMS] = {"cms", "CMS"},
};

static void show_group(struct outline *outline, const char *key, const char *label, const struct event_data *reading, const void *data, size_t size,
                       const struct cert_show_options *options, struct der_fault *fault)
{
    outline_group(outline, key, label, NULL);
    if (outline->as_json) outline_word(outline, "type", NULL, kind_names[reading->kind].type);
    if (options->origin) outline_word(outline, "from", "From", options->origin);
    if (reading->kind == CERT_CERTIFICATE) certificate_show(outline, &reading->certificate);
    else if (reading->kind == CERT_PKCS10) request_show(outline, &reading->request);
    else if (reading->kind == CERT_CMS) cms_show(outline, &reading->cms, data, size, options->entries_max, fault);
    else crl_show(outline, &reading->crl, options->entries_max);
    fingerprints_show(outline, data, size);
    outline_close(outline);
}

bool cert_show_within(struct outline *outline, const char *key, const char *label, const void *data, size_t size,
                      const struct cert_show_options *options, struct der_fault *fault)
{
    struct event_data reading;

    if (!read_some(options->kind, data, size, &reading, fault)) return false;
    *fault = (struct der_fault){0};
    show_group(outline, key, label, &reading, data, size, options, fault);
    return true;
}

bool cert_show(const void *data, size_t size, const struct cert_show_options *options, struct bytes *out, struct der_fault *fault)
{
    struct event_data reading;
    struct outline outline;

    if (!read_some(options->kind, data, size, &reading, fault)) return false;
    *fault = (struct der_fault){0};
    outline_begin(&outline, out, options->as_json);
    outline.full = options->full;
    show_group(&outline, NULL, kind_names[reading.kind].label, &reading, data, size, options, fault);
    return true;
}
