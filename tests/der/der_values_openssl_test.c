/*
 * What the DER reader makes of extensions' values and of CRLs, against libcrypto: of the roots, of certificates of many shapes,
 * and of both with bytes changed.
 *
 * The rule: what libcrypto reads and writes again to the same bytes, we read with the same values, or refuse for a reason that
 * libcrypto's own view confirms (confirmed below lists them all). What we read, libcrypto reads too, but for text that it has no
 * characters for (odd_text).
 */
#define _GNU_SOURCE             /* memmem */
#include "lib/test.h"
#include "lib/der_theirs.h"
#include "der/crl.h"
#include "der/identifier.h"
#include "der/location.h"
#include "der/name.h"
#include "der/name_constraints.h"
#include "der/policy.h"
#include "der/text.h"
#include "der/usage.h"
#include "der/value.h"
#include "der/x509.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/asn1t.h>
#include <openssl/err.h>

/* Contents of an INTEGER or ENUMERATED against theirs; both nothing where it is left out. */
static bool same_integer(struct der_bytes ours, const ASN1_INTEGER *theirs)
{
    unsigned char *out = NULL;
    int size;
    bool ok;

    if (!theirs) return !ours.size;
    size = i2d_ASN1_INTEGER(theirs, &out);
    ok = size > 2 && der_same(ours, (struct der_bytes){out + 2, (size_t)size - 2});
    OPENSSL_free(out);
    return ok;
}

static bool same_bits(uint32_t ours, const ASN1_BIT_STRING *theirs)
{
    for (int i = 0; i < 32; i++) {
        if ((ours >> i & 1) != (unsigned)ASN1_BIT_STRING_get_bit(theirs, i)) return false;
    }
    return theirs->length <= 4;
}

static bool same_string(const struct der_value *ours, const ASN1_STRING *theirs)
{
    if (!theirs) return !ours->tag;
    return ours->tag == (uint32_t)ASN1_STRING_type(theirs) && der_same(ours->content, content_of(theirs));
}

static bool same_general_name(const struct general_name *ours, GENERAL_NAME *theirs)
{
    if (!theirs || theirs->type != (int)ours->kind) return false;
    switch (ours->kind) {
    case GENERAL_NAME_OTHER:
        return same_oid(ours->type, theirs->d.otherName->type_id)
            && SAME(ours->value.whole, i2d_ASN1_TYPE, theirs->d.otherName->value);
    case GENERAL_NAME_DIRECTORY:
        return SAME(ours->content, i2d_X509_NAME, theirs->d.directoryName)
            && same_name_texts(ours->content, theirs->d.directoryName);
    case GENERAL_NAME_REGISTERED_ID: return same_oid(ours->content, theirs->d.registeredID);
    case GENERAL_NAME_X400: case GENERAL_NAME_EDI: return true;         /* shown as bytes by us */
    default: return der_same(ours->content, content_of(theirs->d.ia5));
    }
}

static bool same_list(struct der_bytes list, GENERAL_NAMES *theirs)
{
    struct general_name name;
    struct der_fault fault;
    struct der cursor;
    int count = 0;

    if (!theirs) return !list.size;
    for (general_names_in(&cursor, &fault, list); general_names_next(&cursor, &name); count++) {
        if (!same_general_name(&name, sk_GENERAL_NAME_value(theirs, count))) return false;
    }
    return !fault.error && count == sk_GENERAL_NAME_num(theirs);
}

/*
 * One for each kind of value. `theirs` is what libcrypto read, NULL where it refused: then ours is read all the same, to its
 * end. False where they differ; what we refuse is left in the fault.
 */
typedef bool compare_function(struct der_bytes value, void *theirs, struct der_fault *fault);

static bool same_names(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    struct general_name name;
    struct der cursor;
    bool ok = true;
    int count = 0;

    if (!general_names_begin(&cursor, fault, NULL, value)) return true;
    for (; general_names_next(&cursor, &name); count++)
        ok = ok && (!theirs || same_general_name(&name, sk_GENERAL_NAME_value((GENERAL_NAMES *)theirs, count)));
    return fault->error || !theirs || (ok && count == sk_GENERAL_NAME_num((GENERAL_NAMES *)theirs));
}

static bool same_basic(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    BASIC_CONSTRAINTS *their = theirs;
    struct basic_constraints ours;

    if (!basic_constraints_read(value, &ours, fault, NULL) || !their) return true;
    return ours.ca == !!their->ca && same_integer(ours.path_length, their->pathlen);
}

static bool same_usage(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    uint32_t bits;

    return !key_usage_read(value, &bits, fault, NULL) || !theirs || same_bits(bits, theirs);
}

static bool same_purposes(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    STACK_OF(ASN1_OBJECT) *their = theirs;
    struct der_bytes oid;
    struct der cursor;
    bool ok = true;
    int count = 0;

    if (!purposes_begin(&cursor, fault, NULL, value)) return true;
    for (; purposes_next(&cursor, &oid); count++)
        ok = ok && (!their || (count < sk_ASN1_OBJECT_num(their) && same_oid(oid, sk_ASN1_OBJECT_value(their, count))));
    return fault->error || !their || (ok && count == sk_ASN1_OBJECT_num(their));
}

static bool same_notice(const struct policy_qualifier *ours, USERNOTICE *theirs)
{
    struct der_fault fault;
    struct der_bytes number;
    struct der cursor;
    int count = 0;

    if (!same_string(&ours->text, theirs->exptext)) return false;
    if (!theirs->noticeref) return !ours->organization.tag;
    der_begin(&cursor, &fault, ours->numbers.data, ours->numbers.size);
    for (; der_more(&cursor) && der_integer(&cursor, "number", &number); count++) {
        if (!same_integer(number, sk_ASN1_INTEGER_value(theirs->noticeref->noticenos, count))) return false;
    }
    return same_string(&ours->organization, theirs->noticeref->organization)
        && count == sk_ASN1_INTEGER_num(theirs->noticeref->noticenos);
}

