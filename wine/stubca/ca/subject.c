/* Filling in the columns. */
#include "subject.h"
#include "der/name.h"
#include "der/text.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <bcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const name_column_names[COLUMN_COUNT] = {
    [COLUMN_COUNTRY] = "Country",
    [COLUMN_ORGANIZATION] = "Organization",
    [COLUMN_ORG_UNIT] = "OrgUnit",
    [COLUMN_COMMON_NAME] = "CommonName",
    [COLUMN_LOCALITY] = "Locality",
    [COLUMN_STATE] = "State",
    [COLUMN_TITLE] = "Title",
    [COLUMN_GIVEN_NAME] = "GivenName",
    [COLUMN_INITIALS] = "Initials",
    [COLUMN_SUR_NAME] = "SurName",
    [COLUMN_DOMAIN_COMPONENT] = "DomainComponent",
    [COLUMN_EMAIL] = "EMail",
    [COLUMN_STREET_ADDRESS] = "StreetAddress",
    [COLUMN_UNSTRUCTURED_NAME] = "UnstructuredName",
    [COLUMN_UNSTRUCTURED_ADDRESS] = "UnstructuredAddress",
    [COLUMN_DEVICE_SERIAL_NUMBER] = "DeviceSerialNumber",
};

static const char *const column_oids[COLUMN_COUNT] = {
    [COLUMN_COUNTRY] = "2.5.4.6",
    [COLUMN_ORGANIZATION] = "2.5.4.10",
    [COLUMN_ORG_UNIT] = "2.5.4.11",
    [COLUMN_COMMON_NAME] = "2.5.4.3",
    [COLUMN_LOCALITY] = "2.5.4.7",
    [COLUMN_STATE] = "2.5.4.8",
    [COLUMN_TITLE] = "2.5.4.12",
    [COLUMN_GIVEN_NAME] = "2.5.4.42",
    [COLUMN_INITIALS] = "2.5.4.43",
    [COLUMN_SUR_NAME] = "2.5.4.4",
    [COLUMN_DOMAIN_COMPONENT] = "0.9.2342.19200300.100.1.25",
    [COLUMN_EMAIL] = "1.2.840.113549.1.9.1",
    [COLUMN_STREET_ADDRESS] = "2.5.4.9",
    [COLUMN_UNSTRUCTURED_NAME] = "1.2.840.113549.1.9.2",
    [COLUMN_UNSTRUCTURED_ADDRESS] = "1.2.840.113549.1.9.8",
    [COLUMN_DEVICE_SERIAL_NUMBER] = "2.5.4.5",
};

char *hex_of(struct der_bytes bytes)
{
    char *hex = heap_take(bytes.size * 2 + 1);

    for (size_t i = 0; i < bytes.size; i++) sprintf(hex + i * 2, "%02x", bytes.data[i]);
    return hex;
}

char *hex_spaced(const char *hex)
{
    char *spaced = hex ? heap_take(strlen(hex) / 2 * 3 + 1) : NULL, *end = spaced;

    for (; spaced && *hex; hex += 2) end += sprintf(end, "%s%.2s", end == spaced ? "" : " ", hex);
    return spaced;
}

char *sha1_of(struct der_bytes bytes)
{
    unsigned char hash[20] = {0};
    BCRYPT_ALG_HANDLE algorithm = NULL;

    if (!BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA1_ALGORITHM, NULL, 0)) {
        BCryptHash(algorithm, NULL, 0, (UCHAR *)bytes.data, (ULONG)bytes.size, hash, sizeof hash);
        BCryptCloseAlgorithmProvider(algorithm, 0);
    }
    return hex_of((struct der_bytes){hash, sizeof hash});
}

/* UTF-8 of this size as a text that ends in NUL and holds none: U+0000 becomes U+FFFD. Takes
 * `bytes` over. */
static char *without_nul(char *bytes, size_t size)
{
    char *text = heap_take(size * 3 + 1), *at = text;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i]) *at++ = bytes[i];
        else at += sprintf(at, "\xEF\xBF\xBD");
    }
    free(bytes);
    return text;
}

char *text_of(const struct der_value *value)
{
    size_t size = der_text(value->tag, value->content, NULL, 0, NULL);
    char *bytes = heap_take(size + 1);

    der_text(value->tag, value->content, bytes, size, NULL);
    return without_nul(bytes, size);
}

char *name_of(struct der_bytes name)
{
    size_t size = name_text(name, NULL, 0);
    char *bytes;

    if (!size) return NULL;
    bytes = heap_take(size + 1);
    name_text(name, bytes, size);
    return without_nul(bytes, size);
}

/* Put one more text behind those there are. Takes `more` over. */
static void subject_join(char **list, char *more)
{
    char *both = *list ? text_format("%s\n%s", *list, more) : heap_text(more);

    free(more);
    free(*list);
    *list = both;
}

static void fill_name(struct subject *subject, struct der_bytes name)
{
    struct name_cursor cursor;
    struct name_part part;

    subject->raw_name = name;
    subject->distinguished_name = name_of(name);
    for (name_begin(&cursor, name); name_next(&cursor, &part);) {
        for (int i = 0; der_is_text(part.value.tag) && i < COLUMN_COUNT; i++) {
            if (der_oid_is(part.type, column_oids[i]))
                subject_join(&subject->name[i], text_of(&part.value));
        }
    }
}

