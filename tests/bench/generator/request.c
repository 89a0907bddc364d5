#include "request.h"

#include "der_put.h"
#include "parts.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define DATA               "1.2.840.113549.1.7.1"
#define SIGNED_DATA        "1.2.840.113549.1.7.2"
#define PKI_DATA           "1.3.6.1.5.5.7.12.2"
#define CONTENT_TYPE       "1.2.840.113549.1.9.3"
#define MESSAGE_DIGEST     "1.2.840.113549.1.9.4"
#define EXTENSION_REQUEST  "1.2.840.113549.1.9.14"
#define SHA256_OID         "2.16.840.1.101.3.4.2.1"
#define REGISTRATION_INFO  "1.3.6.1.5.5.7.7.18"

/* The certificate that a request is signed with besides: the one to be renewed, or the agent's. */
struct signing {
    const struct issue *issue;
    struct key key;
    struct bytes certificate;           /* owned */
    bool behalf;
};

/* ---- attributes ---- */

static void put_attribute(struct bytes *out, const char *oid, const struct bytes *value)
{
    size_t whole = put_open(out, TAG_SEQUENCE), set;

    put_oid(out, oid);
    set = put_open(out, TAG_SET);
    bytes_add(out, value->data, value->size);
    if (value->failed) bytes_fail(out);
    put_close(out, set);
    put_close(out, whole);
}

static void put_os_version(struct bytes *out)
{
    struct bytes value = {0};

    put_text(&value, TAG_IA5, "10.0.20348.2");
    put_attribute(out, MS "13.2.3", &value);
    bytes_free(&value);
}

static void put_client(struct bytes *out, const struct issue *issue)
{
    struct bytes value = {0};
    size_t whole = put_open(&value, TAG_SEQUENCE);

    put_number(&value, issue->client);
    put_text(&value, TAG_UTF8, issue->machine);
    put_text(&value, TAG_UTF8, issue->user);
    put_text(&value, TAG_UTF8, issue->process);
    put_close(&value, whole);
    put_attribute(out, MS "21.20", &value);
    bytes_free(&value);
}

static void put_provider(struct bytes *out)
{
    struct bytes value = {0};
    size_t whole = put_open(&value, TAG_SEQUENCE);

    put_number(&value, 0);
    put_bmp(&value, "Microsoft Software Key Storage Provider");
    put_bits(&value, "", 0);
    put_close(&value, whole);
    put_attribute(out, MS "13.2.2", &value);
    bytes_free(&value);
}

/* An attribute extensionRequest around extensions, if there are any. */
static void put_asked(struct bytes *out, const struct bytes *extensions)
{
    struct bytes value = {0};
    size_t list = put_open(&value, TAG_SEQUENCE);

    bytes_add(&value, extensions->data, extensions->size);
    put_close(&value, list);
    if (extensions->size) put_attribute(out, EXTENSION_REQUEST, &value);
    bytes_free(&value);
}

static void put_extension_requests(struct bytes *out, const struct issue *issue)
{
    struct bytes extensions = {0};

    for (int i = 0; i < 4; i++) {
        if (i == 0) parts_put_template(&extensions, issue->template);
        if (i == 1) parts_put_alternative_names(&extensions, issue->request_names);
        if (i == 2) parts_put_sid(&extensions, issue->request_sid);
        if (i == 3) parts_put_policies(&extensions, MS "21.10", issue->request_application_policies);
        if (issue->form != FORM_SEVERAL && i < 3) continue;
        put_asked(out, &extensions);
        bytes_reset(&extensions, 4096);
    }
    bytes_free(&extensions);
}

/* ---- PKCS #10 ---- */

