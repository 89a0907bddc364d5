/* Who signed a request. */
#include "signers.h"

#include "chain.h"
#include "properties.h"
#include "request_attributes.h"
#include "signature.h"
#include "stubca/base/der_write.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"
#include "der/identifier.h"
#include "der/policy.h"
#include "der/usage.h"
#include "der/x509.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

#define OID_NO_SIGNATURE "1.3.6.1.5.5.7.6.2"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define OID_RENEWAL_CERTIFICATE "1.3.6.1.4.1.311.13.1"
#define OID_ARCHIVED_KEY "1.3.6.1.4.1.311.21.13"
#define OID_ENCRYPTED_KEY_HASH "1.3.6.1.4.1.311.21.21"
#define OID_SHA1 "1.3.14.3.2.26"
#define OID_PURPOSES "2.5.29.37"
#define OID_ANY_PURPOSE "2.5.29.37.0"
#define OID_POLICIES "2.5.29.32"
#define OID_APPLICATION_POLICIES "1.3.6.1.4.1.311.21.10"

enum { SIGNERS_KNOWN, SIGNERS_CHAINED, SIGNERS_ANY };           /* of CHOICE_SIGNERS */

/* One signer of one layer. */
struct signing {
    const struct ca *ca;
    const struct request *request;
    const struct cms *cms;
    const struct cms_signer *signer;
    char digest[DER_OID_TEXT], algorithm[DER_OID_TEXT];
    struct certificate *certificate;    /* owned; NULL: it is the request's own key, or nobody's */
    struct chain chain;                 /* of the certificate; owned */
    bool is_agent;                      /* it may enroll on behalf of others */
};

/* Whom a layer names as the requester. */
struct naming {
    char *name;                         /* owned; NULL: nobody */
    bool by_agent;                      /* an enrollment agent signed this name */
};

/* The values of the first attribute of that type; nothing: there is none. */
static struct der_bytes find_attribute(struct der_bytes list, const char *oid)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    for (attributes_begin(&cursor, &fault, list); attributes_next(&cursor, &attribute);) {
        if (der_oid_is(attribute.oid, oid)) return attribute.values;
    }
    return (struct der_bytes){0};
}

/* ---- the signature ---- */

static bool is_hash_of(const char *oid, struct der_bytes message, struct der_bytes hash)
{
    unsigned char digest[DIGEST_MAX];
    struct reason reason;
    size_t size;

    return SUCCEEDED(digest_make(oid, message, digest, &size, &reason)) &&
           der_same(hash, (struct der_bytes){digest, size});
}

/* Signed attributes must have the hash of the content. */
static bool is_of_content(const struct signing *signing)
{
    struct der_bytes hash, values = find_attribute(signing->signer->signed_attributes,
                                                   OID_MESSAGE_DIGEST);
    struct der_fault fault;

    return der_alone(values, "message digest", DER_OCTET_STRING, &hash, &fault, NULL) &&
           is_hash_of(signing->digest, signing->cms->content, hash);
}

static HRESULT verify_message(const struct signing *signing, struct der_bytes message,
                              struct reason *reason)
{
    const struct public_key *key = &signing->request->pkcs10.key;
    struct der_fault fault;
    struct x509 x509;

    if (!strcmp(signing->algorithm, OID_NO_SIGNATURE)) {
        if (is_hash_of(signing->digest, message, signing->signer->signature)) return S_OK;
        return text_reason(reason, CRYPT_E_HASH_VALUE,
                           "what stands for a signature is not the hash of what was sent");
    }
    if (signing->certificate) {
        if (!x509_read(signing->certificate->raw.data, signing->certificate->raw.size, &x509,
                       &fault, DER_BORNE))
            return CRYPT_E_ASN1_ERROR;
        key = &x509.key;
    }
    return signature_verify(&(struct signature){"signer", key, signing->algorithm, signing->digest,
                                                message, signing->signer->signature},
                            reason);
}

/* What is signed is the content, or the set of attributes that has its hash. */
static HRESULT signers_verify(const struct signing *signing, struct reason *reason)
{
    struct der_bytes attributes = signing->signer->signed_attributes;
    struct der_writer set = {0};
    HRESULT hr;

    if (!attributes.size) return verify_message(signing, signing->cms->content, reason);
    if (!is_of_content(signing))
        return text_reason(reason, CRYPT_E_HASH_VALUE,
                           "the signer's attributes do not have the hash of what was sent");
    der_put(&set, DER_SET, attributes.data, attributes.size);
    hr = verify_message(signing, (struct der_bytes){set.data, set.size}, reason);
    free(set.data);
    return hr;
}

/* ---- the certificate ---- */

static bool names_serial(const struct cms_signer *signer, const struct certificate *certificate)
{
    char *serial = hex_of(signer->serial);
    bool same =
        !strcmp(serial, certificate->serial) && der_same(signer->issuer, certificate->raw_issuer);

    free(serial);
    return same;
}

static bool names_key(const struct cms_signer *signer, const struct subject *subject)
{
    char *id = hex_of(signer->key_id);
    bool same = signer->key_id.size && !strcmp(id, subject->key_identifier);

    free(id);
    return same;
}

