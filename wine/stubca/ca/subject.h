/*
 * A subject in a CA's database: the columns that the rows of requests and of certificates have in
 * common.
 *
 * All text is UTF-8, NUL-terminated. Text from an enrollee may contain any character but U+0000,
 * which becomes U+FFFD. A text is NULL if there is no value (CERTSRV_E_PROPERTY_EMPTY). Views
 * (struct der_bytes) point into the request or certificate and are valid as long as it is; the
 * subject owns its texts.
 */
#ifndef STUBCA_SUBJECT_H
#define STUBCA_SUBJECT_H

#include <windows.h>
#include "der/extension.h"
#include "der/key.h"
#include "der/value.h"
#include "stubca/base/reason.h"

/* The CA's name columns, named as in its database. */
enum name_column {
    COLUMN_COUNTRY,
    COLUMN_ORGANIZATION,
    COLUMN_ORG_UNIT,
    COLUMN_COMMON_NAME,
    COLUMN_LOCALITY,
    COLUMN_STATE,
    COLUMN_TITLE,
    COLUMN_GIVEN_NAME,
    COLUMN_INITIALS,
    COLUMN_SUR_NAME,
    COLUMN_DOMAIN_COMPONENT,
    COLUMN_EMAIL,
    COLUMN_STREET_ADDRESS,
    COLUMN_UNSTRUCTURED_NAME,
    COLUMN_UNSTRUCTURED_ADDRESS,
    COLUMN_DEVICE_SERIAL_NUMBER,
    COLUMN_COUNT
};
extern const char *const
    name_column_names[COLUMN_COUNT]; /* "Country", "Organization", ... as in properties.csv */

/* One extension, ready for the database. */
struct subject_extension {
    char oid[DER_OID_TEXT];             /* "2.5.29.17" */
    bool critical;
    bool of_cmc;                        /* added by a CMC control */
    struct der_bytes value;             /* RawValue: the DER inside the OCTET STRING */
};

struct subject {
    struct der_bytes raw_name;          /* RawName */
    char *distinguished_name; /* DistinguishedName: `CN=Zoë Müller, O=Demo, C=DE` (der/name.h) */
    char *name[COLUMN_COUNT];           /* several values are joined by "\n", in the order of the
                                         * name; values that are not text are omitted */

    struct der_bytes public_key_info;   /* the whole SubjectPublicKeyInfo */
    char key_algorithm[DER_OID_TEXT];   /* PublicKeyAlgorithm: "1.2.840.113549.1.1.1" */
    struct der_bytes key_parameters;    /* RawPublicKeyAlgorithmParameters: 05 00 for RSA */
    struct der_bytes key;               /* RawPublicKey: the bits of subjectPublicKey */
    unsigned key_length;                /* bits; 0: unknown */
    char *key_identifier;               /* SubjectKeyIdentifier, lower-case hex: that of the
                                         * extension if there is one, else SHA-1 of the key bits,
                                         * as the authority writes it into certificates */

    size_t extension_count;
    struct subject_extension *extensions;

    /* From the subjectAltName; several values are joined by "\n". */
    char *upn;                          /* UPN: the user principal names */
    char *dns_names, *emails, *uris;
    char *ip_addresses;                 /* 192.0.2.1, 2001:db8:0:0:0:0:0:1; of
                                         * another size: hex */
};

/*
 * Fill in the columns: first name and key, then the extensions (the first one of an OID counts),
 * then subject_end. After a failure call subject_empty. With `remarks` a subjectAltName that
 * deviates from DER or its sizes is accepted. CRYPT_E_ASN1_ERROR: an invalid subjectAltName, or an
 * OID longer than 127 characters, which the database cannot hold.
 */
HRESULT subject_begin(struct subject *subject, struct der_bytes name, const struct public_key *key,
                      struct reason *reason);
HRESULT subject_add(struct subject *subject, const struct extension *extension, bool of_cmc,
                    struct reason *reason);
HRESULT subject_end(struct subject *subject, struct der_remarks *remarks, struct reason *reason);

/* Replace the name. */
void subject_name(struct subject *subject, struct der_bytes name);

/* Free what the subject owns; accepts one that is all zero. */
void subject_empty(struct subject *subject);

/* The extension with this OID; NULL: none. */
const struct subject_extension *subject_extension(const struct subject *subject, const char *oid);

/* Bytes as lower-case hex, and their SHA-1 in that form. The caller frees. */
char *hex_of(struct der_bytes bytes);
char *sha1_of(struct der_bytes bytes);

/*
 * The hex text with a blank between two bytes, as the CA's database stores hashes ("4f 2a a3").
 * NULL gives NULL. The caller frees it.
 */
char *hex_spaced(const char *hex);

/*
 * A name's text, formatted as distinguished_name; NULL for a name without parts. The caller frees
 * it.
 */
char *name_of(struct der_bytes name);

/* The text of one value, with U+0000 replaced; "" if it is not text. The caller frees it. */
char *text_of(const struct der_value *value);

#endif