static void put_pkcs10(struct bytes *out, const struct issue *issue, const struct key *key, const struct signing *renewed)
{
    struct bytes info = {0}, signature = {0};
    size_t whole = put_open(&info, TAG_SEQUENCE), attributes;

    put_number(&info, 0);
    parts_put_subject(&info, issue->request_cn, *issue->request_cn ? issue->ou : "");
    bytes_add(&info, key->spki, key->spki_size);
    attributes = put_open(&info, TAG_CONSTRUCTED);
    if (issue->client) {
        put_os_version(&info);
        put_client(&info, issue);
        put_provider(&info);
    }
    if (renewed) put_attribute(&info, MS "13.1", &renewed->certificate);
    put_extension_requests(&info, issue);
    put_close_set(&info, attributes);
    put_close(&info, whole);

    whole = put_open(out, TAG_SEQUENCE);
    bytes_add(out, info.data, info.size);
    key_put_algorithm(key, issue->sha1, out);
    key_sign(key, issue->sha1, info.data, info.size, &signature);
    put_bits(out, signature.data, signature.size);
    if (info.failed || signature.failed) bytes_fail(out);
    put_close(out, whole);
    bytes_free(&info);
    bytes_free(&signature);
}

/* ---- CMS ---- */

static void put_digest_algorithm(struct bytes *out)
{
    size_t whole = put_open(out, TAG_SEQUENCE);

    put_oid(out, SHA256_OID);
    put_close(out, whole);
}

static void put_name_value(struct bytes *out, const char *name, const char *value)
{
    struct bytes pair = {0};
    size_t whole = put_open(&pair, TAG_SEQUENCE);

    put_bmp(&pair, name);
    put_bmp(&pair, value);
    put_close(&pair, whole);
    put_attribute(out, MS "13.2.1", &pair);
    bytes_free(&pair);
}

/* The signed attributes as they are signed: a SET. `target`: for whom an agent requests; NULL: not said here. */
static void put_signed_attributes(struct bytes *out, const char *type, const struct bytes *content, const char *target)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    struct bytes value = {0};
    size_t set = put_open(out, TAG_SET);

    put_oid(&value, type);
    put_attribute(out, CONTENT_TYPE, &value);
    bytes_reset(&value, 4096);
    SHA256((const unsigned char *)content->data, content->size, hash);
    put_value(&value, TAG_OCTETS, hash, sizeof hash);
    put_attribute(out, MESSAGE_DIGEST, &value);
    if (target) put_name_value(out, "requestername", target);
    put_close_set(out, set);
    bytes_free(&value);
}

/* `by` NULL: the signer is known by the identifier of its key. */
static void put_signer(struct bytes *out, const struct authority *authority, const struct signing *by, const struct key *key,
                       const char *type, const struct bytes *content, const char *target)
{
    struct bytes attributes = {0}, signature = {0};
    unsigned char id[20], serial[SERIAL_SIZE];
    size_t whole = put_open(out, TAG_SEQUENCE), who, at;

    put_number(out, by ? 1 : 3);
    if (by) {
        who = put_open(out, TAG_SEQUENCE);
        authority_put_name(out);
        authority_serial(authority, by->issue->number, serial);
        put_positive(out, serial, sizeof serial);
        put_close(out, who);
    } else {
        key_identifier(key, id);
        put_value(out, TAG_CONTEXT, id, sizeof id);
    }
    put_digest_algorithm(out);
    put_signed_attributes(&attributes, type, content, target);
    key_sign(key, false, attributes.data, attributes.size, &signature);
    at = out->size;
    bytes_add(out, attributes.data, attributes.size);
    if (!out->failed) out->data[at] = (char)TAG_CONSTRUCTED;
    key_put_algorithm(key, false, out);
    put_value(out, TAG_OCTETS, signature.data, signature.size);
    put_close(out, whole);
    bytes_free(&attributes);
    bytes_free(&signature);
}