static bool same_qualifiers(struct der_bytes list, STACK_OF(POLICYQUALINFO) *theirs)
{
    struct policy_qualifier ours;
    struct der_fault fault;
    struct der cursor;
    int count = 0;

    if (!theirs) return !list.size;
    for (policy_qualifiers_begin(&cursor, &fault, list); policy_qualifiers_next(&cursor, &ours); count++) {
        POLICYQUALINFO *their = sk_POLICYQUALINFO_value(theirs, count);
        int nid = their ? OBJ_obj2nid(their->pqualid) : 0;

        if (!their || !same_oid(ours.oid, their->pqualid)) return false;
        if (nid == NID_id_qt_cps ? !der_same(ours.cps, content_of(their->d.cpsuri))
            : nid == NID_id_qt_unotice ? !same_notice(&ours, their->d.usernotice)
            : !SAME(ours.other.whole, i2d_ASN1_TYPE, their->d.other)) return false;
    }
    return !fault.error && count == sk_POLICYQUALINFO_num(theirs);
}

static bool same_policies(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    CERTIFICATEPOLICIES *their = theirs;
    struct policy policy;
    struct der cursor;
    bool ok = true;
    int count = 0;

    if (!policies_begin(&cursor, fault, NULL, value)) return true;
    for (; policies_next(&cursor, &policy); count++) {
        POLICYINFO *one = their ? sk_POLICYINFO_value(their, count) : NULL;

        ok = ok && (!their || (one && same_oid(policy.oid, one->policyid) && same_qualifiers(policy.qualifiers, one->qualifiers)));
    }
    return fault->error || !their || (ok && count == sk_POLICYINFO_num(their));
}

static bool same_mappings(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    POLICY_MAPPINGS *their = theirs;
    struct policy_mapping mapping;
    struct der cursor;
    bool ok = true;
    int count = 0;

    if (!policy_mappings_begin(&cursor, fault, NULL, value)) return true;
    for (; policy_mappings_next(&cursor, &mapping); count++) {
        POLICY_MAPPING *one = their ? sk_POLICY_MAPPING_value(their, count) : NULL;

        ok = ok && (!their || (one && same_oid(mapping.issuer, one->issuerDomainPolicy)
                               && same_oid(mapping.subject, one->subjectDomainPolicy)));
    }
    return fault->error || !their || (ok && count == sk_POLICY_MAPPING_num(their));
}

static bool same_policy_constraints(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    POLICY_CONSTRAINTS *their = theirs;
    struct policy_constraints ours;

    if (!policy_constraints_read(value, &ours, fault, NULL) || !their) return true;
    return same_integer(ours.require_explicit, their->requireExplicitPolicy)
        && same_integer(ours.inhibit_mapping, their->inhibitPolicyMapping);
}

static bool same_subtrees(struct der_bytes list, STACK_OF(GENERAL_SUBTREE) *theirs)
{
    struct subtree subtree;
    struct der_fault fault;
    struct der cursor;
    int count = 0;

    if (!theirs) return !list.size;
    for (subtrees_begin(&cursor, &fault, list); subtrees_next(&cursor, &subtree); count++) {
        GENERAL_SUBTREE *their = sk_GENERAL_SUBTREE_value(theirs, count);

        if (!their || !same_general_name(&subtree.base, their->base) || !same_integer(subtree.minimum, their->minimum)
            || !same_integer(subtree.maximum, their->maximum)) return false;
    }
    return !fault.error && count == sk_GENERAL_SUBTREE_num(theirs);
}

static bool same_name_constraints(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    NAME_CONSTRAINTS *their = theirs;
    struct name_constraints ours;

    if (!name_constraints_read(value, &ours, fault, NULL) || !their) return true;
    return same_subtrees(ours.permitted, their->permittedSubtrees) && same_subtrees(ours.excluded, their->excludedSubtrees);
}

static bool same_octets(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    struct der_bytes ours;

    return !der_alone(value, "octets", DER_OCTET_STRING, &ours, fault, NULL) || !theirs || der_same(ours, content_of(theirs));
}

static bool same_number(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    struct der_bytes ours;

    return !der_alone(value, "number", DER_INTEGER, &ours, fault, NULL) || !theirs || same_integer(ours, theirs);
}

static bool same_enumerated(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    struct der_bytes ours;
    int64_t number, their;

    if (!der_alone(value, "number", DER_ENUMERATED, &ours, fault, NULL) || !theirs) return true;
    return !der_number(ours, &number) || !ASN1_ENUMERATED_get_int64(&their, theirs) || number == their;
}

static bool same_object(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    struct der_bytes ours;

    return !der_alone(value, "OID", DER_OID, &ours, fault, NULL) || !theirs || same_oid(ours, theirs);
}

static bool same_moment(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    int64_t seconds;

    return !der_time_alone(value, "time", &seconds, fault, NULL) || !theirs || same_time(seconds, theirs);
}

static bool same_authority(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    AUTHORITY_KEYID *their = theirs;
    struct authority_key ours;

    if (!authority_key_read(value, &ours, fault, NULL) || !their) return true;
    return (their->keyid ? der_same(ours.key, content_of(their->keyid)) : !ours.key.data)
        && same_list(ours.issuer, their->issuer) && same_integer(ours.serial, their->serial);
}

/* A name that is the rest of another one: theirs are entries in a stack, written together they are ours. */
static bool same_relative(struct der_bytes set, STACK_OF(X509_NAME_ENTRY) *theirs)
{
    struct name_cursor cursor;
    struct name_part part;
    int count = 0;

    name_begin_set(&cursor, set);
    for (; name_next(&cursor, &part); count++) {
        X509_NAME_ENTRY *entry = sk_X509_NAME_ENTRY_value(theirs, count);

        if (!entry || !same_oid(part.type, X509_NAME_ENTRY_get_object(entry))
            || !der_same(part.value.content, content_of(X509_NAME_ENTRY_get_data(entry)))) return false;
    }
    return !cursor.fault.error && count == sk_X509_NAME_ENTRY_num(theirs);
}

static bool same_point_name(struct der_bytes names, struct der_bytes relative, const DIST_POINT_NAME *theirs)
{
    if (!theirs) return !names.size && !relative.size;
    if (theirs->type) return !names.size && same_relative(relative, theirs->name.relativename);
    return !relative.size && same_list(names, theirs->name.fullname);
}

