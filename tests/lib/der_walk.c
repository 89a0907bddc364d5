#include "der_walk.h"
#include "der/ber.h"
#include "der/identifier.h"
#include "der/location.h"
#include "der/microsoft.h"
#include "der/name.h"
#include "der/name_constraints.h"
#include "der/policy.h"
#include "der/spkac.h"
#include "der/text.h"
#include "der/usage.h"
#include "der/value.h"
#include "base/utf8.h"
#include "cli/x509/cert_show.h"

#include <stdlib.h>

static const unsigned char *start, *end;
static struct der_remarks *remarks;     /* NULL: strictly */

void must(bool ok)
{
    if (!ok) abort();
}

void walk_begin(const void *data, size_t size)
{
    start = data;
    end = start + size;
    remarks = NULL;
}

struct der_remarks *walk_with_remarks(void)
{
    static struct der_remarks own;

    der_remarks_begin(&own, start, (size_t)(end - start));
    return remarks = &own;
}

/* Each has a place in the input and a sentence; what is read strictly has none but those that a strict reader bears. */
void walk_remarks(bool is_strict)
{
    char text[256];

    must(!der_borne.count);
    for (size_t i = 0; i < der_remarks_listed(remarks); i++) {
        must(remarks->list[i].offset <= (size_t)(end - start));
        must(!is_strict || remarks->list[i].error >= DER_R_TIME_EARLY);
        der_remark_text(&remarks->list[i], text, sizeof text);
    }
}

void within(struct der_bytes view)
{
    must(!view.size || (view.data >= start && view.data <= end && view.size <= (size_t)(end - view.data)));
}

/* What a reading of `value` left: a reason whose place exists, if it was refused. */
static void told(bool ok, const struct der_fault *fault, struct der_bytes value)
{
    char text[256];

    must(ok == !fault->error && fault->offset <= value.size);
    der_fault_text(fault, text, sizeof text);
}

static void walk_text(const struct der_value *value)
{
    char text[64];

    within(value->whole);
    within(value->content);
    must(der_text(value->tag, value->content, text, sizeof text, NULL) <= 3 * value->content.size);
}

static void walk_parts(struct name_cursor *cursor)
{
    struct name_part part;

    while (name_next(cursor, &part)) {
        within(part.type);
        walk_text(&part.value);
    }
    must(!cursor->fault.error);
}

static void walk_name(struct der_bytes name)
{
    struct name_cursor cursor;
    char text[64];

    within(name);
    name_begin(&cursor, name);
    walk_parts(&cursor);
    must(name_text(name, text, sizeof text) == name_text(name, NULL, 0));
}

static void walk_set(struct der_bytes set)
{
    struct name_cursor cursor;
    char text[64];

    within(set);
    name_begin_set(&cursor, set);
    walk_parts(&cursor);
    must(name_set_text(set, text, sizeof text) == name_set_text(set, NULL, 0));
}

static void walk_general_name(const struct general_name *name)
{
    struct der_bytes text, realm, parts;
    struct der_fault fault;
    struct der cursor;

    within(name->content);
    within(name->type);
    within(name->value.whole);
    if (name->kind == GENERAL_NAME_DIRECTORY) walk_name(name->content);
    if (general_name_upn(name, &text)) within(text);
    if (general_name_sid(name, &text)) within(text);
    if (general_name_guid(name, &text)) within(text), must(text.size == 16);
    if (general_name_kerberos(name, &realm, &parts)) {
        within(realm);
        for (kerberos_begin(&cursor, &fault, parts); kerberos_next(&cursor, &text);) within(text);
        must(!fault.error);
    }
}

/* A list that was checked: nothing in it is refused. */
static void walk_names(struct der_bytes list)
{
    struct general_name name;
    struct der_fault fault;
    struct der cursor;

    within(list);
    for (general_names_in(&cursor, &fault, list); general_names_next(&cursor, &name);) walk_general_name(&name);
    must(!fault.error);
}

static void walk_as_names(struct der_bytes value)
{
    struct general_name name;
    struct der_fault fault;
    struct der cursor;

    if (general_names_begin(&cursor, &fault, remarks, value)) while (general_names_next(&cursor, &name)) walk_general_name(&name);
    told(!fault.error, &fault, value);
}

