/* The CA's operations on issued certificates: revoke, hold, release, and publish CRLs. */
#ifndef STUBCA_REVOCATION_H
#define STUBCA_REVOCATION_H

#include "ca.h"

/* True if CRLs are still signed with that key; false if all of its certificates have expired. */
bool crls_are_signed(const struct ca *ca, unsigned key);

#define REASON_HOLD 6                   /* certificateHold */
#define REASON_NONE (-1)                /* RevokedReason after a release */

/* Not reasons, but passed in place of a reason: see certificate_publish_expired. */
#define REASON_PUBLISH_EXPIRED (-2)
#define REASON_DONT_PUBLISH_EXPIRED (-3)
#define REASON_NO_WORD (-9)

/*
 * The number of a reason ("keyCompromise" is 1); REASON_NO_WORD if the word is unknown or not a
 * reason to revoke for (certificateHold has an operation of its own).
 */
int revocation_reason(const char *word);

/*
 * REVOKED, as of `effective` (0: now). A certificate that is already revoked gets the new reason
 * and date. REFUSED, with CERTSRV_E_BAD_REQUESTSTATUS, if it was never issued.
 */
void certificate_revoke(struct ca *ca, LONG id, int reason, int64_t effective, const char *officer,
                        struct verdict *verdict);

/*
 * Set whether an expired certificate stays in CRLs. REVOKED, without an event: only a mark in the
 * row changes.
 */
void certificate_publish_expired(struct ca *ca, LONG id, bool publish, struct verdict *verdict);

/* RELEASED: a certificate on hold has Disposition 20 again. REFUSED otherwise. */
void certificate_release(struct ca *ca, LONG id, const char *officer, struct verdict *verdict);

/*
 * PUBLISHED: sign a base CRL, a delta CRL, or first one and then the other, for each key of the
 * CA, and write base.crl and delta.crl, base(1).crl and so on, to the CA's folder. The listener is
 * notified once, however many are signed. REFUSED: a delta CRL if the CA has none, or without a
 * base CRL for it.
 */
void crl_publish(struct ca *ca, bool base, bool delta, struct verdict *verdict);

#endif