static bool same_points(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    CRL_DIST_POINTS *their = theirs;
    struct distribution_point point;
    struct der cursor;
    bool ok = true;
    int count = 0;

    if (!distribution_points_begin(&cursor, fault, NULL, value)) return true;
    for (; distribution_points_next(&cursor, &point); count++) {
        DIST_POINT *one = their ? sk_DIST_POINT_value(their, count) : NULL;

        ok = ok && (!their || (one && same_point_name(point.names, point.relative, one->distpoint)
                               && point.has_reasons == !!one->reasons && (!one->reasons || same_bits(point.reasons, one->reasons))
                               && same_list(point.issuer, one->CRLissuer)));
    }
    return fault->error || !their || (ok && count == sk_DIST_POINT_num(their));
}

static bool same_issuing_point(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    ISSUING_DIST_POINT *their = theirs;
    struct issuing_point ours;

    if (!issuing_point_read(value, &ours, fault, NULL) || !their) return true;
    return same_point_name(ours.names, ours.relative, their->distpoint) && ours.only_users == (their->onlyuser > 0)
        && ours.only_cas == (their->onlyCA > 0) && ours.indirect == (their->indirectCRL > 0)
        && ours.only_attributes == (their->onlyattr > 0) && ours.has_reasons == !!their->onlysomereasons
        && (!ours.has_reasons || same_bits(ours.reasons, their->onlysomereasons));
}

static bool same_access(struct der_bytes value, void *theirs, struct der_fault *fault)
{
    AUTHORITY_INFO_ACCESS *their = theirs;
    struct access_description ours;
    struct der cursor;
    bool ok = true;
    int count = 0;

    if (!access_descriptions_begin(&cursor, fault, NULL, value)) return true;
    for (; access_descriptions_next(&cursor, &ours); count++) {
        ACCESS_DESCRIPTION *one = their ? sk_ACCESS_DESCRIPTION_value(their, count) : NULL;

        ok = ok && (!their || (one && same_oid(ours.method, one->method) && same_general_name(&ours.location, one->location)));
    }
    return fault->error || !their || (ok && count == sk_ACCESS_DESCRIPTION_num(their));
}

static const struct kind {
    int nid;
    compare_function *compare;
} kinds[] = {
    {NID_subject_alt_name, same_names}, {NID_issuer_alt_name, same_names}, {NID_basic_constraints, same_basic},
    {NID_key_usage, same_usage}, {NID_ext_key_usage, same_purposes}, {NID_certificate_policies, same_policies},
    {NID_policy_mappings, same_mappings}, {NID_policy_constraints, same_policy_constraints},
    {NID_inhibit_any_policy, same_number}, {NID_name_constraints, same_name_constraints},
    {NID_subject_key_identifier, same_octets}, {NID_authority_key_identifier, same_authority},
    {NID_crl_distribution_points, same_points}, {NID_freshest_crl, same_points}, {NID_info_access, same_access},
    {NID_sinfo_access, same_access}, {NID_issuing_distribution_point, same_issuing_point}, {NID_crl_number, same_number},
    {NID_delta_crl, same_number}, {NID_crl_reason, same_enumerated}, {NID_invalidity_date, same_moment},
    {NID_hold_instruction_code, same_object}, {NID_certificate_issuer, same_names},
};

/*
 * Is there text in it, or a value in a name, that libcrypto has no characters or no type for, or an EDI party name, which we do not
 * look into? Every level is looked at; `level` is 1 in a set of a name's parts and 2 in a part.
 */
static bool odd_text(struct der_bytes value, int level, int depth)
{
    struct der_fault fault;
    struct der_value got;
    struct der cursor;
    bool odd = false, clean;

    for (der_begin(&cursor, &fault, value.data, value.size); !odd && der_more(&cursor) && der_any(&cursor, "value", &got);) {
        if (der_is_text(got.tag)) {
            der_text(got.tag, got.content, NULL, 0, &clean);
            odd = !clean || got.tag == DER_VISIBLE_STRING || got.tag == DER_NUMERIC_STRING || got.tag == DER_PRINTABLE_STRING
               || got.tag == DER_T61_STRING || got.tag == DER_UNIVERSAL_STRING;         /* not in DisplayText */
        } else if (level == 2 || got.tag == 0xA5) {
            odd = got.tag != DER_OID;
        } else if (got.tag < 0x100 && got.tag & 0x20 && depth < 12) {
            odd = odd_text(got.content, got.tag == DER_SET || got.tag == 0xA1 ? 1 : level == 1 && got.tag == DER_SEQUENCE ? 2 : 0, depth + 1);
        }
    }
    return odd;
}

static bool is_der_time(const ASN1_TIME *time)
{
    size_t size = ASN1_STRING_type(time) == V_ASN1_UTCTIME ? 13 : 15;
    const char *text = (const char *)ASN1_STRING_get0_data(time);

    return (size_t)ASN1_STRING_length(time) == size && strspn(text, "0123456789") == size - 1 && text[size - 1] == 'Z';
}

/* Is there no such moment, or is it not written as DER wants it? libcrypto looks at times only when it uses them. */
static bool no_der_time(const ASN1_TIME *time)
{
    struct tm tm;

    return !time || !is_der_time(time) || !ASN1_TIME_to_tm(time, &tm);
}

/* Is this the first byte of a string in pieces, or of a sequence in one? libcrypto bears both, and keeps a name's bytes as they came. */
static bool wrong_form(unsigned char tag)
{
    bool constructed = (tag & 0x1F) == 0x08 || (tag & 0x1F) == 0x0B || (tag & 0x1F) == 0x10 || (tag & 0x1F) == 0x11 || (tag & 0x1F) == 0x1D;

    return !(tag & 0xC0) && constructed != !!(tag & 0x20);
}

static bool no_der_time_in(struct der_bytes value)
{
    const unsigned char *at = value.data;
    ASN1_TIME *time = d2i_ASN1_TIME(NULL, &at, (long)value.size);
    bool ok = no_der_time(time);

    ASN1_TIME_free(time);
    return ok;
}

/* The reasons for which we refuse what libcrypto writes again to the same bytes: what X.690 and RFC 5280 forbid, and libcrypto
 * bears. Each is looked for in the bytes themselves. */