static HRESULT fill_key(struct subject *subject, const struct public_key *key,
                        struct reason *reason)
{
    subject->public_key_info = key->whole;
    subject->key_parameters = key->algorithm.parameters;
    subject->key = key->bits;
    subject->key_length = public_key_length(key);
    if (der_oid_text(key->algorithm.oid, subject->key_algorithm, sizeof subject->key_algorithm))
        return S_OK;
    return text_reason(reason, CRYPT_E_ASN1_ERROR,
                       "the OID of the key's algorithm is longer than the database holds");
}

HRESULT subject_add(struct subject *subject, const struct extension *extension, bool of_cmc,
                    struct reason *reason)
{
    struct subject_extension *added;
    char oid[DER_OID_TEXT];
    size_t count;

    if (!der_oid_text(extension->oid, oid, sizeof oid))
        return text_reason(reason, CRYPT_E_ASN1_ERROR,
                           "the OID of an extension is longer than the database holds");
    if (subject_extension(subject, oid)) return S_OK;
    count = ++subject->extension_count;
    subject->extensions = heap_grow(subject->extensions, count * sizeof *subject->extensions);
    added = &subject->extensions[count - 1];
    strcpy(added->oid, oid);
    added->critical = extension->critical;
    added->of_cmc = of_cmc;
    added->value = extension->value;
    return S_OK;
}

static char *ip_of(struct der_bytes ip)
{
    const unsigned char *b = ip.data;

    if (ip.size == 4) return text_format("%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    if (ip.size != 16) return hex_of(ip);               /* of any size, where the CA is lenient */
    return text_format("%x:%x:%x:%x:%x:%x:%x:%x", b[0] << 8 | b[1], b[2] << 8 | b[3],
                       b[4] << 8 | b[5], b[6] << 8 | b[7], b[8] << 8 | b[9], b[10] << 8 | b[11],
                       b[12] << 8 | b[13], b[14] << 8 | b[15]);
}

static void add_alternative_name(struct subject *subject, const struct general_name *name)
{
    struct der_value ia5 = {.tag = DER_IA5_STRING, .content = name->content};
    struct der_value upn = {.tag = DER_UTF8_STRING};

    if (name->kind == GENERAL_NAME_DNS) subject_join(&subject->dns_names, text_of(&ia5));
    if (name->kind == GENERAL_NAME_EMAIL) subject_join(&subject->emails, text_of(&ia5));
    if (name->kind == GENERAL_NAME_URI) subject_join(&subject->uris, text_of(&ia5));
    if (name->kind == GENERAL_NAME_IP) subject_join(&subject->ip_addresses, ip_of(name->content));
    if (general_name_upn(name, &upn.content)) subject_join(&subject->upn, text_of(&upn));
}

static HRESULT fill_alternative_names(struct subject *subject, struct der_remarks *remarks,
                                      struct reason *reason)
{
    const struct subject_extension *extension = subject_extension(subject, "2.5.29.17");
    struct general_name name;
    struct der_fault fault;
    struct der cursor;
    char sentence[200];

    if (!extension) return S_OK;
    if (general_names_begin(&cursor, &fault, remarks, extension->value)) {
        while (general_names_next(&cursor, &name)) add_alternative_name(subject, &name);
    }
    if (!fault.error) return S_OK;
    der_fault_text(&fault, sentence, sizeof sentence);
    return text_reason(reason, CRYPT_E_ASN1_ERROR, "in the subjectAltName %s of it", sentence);
}

enum { KEY_IDENTIFIER_MAX = 64 };

static void fill_key_identifier(struct subject *subject)
{
    const struct subject_extension *extension = subject_extension(subject, "2.5.29.14");
    struct der_bytes id = {0};
    struct der_fault fault;
    struct der der;

    if (extension) {
        der_begin(&der, &fault, extension->value.data, extension->value.size);
        der_read(&der, "key identifier", DER_OCTET_STRING, &id);
    }
    subject->key_identifier =
        id.size && id.size <= KEY_IDENTIFIER_MAX ? hex_of(id) : sha1_of(subject->key);
}

HRESULT subject_begin(struct subject *subject, struct der_bytes name, const struct public_key *key,
                      struct reason *reason)
{
    memset(subject, 0, sizeof *subject);
    fill_name(subject, name);
    return fill_key(subject, key, reason);
}

HRESULT subject_end(struct subject *subject, struct der_remarks *remarks, struct reason *reason)
{
    fill_key_identifier(subject);
    return fill_alternative_names(subject, remarks, reason);
}

void subject_name(struct subject *subject, struct der_bytes name)
{
    for (int i = 0; i < COLUMN_COUNT; i++) free(subject->name[i]);
    memset(subject->name, 0, sizeof subject->name);
    free(subject->distinguished_name);
    fill_name(subject, name);
}

void subject_empty(struct subject *subject)
{
    for (int i = 0; i < COLUMN_COUNT; i++) free(subject->name[i]);
    free(subject->distinguished_name);
    free(subject->key_identifier);
    free(subject->extensions);
    free(subject->upn);
    free(subject->dns_names);
    free(subject->emails);
    free(subject->uris);
    free(subject->ip_addresses);
    memset(subject, 0, sizeof *subject);
}

const struct subject_extension *subject_extension(const struct subject *subject, const char *oid)
{
    for (size_t i = 0; i < subject->extension_count; i++) {
        if (!strcmp(subject->extensions[i].oid, oid)) return &subject->extensions[i];
    }
    return NULL;
}