/* Keep it if it is the signer's. */
static bool take_certificate(struct signing *signing, struct der_bytes der)
{
    struct certificate *certificate;
    struct reason reason;

    if (FAILED(certificate_read(der.data, der.size, &certificate, &reason))) return false;
    if (signing->signer->issuer.size ? names_serial(signing->signer, certificate)
                                     : names_key(signing->signer, &certificate->subject)) {
        signing->certificate = certificate;
        return true;
    }
    certificate_free(certificate);
    return false;
}

/* Among those that came along, and then in the database: a client need not send what the CA has. */
static bool signers_find_certificate(struct signing *signing)
{
    int raw = property_find("RawCertificate");
    struct der_value other;
    struct der_fault fault;
    struct der cursor;

    for (cms_others_begin(&cursor, &fault, signing->cms->certificates);
         cms_others_next(&cursor, &other);) {
        if (other.tag == DER_SEQUENCE && take_certificate(signing, other.whole)) return true;
    }
    for (LONG id = 1; id <= rows_last(signing->ca->rows); id++) {
        const struct row *row = rows_find(signing->ca->rows, id);
        const struct value *value = row ? row_value(row, HALF_CERTIFICATE, raw) : NULL;

        if (value && take_certificate(signing, (struct der_bytes){value->data, value->size}))
            return true;
    }
    return false;
}

static HRESULT signers_check_certificate(struct signing *signing, struct reason *reason)
{
    const struct certificate *certificate = signing->certificate;
    int choice = signing->ca->choices.chosen[CHOICE_SIGNERS];
    HRESULT hr = chain_check_certificate(signing->ca, certificate, reason);

    if (FAILED(hr) || choice == SIGNERS_ANY) return hr;
    if (choice == SIGNERS_KNOWN &&
        chain_disposition(signing->ca, certificate) != DB_DISP_ISSUED)
        return text_reason(reason, CERT_E_UNTRUSTEDROOT,
                           "the signer's certificate is none that this CA has issued");
    return chain_build(signing->ca, certificate, signing->cms->certificates, &signing->chain,
                       reason);
}

/* ---- who it is ---- */

static bool has_line(const char *lines, const char *wanted)
{
    size_t size = strlen(wanted);

    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");

        if (length == size && !memcmp(lines, wanted, size)) return true;
        lines += length + (lines[length] == '\n');
    }
    return false;
}

/* Put a line behind those there are, unless it is there already. */
static void signers_add_line(char **lines, struct der_bytes oid)
{
    char text[DER_OID_TEXT], *longer;

    if (!der_oid_text(oid, text, sizeof text) || has_line(*lines, text)) return;
    longer = *lines ? text_format("%s\n%s", *lines, text) : heap_text(text);
    free(*lines);
    *lines = longer;
}

/* Adds the OIDs of an extension of policies, of either kind. Returns false if there is none. */
static bool add_policies(const struct certificate *certificate, const char *kind, char **lines)
{
    const struct subject_extension *extension = subject_extension(&certificate->subject, kind);
    struct der_fault fault;
    struct policy policy;
    struct der cursor;

    if (!extension) return false;
    if (policies_begin(&cursor, &fault, DER_BORNE, extension->value))
        while (policies_next(&cursor, &policy)) signers_add_line(lines, policy.oid);
    return true;
}

/* Adds the purposes, and Microsoft's application policies, which are the same by another name.
 * Returns false if the certificate has neither: it is for any purpose. */
static bool add_purposes(const struct certificate *certificate, char **lines)
{
    const struct subject_extension *extension =
        subject_extension(&certificate->subject, OID_PURPOSES);
    struct der_fault fault;
    struct der_bytes oid;
    struct der cursor;

    if (extension && purposes_begin(&cursor, &fault, DER_BORNE, extension->value))
        while (purposes_next(&cursor, &oid)) signers_add_line(lines, oid);
    return add_policies(certificate, OID_APPLICATION_POLICIES, lines) || extension;
}

/* An issuer that has purposes can give no others. */
static bool may_make_agents(const struct certificate *issuer)
{
    char *purposes = NULL;
    bool may = !add_purposes(issuer, &purposes) || has_line(purposes, OID_ENROLLMENT_AGENT) ||
               has_line(purposes, OID_ANY_PURPOSE);

    free(purposes);
    return may;
}

/* Named as an agent, and not just as good for anything. */
static bool is_agents(const struct signing *signing)
{
    char *purposes = NULL;
    bool is;

    add_purposes(signing->certificate, &purposes);
    is = has_line(purposes, OID_ENROLLMENT_AGENT);
    free(purposes);
    for (size_t i = 0; i < signing->chain.count; i++)
        is = is && may_make_agents(signing->chain.links[i]);
    return is;
}

/* The old certificate, which stands in the request or with the signer; it is the one that was
 * signed with. */
static struct der_bytes renewed(const struct request *request, const struct cms_signer *signer)
{
    struct der_bytes values = find_attribute(request->pkcs10.attributes, OID_RENEWAL_CERTIFICATE);

    return values.size || !signer
               ? values
               : find_attribute(signer->signed_attributes, OID_RENEWAL_CERTIFICATE);
}