static bool confirmed(const struct der_fault *fault, struct der_bytes value)
{
    const unsigned char *at = value.data + fault->offset;

    if (fault->offset > value.size) return false;
    switch (fault->error) {
    case DER_E_EMPTY:       return fault->offset + 2 <= value.size && !at[1];                   /* a length of nothing */
    case DER_E_ADDRESS:     return at[0] == 0x87;                       /* of another size than is right there */
    case DER_E_BOOLEAN:     return at[0] != 0 && at[0] != 0xFF;
    case DER_E_DEFAULT:     return at[0] == 0x80 && at[1] == 1 && !at[2];                       /* a minimum of 0 */
    case DER_E_TOO_MANY:    return value.size > 6;                                              /* bits: more than 32 */
    case DER_E_TIME_FORM: case DER_E_TIME_RANGE: return no_der_time_in(value);
    case DER_E_FORM:        return wrong_form(at[0]);
    case DER_E_TAG_RESERVED: return !at[0];
    default:                return false;
    }
}

struct tally { int same, both_refuse, lax, confirmed, odd; } tally;

/* One value of one kind, read by both; false where the rule above is broken. */
static bool compare_value(const struct kind *kind, struct der_bytes value)
{
    const X509V3_EXT_METHOD *method = X509V3_EXT_get_nid(kind->nid);
    const unsigned char *at = value.data;
    ASN1_VALUE *theirs = ASN1_item_d2i(NULL, &at, (long)value.size, ASN1_ITEM_ptr(method->it));
    unsigned char *out = NULL;
    struct der_fault fault;
    bool again, ok;
    int size;

    if (theirs && at != value.data + value.size) ASN1_item_free(theirs, ASN1_ITEM_ptr(method->it)), theirs = NULL;
    size = theirs ? ASN1_item_i2d(theirs, &out, ASN1_ITEM_ptr(method->it)) : 0;
    again = size > 0 && der_same(value, (struct der_bytes){out, (size_t)size});
    ok = kind->compare(value, theirs, &fault);
    if (!theirs) {
        tally.both_refuse += !!fault.error;
        tally.odd += !fault.error;
        ok = ok && (fault.error || odd_text(value, 0, 0));
    } else if (!fault.error) {
        tally.same += ok;
    } else {
        tally.lax += !again;
        tally.confirmed += again;
        ok = !again || confirmed(&fault, value);
    }
    if (fault.error) ok = ok && fault.offset <= value.size;
    ASN1_item_free(theirs, ASN1_ITEM_ptr(method->it));
    OPENSSL_free(out);
    ERR_clear_error();
    return ok;
}

static void tell(const char *what, const struct kind *kind, struct der_bytes value)
{
    struct der_fault fault;
    char text[256], hex[401] = "";

    kind->compare(value, NULL, &fault);
    der_fault_text(&fault, text, sizeof text);
    for (size_t i = 0; i < value.size && i < 200; i++) sprintf(hex + 2 * i, "%02x", value.data[i]);
    test_note("    %s, %s: %s: %s", what, OBJ_nid2sn(kind->nid), text, hex);
}

static const struct kind *kind_of(struct der_bytes oid)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const ASN1_OBJECT *object = OBJ_nid2obj(kinds[i].nid);

        if (der_same(oid, (struct der_bytes){OBJ_get0_data(object), OBJ_length(object)})) return &kinds[i];
    }
    return NULL;
}

/* How often each value is changed and compared again. */
static int changes;

static void compare_extensions(const char *what, struct der_bytes list)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;

    for (extensions_begin(&cursor, &fault, list); extensions_next(&cursor, &extension);) {
        const struct kind *kind = kind_of(extension.oid);

        if (!kind) continue;
        if (!check(compare_value(kind, extension.value))) tell(what, kind, extension.value);
        for (int i = 0; i < changes; i++) {
            struct der_bytes changed = {NULL, extension.value.size};
            unsigned char *bytes = mutated(extension.value.data, &changed.size);

            changed.data = bytes;
            if (!check(compare_value(kind, changed))) tell("changed", kind, changed);
            free(bytes);
        }
    }
}

static void compare_root(const char *path, const unsigned char *der, size_t size)
{
    struct der_fault fault;
    struct x509 ours;

    if (check(x509_read(der, size, &ours, &fault, NULL))) compare_extensions(path, ours.extensions);
}

static void note_tally(void)
{
    test_note("%d read alike, %d refused by both; refused by us: %d not written again alike, %d for a confirmed reason; "
              "%d of odd text refused by libcrypto", tally.same, tally.both_refuse, tally.lax, tally.confirmed, tally.odd);
}

TEST(extensions_of_every_root_certificate_read_as_libcrypto_reads_them)
{
    tally = (struct tally){0};
    changes = 20;
    state = 5;
    for_each_root(compare_root);
    note_tally();
    check(tally.same > 500);
}

/* Values that are drawn: every kind of extension, with all that it may hold. */
static const struct { const char *name, *value; } drawn[] = {
    {"subjectAltName", "DNS:a.example,email:a@b,URI:http://c/,IP:192.0.2.1,IP:2001:db8::1,RID:1.2.3.4,dirName:dn"},
    {"subjectAltName", "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:zo@c,otherName:1.2.3;OCT:x,otherName:1.2.4;BMP:xy,otherName:1.2.5;NULL"},
    {"issuerAltName", "critical,URI:http://i/,dirName:dn"},
    {"basicConstraints", "CA:FALSE"}, {"basicConstraints", "critical,CA:TRUE,pathlen:0"}, {"basicConstraints", "CA:TRUE,pathlen:300"},
    {"keyUsage", "critical,digitalSignature,nonRepudiation,keyEncipherment,keyAgreement,decipherOnly"}, {"keyUsage", "cRLSign"},
    {"extendedKeyUsage", "serverAuth,clientAuth,1.3.6.1.4.1.311.20.2.2,2.25.1234567890123456789012345678901"},
    {"certificatePolicies", "1.2.3.4,@pol"}, {"certificatePolicies", "2.5.29.32.0"},
    {"policyMappings", "1.2.3:1.2.4,1.2.5:1.2.6"}, {"policyConstraints", "requireExplicitPolicy:3,inhibitPolicyMapping:128"},
    {"policyConstraints", "inhibitPolicyMapping:0"}, {"inhibitAnyPolicy", "2"},
    {"nameConstraints", "critical,permitted;DNS:.demo,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:x@y,excluded;dirName:dn"},
    {"subjectKeyIdentifier", "01:02:03"}, {"crlDistributionPoints", "dp1,dp2,URI:http://x/"}, {"freshestCRL", "URI:ldap:///d"},
    {"authorityInfoAccess", "OCSP;URI:http://o/,caIssuers;dirName:dn"}, {"subjectInfoAccess", "caRepository;URI:http://r/"},
    {"1.3.6.1.4.1.311.20.2", "ASN1:BMP:WebServer"}, {"1.2.3.4.5", "DER:0500"},
    {"authorityKeyIdentifier", "DER:300D80016BA1038201698203010203"}, {"authorityKeyIdentifier", "DER:300382010A"},
    {"authorityKeyIdentifier", "DER:30348001FFA12CA42A3028310B3009060355040613024445310D300B060355040A0C0444656D6F310A300806035504030C0178820107"},
};

