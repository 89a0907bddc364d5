/*
 * The CA's operations on requests until they are resolved: submit, issue, hold pending, deny,
 * retrieve.
 *
 * A request that can be read has a row, and events are raised for it. Of one that cannot be read,
 * nothing is kept. The certificate is written to the CA's folder as NAME.cer; an older file of
 * that name is removed first.
 */
#ifndef STUBCA_REQUESTS_H
#define STUBCA_REQUESTS_H

#include "ca.h"

/* The maximum size of an archived key, that of the CA's column. */
#define ARCHIVED_KEY_MAX 65536

struct submission {
    const char *name;                   /* name of the certificate's file */
    const char *path;                   /* the request: PKCS#10, DER or PEM */
    const char *attributes;             /* lines `Name:Value`, as from certreq -attrib; may be "" */
    const char *requester, *caller;     /* DOMAIN\account */
    const char *user_dn;                /* the requester's name in the directory; NULL: unknown,
                                         * and so are the facts */
    struct requester requester_facts;   /* not owned */
    const void *archived_key;           /* a private key to be archived, encrypted; NULL: none */
    size_t archived_key_size;
};

/*
 * Submit a request.
 *
 *   ISSUED, PENDING      according to its template
 *   DENIED               it names no template (0x80094801) or an unknown one (0x80094800)
 *   FAILED               its signature is wrong, or the certificate could not be made
 *   REFUSED              it cannot be read as a request: no row, no event
 *   ERROR                the file cannot be read, or the certificate cannot be written
 */
void request_submit(struct ca *ca, const struct submission *submission, struct verdict *verdict);

/*
 * Decisions of a certificate manager (`officer`): issue a request that is pending, denied or
 * failed; deny one that is pending. REFUSED, with CERTSRV_E_BAD_REQUESTSTATUS, in any other state.
 */
void request_approve(struct ca *ca, LONG id, const char *name, const char *officer,
                     struct verdict *verdict);
void request_deny(struct ca *ca, LONG id, const char *officer, struct verdict *verdict);

/*
 * The requester retrieves a request that was pending. ISSUED raises an event; any other state is
 * only reported in the outcome.
 */
void request_retrieve(struct ca *ca, LONG id, struct verdict *verdict);

/*
 * Other operations of a certificate manager on a row, none of which raises an event: set
 * attributes and extensions (REFUSED, with CERTSRV_E_BAD_REQUESTSTATUS, unless it is pending),
 * delete it, recover an archived key.
 */
void request_set_attributes(struct ca *ca, LONG id, const char *lines,
                            struct verdict *verdict); /* CHANGED */
void request_set_extension(struct ca *ca, LONG id, const char *oid, LONG flags, const void *der,
                           size_t size, struct verdict *verdict);          /* CHANGED */
void request_delete(struct ca *ca, LONG id, struct verdict *verdict);      /* DELETED */
void request_recover_key(struct ca *ca, LONG id, struct verdict *verdict); /* RECOVERED */

/*
 * Import a certificate made by another program or another CA. REFUSED, with CRYPT_E_EXISTS, if it
 * is already in the database.
 */
void request_import(struct ca *ca, const char *path, const char *officer, struct verdict *verdict);

#endif