static void walk_as_usage(struct der_bytes value)
{
    struct basic_constraints basic;
    struct der_fault fault;
    struct der_bytes oid;
    struct der cursor;
    uint32_t bits;

    told(basic_constraints_read(value, &basic, &fault, remarks), &fault, value);
    within(basic.path_length);
    told(key_usage_read(value, &bits, &fault, remarks), &fault, value);
    if (purposes_begin(&cursor, &fault, remarks, value)) while (purposes_next(&cursor, &oid)) within(oid);
    told(!fault.error, &fault, value);
}

static void walk_qualifiers(struct der_bytes list)
{
    struct policy_qualifier qualifier;
    struct der_fault fault;
    struct der cursor;

    within(list);
    for (policy_qualifiers_begin(&cursor, &fault, list); policy_qualifiers_next(&cursor, &qualifier);) {
        within(qualifier.oid);
        within(qualifier.cps);
        within(qualifier.numbers);
        walk_text(&qualifier.text);
        walk_text(&qualifier.organization);
        within(qualifier.other.whole);
    }
    must(!fault.error);
}

static void walk_as_policies(struct der_bytes value)
{
    struct policy_constraints constraints;
    struct policy_mapping mapping;
    struct der_fault fault;
    struct policy policy;
    struct der cursor;

    if (policies_begin(&cursor, &fault, remarks, value)) {
        while (policies_next(&cursor, &policy)) within(policy.oid), walk_qualifiers(policy.qualifiers);
    }
    told(!fault.error, &fault, value);
    if (policy_mappings_begin(&cursor, &fault, remarks, value)) {
        while (policy_mappings_next(&cursor, &mapping)) within(mapping.issuer), within(mapping.subject);
    }
    told(!fault.error, &fault, value);
    told(policy_constraints_read(value, &constraints, &fault, remarks), &fault, value);
    within(constraints.require_explicit);
    within(constraints.inhibit_mapping);
}

static void walk_subtrees(struct der_bytes list)
{
    struct subtree subtree;
    struct der_fault fault;
    struct der cursor;

    within(list);
    for (subtrees_begin(&cursor, &fault, list); subtrees_next(&cursor, &subtree);) {
        walk_general_name(&subtree.base);
        within(subtree.minimum);
        within(subtree.maximum);
    }
    must(!fault.error);
}

static void walk_as_locations(struct der_bytes value)
{
    struct access_description description;
    struct distribution_point point;
    struct issuing_point issuing;
    struct der_fault fault;
    struct der cursor;

    if (distribution_points_begin(&cursor, &fault, remarks, value)) {
        while (distribution_points_next(&cursor, &point)) walk_names(point.names), walk_set(point.relative), walk_names(point.issuer);
    }
    told(!fault.error, &fault, value);
    told(issuing_point_read(value, &issuing, &fault, remarks), &fault, value);
    walk_names(issuing.names);
    walk_set(issuing.relative);
    if (access_descriptions_begin(&cursor, &fault, remarks, value)) {
        while (access_descriptions_next(&cursor, &description)) within(description.method), walk_general_name(&description.location);
    }
    told(!fault.error, &fault, value);
}

static void walk_as_identifiers(struct der_bytes value)
{
    static const uint32_t tags[] = {DER_OCTET_STRING, DER_INTEGER, DER_ENUMERATED, DER_OID};
    struct name_constraints constraints;
    struct authority_key authority;
    struct der_fault fault;
    struct der_bytes content;
    int64_t number;

    told(authority_key_read(value, &authority, &fault, remarks), &fault, value);
    within(authority.key);
    walk_names(authority.issuer);
    within(authority.serial);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        told(der_alone(value, "value", tags[i], &content, &fault, remarks), &fault, value);
        within(content);
        der_number(content, &number);
    }
    told(der_time_alone(value, "value", &number, &fault, remarks), &fault, value);
    told(name_constraints_read(value, &constraints, &fault, remarks), &fault, value);
    walk_subtrees(constraints.permitted);
    walk_subtrees(constraints.excluded);
}

