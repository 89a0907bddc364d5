#include "request_show.h"
#include "der/microsoft.h"
#include "der/text.h"
#include "der/value.h"
#include "extension_show.h"
#include "name_show.h"

#include <string.h>

/* Each of these shows the values of one kind of attribute; what is wrong with them is left in the
 * fault. */

static void request_show_extensions(struct outline *outline, struct der_bytes values,
                                    struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes list;
    struct der set;

    der_begin_with(&set, fault, DER_BORNE, values.data,
                   values.size); /* remarked upon by who read the request */
    outline_list(outline, "extensions", NULL);
    while (der_more(&set) && extensions_read(&set, "extensions", &list))
        extensions_add(outline, list, remarks);
    outline_close(outline);
}

static void show_client_info(struct outline *outline, struct der_bytes values,
                             struct der_fault *fault, struct der_remarks *remarks)
{
    static const char *const clients[] = {
        [CLIENT_XENROLL_2003] = "XEnroll (2003)",
        [CLIENT_AUTOENROLL_2003] = "Autoenrollment (2003)",
        [CLIENT_REQUEST_WIZARD_2003] = "Request wizard (2003)",
        [CLIENT_CERTREQ_2003] = "certreq (2003)",
        [CLIENT_DEFAULT_REQUEST] = "Default request",
        [CLIENT_AUTOENROLL] = "Autoenrollment",
        [CLIENT_REQUEST_WIZARD] = "Request wizard",
        [CLIENT_ENROLL_ON_BEHALF_OF] = "Enroll on behalf of wizard",
        [CLIENT_CERTREQ] = "certreq",
    };
    struct client_info info;
    int64_t client;

    if (!client_info_read(values, &info, fault, remarks)) return;
    integer_show(outline, "clientId", "Client ID", info.client);
    if (der_number(info.client, &client) && client > 0 &&
        (size_t)client < sizeof clients / sizeof *clients)
        outline_word(outline, "client", "Client", clients[client]);
    if (info.machine.tag) text_show(outline, "machine", "Machine", &info.machine);
    if (info.user.tag) text_show(outline, "user", "User", &info.user);
    if (info.process.tag) text_show(outline, "process", "Process", &info.process);
}

static void show_provider(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                          struct der_remarks *remarks)
{
    struct key_provider provider;

    if (!key_provider_read(values, &provider, fault, remarks)) return;
    integer_show(outline, "keySpec", "Key specification", provider.key_spec);
    text_show(outline, "provider", "Provider", &provider.name);
}

static void show_os_version(struct outline *outline, struct der_bytes values,
                            struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_value version;

    if (os_version_read(values, &version, fault, remarks))
        text_show(outline, "version", "Version", &version);
}

/* Some clients write the zero that ends a text as part of it: a remark, and in JSON alone it is
 * shown. */
static void unended_show(struct outline *outline, const char *key, const char *label,
                         const struct der_value *text, struct der *cursor)
{
    struct der_value shown = *text;
    size_t wide = text->tag == DER_BMP_STRING ? 2 : text->tag == DER_UNIVERSAL_STRING ? 4 : 1;
    static const unsigned char zeros[4];

    if (text->content.size >= wide &&
        !memcmp(text->content.data + text->content.size - wide, zeros, wide)) {
        der_remark(cursor, DER_R_NUL, key, text->whole.data);
        if (!outline->as_json && der_is_text(text->tag)) shown.content.size -= wide;
    }
    text_show(outline, key, label, &shown);
}

static void request_show_pairs(struct outline *outline, struct der_bytes values,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    struct name_value_pair pair;
    struct der cursor;

    outline_list(outline, "pairs", NULL);
    for (name_value_pairs_begin(&cursor, fault, remarks, values);
         name_value_pairs_next(&cursor, &pair);) {
        outline_group(outline, NULL, "Pair", NULL);
        unended_show(outline, "name", "Name", &pair.name, &cursor);
        if (pair.secret) outline_word(outline, "hidden", "Value", "(a password, not shown)");
        else unended_show(outline, "value", "Value", &pair.value, &cursor);
        outline_close(outline);
    }
    outline_close(outline);
}

