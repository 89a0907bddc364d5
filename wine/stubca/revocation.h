/*
 * What the CA does with certificates that it has issued: revokes them, holds and releases them, and says so in CRLs.
 */
#ifndef STUBCA_REVOCATION_H
#define STUBCA_REVOCATION_H

#include "ca.h"

/* The CRLs that have been published. Callers hold the database's lock. */
struct crls;
struct crls *crls_open(void);
void crls_close(struct crls *crls);     /* takes NULL */
struct der_bytes crls_base(const struct crls *crls);            /* the last of its kind; nothing before the first */
struct der_bytes crls_delta(const struct crls *crls);

#define REASON_HOLD 6                   /* certificateHold */
#define REASON_NONE (-1)                /* RevokedReason after a release */

/* The number of a reason, "keyCompromise" being 1; -1 where there is no such word, or no certificate can be revoked for
 * it (certificateHold and removeFromCRL have operations of their own). */
int revocation_reason(const char *word);

/* REVOKED. What is revoked already gets the new reason and date. REFUSED, with CERTSRV_E_BAD_REQUESTSTATUS, of what was
 * never issued. */
void certificate_revoke(struct ca *ca, LONG id, int reason, const char *officer, struct verdict *verdict);

/* RELEASED: back at Disposition 20, of what is on hold. REFUSED otherwise. */
void certificate_release(struct ca *ca, LONG id, const char *officer, struct verdict *verdict);

/*
 * PUBLISHED: sign a base CRL, a delta CRL, or one after the other, and write base.crl and delta.crl to the CA's folder.
 * However many are signed, the listener is told once. REFUSED: a delta CRL where there are none at this CA, or without
 * a base CRL to go with.
 */
void crl_publish(struct ca *ca, bool base, bool delta, struct verdict *verdict);

#endif