static void walk_as_microsoft(struct der_bytes value)
{
    struct template_info template;
    struct key_provider provider;
    struct name_value_pair pair;
    struct client_info client;
    struct der_fault fault;
    struct der_value text;
    unsigned certificate, key;
    struct der cursor;

    told(template_name_read(value, &text, &fault, remarks), &fault, value);
    walk_text(&text);
    told(template_info_read(value, &template, &fault, remarks), &fault, value);
    within(template.oid), within(template.major), within(template.minor);
    told(ca_version_read(value, &certificate, &key, &fault, remarks), &fault, value);
    told(client_info_read(value, &client, &fault, remarks), &fault, value);
    within(client.client);
    walk_text(&client.machine), walk_text(&client.user), walk_text(&client.process);
    told(key_provider_read(value, &provider, &fault, remarks), &fault, value);
    within(provider.key_spec), walk_text(&provider.name), within(provider.signature);
    told(os_version_read(value, &text, &fault, remarks), &fault, value);
    walk_text(&text);
    for (name_value_pairs_begin(&cursor, &fault, remarks, value); name_value_pairs_next(&cursor, &pair);) {
        walk_text(&pair.name), walk_text(&pair.value);
        must(!pair.secret || !pair.value.tag);
    }
    told(!fault.error, &fault, value);
}

void walk_value(struct der_bytes value)
{
    walk_as_names(value);
    walk_as_usage(value);
    walk_as_policies(value);
    walk_as_locations(value);
    walk_as_identifiers(value);
    walk_as_microsoft(value);
}

static void walk_extensions(struct der_bytes list)
{
    struct extension extension, found;
    struct der_fault fault;
    struct der cursor;
    char oid[DER_OID_TEXT];

    within(list);
    for (extensions_begin(&cursor, &fault, list); extensions_next(&cursor, &extension);) {
        within(extension.oid);
        within(extension.value);
        walk_value(extension.value);
        if (!der_oid_text(extension.oid, oid, sizeof oid)) continue;
        must(extensions_find(list, oid, &found) && (remarks || der_same(found.value, extension.value)));
    }
    must(!fault.error);
}

static void walk_algorithm(const struct algorithm *algorithm)
{
    struct der_fault fault;
    struct pss pss;

    within(algorithm->oid);
    within(algorithm->whole);
    told(algorithm_pss(algorithm, &pss, &fault, remarks), &fault, algorithm->whole);
    within(pss.hash), within(pss.mask_hash), within(pss.salt_size);
}

static void walk_key(const struct public_key *key)
{
    struct der_bytes a, b, c;
    struct der_fault fault;

    within(key->whole);
    within(key->bits);
    within(key->algorithm.parameters);
    walk_algorithm(&key->algorithm);
    public_key_length(key);
    told(public_key_rsa(key, &fault, remarks, &a, &b), &fault, key->whole);
    within(a), within(b);
    told(public_key_ec(key, &fault, &a, &b, &c), &fault, key->whole);
    within(a), within(b), within(c);
}

static void must_be_date(int64_t seconds)
{
    must((remarks && seconds == DER_TIME_NONE) || (seconds >= -62167219200 && seconds <= 253402300799));
}

void walk_certificate(const struct x509 *certificate)
{
    must(certificate->version >= 1 && (certificate->version <= 3 || remarks) && certificate->serial.size);
    must_be_date(certificate->not_before);
    must_be_date(certificate->not_after);
    within(certificate->rest);
    within(certificate->info);
    within(certificate->serial);
    within(certificate->issuer_id);
    within(certificate->subject_id);
    within(certificate->signature);
    walk_algorithm(&certificate->signature_algorithm);
    walk_name(certificate->subject);
    walk_name(certificate->issuer);
    walk_key(&certificate->key);
    walk_extensions(certificate->extensions);
}

void walk_request(const struct pkcs10 *request)
{
    struct pkcs10_extensions all;
    struct extension extension;
    struct attribute attribute;
    struct der_value challenge = pkcs10_secret_challenge(request);
    struct der_fault fault;
    struct der cursor;

    within(request->info);
    within(request->signature);
    within(challenge.whole);
    must(request->has_challenge == !!challenge.tag && request->challenge_size == challenge.content.size);
    walk_algorithm(&request->signature_algorithm);
    walk_name(request->subject);
    walk_key(&request->key);
    for (pkcs10_extensions_begin(&all, request); pkcs10_extensions_next(&all, &extension);) within(extension.oid), within(extension.value);
    must(!all.fault.error);
    walk_extensions(request->extensions);
    walk_extensions(request->microsoft_extensions);
    for (attributes_begin(&cursor, &fault, request->attributes); attributes_next(&cursor, &attribute);) {
        within(attribute.oid);
        within(attribute.values);
        must(attribute.values.size || request->has_challenge || remarks);
        walk_value(attribute.values);
    }
    must(!fault.error);
}