/* A ContentInfo of SignedData: signed by `own` if there is one, by `by` if there is one. */
static void put_signed_data(struct bytes *out, const struct authority *authority, const char *type, const struct bytes *content,
                            const struct key *own, const struct signing *by, const char *target)
{
    size_t info = put_open(out, TAG_SEQUENCE), explicit, data, at, inside;

    put_oid(out, SIGNED_DATA);
    explicit = put_open(out, TAG_CONSTRUCTED);
    data = put_open(out, TAG_SEQUENCE);
    put_number(out, strcmp(type, DATA) ? 3 : 1);
    at = put_open(out, TAG_SET);
    put_digest_algorithm(out);
    put_close(out, at);
    at = put_open(out, TAG_SEQUENCE);
    put_oid(out, type);
    inside = put_open(out, TAG_CONSTRUCTED);
    put_value(out, TAG_OCTETS, content->data, content->size);
    put_close(out, inside);
    put_close(out, at);
    if (by) put_value(out, TAG_CONSTRUCTED, by->certificate.data, by->certificate.size);
    at = put_open(out, TAG_SET);
    if (own) put_signer(out, authority, NULL, own, type, content, NULL);
    if (by) put_signer(out, authority, by, &by->key, type, content, target);
    put_close_set(out, at);
    put_close(out, data);
    put_close(out, explicit);
    put_close(out, info);
}

/* ---- CMC ---- */

static void put_registration_info(struct bytes *out, const struct issue *issue, bool behalf)
{
    size_t whole = put_open(out, TAG_SEQUENCE), set, value;
    char text[256], requester[96] = "";
    const char *slash = strchr(issue->requester, '\\');

    if (slash) snprintf(requester, sizeof requester, "%.*s%%5C%s", (int)(slash - issue->requester), issue->requester, slash + 1);
    snprintf(text, sizeof text, "CertificateTemplate=%s&%s%s%s", issue->template->name, behalf ? "RequesterName=" : "",
             behalf ? requester : "", behalf ? "&" : "");
    put_number(out, 2);
    put_oid(out, REGISTRATION_INFO);
    set = put_open(out, TAG_SET);
    value = put_open(out, TAG_OCTETS);
    bytes_add_text(out, text);
    put_close(out, value);
    put_close(out, set);
    put_close(out, whole);
}

static void put_cmc(struct bytes *out, const struct authority *authority, const struct issue *issue, const struct key *key,
                    const struct signing *by)
{
    struct bytes content = {0};
    size_t whole = put_open(&content, TAG_SEQUENCE), list = put_open(&content, TAG_SEQUENCE), tagged;
    bool behalf = by && by->behalf;

    put_registration_info(&content, issue, behalf);
    put_close(&content, list);
    list = put_open(&content, TAG_SEQUENCE);
    tagged = put_open(&content, TAG_CONSTRUCTED);
    put_number(&content, 1);
    put_pkcs10(&content, issue, key, by && !behalf ? by : NULL);
    put_close(&content, tagged);
    put_close(&content, list);
    for (int i = 0; i < 2; i++) {
        list = put_open(&content, TAG_SEQUENCE);
        put_close(&content, list);
    }
    put_close(&content, whole);
    put_signed_data(out, authority, PKI_DATA, &content, key, by, NULL);
    bytes_free(&content);
}

static void put_pkcs7(struct bytes *out, const struct authority *authority, const struct issue *issue, const struct key *key,
                      const struct signing *by)
{
    struct bytes content = {0};

    put_pkcs10(&content, issue, key, by->behalf ? NULL : by);
    put_signed_data(out, authority, DATA, &content, NULL, by, by->behalf ? issue->requester : NULL);
    bytes_free(&content);
}

void request_put(const struct authority *authority, const struct issue *issue, const struct key *key, struct bytes *out)
{
    struct signing by = {.issue = issue->other, .behalf = form_is_behalf(issue->form)};

    if (issue->other) {
        key_make(&by.key, issue->other->key_kind, issue->other->key_number);
        authority_issue(authority, issue->other, &by.key, &by.certificate);
    }
    switch (issue->form) {
    case FORM_UNREADABLE: bytes_add_text(out, "0 this is no request"); break;
    case FORM_CMC: put_cmc(out, authority, issue, key, NULL); break;
    case FORM_CMC_RENEWAL: case FORM_CMC_BEHALF: put_cmc(out, authority, issue, key, &by); break;
    case FORM_PKCS7_RENEWAL: case FORM_PKCS7_BEHALF: put_pkcs7(out, authority, issue, key, &by); break;
    default: put_pkcs10(out, issue, key, NULL); break;
    }
    bytes_free(&by.certificate);
}
