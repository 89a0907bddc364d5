#include "cms_show.h"
#include "control_show.h"
#include "der/identifier.h"
#include "der/policy.h"
#include "der/usage.h"
#include "der/value.h"
#include "extension_show.h"
#include "base/os.h"
#include "name_show.h"
#include "request_show.h"

#include <stdio.h>
#include <string.h>

#define REQUEST_AGENT "1.3.6.1.4.1.311.20.2.1"

struct walk {
    struct outline *outline;
    struct der_bytes whole;             /* faults are counted from its start */
    const struct cert_show_options *options;
    struct der_remarks *remarks;
    struct der_fault *fault;            /* the first refusal of content */
    bool has_request;
    struct pkcs10 request;              /* the first, wherever it stands */
    unsigned depth;                     /* how many stand around this one */
};

/* `fault` counts from the start of `bytes`, and so it is shown with what it is about. */
static void cms_show_refused(struct walk *walk, const char *label, struct der_fault fault,
                             struct der_bytes bytes, bool is_content)
{
    fault.offset += (size_t)(bytes.data - walk->whole.data);
    if (is_content && !walk->fault->error) *walk->fault = fault;
    outline_group(walk->outline, NULL, label, NULL);
    refusal_show(walk->outline, &fault, (struct der_bytes){0});
    outline_number(walk->outline, "bytes", "Bytes", (int64_t)bytes.size);
    outline_close(walk->outline);
}

/* --- signers --- */

static bool has_key_id(const struct x509 *certificate, struct der_bytes key_id)
{
    struct extension extension;
    struct der_bytes content;
    struct der_fault fault;

    return extensions_find(certificate->extensions, "2.5.29.14", &extension) &&
           der_alone(extension.value, "key identifier", DER_OCTET_STRING, &content, &fault,
                     DER_BORNE) &&
           der_same(content, key_id);
}

static bool names(const struct cms_signer *signer, const struct x509 *certificate)
{
    if (!signer->issuer.size) return has_key_id(certificate, signer->key_id);
    return der_same(signer->issuer, certificate->issuer) &&
           der_same(signer->serial, certificate->serial);
}

static bool cms_show_find_certificate(const struct cms *cms, const struct cms_signer *signer,
                                      struct x509 *certificate)
{
    struct der_fault fault, other;
    struct der_value value;
    struct der cursor;

    for (cms_others_begin(&cursor, &fault, cms->certificates); cms_others_next(&cursor, &value);) {
        if (value.tag != DER_SEQUENCE ||
            !x509_read(value.whole.data, value.whole.size, certificate, &other, DER_BORNE))
            continue;
        if (names(signer, certificate)) return true;
    }
    return false;
}

static bool is_agents(const struct x509 *certificate)
{
    struct extension extension;
    struct policy policy;
    struct der_fault fault;
    struct der_bytes oid;
    struct der cursor;

    if (extensions_find(certificate->extensions, "2.5.29.37", &extension) &&
        purposes_begin(&cursor, &fault, DER_BORNE, extension.value))
        while (purposes_next(&cursor, &oid)) if (der_oid_is(oid, REQUEST_AGENT)) return true;
    if (extensions_find(certificate->extensions, "1.3.6.1.4.1.311.21.10", &extension) &&
        policies_begin(&cursor, &fault, DER_BORNE, extension.value))
        while (policies_next(&cursor, &policy))
            if (der_oid_is(policy.oid, REQUEST_AGENT)) return true;
    return false;
}

/* Does the request hold the certificate that the signer names, as the one to be renewed? */
static bool is_renewed(const struct pkcs10 *request, const struct cms_signer *signer)
{
    struct attribute attribute;
    struct x509 certificate;
    struct der_value value;
    struct der_fault fault, other;
    struct der cursor, set;

    for (attributes_begin(&cursor, &fault, request->attributes);
         attributes_next(&cursor, &attribute);) {
        if (!der_oid_is(attribute.oid, "1.3.6.1.4.1.311.13.1")) continue;
        der_begin_with(&set, &other, DER_BORNE, attribute.values.data, attribute.values.size);
        if (der_any(&set, "renewed certificate", &value) &&
            x509_read(value.whole.data, value.whole.size, &certificate, &other, DER_BORNE) &&
            names(signer, &certificate))
            return true;
    }
    return false;
}