static void walk_attributes(struct der_bytes list)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    within(list);
    for (attributes_begin(&cursor, &fault, list); attributes_next(&cursor, &attribute);) {
        within(attribute.oid);
        within(attribute.values);
        must((attribute.is_secret == !attribute.values.size || remarks) && attribute.secret_size <= list.size);
        walk_value(attribute.values);
    }
    must(!fault.error);
}

static void walk_addition(bool read, const struct cmc_addition *addition, const struct der_fault *fault, struct der_bytes values)
{
    told(read, fault, values);
    within(addition->requests);
    within(addition->list);
}

static void walk_control(const struct cmc_control *control)
{
    struct cmc_addition addition;
    struct reg_info_pair pair;
    struct der_fault fault;
    struct der_bytes text;
    bool read;

    within(control->oid);
    within(control->values);
    walk_addition(read = cmc_add_extensions_read(control->values, &addition, &fault, remarks), &addition, &fault, control->values);
    if (read) walk_extensions(addition.list);
    walk_addition(read = cmc_add_attributes_read(control->values, &addition, &fault, remarks), &addition, &fault, control->values);
    if (read) walk_attributes(addition.list);
    told(reg_info_read(control->values, &text, &fault, remarks), &fault, control->values);
    for (size_t before = text.size; reg_info_next(&text, &pair); before = text.size) {
        must(text.size < before && (!pair.secret || !pair.value.size));
        within(text);
        within(pair.name);
        within(pair.value);
    }
}

static void walk_pki_data(struct der_bytes data)
{
    struct cmc_control control;
    struct cmc_request request;
    struct cmc_message message;
    struct pki_data pki_data;
    struct der_fault fault;
    struct der cursor;

    told(pki_data_read(data, &pki_data, &fault, remarks), &fault, data);
    for (cmc_controls_begin(&cursor, &fault, &pki_data); cmc_controls_next(&cursor, &control);) walk_control(&control);
    must(!fault.error);
    for (cmc_requests_begin(&cursor, &fault, &pki_data); cmc_requests_next(&cursor, &request);) within(request.request);
    must(!fault.error);
    for (cmc_messages_begin(&cursor, &fault, &pki_data); cmc_messages_next(&cursor, &message);) within(message.whole);
    must(!fault.error);
    for (cmc_others_begin(&cursor, &fault, &pki_data); cmc_others_next(&cursor, &message);) within(message.whole), within(message.oid);
    must(!fault.error);
}

static void walk_signers(const struct cms *cms)
{
    struct cms_signer signer;
    struct der_fault fault;
    struct der cursor;
    unsigned count = 0;

    for (cms_signers_begin(&cursor, &fault, cms); cms_signers_next(&cursor, &signer); count++) {
        must((signer.version == 1 || signer.version == 3 || remarks) && !signer.issuer.size == !signer.serial.size && (!signer.issuer.size || !signer.key_id.size));
        if (signer.issuer.size) walk_name(signer.issuer);
        within(signer.serial);
        within(signer.key_id);
        within(signer.signature);
        walk_algorithm(&signer.digest_algorithm);
        walk_algorithm(&signer.signature_algorithm);
        walk_attributes(signer.signed_attributes);
        walk_attributes(signer.unsigned_attributes);
    }
    must(!fault.error && (count <= CMS_SIGNERS_MAX || remarks));
}

static void walk_others(struct der_bytes list)
{
    struct der_fault fault;
    struct der_value other;
    struct der cursor;

    within(list);
    for (cms_others_begin(&cursor, &fault, list); cms_others_next(&cursor, &other);) within(other.whole);
    must(!fault.error);
}