static const char sections[] =
    "[dn]\nC=DE\nO=Demo\nCN=x\n[pol]\npolicyIdentifier=1.3.5.8\nCPS.1=http://cps/\nuserNotice.1=@notice\nuserNotice.2=@bare\n"
    "[notice]\nexplicitText=UTF8:Text\norganization=Demo\nnoticeNumbers=1,2,300\n[bare]\nexplicitText=BMP:kurz\n"
    "[dp1]\nfullname=URI:http://crl/a.crl\nCRLissuer=dirName:dn\nreasons=keyCompromise,CACompromise,AACompromise\n"
    "[dp2]\nrelativename=rel\nCRLissuer=dirName:dn\n[rel]\nCN=rel\n"
    "[idp]\nfullname=URI:http://crl/a.crl\nonlyuser=TRUE\nindirectCRL=TRUE\nonlysomereasons=keyCompromise,superseded\n";

static CONF *configuration(void)
{
    static CONF *conf;
    long line;
    BIO *text;

    if (conf) return conf;
    text = BIO_new_mem_buf(sections, -1);
    conf = NCONF_new(NULL);
    check(NCONF_load_bio(conf, text, &line) > 0);
    BIO_free(text);
    return conf;
}

static void add_drawn(X509 *certificate)
{
    for (unsigned count = draw(8); count; count--) {
        unsigned which = draw(sizeof drawn / sizeof *drawn);
        X509_EXTENSION *extension;
        X509V3_CTX context;

        X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
        X509V3_set_nconf(&context, configuration());
        extension = X509V3_EXT_nconf(configuration(), &context, drawn[which].name, drawn[which].value);
        if (!check(extension)) test_note("    %s", drawn[which].name);
        else if (X509_get_ext_by_OBJ(certificate, X509_EXTENSION_get_object(extension), -1) < 0 || !draw(40))
            X509_add_ext(certificate, extension, -1);                   /* seldom twice */
        X509_EXTENSION_free(extension);
    }
}

/* A certificate of some shape, every part of it drawn, as DER to be freed. */
static unsigned char *some_certificate(size_t *size)
{
    X509 *certificate = X509_new();
    unsigned kind = draw(KEYS), signer = draw(3) ? 3 : draw(KEYS);
    unsigned char serial[20] = {0}, *der = NULL;
    ASN1_INTEGER *number;
    BIGNUM *big;

    for (unsigned i = draw(20); i < 20; i++) serial[i] = (unsigned char)draw(256);
    big = BN_bin2bn(serial, 20, NULL);
    BN_set_negative(big, !draw(8));
    number = BN_to_ASN1_INTEGER(big, NULL);
    X509_set_serialNumber(certificate, number);
    ASN1_INTEGER_free(number);
    BN_free(big);
    X509_set_version(certificate, draw(20) ? 2 : draw(3));
    for (unsigned parts = draw(6); parts; parts--) add_name_part(X509_get_subject_name(certificate));
    for (unsigned parts = draw(4); parts; parts--) add_name_part(X509_get_issuer_name(certificate));
    ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)draw(0x7FFFFFFF) - (draw(4) ? 0 : 1500000000));
    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)draw(0x7FFFFFFF) * (draw(4) ? 1 : 100));
    X509_set_pubkey(certificate, key_of(kind));
    add_drawn(certificate);
    check(X509_sign(certificate, key_of(signer), digest_of(signer)) > 0);
    *size = (size_t)i2d_X509(certificate, &der);
    X509_free(certificate);
    return der;
}

static bool has_twice(X509 *certificate)
{
    for (int i = 0; i < X509_get_ext_count(certificate); i++) {
        if (X509_get_ext_by_OBJ(certificate, X509_EXTENSION_get_object(X509_get_ext(certificate, i)), i) >= 0) return true;
    }
    return false;
}

/* The reasons for which we refuse a whole certificate that libcrypto writes again to the same bytes. */
static bool certificate_confirmed(const struct der_fault *fault, X509 *theirs, const unsigned char *der, size_t size)
{
    const X509_ALGOR *outer;

    X509_get0_signature(NULL, &outer, theirs);
    if (fault->offset > size) return false;
    switch (fault->error) {
    case DER_E_REPEATED:    return has_twice(theirs);
    case DER_E_TRAILING:    return X509_get_version(theirs) < 2;                /* extensions, before there were any */
    case DER_E_VERSION:     return X509_get_version(theirs) > 2 || X509_get_version(theirs) < 0;
    case DER_E_INTEGER_NEGATIVE: case DER_E_INTEGER_TOO_LARGE: return X509_get_version(theirs) > 2 || X509_get_version(theirs) < 0;
    case DER_E_MISMATCH:    return X509_ALGOR_cmp(X509_get0_tbs_sigalg(theirs), outer) != 0;
    case DER_E_BITS_NOT_WHOLE: return der[fault->offset] != 0;
    case DER_E_BOOLEAN:     return der[fault->offset] != 0 && der[fault->offset] != 0xFF;
    case DER_E_DEFAULT:     return (der[fault->offset] == 1 && !der[fault->offset + 2])              /* not critical */
                                || (der[fault->offset] == 0xA0 && !der[fault->offset + 4]);         /* version 1 */
    case DER_E_FORM:        return wrong_form(der[fault->offset]);
    case DER_E_TAG_RESERVED: return !der[fault->offset];
    case DER_E_EMPTY:       return fault->offset + 2 <= size && !der[fault->offset + 1];
    case DER_E_TIME_FORM: case DER_E_TIME_RANGE:
        return no_der_time(X509_get0_notBefore(theirs)) || no_der_time(X509_get0_notAfter(theirs));
    default:                return false;
    }
}

