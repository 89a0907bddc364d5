#include "extension_show.h"
#include "der/identifier.h"
#include "der/key.h"
#include "der/location.h"
#include "der/microsoft.h"
#include "der/name_constraints.h"
#include "der/policy.h"
#include "der/usage.h"
#include "der/value.h"
#include "name_show.h"
#include "oid_name.h"

#include <stdio.h>
#include <string.h>

/* Each of these shows the value of one kind of extension; what is wrong with it is left in the
 * fault. */

static void show_names(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                       struct der_remarks *remarks)
{
    struct general_name name;
    struct der cursor;

    if (!general_names_begin(&cursor, fault, remarks, value)) return;
    outline_list(outline, "names", NULL);
    while (general_names_next(&cursor, &name)) general_name_show(outline, &name);
    outline_close(outline);
}

static void show_basic_constraints(struct outline *outline, struct der_bytes value,
                                   struct der_fault *fault, struct der_remarks *remarks)
{
    struct basic_constraints constraints;

    if (!basic_constraints_read(value, &constraints, fault, remarks)) return;
    outline_flag(outline, "ca", "CA", constraints.ca);
    if (constraints.path_length.size)
        integer_show(outline, "pathLength", "Path length", constraints.path_length);
}

/* A list of the bits that are set, by the names they have; those without one as a number, bit n
 * having the value 2^n. */
static void show_bits(struct outline *outline, const char *key, const char *label, uint32_t bits,
                      const char *const *names, unsigned count)
{
    outline_list(outline, key, label);
    for (unsigned i = 0; i < count; i++) {
        if (bits >> i & 1) outline_word(outline, NULL, NULL, names[i]);
    }
    if (bits >> count) outline_number(outline, NULL, "Others", bits >> count << count);
    outline_close(outline);
}

static void show_key_usage(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                           struct der_remarks *remarks)
{
    static const char *const names[KEY_USAGES] = {
        "Digital Signature", "Non-Repudiation", "Key Encipherment",
        "Data Encipherment", "Key Agreement",   "Certificate Signing",
        "CRL Signing",       "Encipher Only",   "Decipher Only",
    };
    uint32_t bits;

    if (key_usage_read(value, &bits, fault, remarks))
        show_bits(outline, "usages", NULL, bits, names, KEY_USAGES);
}

static void show_reasons(struct outline *outline, uint32_t bits)
{
    static const char *const names[REASONS] = {
        "Unused",        "Key Compromise",         "CA Compromise",    "Affiliation Changed",
        "Superseded",    "Cessation of Operation", "Certificate Hold", "Privilege Withdrawn",
        "AA Compromise",
    };

    show_bits(outline, "reasons", "Reasons", bits, names, REASONS);
}

static void show_purposes(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                          struct der_remarks *remarks)
{
    struct der_bytes oid;
    struct der cursor;

    if (!purposes_begin(&cursor, fault, remarks, value)) return;
    outline_list(outline, "purposes", NULL);
    while (purposes_next(&cursor, &oid)) oid_show(outline, NULL, NULL, oid);
    outline_close(outline);
}

static void show_notice(struct outline *outline, const struct policy_qualifier *qualifier)
{
    struct der_fault fault;
    struct der_bytes number;
    struct der cursor;

    if (qualifier->text.tag) text_show(outline, "text", "Text", &qualifier->text);
    if (!qualifier->organization.tag) return;
    text_show(outline, "organization", "Organization", &qualifier->organization);
    outline_list(outline, "numbers", "Numbers");
    der_begin_with(&cursor, &fault, DER_BORNE, qualifier->numbers.data, qualifier->numbers.size);
    while (der_more(&cursor) && der_integer(&cursor, "number of a notice", &number))
        integer_show(outline, NULL, NULL, number);
    outline_close(outline);
}

static void show_qualifiers(struct outline *outline, struct der_bytes qualifiers)
{
    struct policy_qualifier qualifier;
    struct der_fault fault;
    struct der cursor;

    outline_list(outline, "qualifiers", NULL);
    for (policy_qualifiers_begin(&cursor, &fault, qualifiers);
         policy_qualifiers_next(&cursor, &qualifier);) {
        outline_group(outline, NULL, "Qualifier", NULL);
        oid_show(outline, "id", "Type", qualifier.oid);
        if (qualifier.other.tag) text_show(outline, "value", "Value", &qualifier.other);
        else if (qualifier.cps.data)
            text_show(outline, "cps", "CPS",
                      &(struct der_value){DER_IA5_STRING, qualifier.cps, qualifier.cps});
        else show_notice(outline, &qualifier);
        outline_close(outline);
    }
    outline_close(outline);
}

