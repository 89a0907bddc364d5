/*
 * What the CA does with certificates that it has issued: revokes them, holds and releases them, and says so in CRLs.
 */
#ifndef STUBCA_REVOCATION_H
#define STUBCA_REVOCATION_H

#include "ca.h"

/* Are CRLs signed with that key still, or have all of its certificates run out? */
bool crls_are_signed(const struct ca *ca, unsigned key);

#define REASON_HOLD 6                   /* certificateHold */
#define REASON_NONE (-1)                /* RevokedReason after a release */

/* Not reasons, although they come in a reason's place: certificate_publish_expired. */
#define REASON_PUBLISH_EXPIRED (-2)
#define REASON_DONT_PUBLISH_EXPIRED (-3)
#define REASON_NO_WORD (-9)

/* The number of a reason, "keyCompromise" being 1; REASON_NO_WORD where there is no such word, or no certificate can be
 * revoked for it (certificateHold has an operation of its own). */
int revocation_reason(const char *word);

/* REVOKED, as of `effective` (0: now). What is revoked already gets the new reason and date. REFUSED, with
 * CERTSRV_E_BAD_REQUESTSTATUS, of what was never issued. */
void certificate_revoke(struct ca *ca, LONG id, int reason, int64_t effective, const char *officer,
                        struct verdict *verdict);

/* Shall it stay in CRLs when it has expired? REVOKED, and no event: only a mark in the row changes. */
void certificate_publish_expired(struct ca *ca, LONG id, bool publish, struct verdict *verdict);

/* RELEASED: back at Disposition 20, of what is on hold. REFUSED otherwise. */
void certificate_release(struct ca *ca, LONG id, const char *officer, struct verdict *verdict);

/*
 * PUBLISHED: sign a base CRL, a delta CRL, or one after the other, for each key of the CA, and write base.crl and
 * delta.crl, base(1).crl and so on, to the CA's folder. However many are signed, the listener is told once. REFUSED: a
 * delta CRL where there are none at this CA, or without a base CRL to go with.
 */
void crl_publish(struct ca *ca, bool base, bool delta, struct verdict *verdict);

#endif