/* Names are kept by libcrypto as they came: made anew from their entries, they show whether they were DER. */
static bool name_again(const X509_NAME *name)
{
    X509_NAME *copy = X509_NAME_new();
    unsigned char *a = NULL, *b = NULL;
    int last = 0, a_size, b_size;
    bool ok;

    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);

        X509_NAME_add_entry(copy, entry, -1, i && X509_NAME_ENTRY_set(entry) == last ? -1 : 0);
        last = X509_NAME_ENTRY_set(entry);
    }
    a_size = i2d_X509_NAME((X509_NAME *)name, &a);
    b_size = i2d_X509_NAME(copy, &b);
    ok = a_size == b_size && a_size > 0 && !memcmp(a, b, (size_t)a_size);
    OPENSSL_free(a);
    OPENSSL_free(b);
    X509_NAME_free(copy);
    return ok;
}

static bool certificate_again(X509 *theirs, const unsigned char *der, size_t size)
{
    unsigned char *info = NULL, *out = NULL;
    int info_size = i2d_re_X509_tbs(theirs, &info), out_size = i2d_X509(theirs, &out);
    bool ok = info_size > 0 && out_size > 0 && (size_t)out_size == size && !memcmp(out, der, size)
           && name_again(X509_get_subject_name(theirs)) && name_again(X509_get_issuer_name(theirs));

    OPENSSL_free(info);
    OPENSSL_free(out);
    return ok;
}

static int read_alike, refused, refused_confirmed, keys_alike;

static bool same_number_of(struct der_bytes ours, const EVP_PKEY *key, const char *parameter)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;
    bool is = EVP_PKEY_get_bn_param(key, parameter, &number) && BN_num_bytes(number) <= (int)sizeof bytes &&
              der_same(ours, (struct der_bytes){bytes, (size_t)BN_bn2bin(number, bytes)});

    BN_free(number);
    return is;
}

/* The numbers of an RSA key and the point of an EC key, where libcrypto makes a key of it. */
static bool same_key_numbers(const struct public_key *ours, const EVP_PKEY *key)
{
    struct der_bytes a, b, c;
    struct der_fault fault;
    bool is_rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;

    if (!is_rsa && EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return true;
    if (!is_rsa && known_length(key) == 224) return !public_key_ec(ours, &fault, &a, &b, &c) && fault.error == DER_E_ALGORITHM;
    keys_alike++;
    if (is_rsa) return public_key_rsa(ours, &fault, NULL, &a, &b) && same_number_of(a, key, "n") && same_number_of(b, key, "e");
    return public_key_ec(ours, &fault, &a, &b, &c) && b.size == c.size && known_length(key) <= b.size * 8;
}

/* Key, signature, and the algorithms of both. */
static bool same_key_and_signature(const struct x509 *ours, const X509 *theirs)
{
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    ASN1_OBJECT *oid;
    const unsigned char *bits;
    int size;

    X509_get0_signature(&signature, &algorithm, theirs);
    X509_PUBKEY_get0_param(&oid, &bits, &size, NULL, X509_get_X509_PUBKEY(theirs));
    return der_same(ours->signature, content_of(signature)) && same_oid(ours->signature_algorithm.oid, algorithm->algorithm) &&
           same_oid(ours->key.algorithm.oid, oid) && der_same(ours->key.bits, (struct der_bytes){bits, (size_t)size}) &&
           SAME(ours->key.whole, i2d_X509_PUBKEY, X509_get_X509_PUBKEY(theirs));
}

static void compare_certificate(const unsigned char *der, size_t size)
{
    X509 *theirs = their_certificate(der, size);
    struct der_fault fault;
    struct x509 ours;
    char text[256];

    if (x509_read(der, size, &ours, &fault, NULL)) {
        read_alike++;
        if (!theirs) check(!is_known(ours.subject) || !is_known(ours.issuer));
        else check(SAME(ours.subject, i2d_X509_NAME, X509_get_subject_name(theirs))
                   && same_name_texts(ours.subject, X509_get_subject_name(theirs)) && same_name_texts(ours.issuer, X509_get_issuer_name(theirs))
                   && same_integer(ours.serial, X509_get0_serialNumber(theirs)) && same_time(ours.not_before, X509_get0_notBefore(theirs))
                   && same_time(ours.not_after, X509_get0_notAfter(theirs)) && same_key_and_signature(&ours, theirs));
    } else if (theirs && certificate_again(theirs, der, size)) {
        refused_confirmed++;
        if (!check(certificate_confirmed(&fault, theirs, der, size))) {
            der_fault_text(&fault, text, sizeof text);
            test_note("    %s", text);
        }
    } else {
        refused += check(fault.offset <= size);
    }
    X509_free(theirs);
    ERR_clear_error();
}

TEST(thousands_of_certificates_and_their_extensions_read_as_libcrypto_reads_them)
{
    tally = (struct tally){0};
    read_alike = refused = refused_confirmed = 0;
    changes = 4;
    state = 6;
    for (int i = 0; i < 3000; i++) {
        size_t size;
        unsigned char *der = some_certificate(&size);
        struct der_fault fault;
        struct x509 ours;

        compare_certificate(der, size);
        if (x509_read(der, size, &ours, &fault, NULL)) {
            X509 *theirs = their_certificate(der, size);
            EVP_PKEY *key = theirs ? X509_get0_pubkey(theirs) : NULL;
            unsigned length = public_key_length(&ours.key);

            check(!key || length == known_length(key) || (!length && known_length(key) == 224));
            check(!key || same_key_numbers(&ours.key, key));
            X509_free(theirs);
            compare_extensions("drawn", ours.extensions);
        }
        OPENSSL_free(der);
    }
    test_note("%d certificates read, %d refused for a confirmed reason, %d others refused", read_alike, refused_confirmed, refused);
    note_tally();
    check(read_alike > 2500 && tally.same > 5000 && keys_alike > 1000);
}

TEST(certificates_with_bytes_changed_are_read_alike_or_refused_for_a_reason)
{
    read_alike = refused = refused_confirmed = 0;
    state = 7;
    for (int i = 0; i < 200; i++) {
        size_t size;
        unsigned char *der = some_certificate(&size);

        for (int j = 0; j < 50; j++) {
            size_t changed_size = size;
            unsigned char *changed = mutated(der, &changed_size);

            compare_certificate(changed, changed_size);
            free(changed);
        }
        OPENSSL_free(der);
    }
    test_note("%d read, %d refused for a confirmed reason, %d refused and not written again alike", read_alike, refused_confirmed, refused);
    check(read_alike > 1000 && refused > 1000);
}

static void add_crl_extension(X509_CRL *crl, const char *name, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, NULL, NULL, NULL, crl, 0);
    X509V3_set_nconf(&context, configuration());
    extension = X509V3_EXT_nconf(configuration(), &context, name, value);
    if (check(extension)) X509_CRL_add_ext(crl, extension, -1);
    X509_EXTENSION_free(extension);
}