static void show_policies(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                          struct der_remarks *remarks)
{
    struct policy policy;
    struct der cursor;

    if (!policies_begin(&cursor, fault, remarks, value)) return;
    outline_list(outline, "policies", NULL);
    while (policies_next(&cursor, &policy)) {
        outline_group(outline, NULL, "Policy", NULL);
        oid_show(outline, "policy", "Identifier", policy.oid);
        if (policy.qualifiers.size) show_qualifiers(outline, policy.qualifiers);
        outline_close(outline);
    }
    outline_close(outline);
}

static void show_mappings(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                          struct der_remarks *remarks)
{
    struct policy_mapping mapping;
    struct der cursor;

    if (!policy_mappings_begin(&cursor, fault, remarks, value)) return;
    outline_list(outline, "mappings", NULL);
    while (policy_mappings_next(&cursor, &mapping)) {
        outline_group(outline, NULL, "Mapping", NULL);
        oid_show(outline, "issuer", "Issuer's policy", mapping.issuer);
        oid_show(outline, "subject", "Subject's policy", mapping.subject);
        outline_close(outline);
    }
    outline_close(outline);
}

static void show_policy_constraints(struct outline *outline, struct der_bytes value,
                                    struct der_fault *fault, struct der_remarks *remarks)
{
    struct policy_constraints constraints;

    if (!policy_constraints_read(value, &constraints, fault, remarks)) return;
    if (constraints.require_explicit.size)
        integer_show(outline, "requireExplicitPolicy", "Explicit policy required after",
                     constraints.require_explicit);
    if (constraints.inhibit_mapping.size)
        integer_show(outline, "inhibitPolicyMapping", "Policy mapping inhibited after",
                     constraints.inhibit_mapping);
}

static void show_subtrees(struct outline *outline, const char *key, const char *label,
                          struct der_bytes list)
{
    struct subtree subtree;
    struct der_fault fault;
    struct der cursor;

    if (!list.size) return;
    outline_list(outline, key, label);
    for (subtrees_begin(&cursor, &fault, list); subtrees_next(&cursor, &subtree);) {
        bool bounded = subtree.minimum.size || subtree.maximum.size;

        if (bounded) outline_group(outline, NULL, "Subtree", NULL);
        if (bounded) outline_list(outline, "base", "Base");
        general_name_show(outline, &subtree.base);
        if (bounded) outline_close(outline);
        if (subtree.minimum.size) integer_show(outline, "minimum", "Minimum", subtree.minimum);
        if (subtree.maximum.size) integer_show(outline, "maximum", "Maximum", subtree.maximum);
        if (bounded) outline_close(outline);
    }
    outline_close(outline);
}

static void show_name_constraints(struct outline *outline, struct der_bytes value,
                                  struct der_fault *fault, struct der_remarks *remarks)
{
    struct name_constraints constraints;

    if (!name_constraints_read(value, &constraints, fault, remarks)) return;
    show_subtrees(outline, "permitted", "Permitted", constraints.permitted);
    show_subtrees(outline, "excluded", "Excluded", constraints.excluded);
}

static void show_octets(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                        struct der_remarks *remarks)
{
    struct der_bytes content;

    if (der_alone(value, "identifier", DER_OCTET_STRING, &content, fault, remarks))
        outline_hex(outline, "id", "Identifier", content.data, content.size);
}

static void show_integer(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                         struct der_remarks *remarks)
{
    struct der_bytes content;

    if (der_alone(value, "number", DER_INTEGER, &content, fault, remarks))
        integer_show(outline, "number", "Number", content);
}

static void extension_show_time(struct outline *outline, struct der_bytes value,
                                struct der_fault *fault, struct der_remarks *remarks)
{
    int64_t seconds;

    if (der_time_alone(value, "time", &seconds, fault, remarks))
        time_show(outline, "time", "Time", seconds);
}

static void show_authority_key(struct outline *outline, struct der_bytes value,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    struct authority_key authority;

    if (!authority_key_read(value, &authority, fault, remarks)) return;
    if (authority.key.data)
        outline_hex(outline, "id", "Identifier", authority.key.data, authority.key.size);
    if (authority.issuer.size) general_names_show(outline, "issuer", "Issuer", authority.issuer);
    if (authority.serial.size)
        serial_show(outline, "serialNumber", "Serial number", authority.serial);
}