static void show_renewal(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                         struct der_remarks *remarks)
{
    struct x509 certificate;
    struct der_value value;
    struct der set;

    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (!der_any(&set, "renewed certificate", &value)) return;
    if (!x509_read(value.whole.data, value.whole.size, &certificate, fault, remarks)) return;
    outline_group(outline, "certificate", "Certificate", NULL);
    certificate_show(outline, &certificate, remarks);
    outline_close(outline);
}

void values_show(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                 struct der_remarks *remarks)
{
    struct der_value value;
    struct der set;

    der_begin_with(&set, fault, remarks, values.data, values.size);
    outline_list(outline, "values", "Values");
    while (der_more(&set) && der_any(&set, "value", &value)) text_show(outline, NULL, NULL, &value);
    outline_close(outline);
}

void simple_show(struct outline *outline, const char *key, const char *label,
                 struct der_bytes values, struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_value value;
    struct der set;

    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (!der_checked(&set, "value", &value) || !der_end(&set, "value")) return;
    if (value.tag == DER_OID) oid_show(outline, key, label, value.content);
    else if (value.tag == DER_INTEGER) integer_show(outline, key, label, value.content);
    else if (value.tag == DER_OCTET_STRING)
        outline_hex(outline, key, label, value.content.data, value.content.size);
    else text_show(outline, key, label, &value);
}

static void show_type(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                      struct der_remarks *remarks)
{
    simple_show(outline, "type", "Type", values, fault, remarks);
}

static void show_hash(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                      struct der_remarks *remarks)
{
    simple_show(outline, "hash", "Hash", values, fault, remarks);
}

static void request_show_value(struct outline *outline, struct der_bytes values,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    simple_show(outline, "value", "Value", values, fault, remarks);
}

static void show_provider_name(struct outline *outline, struct der_bytes values,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    simple_show(outline, "provider", "Provider", values, fault, remarks);
}

static void request_show_time(struct outline *outline, struct der_bytes values,
                              struct der_fault *fault, struct der_remarks *remarks)
{
    int64_t seconds;
    struct der set;

    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (der_time(&set, "time", &seconds) && der_end(&set, "time"))
        time_show(outline, "time", "Time", seconds);
}

void sealed_show(struct outline *outline, size_t size)
{
    outline_number(outline, "bytes", "Length in bytes (not shown)", (int64_t)size);
}

/* Of a private key, even an encrypted one, nothing is shown. */
static void request_show_sealed(struct outline *outline, struct der_bytes values,
                                struct der_fault *fault, struct der_remarks *remarks)
{
    (void)fault;
    (void)remarks;
    sealed_show(outline, values.size);
}

static const struct kind {
    const char *oid, *name, *label;
    void (*show)(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                 struct der_remarks *remarks);
    bool secrets; /* may hold a password: not shown in hexadecimal either, where it is refused */
    bool has_one_value;         /* of which alone `show` tells */
} kinds[] = {
    {"1.2.840.113549.1.9.14", "extensionRequest", "Requested extensions", request_show_extensions,
     false, false},
    {"1.3.6.1.4.1.311.2.1.14", "certExtensions", "Requested extensions (Microsoft)",
     request_show_extensions, false, false},
    {"1.3.6.1.4.1.311.13.2.3", "osVersion", "Version of Windows", show_os_version, false, true},
    {"1.3.6.1.4.1.311.21.20", "clientInfo", "Client info", show_client_info, false, true},
    {"1.3.6.1.4.1.311.13.2.2", "cspProvider", "Key provider", show_provider, false, true},
    {"1.3.6.1.4.1.311.13.2.1", "enrollmentNameValuePairs", "Enrollment name value pairs",
     request_show_pairs, true, false},
    {"1.3.6.1.4.1.311.13.1", "renewalCertificate", "Renewed certificate", show_renewal, false,
     true},
    {"1.3.6.1.4.1.311.21.13", "archivedKey", "Private key to be archived, encrypted",
     request_show_sealed, true, false},
    {"1.3.6.1.4.1.311.21.16", "archivedKeyCertHash", "Hash of the key archival certificate",
     show_hash, false, true},
    {"1.3.6.1.4.1.311.21.17", "issuedCertHash", "Hash of the issued certificate", show_hash, false,
     true},
    {"1.3.6.1.4.1.311.21.23", "endorsementKeyInfo", "Endorsement key info", values_show, false,
     false},
    {"1.3.6.1.4.1.311.21.24", "attestationStatement", "Attestation statement", values_show, false,
     false},
    {"1.3.6.1.4.1.311.21.25", "kspName", "Key storage provider", show_provider_name, false, true},
    {"1.3.6.1.4.1.311.21.39", "aikInfo", "Attestation identity key info", values_show, false,
     false},
    {"1.2.840.113549.1.9.6", "countersignature", "Countersignature", values_show, false, false},
    {"1.2.840.113549.1.9.2", "unstructuredName", "Unstructured name", request_show_value, false,
     true},
    {"1.2.840.113549.1.9.8", "unstructuredAddress", "Unstructured address", request_show_value,
     false, true},
    {"1.2.840.113549.1.9.15", "sMIMECapabilities", "S/MIME capabilities", values_show, false,
     false},
    {"1.3.6.1.4.1.311.21.21", "encryptedKeyHash", "Hash of the encrypted private key", show_hash,
     false, true},
    {"1.2.840.113549.1.9.3", "contentType", "Type of the content", show_type, false, true},
    {"1.2.840.113549.1.9.4", "messageDigest", "Hash of the content", show_hash, false, true},
    {"1.2.840.113549.1.9.5", "signingTime", "Time of signing", request_show_time, false, true},
};

