/*
 * What the CA does with a request until it is resolved: takes it, issues, holds it pending, denies, hands out.
 *
 * A request has a row, and events are told of, from the moment it can be read; before that nothing of it is kept. The
 * certificate is written to the CA's folder as NAME.cer; one of that name that lies there from before goes first.
 */
#ifndef STUBCA_REQUESTS_H
#define STUBCA_REQUESTS_H

#include "ca.h"

/* An archived key is no longer than the CA's column holds. */
#define ARCHIVED_KEY_MAX 65536

struct submission {
    const char *name;                   /* of the certificate's file */
    const char *path;                   /* the request: PKCS#10, DER or PEM */
    const char *attributes;             /* lines `Name:Value`, as certreq -attrib gives them; may be "" */
    const char *requester, *caller;     /* DOMAIN\account */
    const char *user_dn;                /* the requester's name in the directory; NULL: not known, as are these */
    struct requester requester_facts;   /* not taken over */
    const void *archived_key;           /* a private key to be archived, encrypted; NULL: none */
    size_t archived_key_size;
};

/*
 * Take in a request.
 *   ISSUED, PENDING      as its template has it
 *   DENIED               it names no template (0x80094801) or one that there is not (0x80094800)
 *   FAILED               its signature is wrong, or the certificate could not be made
 *   REFUSED              it is no request that could be read: no row, no event
 *   ERROR                the file cannot be read, or the certificate not be written
 */
void request_submit(struct ca *ca, const struct submission *submission, struct verdict *verdict);

/* A certificate manager (`officer`) has a request that is pending, denied or failed issued after all, or denies one
 * that is pending. REFUSED, with CERTSRV_E_BAD_REQUESTSTATUS, in any other state. */
void request_approve(struct ca *ca, LONG id, const char *name, const char *officer, struct verdict *verdict);
void request_deny(struct ca *ca, LONG id, const char *officer, struct verdict *verdict);

/* The requester asks again for what was pending. ISSUED is an event; what is not issued is told of by the outcome
 * alone. */
void request_retrieve(struct ca *ca, LONG id, struct verdict *verdict);

/* What else a manager may do to a row, none of which is told of: attributes and extensions (REFUSED, with
 * CERTSRV_E_BAD_REQUESTSTATUS, unless it is pending), delete it, recover a key that was archived. */
void request_set_attributes(struct ca *ca, LONG id, const char *lines, struct verdict *verdict);                /* CHANGED */
void request_set_extension(struct ca *ca, LONG id, const char *oid, LONG flags, const void *der, size_t size,
                           struct verdict *verdict);                                                            /* CHANGED */
void request_delete(struct ca *ca, LONG id, struct verdict *verdict);                                           /* DELETED */
void request_recover_key(struct ca *ca, LONG id, struct verdict *verdict);                                      /* RECOVERED */

/* A certificate that another program, or another CA, has made is put into the database. REFUSED, with CRYPT_E_EXISTS,
 * where it is there already. */
void request_import(struct ca *ca, const char *path, const char *officer, struct verdict *verdict);

#endif