static void show_point_name(struct outline *outline, struct der_bytes names,
                            struct der_bytes relative)
{
    if (names.size) general_names_show(outline, "names", "Names", names);
    if (relative.size)
        relative_name_show(outline, "relativeName", "Name, behind the issuer's", relative);
}

static void show_points(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                        struct der_remarks *remarks)
{
    struct distribution_point point;
    struct der cursor;

    if (!distribution_points_begin(&cursor, fault, remarks, value)) return;
    outline_list(outline, "points", NULL);
    while (distribution_points_next(&cursor, &point)) {
        outline_group(outline, NULL, "Distribution point", NULL);
        show_point_name(outline, point.names, point.relative);
        if (point.has_reasons) show_reasons(outline, point.reasons);
        if (point.issuer.size)
            general_names_show(outline, "crlIssuer", "Issuer of the CRL", point.issuer);
        outline_close(outline);
    }
    outline_close(outline);
}

static void show_issuing_point(struct outline *outline, struct der_bytes value,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    struct issuing_point point;

    if (!issuing_point_read(value, &point, fault, remarks)) return;
    show_point_name(outline, point.names, point.relative);
    if (point.only_users) outline_flag(outline, "onlyUserCerts", "Only users' certificates", true);
    if (point.only_cas) outline_flag(outline, "onlyCACerts", "Only CAs' certificates", true);
    if (point.only_attributes)
        outline_flag(outline, "onlyAttributeCerts", "Only attribute certificates", true);
    if (point.indirect) outline_flag(outline, "indirect", "Certificates of other CAs too", true);
    if (point.has_reasons) show_reasons(outline, point.reasons);
}

static void show_access(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                        struct der_remarks *remarks)
{
    struct access_description description;
    struct der cursor;

    if (!access_descriptions_begin(&cursor, fault, remarks, value)) return;
    outline_list(outline, "access", NULL);
    while (access_descriptions_next(&cursor, &description)) {
        outline_group(outline, NULL, "Access", NULL);
        oid_show(outline, "method", "Method", description.method);
        outline_list(outline, "location", NULL);
        general_name_show(outline, &description.location);
        outline_close(outline);
        outline_close(outline);
    }
    outline_close(outline);
}

static void show_template_name(struct outline *outline, struct der_bytes value,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_value name;

    if (template_name_read(value, &name, fault, remarks))
        text_show(outline, "template", "Template", &name);
}

static void extension_show_template(struct outline *outline, struct der_bytes value,
                                    struct der_fault *fault, struct der_remarks *remarks)
{
    struct template_info template;

    if (!template_info_read(value, &template, fault, remarks)) return;
    oid_show(outline, "template", "Template", template.oid);
    if (template.major.size) integer_show(outline, "majorVersion", "Major version", template.major);
    if (template.minor.size) integer_show(outline, "minorVersion", "Minor version", template.minor);
}

static void show_ca_version(struct outline *outline, struct der_bytes value,
                            struct der_fault *fault, struct der_remarks *remarks)
{
    unsigned certificate, key;

    if (!ca_version_read(value, &certificate, &key, fault, remarks)) return;
    outline_number(outline, "certificateIndex", "Certificate index", certificate);
    outline_number(outline, "keyIndex", "Key index", key);
}

/* Of an algorithm that has a number: "rc2 128 (1.2.840.113549.3.2)". */
static void numbered_show(struct outline *outline, const char *dotted, const char *name,
                          int64_t number)
{
    struct bytes text = {0};

    bytes_printf(&text, "%s %lld", name ? name : dotted, (long long)number);
    if (name) bytes_printf(&text, " (%s)", dotted);
    outline->out->failed |= text.failed;
    outline_text(outline, NULL, NULL, text.data, text.size);
    bytes_free(&text);
}

/* An INTEGER that is all of these parameters: how long the keys are. */
static bool extension_show_number_of(struct der_bytes parameters, int64_t *number)
{
    struct der_bytes content;
    struct der_fault fault;

    return der_alone(parameters, "key length", DER_INTEGER, &content, &fault, DER_BORNE) &&
           der_number(content, number);
}