/* Takes the hash of the encrypted key out of a list of attributes. Returns false if it is there. */
static bool take_key_hash(void *argument, struct der_bytes list)
{
    struct der_bytes values = find_attribute(list, OID_ENCRYPTED_KEY_HASH), *hash = argument;
    struct der_fault fault;

    return !der_alone(values, "hash of the key", DER_OCTET_STRING, hash, &fault, NULL);
}

/* The hash is in the request, or in CMC's control that adds attributes to it, as in the sample that
 * Microsoft publishes. There it is the SHA-1 of the whole encrypted key. */
static void take_archived_key(const struct signing *signing, struct signers *signers)
{
    struct der_bytes key = find_attribute(signing->signer->unsigned_attributes, OID_ARCHIVED_KEY);
    struct der_bytes hash = {0};

    if (!key.size || signers->archived_key.size) return;
    signers->archived_key = key;
    if (take_key_hash(&hash, signing->request->pkcs10.attributes))
        wrapping_attributes(&signing->request->wrapping, take_key_hash, &hash);
    signers->archived_key_is_named = hash.size && is_hash_of(OID_SHA1, key, hash);
}

static void take_holder(struct signing *signing, struct signers *signers)
{
    struct der_bytes old = renewed(signing->request, signing->signer);

    signing->is_agent = is_agents(signing);
    add_purposes(signing->certificate, &signers->purposes);
    add_policies(signing->certificate, OID_POLICIES, &signers->policies);
    if (old.size && der_same(old, signing->certificate->raw)) signers->old_certificate = old;
}

static HRESULT check_signer(struct signing *signing, struct signers *signers, struct reason *reason)
{
    HRESULT hr;

    if (!der_oid_text(signing->signer->digest_algorithm.oid, signing->digest, DER_OID_TEXT) ||
        !der_oid_text(signing->signer->signature_algorithm.oid, signing->algorithm, DER_OID_TEXT))
        return text_reason(reason, NTE_BAD_ALGID,
                           "the OID of the signer's algorithm is longer than any known");
    if (strcmp(signing->algorithm, OID_NO_SIGNATURE) &&
        !names_key(signing->signer, &signing->request->subject) &&
        !signers_find_certificate(signing))
        return text_reason(reason, CRYPT_E_SIGNER_NOT_FOUND,
                           "the signer's certificate is not there");
    if (FAILED(hr = signers_verify(signing, reason))) return hr;
    take_archived_key(signing, signers);
    if (!signing->certificate) return S_OK;
    if (FAILED(hr = signers_check_certificate(signing, reason))) return hr;
    take_holder(signing, signers);
    return S_OK;
}

/* A name takes the place of the one before it, and of the one who signed that. Takes `name`, which
 * may be NULL, over. */
static void take_name(struct naming *naming, char *name, bool by_agent)
{
    if (!name) return;
    free(naming->name);
    *naming = (struct naming){name, by_agent};
}

/* The layer's last name counts: that of its controls, signed by all, or of a signer's attributes,
 * signed by that one. */
static HRESULT check_layer(const struct ca *ca, const struct request *request,
                           const struct wrapping_layer *layer, struct signers *signers,
                           struct naming *naming, struct reason *reason)
{
    const struct cms *cms = &layer->cms;
    struct cms_signer signer;
    struct der_fault fault;
    struct der cursor;
    HRESULT hr = S_OK;
    bool by_agent = false;

    cms_signers_begin(&cursor, &fault, cms);
    for (int n = 0; SUCCEEDED(hr) && n < CMS_SIGNERS_MAX && cms_signers_next(&cursor, &signer);
         n++) {
        struct signing signing = {.ca = ca, .request = request, .cms = cms, .signer = &signer};

        hr = check_signer(&signing, signers, reason);
        by_agent = by_agent || signing.is_agent;
        take_name(naming, requester_in_signer(&signer), signing.is_agent);
        chain_free(&signing.chain);
        certificate_free(signing.certificate);
    }
    if (!naming->name) take_name(naming, requester_in_controls(layer), by_agent);
    return hr;
}

HRESULT signers_check(const struct ca *ca, const struct request *request, struct signers *signers,
                      struct reason *reason)
{
    HRESULT hr = S_OK;

    *signers = (struct signers){.by_agent = false};
    for (size_t i = 0; SUCCEEDED(hr) && i < request->wrapping.count; i++) {
        struct naming naming = {0};

        hr = check_layer(ca, request, &request->wrapping.layers[i], signers, &naming, reason);
        if (signers->on_behalf_of) {                            /* an outer layer's name counts */
            free(naming.name);
        } else {
            signers->on_behalf_of = naming.name;
            signers->by_agent = naming.by_agent;
        }
    }
    if (FAILED(hr)) return hr;
    if (renewed(request, NULL).size && !signers->old_certificate.size)
        return text_reason(
            reason, CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE,
            "the certificate that the request would renew is not one that it was signed with");
    return S_OK;
}

void signers_free(struct signers *signers)
{
    free(signers->on_behalf_of);
    free(signers->policies);
    free(signers->purposes);
}
