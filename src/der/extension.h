/*
 * X.509 extensions, and what the common ones say.
 */
#ifndef DER_EXTENSION_H
#define DER_EXTENSION_H

#include "der.h"

/* Extensions borne in one list: finding repeated ones compares each with each. Real ones have about ten. */
#define EXTENSIONS_MAX 100

struct extension {
    struct der_bytes oid;               /* contents of the OID */
    bool critical;
    struct der_bytes value;             /* contents of the OCTET STRING: DER of its own, not yet looked at */
};

/* Read a SEQUENCE OF Extension and check all of it: at least one, none twice. `list` is its contents, for the two
 * below. */
bool extensions_read(struct der *der, const char *what, struct der_bytes *list);

/* Walk over such a list, or find one in it. A list of nothing has none. */
void extensions_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list);
bool extensions_next(struct der *cursor, struct extension *extension);
bool extensions_find(struct der_bytes list, const char *dotted_oid, struct extension *extension);

/* The kinds of GeneralName, by their tag's number. */
enum general_name_kind {
    GENERAL_NAME_OTHER, GENERAL_NAME_EMAIL, GENERAL_NAME_DNS, GENERAL_NAME_X400, GENERAL_NAME_DIRECTORY,
    GENERAL_NAME_EDI, GENERAL_NAME_URI, GENERAL_NAME_IP, GENERAL_NAME_REGISTERED_ID,
};

struct general_name {
    enum general_name_kind kind;
    struct der_bytes content;           /* e-mail, DNS, URI: IA5 text; IP: 4 or 16 bytes; directory:
                                         * a whole Name; ID: an OID; X.400, EDI: as they are */
    struct der_bytes type;              /* other name: contents of its OID */
    struct der_value value;             /* other name: what stands in its [0] */
};

/*
 * The value of a subjectAltName (2.5.29.17) or issuerAltName: GeneralNames, at least one. general_names_begin enters
 * the list; general_names_next is false at the end and at the first thing wrong, which the fault tells apart.
 *
 *     if (general_names_begin(&cursor, &fault, extension.value)) while (general_names_next(&cursor, &name)) ...
 *     if (fault.error) ...
 */
bool general_names_begin(struct der *cursor, struct der_fault *fault, struct der_bytes value);
bool general_names_next(struct der *cursor, struct general_name *name);

/* A user principal name (other name 1.3.6.1.4.1.311.20.2.3 holding a UTF8String): its text's bytes, for der_text. */
bool general_name_upn(const struct general_name *name, struct der_bytes *text);

#endif