static void capability_show(struct outline *outline, const struct algorithm *algorithm)
{
    char dotted[DER_OID_TEXT];
    int64_t number;
    bool has_number = extension_show_number_of(algorithm->parameters, &number);

    if (!der_oid_text(algorithm->oid, dotted, sizeof dotted) ||
        (!algorithm->parameters.size && !outline->as_json)) {
        oid_show(outline, NULL, NULL, algorithm->oid);
        return;
    }
    if (!outline->as_json && has_number) {
        numbered_show(outline, dotted, oid_name(dotted), number);
        return;
    }
    outline_group(outline, NULL, "Capability", NULL);
    if (outline->as_json) outline_word(outline, "oid", NULL, dotted);
    else oid_show(outline, NULL, "Algorithm", algorithm->oid);
    if (outline->as_json && oid_name(dotted)) outline_word(outline, "name", NULL, oid_name(dotted));
    if (has_number) outline_number(outline, "parameter", NULL, number);
    else parameters_show(outline, algorithm->parameters);
    outline_close(outline);
}

void parameters_show(struct outline *outline, struct der_bytes parameters)
{
    bool is_null = parameters.size == 2 && parameters.data[0] == DER_NULL;

    if (parameters.size && (!is_null || outline->as_json))
        outline_hex(outline, "parameters", "Parameters", parameters.data, parameters.size);
}

/* SEQUENCE OF AlgorithmIdentifier: what the mail program of a user can do. */
static void show_capabilities(struct outline *outline, struct der_bytes value,
                              struct der_fault *fault, struct der_remarks *remarks)
{
    struct algorithm algorithm;
    struct der whole, list;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, "capabilities", DER_SEQUENCE, &list) || !der_end(&whole, "capabilities"))
        return;
    outline_list(outline, "capabilities", NULL);
    while (der_more(&list) && algorithm_read(&list, "capability", &algorithm))
        capability_show(outline, &algorithm);
    outline_close(outline);
}

/* SEQUENCE { from [0] IMPLICIT GeneralizedTime OPTIONAL, to [1] IMPLICIT GeneralizedTime OPTIONAL }
 */
static void show_key_period(struct outline *outline, struct der_bytes value,
                            struct der_fault *fault, struct der_remarks *remarks)
{
    static const struct { const char *key, *label, *what;
    } ends[] = {
        {"notBefore", "Not before", "start of the key's period"},
        {"notAfter", "Not after", "end of the key's period"},
    };
    struct der whole, inside;
    int64_t seconds;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, "period of the key", DER_SEQUENCE, &inside) ||
        !der_end(&whole, "period of the key"))
        return;
    for (unsigned i = 0; i < 2; i++) {
        if (!der_next_is(&inside, DER_CONTEXT(i))) continue;
        if (!der_tagged_time(&inside, ends[i].what, DER_CONTEXT(i), &seconds)) return;
        time_show(outline, ends[i].key, ends[i].label, seconds);
    }
    der_end(&inside, "period of the key");
}

static void show_netscape_type(struct outline *outline, struct der_bytes value,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    static const char *const names[] = {
        "SSL Client", "SSL Server", "S/MIME",    "Object Signing",
        "Reserved",   "SSL CA",     "S/MIME CA", "Object Signing CA",
    };
    struct der whole;
    uint32_t bits;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (der_flags(&whole, "certificate type", DER_BIT_STRING, &bits) &&
        der_end(&whole, "certificate type"))
        show_bits(outline, "types", NULL, bits, names, sizeof names / sizeof *names);
}

/* One text. */
static void extension_show_text(struct outline *outline, struct der_bytes value,
                                struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_value text;
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (der_checked(&whole, "text", &text) && der_end(&whole, "text"))
        text_show(outline, "text", "Text", &text);
}

/* SEQUENCE OF INTEGER: extensions of TLS that the server has to use; 5 asks for a stapled OCSP
 * response. */
static void show_features(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                          struct der_remarks *remarks)
{
    struct der_bytes number;
    struct der whole, list;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, "features", DER_SEQUENCE, &list) || !der_end(&whole, "features")) return;
    outline_list(outline, "features", NULL);
    while (der_more(&list) && der_integer(&list, "feature", &number))
        integer_show(outline, NULL, NULL, number);
    outline_close(outline);
}

/* What has a name and is not taken apart. */
static void show_bytes(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                       struct der_remarks *remarks)
{
    (void)fault;
    (void)remarks;
    outline_hex(outline, "value", "Value", value.data, value.size);
}

static void show_reason_code(struct outline *outline, struct der_bytes value,
                             struct der_fault *fault, struct der_remarks *remarks)
{
    static const char *const names[] = {
        "Unspecified",     "Key Compromise",         "CA Compromise",    "Affiliation Changed",
        "Superseded",      "Cessation of Operation", "Certificate Hold", NULL,
        "Remove from CRL", "Privilege Withdrawn",    "AA Compromise",
    };
    struct der_bytes content;
    const char *name = NULL;
    char text[64];
    int64_t reason;

