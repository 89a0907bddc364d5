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

/* Enter the list of alternative names, for general_names_next. False: there is none. */
bool identity_alternatives(const struct identity *identity, struct der *cursor,
                           struct der_fault *fault);

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
 * of any kind; behind it how many other alternative names there are, " (+2)".
 */
bool identity_upn(const struct identity *identity, struct bytes *out);
bool identity_sid(const struct identity *identity, struct bytes *out);
bool identity_first(const struct identity *identity, struct bytes *out);

/* Append all alternative names with their kinds, "DNS:www.example, UPN:alice@example, and 7 more".
 * A comma and a backslash within a name have a backslash before them. */
bool identity_all(const struct identity *identity, struct bytes *out);

#endif