static const struct kind *request_show_kind_of(const char *oid)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(kinds[i].oid, oid)) return &kinds[i];
    }
    return NULL;
}

static void challenge_show(struct outline *outline, const struct attribute *attribute)
{
    outline_group(outline, NULL, "Challenge password", NULL);
    if (outline->as_json) outline_word(outline, "oid", NULL, "1.2.840.113549.1.9.7");
    if (outline->as_json) outline_word(outline, "name", NULL, "challengePassword");
    sealed_show(outline, attribute->secret_size);
    outline_close(outline);
}

/* What stands behind the one value that such an attribute has: shown as it is, so that nothing can
 * be hidden there. */
static void further_values_show(struct outline *outline, struct der_bytes values)
{
    struct der_fault fault;
    struct der_value value;
    struct der set;

    der_begin_with(&set, &fault, DER_BORNE, values.data, values.size);
    if (!der_any(&set, "value", &value) || !der_more(&set)) return;
    outline_list(outline, "furtherValues", "Further values");
    while (der_more(&set) && der_any(&set, "value", &value)) text_show(outline, NULL, NULL, &value);
    outline_close(outline);
}

static void attribute_show(struct outline *outline, const struct attribute *attribute,
                           struct der_remarks *remarks)
{
    char oid[DER_OID_TEXT];
    const struct kind *kind =
        der_oid_text(attribute->oid, oid, sizeof oid) ? request_show_kind_of(oid) : NULL;
    struct der_fault fault = {0};

    outline_group(outline, NULL, kind ? kind->label : "Attribute", NULL);
    if (!*oid) outline_hex(outline, "oid", "OID", attribute->oid.data, attribute->oid.size);
    else if (!kind || outline->as_json) outline_word(outline, "oid", "OID", oid);
    if (kind && outline->as_json) outline_word(outline, "name", NULL, kind->name);
    (kind ? kind->show : values_show)(outline, attribute->values, &fault, remarks);
    if (fault.error)
        refusal_show(outline, &fault,
                     kind && kind->secrets ? (struct der_bytes){0} : attribute->values);
    if (kind && kind->has_one_value) further_values_show(outline, attribute->values);
    outline_close(outline);
}

void attributes_show(struct outline *outline, const char *key, const char *label,
                     struct der_bytes list, struct der_remarks *remarks)
{
    struct attribute attribute;
    struct der_fault fault;
    struct der cursor;

    if (!list.size) return;
    outline_list(outline, key, label);
    for (attributes_begin(&cursor, &fault, list); attributes_next(&cursor, &attribute);) {
        if (attribute.is_secret) challenge_show(outline, &attribute);
        else attribute_show(outline, &attribute, remarks);
    }
    outline_close(outline);
}