    if (!der_alone(value, "reason", DER_ENUMERATED, &content, fault, remarks)) return;
    if (der_number(content, &reason) && reason >= 0 &&
        (size_t)reason < sizeof names / sizeof *names)
        name = names[reason];
    if (!name || outline->as_json) integer_show(outline, "reason", NULL, content);
    if (!name) return;
    snprintf(text, sizeof text, outline->as_json ? "%s" : "%s (%d)", name, (int)reason);
    outline_word(outline, "meaning", NULL, text);
}

static void show_instruction(struct outline *outline, struct der_bytes value,
                             struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes oid;

    if (der_alone(value, "hold instruction", DER_OID, &oid, fault, remarks))
        oid_show(outline, "instruction", "Instruction", oid);
}

static const struct kind {
    const char *oid, *name, *label;
    void (*show)(struct outline *outline, struct der_bytes value, struct der_fault *fault,
                 struct der_remarks *remarks);
} kinds[] = {
    {"2.5.29.17", "subjectAltName", "Subject alternative name", show_names},
    {"2.5.29.18", "issuerAltName", "Issuer alternative name", show_names},
    {"2.5.29.19", "basicConstraints", "Basic constraints", show_basic_constraints},
    {"2.5.29.15", "keyUsage", "Key usage", show_key_usage},
    {"2.5.29.37", "extendedKeyUsage", "Enhanced key usage", show_purposes},
    {"2.5.29.32", "certificatePolicies", "Certificate policies", show_policies},
    {"2.5.29.33", "policyMappings", "Policy mappings", show_mappings},
    {"2.5.29.36", "policyConstraints", "Policy constraints", show_policy_constraints},
    {"2.5.29.54", "inhibitAnyPolicy", "Inhibit any policy", show_integer},
    {"2.5.29.30", "nameConstraints", "Name constraints", show_name_constraints},
    {"2.5.29.14", "subjectKeyIdentifier", "Subject key identifier", show_octets},
    {"2.5.29.35", "authorityKeyIdentifier", "Authority key identifier", show_authority_key},
    {"2.5.29.31", "cRLDistributionPoints", "CRL distribution points", show_points},
    {"2.5.29.46", "freshestCRL", "Freshest CRL", show_points},
    {"1.3.6.1.5.5.7.1.1", "authorityInfoAccess", "Authority information access", show_access},
    {"1.3.6.1.5.5.7.1.11", "subjectInfoAccess", "Subject information access", show_access},
    {"1.2.840.113549.1.9.15", "sMIMECapabilities", "S/MIME capabilities", show_capabilities},
    {"1.3.6.1.4.1.311.20.2", "templateName", "Certificate template name", show_template_name},
    {"1.3.6.1.4.1.311.21.1", "caVersion", "CA version", show_ca_version},
    {"1.3.6.1.4.1.311.21.2", "previousCACertHash", "Previous CA certificate hash", show_octets},
    {"1.3.6.1.4.1.311.21.3", "virtualBaseCRLNumber", "Virtual base CRL number", show_integer},
    {"1.3.6.1.4.1.311.21.4", "nextCRLPublish", "Next CRL publish", extension_show_time},
    {"1.3.6.1.4.1.311.21.7", "templateInformation", "Certificate template information",
     extension_show_template},
    {"1.3.6.1.4.1.311.21.10", "applicationPolicies", "Application policies", show_policies},
    {"1.3.6.1.4.1.311.21.11", "applicationPolicyMappings", "Application policy mappings",
     show_mappings},
    {"1.3.6.1.4.1.311.21.12", "applicationPolicyConstraints", "Application policy constraints",
     show_policy_constraints},
    {"1.3.6.1.4.1.311.21.14", "publishedCRLLocations", "Published CRL locations", show_points},
    {"1.3.6.1.4.1.311.25.2", "ntdsSecurity", "Account's SID", show_names},
    {"1.3.6.1.4.1.311.21.16", "archivedKeyCertHash", "Hash of the key archival certificate",
     show_bytes},
    {"1.3.6.1.4.1.311.21.17", "issuedCertHash", "Hash of the issued certificate", show_bytes},
    {"1.3.6.1.4.1.311.21.22", "crossCAVersion", "Cross CA version", show_integer},
    {"1.3.6.1.5.5.7.48.1.5", "ocspNoCheck", "No revocation checking of the OCSP responder",
     show_bytes},
    {"1.3.6.1.5.5.7.1.3", "qcStatements", "Qualified certificate statements", show_bytes},
    {"1.3.6.1.5.5.7.1.24", "tlsFeature", "TLS features required", show_features},
    {"1.3.6.1.4.1.11129.2.4.2", "sctList", "Signed certificate timestamps", show_bytes},
    {"2.5.29.9", "subjectDirectoryAttributes", "Subject directory attributes", show_bytes},
    {"2.5.29.16", "privateKeyUsagePeriod", "Private key usage period", show_key_period},
    {"2.16.840.1.113730.1.1", "netscapeCertType", "Netscape certificate type", show_netscape_type},
    {"2.16.840.1.113730.1.2", "netscapeBaseUrl", "Netscape base URL", extension_show_text},
    {"2.16.840.1.113730.1.3", "netscapeRevocationUrl", "Netscape revocation URL",
     extension_show_text},
    {"2.16.840.1.113730.1.4", "netscapeCaRevocationUrl", "Netscape CA revocation URL",
     extension_show_text},
    {"2.16.840.1.113730.1.7", "netscapeRenewalUrl", "Netscape renewal URL", extension_show_text},
    {"2.16.840.1.113730.1.8", "netscapeCaPolicyUrl", "Netscape CA policy URL", extension_show_text},
    {"2.16.840.1.113730.1.12", "netscapeSslServerName", "Netscape SSL server name",
     extension_show_text},
    {"2.16.840.1.113730.1.13", "netscapeComment", "Netscape comment", extension_show_text},
    {"2.5.29.20", "cRLNumber", "CRL number", show_integer},
    {"2.5.29.27", "deltaCRLIndicator", "Delta CRL indicator (base CRL number)", show_integer},
    {"2.5.29.28", "issuingDistributionPoint", "Issuing distribution point", show_issuing_point},
    {"2.5.29.21", "cRLReason", "Reason", show_reason_code},
    {"2.5.29.23", "holdInstructionCode", "Hold instruction", show_instruction},
    {"2.5.29.24", "invalidityDate", "Invalidity date", extension_show_time},
    {"2.5.29.29", "certificateIssuer", "Certificate issuer", show_names},
};