/* The same key in both, or its SHA-1 (RFC 5280, 4.2.1.2) named by the signer. */
static bool is_own_key(const struct pkcs10 *request, const struct cms_signer *signer,
                       const struct x509 *certificate)
{
    uint8_t sha1[20];

    if (certificate && der_same(certificate->key.whole, request->key.whole)) return true;
    return !signer->issuer.size &&
           SUCCEEDED(os_sha1(request->key.bits.data, request->key.bits.size, sha1)) &&
           der_same(signer->key_id, (struct der_bytes){sha1, sizeof sha1});
}

static void signer_show(struct walk *walk, const struct cms *cms, const struct cms_signer *signer)
{
    struct outline *outline = walk->outline;
    struct x509 certificate;
    bool found = cms_show_find_certificate(cms, signer, &certificate);

    outline_group(outline, NULL, "Signer", NULL);
    outline_number(outline, "version", "Version", signer->version);
    if (signer->issuer.size) name_show(outline, "issuer", "Issuer", signer->issuer);
    if (signer->issuer.size) serial_show(outline, "serialNumber", "Serial number", signer->serial);
    else
        outline_hex(outline, "keyIdentifier", "Key identifier", signer->key_id.data,
                    signer->key_id.size);
    if (found) name_show(outline, "subject", "Subject", certificate.subject);
    if (found && is_agents(&certificate))
        outline_flag(outline, "requestAgent", "Certificate is for a request agent", true);
    if (walk->has_request && is_renewed(&walk->request, signer))
        outline_flag(outline, "renewed", "Certificate is the one to be renewed", true);
    if (walk->has_request && is_own_key(&walk->request, signer, found ? &certificate : NULL))
        outline_flag(outline, "ownKey", "Key is the request's own", true);
    algorithm_show(outline, "digestAlgorithm", "Digest algorithm", &signer->digest_algorithm);
    attributes_show(outline, "signedAttributes", "Signed attributes", signer->signed_attributes,
                    walk->remarks);
    attributes_show(outline, "unsignedAttributes", "Unsigned attributes",
                    signer->unsigned_attributes, walk->remarks);
    algorithm_show(outline, "signatureAlgorithm", "Signature algorithm",
                   &signer->signature_algorithm);
    outline_hex(outline, "signature", "Signature", signer->signature.data, signer->signature.size);
    outline_close(outline);
}

static void signers_show(struct walk *walk, const struct cms *cms)
{
    struct cms_signer signer;
    struct der_fault fault;
    struct der cursor;

    if (!cms->signers.size) return;
    outline_list(walk->outline, "signers", "Signers");
    cms_signers_begin(&cursor, &fault, cms);
    for (int i = 0; i < CMS_SIGNERS_MAX && cms_signers_next(&cursor, &signer); i++)
        signer_show(walk, cms, &signer);
    outline_close(walk->outline);
}

/* --- what is in it --- */

/* A request, certificate or CRL, as it is shown by itself. */
static void piece_show(struct walk *walk, enum cert_kind kind, const char *label,
                       const char *origin, struct der_bytes bytes)
{
    struct cert_show_options options = {
        .kind = kind,
        .origin = origin,
        .entries_max = walk->options->entries_max,
        .whole = walk->whole,
    };
    struct der_fault fault;

    if (!cert_show_within(walk->outline, NULL, label, bytes.data, bytes.size, &options, &fault))
        cms_show_refused(walk, label, fault, bytes, kind == CERT_PKCS10);
}

static const char *part_name(char text[32], uint32_t id)
{
    snprintf(text, 32, "body part %lu", (unsigned long)id);
    return text;
}

static void requests_show(struct walk *walk, const struct pki_data *pki_data)
{
    struct outline *outline = walk->outline;
    struct cmc_request request;
    struct der_fault fault;
    struct der cursor;
    char part[32];

    if (!pki_data->requests.size) return;
    outline_list(outline, "requests", "Requests");
    for (cmc_requests_begin(&cursor, &fault, pki_data); cmc_requests_next(&cursor, &request);) {
        if (request.kind == CMC_PKCS10) {
            piece_show(walk, CERT_PKCS10, "Request", part_name(part, request.id), request.request);
            continue;
        }
        outline_group(outline, NULL, "Request", NULL);
        outline_word(outline, "type", "Not taken apart",
                     request.kind == CMC_CRMF ? "CRMF" : "other");
        outline_number(outline, "bytes", "Bytes", (int64_t)request.request.size);
        outline_close(outline);
    }
    outline_close(outline);
}

