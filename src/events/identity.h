/*
 * The identities that a certificate stands for: the alternative names and the SID that Windows maps
 * to an account or a host. Those of a request are the ones that it asks for.
 *
 * All of it may be hostile. Nothing here is bounded by the number of names but the texts are:
 * IDENTITY_NAMES_MOST names, each cut at IDENTITY_NAME_MOST bytes.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "base/bytes.h"
#include "der/pkcs10.h"
#include "der/x509.h"

#define IDENTITY_NAMES_MOST 100         /* a cell of a spreadsheet holds 32,767 characters */
#define IDENTITY_NAME_MOST  256         /* a host name has 253 characters at most */

/* Borrowed; either may be NULL. A certificate counts before the request. */
struct identity {
    const struct x509 *certificate;
    const struct pkcs10 *request;
};

/* An extension of the certificate, else of the request. */
bool identity_extension(const struct identity *identity, const char *dotted_oid,
                        struct extension *extension);

/*
 * A walk through the alternative names: of the extension, or of all of them, should several stand
 * there, in the order in which they stand. What cannot be read ends its own list only. It is not to
 * be copied; what it was begun with has to stay.
 *
 *     for (identity_names_begin(&names, &identity); identity_names_next(&names, &name);) ...
 */
struct identity_names {
    struct der extensions, list;            /* of the certificate; of the extension */
    struct der_fault fault, fault_of_list;
    struct pkcs10_extensions asked;         /* of the request */
    bool has_certificate, has_request;
    bool broken; /* names that cannot be read stand there, too: also a UPN that is no text or a SID
                  * that is no OCTET STRING, which the walk comes to all the same */
};
void identity_names_begin(struct identity_names *names, const struct identity *identity);
bool identity_names_next(struct identity_names *names, struct general_name *name);

/* Whether alternative names stand there that cannot be read. */
bool identity_broken(const struct identity *identity);

/* A user principal name as text of any type: it should be a UTF8String, but a reader may take any.
 */
bool identity_name_upn(const struct general_name *name, struct der_value *text);

/* Append an alternative name that is text: a user principal name, a host, a mail address, a URI, a
 * distinguished name. False: it is of another kind. Not cut. */
bool identity_text(struct bytes *out, const struct general_name *name);

/*
 * Append one identity; false: there is none, and nothing is appended.
 *
 * upn: the first user principal name. sid: that of the SID extension (1.3.6.1.4.1.311.25.2), else
 * of an alternative name: one of the same type, or the URI
 * tag:microsoft.com,2022-09-14:sid:S-1-5-...
 * first: the first user principal name, else the first DNS name, else the SID, else the first name
 * of any kind; behind it how many other alternative names there are, " (+2)", or " (+?)" if names
 * cannot be read, or if `unread`: the caller knows of others that it cannot read.
 */
bool identity_upn(const struct identity *identity, struct bytes *out);
bool identity_sid(const struct identity *identity, struct bytes *out);
bool identity_first(const struct identity *identity, bool unread, struct bytes *out);

/* Append all alternative names with their kinds, "DNS:www.example, UPN:alice@example, and 7 more".
 * A comma and a backslash within a name have a backslash before them. At the end stands "(not
 * readable)" if some cannot be read. */
bool identity_all(const struct identity *identity, struct bytes *out);

#endif
