/*
 * GeneralNames: the names of other kinds that extensions hold beside distinguished names.
 */
#ifndef DER_GENERAL_NAME_H
#define DER_GENERAL_NAME_H

#include "der.h"

/* The kinds of GeneralName, by their tag's number. */
enum general_name_kind {
    GENERAL_NAME_OTHER,
    GENERAL_NAME_EMAIL,
    GENERAL_NAME_DNS,
    GENERAL_NAME_X400,
    GENERAL_NAME_DIRECTORY,
    GENERAL_NAME_EDI,
    GENERAL_NAME_URI,
    GENERAL_NAME_IP,
    GENERAL_NAME_REGISTERED_ID,
};

struct general_name {
    enum general_name_kind kind;
    struct der_bytes content; /* e-mail, DNS, URI: IA5 text; IP: 4 or 16 bytes, in name constraints
                               * with a mask as long behind them (with remarks, any number);
                               * directory: a whole Name; ID: an OID; X.400, EDI: as they are */
    struct der_bytes type;              /* other name: contents of its OID */
    struct der_value value;             /* other name: what stands in its [0] */
};

/*
 * The value of a subjectAltName (2.5.29.17) or issuerAltName (2.5.29.18): GeneralNames, at least
 * one. general_names_begin enters the list; general_names_next is false at the end and at the first
 * thing wrong, which the fault tells apart.
 *
 *     if (general_names_begin(&cursor, &fault, remarks, extension.value))
 *         while (general_names_next(&cursor, &name)) ...
 *     if (fault.error) ...
 */
bool general_names_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                         struct der_bytes value);
bool general_names_next(struct der *cursor, struct general_name *name);

/* One GeneralName, in the midst of something else; with `masked`, an IP address has a mask (RFC
 * 5280, 4.2.1.10). */
bool general_name_read(struct der *der, bool masked, struct general_name *name);

/* A list of them under this tag: enter it, check all of it and that it is not empty. `list` is its
 * contents, for general_names_in, which starts a cursor that general_names_next walks. */
bool general_names_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *list);
void general_names_in(struct der *cursor, struct der_fault *fault, struct der_bytes list);

/* The names that Windows and Kerberos put into other names. Each is false, and its output nothing,
 * for any other name and for one of its type that holds something else. */

/* A user principal name (1.3.6.1.4.1.311.20.2.3 holding a UTF8String): its text's bytes, for
 * der_text. */
bool general_name_upn(const struct general_name *name, struct der_bytes *text);

/* An account's SID (1.3.6.1.4.1.311.25.2.1): the text that stands in its OCTET STRING,
 * "S-1-5-21-..." from Windows, but not checked to be that. */
bool general_name_sid(const struct general_name *name, struct der_bytes *text);

/* A domain controller's object GUID (1.3.6.1.4.1.311.25.1): the 16 bytes, in the order in which
 * Windows stores them. */
bool general_name_guid(const struct general_name *name, struct der_bytes *bytes);

/* A Kerberos principal (1.3.6.1.5.2.2, RFC 4556), service or user: the texts' bytes, ASCII as a
 * rule. `parts` is the list of the name's components, `HTTP` and `www.example.org`, for
 * kerberos_next. */
bool general_name_kerberos(const struct general_name *name, struct der_bytes *realm,
                           struct der_bytes *parts);
void kerberos_begin(struct der *cursor, struct der_fault *fault, struct der_bytes parts);
bool kerberos_next(struct der *cursor, struct der_bytes *text);

#endif