void refusal_show(struct outline *outline, const struct der_fault *fault, struct der_bytes bytes)
{
    char sentence[256];

    der_fault_text(fault, sentence, sizeof sentence);
    outline_word(outline, "error", "Not readable", sentence);
    if (bytes.data) outline_hex(outline, "value", "Value", bytes.data, bytes.size);
}

static const struct kind *extension_show_kind_of(const char *oid)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(kinds[i].oid, oid)) return &kinds[i];
    }
    return NULL;
}

static void extension_show(struct outline *outline, const struct extension *extension,
                           struct der_remarks *remarks)
{
    char oid[DER_OID_TEXT];
    const struct kind *kind =
        der_oid_text(extension->oid, oid, sizeof oid) ? extension_show_kind_of(oid) : NULL;
    struct der_fault fault = {0};

    outline_group(outline, NULL, kind ? kind->label : "Extension",
                  extension->critical ? "critical" : NULL);
    if (outline->as_json) outline_flag(outline, "critical", NULL, extension->critical);
    if (!*oid) outline_hex(outline, "oid", "OID", extension->oid.data, extension->oid.size);
    else if (!kind || outline->as_json) outline_word(outline, "oid", "OID", oid);
    if (kind) {
        if (outline->as_json) outline_word(outline, "name", NULL, kind->name);
        kind->show(outline, extension->value, &fault, remarks);
        if (fault.error) refusal_show(outline, &fault, extension->value);
    } else {
        outline_hex(outline, "value", "Value", extension->value.data, extension->value.size);
    }
    outline_close(outline);
}

void extensions_add(struct outline *outline, struct der_bytes list, struct der_remarks *remarks)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;

    for (extensions_begin(&cursor, &fault, list); extensions_next(&cursor, &extension);)
        extension_show(outline, &extension, remarks);
}

void extensions_show(struct outline *outline, bool bare, struct der_bytes list,
                     struct der_remarks *remarks)
{
    if (!list.size) return;
    outline_list(outline, "extensions", bare ? NULL : "Extensions");
    extensions_add(outline, list, remarks);
    outline_close(outline);
}