static void others_show(struct walk *walk, const struct pki_data *pki_data)
{
    struct outline *outline = walk->outline;
    struct cmc_message other;
    struct der_fault fault;
    struct der cursor;

    if (!pki_data->others.size) return;
    outline_list(outline, "otherMessages", "Other messages");
    for (cmc_others_begin(&cursor, &fault, pki_data); cmc_others_next(&cursor, &other);) {
        outline_group(outline, NULL, "Message", NULL);
        outline_number(outline, "bodyPartId", "Body part", other.id);
        oid_show(outline, "messageType", "Type", other.oid);
        outline_number(outline, "bytes", "Bytes", (int64_t)other.whole.size);
        outline_close(outline);
    }
    outline_close(outline);
}

static void level_show(struct walk *walk, const struct cms *cms);

/* `read` and `fault` tell what became of reading `bytes`. Recursion is bounded by CMS_NESTED_MAX.
 */
static void nested_show(struct walk *walk, const char *origin, const struct cms *inner, bool read,
                        struct der_fault fault, struct der_bytes bytes)
{
    if (read && walk->depth + 1 == CMS_NESTED_MAX) {
        fault = (struct der_fault){.error = DER_E_DEPTH, .what = "signed data"};
        read = false;
    }
    if (!read) {
        cms_show_refused(walk, "CMS", fault, bytes, true);
        return;
    }
    outline_group(walk->outline, NULL, "CMS", NULL);
    if (walk->outline->as_json) outline_word(walk->outline, "type", NULL, "cms");
    if (origin) outline_word(walk->outline, "from", "From", origin);
    walk->depth++;
    level_show(walk, inner);
    walk->depth--;
    outline_close(walk->outline);
}

static void messages_show(struct walk *walk, const struct pki_data *pki_data)
{
    struct cmc_message message;
    struct der_fault fault, other;
    struct der cursor;
    struct cms inner;
    char part[32];

    if (!pki_data->messages.size) return;
    outline_list(walk->outline, "messages", "Messages");
    for (cmc_messages_begin(&cursor, &fault, pki_data); cmc_messages_next(&cursor, &message);) {
        bool read = cms_read(message.whole.data, message.whole.size, &inner, &other, walk->remarks);

        nested_show(walk, part_name(part, message.id), &inner, read, other, message.whole);
    }
    outline_close(walk->outline);
}

static void pki_data_show(struct walk *walk, struct der_bytes data)
{
    struct pki_data pki_data;
    struct der_fault fault;

    if (!pki_data_read(data, &pki_data, &fault, walk->remarks)) {
        outline_list(walk->outline, "requests", "Requests");
        cms_show_refused(walk, "CMC data", fault, data, true);
        outline_close(walk->outline);
        return;
    }
    controls_show(walk->outline, &pki_data, walk->remarks);
    requests_show(walk, &pki_data);
    messages_show(walk, &pki_data);
    others_show(walk, &pki_data);
}

static bool is_request(struct der_bytes bytes)
{
    struct pkcs10 request;
    struct der_fault fault;

    return pkcs10_read(bytes.data, bytes.size, &request, &fault, DER_BORNE);
}

static bool is_certificate(struct der_bytes bytes)
{
    struct x509 certificate;
    struct der_fault fault;

    return x509_read(bytes.data, bytes.size, &certificate, &fault, DER_BORNE);
}

static bool cms_show_begins_with(struct der_bytes bytes, const char *text)
{
    return bytes.size >= strlen(text) && !memcmp(bytes.data, text, strlen(text));
}

/* What plain data is that is no request, as far as its beginning tells. */
static const char *plain_kind(struct der_bytes content)
{
    if (!content.size) return "nothing";
    if (cms_show_begins_with(content, "Content-") || cms_show_begins_with(content, "MIME-Version:"))
        return "a mail message (S/MIME)";
    if (cms_show_begins_with(content, "%PDF-")) return "a PDF document";
    if (cms_show_begins_with(content, "Signature-Version:")) return "a signature file (JAR)";
    for (size_t i = 0; i < content.size && i < 256; i++)
        if (content.data[i] < ' ' && !strchr("\t\r\n", content.data[i]))
            return "data of another kind";
    return "text";
}