static void add_entry(X509_CRL *crl)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    ASN1_TIME *date = ASN1_TIME_set(NULL, (time_t)draw(0x7FFFFFFF));
    ASN1_GENERALIZEDTIME *invalid = ASN1_GENERALIZEDTIME_set(NULL, (time_t)draw(0x7FFFFFFF));

    ASN1_INTEGER_set_uint64(serial, (uint64_t)draw(0x7FFFFFFF) * draw(0x7FFFFFFF));
    ASN1_ENUMERATED_set(reason, draw(11));
    X509_REVOKED_set_serialNumber(entry, serial);
    X509_REVOKED_set_revocationDate(entry, date);
    if (draw(2)) X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0);
    if (!draw(3)) X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, invalid, 0, 0);
    if (!draw(5)) X509_REVOKED_add1_ext_i2d(entry, NID_hold_instruction_code, OBJ_nid2obj(NID_hold_instruction_reject), 0, 0);
    X509_CRL_add0_revoked(crl, entry);
    ASN1_INTEGER_free(serial);
    ASN1_ENUMERATED_free(reason);
    ASN1_TIME_free(date);
    ASN1_GENERALIZEDTIME_free(invalid);
}

static unsigned char *some_crl(size_t *size)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *issuer = X509_NAME_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)draw(0x7FFFFFFF));
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    bool second = draw(4);
    unsigned char *der = NULL;

    for (unsigned parts = draw(4); parts; parts--) add_name_part(issuer);
    X509_CRL_set_issuer_name(crl, issuer);
    X509_CRL_set1_lastUpdate(crl, time);
    if (draw(4)) X509_CRL_set1_nextUpdate(crl, time);
    if (second) {
        X509_CRL_set_version(crl, 1);
        ASN1_INTEGER_set_uint64(number, draw(0x7FFFFFFF));
        X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
        if (draw(2)) X509_CRL_add1_ext_i2d(crl, NID_delta_crl, number, 1, 0);
        if (draw(2)) add_crl_extension(crl, "issuingDistributionPoint", "critical,@idp");
        if (draw(2)) add_crl_extension(crl, "1.3.6.1.4.1.311.21.4", "ASN1:UTCTIME:260101000000Z");
        for (unsigned entries = draw(30); entries; entries--) add_entry(crl);
    }
    check(X509_CRL_sign(crl, key_of(3), EVP_sha256()) > 0);
    *size = (size_t)i2d_X509_CRL(crl, &der);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(time);
    X509_NAME_free(issuer);
    X509_CRL_free(crl);
    return der;
}

static bool same_entry(const struct crl_entry *ours, X509_REVOKED *theirs)
{
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(theirs, NID_crl_reason, NULL, NULL);
    ASN1_GENERALIZEDTIME *invalid = X509_REVOKED_get_ext_d2i(theirs, NID_invalidity_date, NULL, NULL);
    struct crl_entry_details details;
    struct der_fault fault;
    int64_t number = 0;
    bool ok;

    if (crl_entry_read_details(ours, &details, &fault, NULL)) {
        ok = details.has_reason == !!reason && details.has_invalidity == !!invalid
          && (!reason || (ASN1_ENUMERATED_get_int64(&number, reason) && number == details.reason))
          && (!invalid || same_time(details.invalidity, invalid));
    } else {
        ok = true;                                      /* the values are compared one by one elsewhere */
    }
    ok = ok && same_integer(ours->serial, X509_REVOKED_get0_serialNumber(theirs))
      && same_time(ours->date, X509_REVOKED_get0_revocationDate(theirs));
    ASN1_ENUMERATED_free(reason);
    ASN1_GENERALIZEDTIME_free(invalid);
    return ok;
}

static bool same_crl(const struct crl *ours, X509_CRL *theirs)
{
    struct crl_entry entry;
    struct der_fault fault;
    struct der cursor;
    int count = 0;

    crl_entries_begin(&cursor, &fault, ours);
    for (; crl_entries_next(&cursor, &entry); count++) {
        X509_REVOKED *their = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(theirs), count);

        if (!their || !same_entry(&entry, their)) return false;
    }
    if (count != (X509_CRL_get_REVOKED(theirs) ? sk_X509_REVOKED_num(X509_CRL_get_REVOKED(theirs)) : 0)) return false;
    return !fault.error && (size_t)count == ours->count && ours->version == X509_CRL_get_version(theirs) + 1
        && SAME(ours->issuer, i2d_X509_NAME, X509_CRL_get_issuer(theirs))
        && same_time(ours->this_update, X509_CRL_get0_lastUpdate(theirs))
        && ours->has_next_update == !!X509_CRL_get0_nextUpdate(theirs)
        && (!ours->has_next_update || same_time(ours->next_update, X509_CRL_get0_nextUpdate(theirs)));
}