void walk_cms(const struct cms *cms)
{
    struct algorithm algorithm;
    struct der_fault fault;
    struct cms inner;
    struct der cursor;

    within(cms->content_type);
    within(cms->content);
    within(cms->digest_algorithms);
    must(cms->has_content || !cms->content.data);
    der_begin_with(&cursor, &fault, remarks, cms->digest_algorithms.data, cms->digest_algorithms.size);
    while (der_more(&cursor) && algorithm_read(&cursor, "digest algorithm", &algorithm)) walk_algorithm(&algorithm);
    must(!fault.error);
    walk_signers(cms);
    walk_others(cms->certificates);
    walk_others(cms->crls);
    if (cms_content_is(cms) == CMS_PKI_DATA) walk_pki_data(cms->content);
    if (cms_content_is(cms) == CMS_SIGNED) told(cms_content_signed(cms, &inner, &fault, remarks), &fault, cms->content);
}

void walk_crl(const struct crl *crl)
{
    struct crl_entry_details details;
    struct crl_entry entry;
    struct der_fault fault, detail_fault;
    struct der cursor;
    size_t count = 0;

    must(crl->version == 1 || crl->version == 2 || remarks);
    within(crl->info);
    within(crl->signature);
    walk_algorithm(&crl->signature_algorithm);
    walk_name(crl->issuer);
    walk_extensions(crl->extensions);
    for (crl_entries_begin(&cursor, &fault, crl); crl_entries_next(&cursor, &entry); count++) {
        within(entry.serial);
        walk_extensions(entry.extensions);
        if (!crl_entry_read_details(&entry, &details, &detail_fault, remarks)) must(detail_fault.error);
        within(details.hold_instruction);
        within(details.issuer);
    }
    must(!fault.error && count == crl->count);
}

/* Nothing but characters that are plain, and ends of lines. */
static void must_be_plain(const struct bytes *text)
{
    uint32_t point;

    for (size_t i = 0; i < text->size;) {
        size_t length = utf8_next(text->data + i, text->size - i, &point);

        must(point != 0xFFFD || length == 3);
        must(point == '\n' || utf8_is_plain(point));
        i += length;
    }
}

bool walk_reads(const void *data, size_t size, int kind)
{
    static union { struct x509 certificate; struct pkcs10 request; struct crl crl; struct cms cms; struct spkac spkac; } read;
    struct der_fault fault;

    switch (kind) {
    case CERT_CERTIFICATE: return x509_read(data, size, &read.certificate, &fault, DER_BORNE);
    case CERT_PKCS10:      return pkcs10_read(data, size, &read.request, &fault, DER_BORNE);
    case CERT_CRL:         return crl_read(data, size, &read.crl, &fault, DER_BORNE);
    case CERT_CMS:         return cms_read(data, size, &read.cms, &fault, DER_BORNE);
    case CERT_KEYGEN:      return spkac_read(data, size, &read.spkac, &fault, DER_BORNE);
    }
    return walk_reads(data, size, CERT_PKCS10) || walk_reads(data, size, CERT_KEYGEN);
}

/* As it stands, or as the DER that it stands for. */
static bool is_readable(const void *data, size_t size, int kind)
{
    size_t der_size, at;
    unsigned char *der;
    bool ok;

    if (walk_reads(data, size, kind)) return true;
    if (!(der = ber_to_der(data, size, &der_size, &at))) return false;
    must(at < size && der_size <= 2 * size + 64);
    ok = walk_reads(der, der_size, kind);
    free(der);
    return ok;
}

void walk_shown(const void *data, size_t size, int kind)
{
    bool readable = is_readable(data, size, kind);

    for (int as_json = 0; as_json < 2; as_json++) {
        struct cert_show_options options = {.kind = kind, .as_json = as_json, .full = size & 1, .entries_max = 100};
        struct bytes out = {.limit = 16 << 20};
        struct der_fault fault;

        must(cert_show(data, size, &options, &out, &fault) == readable && (readable ? !fault.error || cms_kind(data, size) : fault.error));
        must(fault.offset <= 2 * size + 64);            /* of what is BER, in its DER */
        must(!out.failed && !!out.size == readable && out.size <= 128 * size + 4096);
        must_be_plain(&out);
        must(!as_json || !readable || (out.data[0] == '{' && out.data[out.size - 2] == '}'));
        bytes_free(&out);
    }
}