/* A certificate where a request was expected is refused, and shown all the same. */
static void certificate_content_show(struct walk *walk, struct der_bytes content)
{
    if (walk->options->kind == CERT_REQUEST && !walk->fault->error)
        *walk->fault = (struct der_fault){.error = DER_E_MISSING,
                                          .what = "request",
                                          .offset = (size_t)(content.data - walk->whole.data)};
    outline_list(walk->outline, "contentCertificates", "Content");
    piece_show(walk, CERT_CERTIFICATE, "Certificate", NULL, content);
    outline_close(walk->outline);
}

/* Plain data: a request, where it is one, or could have been meant to be one; a certificate; or
 * what it is. */
static void plain_show(struct walk *walk, struct der_bytes content)
{
    struct outline *outline = walk->outline;
    bool may_be =
        walk->options->kind != CERT_ANY || (content.size && content.data[0] == DER_SEQUENCE);

    if (is_request(content) || (may_be && !is_certificate(content))) {
        outline_list(outline, "requests", "Requests");
        piece_show(walk, CERT_PKCS10, "Request", NULL, content);
        outline_close(outline);
    } else if (may_be) {
        certificate_content_show(walk, content);
    } else {
        outline_word(outline, "content", "Content", plain_kind(content));
    }
}

static void content_show(struct walk *walk, const struct cms *cms)
{
    struct outline *outline = walk->outline;
    struct der_fault fault;
    struct cms inner;
    bool read;

    switch (cms_content_is(cms)) {
    case CMS_NOTHING:
        break;
    case CMS_REQUEST:
        plain_show(walk, cms->content);
        break;
    case CMS_PKI_DATA:
        pki_data_show(walk, cms->content);
        break;
    case CMS_SIGNED:
        read = cms_content_signed(cms, &inner, &fault, walk->remarks);
        outline_list(outline, "messages", "Messages");
        nested_show(walk, NULL, &inner, read, fault, cms->content);
        outline_close(outline);
        break;
    default:
        outline_word(outline, "notTakenApart", "Content", "not taken apart");
    }
}

static void enclosed_show(struct walk *walk, const char *key, const char *heading,
                          enum cert_kind kind, const char *label, struct der_bytes list)
{
    struct der_fault fault;
    struct der_value value;
    struct der cursor;

    if (!list.size) return;
    outline_list(walk->outline, key, heading);
    for (cms_others_begin(&cursor, &fault, list); cms_others_next(&cursor, &value);)
        piece_show(walk, kind, label, NULL, value.whole);
    outline_close(walk->outline);
}

static void algorithms_show(struct walk *walk, const struct cms *cms)
{
    struct algorithm algorithm;
    struct der_fault fault;
    struct der cursor;

    if (!cms->digest_algorithms.size) return;
    outline_list(walk->outline, "digestAlgorithms", "Digest algorithms");
    der_begin_with(&cursor, &fault, DER_BORNE, cms->digest_algorithms.data,
                   cms->digest_algorithms.size);
    while (der_more(&cursor) && algorithm_read(&cursor, "digest algorithm", &algorithm))
        oid_show(walk->outline, NULL, NULL, algorithm.oid);
    outline_close(walk->outline);
}

static void level_show(struct walk *walk, const struct cms *cms)
{
    outline_number(walk->outline, "version", "Version", cms->version);
    oid_show(walk->outline, "contentType", "Type of the content", cms->content_type);
    if (cms->has_content)
        outline_number(walk->outline, "contentBytes", "Bytes of the content",
                       (int64_t)cms->content.size);
    algorithms_show(walk, cms);
    signers_show(walk, cms);
    content_show(walk, cms);
    enclosed_show(walk, "certificates", "Certificates", CERT_CERTIFICATE, "Certificate",
                  cms->certificates);
    enclosed_show(walk, "crls", "CRLs", CERT_CRL, "CRL", cms->crls);
}

void cms_show(struct outline *outline, const struct cms *cms, struct der_bytes data,
              const struct cert_show_options *options, struct der_remarks *remarks,
              struct der_fault *fault)
{
    struct walk walk = {
        .outline = outline, .whole = data, .options = options, .remarks = remarks, .fault = fault};
    struct der_fault other;

    walk.has_request = pkcs10_unwrap(data.data, data.size, &walk.request, &other, DER_BORNE);
    if (!outline->as_json) outline_word(outline, NULL, "Kind", "signed data");
    level_show(&walk, cms);
}