static X509_CRL *their_crl(const unsigned char *der, size_t size)
{
    const unsigned char *at = der;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)size);

    if (!crl || at == der + size) return crl;
    X509_CRL_free(crl);
    return NULL;
}

TEST(crls_of_many_shapes_read_as_libcrypto_reads_them)
{
    tally = (struct tally){0};
    changes = 4;
    state = 8;
    for (int i = 0; i < 300; i++) {
        size_t size;
        unsigned char *der = some_crl(&size);
        X509_CRL *theirs = their_crl(der, size);
        struct crl_entry entry;
        struct der_fault fault;
        struct der cursor;
        struct crl ours;

        if (!check(theirs && crl_read(der, size, &ours, &fault, NULL) && same_crl(&ours, theirs))) continue;
        compare_extensions("CRL", ours.extensions);
        for (crl_entries_begin(&cursor, &fault, &ours); crl_entries_next(&cursor, &entry);) compare_extensions("entry", entry.extensions);
        X509_CRL_free(theirs);
        OPENSSL_free(der);
    }
    note_tally();
    check(tally.same > 2000);
}

static bool crl_again(X509_CRL *theirs, const unsigned char *der, size_t size)
{
    unsigned char *info = NULL, *out = NULL;
    int info_size = i2d_re_X509_CRL_tbs(theirs, &info), out_size = i2d_X509_CRL(theirs, &out);
    bool ok = info_size > 0 && out_size > 0 && (size_t)out_size == size && !memcmp(out, der, size) && name_again(X509_CRL_get_issuer(theirs));

    OPENSSL_free(info);
    OPENSSL_free(out);
    return ok;
}

/* Has it, or one of its entries, an extension twice? */
static bool crl_has_twice(X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);

    for (int i = 0; i < X509_CRL_get_ext_count(crl); i++)
        if (X509_CRL_get_ext_by_OBJ(crl, X509_EXTENSION_get_object(X509_CRL_get_ext(crl, i)), i) >= 0) return true;
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);

        for (int j = 0; j < X509_REVOKED_get_ext_count(entry); j++)
            if (X509_REVOKED_get_ext_by_OBJ(entry, X509_EXTENSION_get_object(X509_REVOKED_get_ext(entry, j)), j) >= 0) return true;
    }
    return false;
}

static bool crl_has_no_der_time(X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
    bool odd = no_der_time(X509_CRL_get0_lastUpdate(crl)) || (X509_CRL_get0_nextUpdate(crl) && no_der_time(X509_CRL_get0_nextUpdate(crl)));

    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++)
        odd = odd || no_der_time(X509_REVOKED_get0_revocationDate(sk_X509_REVOKED_value(entries, i)));
    return odd;
}

/* libcrypto does not tell what stands in the signed part: is this algorithm there, in DER, at all? */
static bool holds_algorithm(X509_CRL *crl, const X509_ALGOR *algorithm)
{
    unsigned char *info = NULL, *out = NULL;
    int info_size = i2d_re_X509_CRL_tbs(crl, &info), size = i2d_X509_ALGOR(algorithm, &out);
    bool found = info_size > 0 && size > 0 && memmem(info, (size_t)info_size, out, (size_t)size);

    OPENSSL_free(info);
    OPENSSL_free(out);
    return found;
}

static bool crl_confirmed(const struct der_fault *fault, X509_CRL *theirs, const unsigned char *der)
{
    const unsigned char *at = der + fault->offset;
    const X509_ALGOR *outer;

    X509_CRL_get0_signature(theirs, NULL, &outer);
    switch (fault->error) {
    case DER_E_REPEATED:    return crl_has_twice(theirs);
    case DER_E_TRAILING:    return X509_CRL_get_version(theirs) < 1;            /* extensions, before there were any */
    case DER_E_VERSION: case DER_E_INTEGER_NEGATIVE: case DER_E_INTEGER_TOO_LARGE: return X509_CRL_get_version(theirs) != 1;
    case DER_E_MISMATCH:    return !holds_algorithm(theirs, outer);
    case DER_E_BITS_NOT_WHOLE: return at[0] != 0;
    case DER_E_BOOLEAN:     return at[0] != 0 && at[0] != 0xFF;
    case DER_E_DEFAULT:     return at[0] == 1 && !at[2];
    case DER_E_FORM:        return wrong_form(at[0]);
    case DER_E_TAG_RESERVED: return !at[0];
    case DER_E_EMPTY:       return !at[1];
    case DER_E_TIME_FORM: case DER_E_TIME_RANGE: return crl_has_no_der_time(theirs);
    default:                return false;
    }
}

TEST(crls_with_bytes_changed_are_read_alike_or_refused_for_a_reason)
{
    int read = 0, both = 0, lax = 0, for_a_reason = 0;

    state = 9;
    for (int i = 0; i < 100; i++) {
        size_t size;
        unsigned char *der = some_crl(&size);

        for (int j = 0; j < 100; j++) {
            size_t changed_size = size;
            unsigned char *changed = mutated(der, &changed_size);
            X509_CRL *theirs = their_crl(changed, changed_size);
            struct der_fault fault;
            struct crl ours;

            if (crl_read(changed, changed_size, &ours, &fault, NULL)) {
                read++;
                if (!theirs) check(!is_known(ours.issuer) || odd_text(ours.entries, 0, 0) || odd_text(ours.extensions, 0, 0));
                else check(same_crl(&ours, theirs));
            } else if (theirs && crl_again(theirs, changed, changed_size)) {
                for_a_reason++;
                if (!check(crl_confirmed(&fault, theirs, changed))) test_note("    error %d at %u", fault.error, (unsigned)fault.offset);
            } else {
                both += !theirs;
                lax += !!theirs;
                check(fault.error && fault.offset <= changed_size);
            }
            X509_CRL_free(theirs);
            free(changed);
        }
        OPENSSL_free(der);
    }
    test_note("%d read, %d refused by both; refused by us: %d for a confirmed reason, %d not written again alike", read, both,
              for_a_reason, lax);
    check(read > 500 && both > 500);
}
