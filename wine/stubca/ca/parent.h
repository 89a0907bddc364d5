/*
 * The CA above a subordinate one: certifies it, revokes its certificates, publishes CRLs of its own.
 *
 * It has a key and a certificate that it signs itself, and issues to nobody else. In the folder of the subordinate CA
 * stand parent.cer and, from the beginning on, parent.crl. Callers hold the lock of the subordinate CA's database.
 */
#ifndef STUBCA_PARENT_H
#define STUBCA_PARENT_H

#include "authority.h"

struct parent;

struct parent_settings {
    const char *name;                   /* 1 to 64 characters */
    const char *folder;
    const char *crl_url, *issuer_url;   /* what certificates say of where its CRL and its certificate lie; NULL: nothing */
    int64_t not_before, not_after;
};

HRESULT parent_open(const struct parent_settings *settings, int64_t now, struct parent **parent, struct reason *reason);
void parent_close(struct parent *parent);                       /* takes NULL */

/* For authority_create and authority_renew; NULL for NULL. Lives as long as the parent. */
const struct superior *parent_superior(const struct parent *parent);

/* Write parent.crl anew, under the next number, good for 180 days. */
HRESULT parent_publish(struct parent *parent, int64_t now, struct reason *reason);

/* Revoke what has that serial number, for good, and publish. Reasons are those of CRLReason. */
HRESULT parent_revoke(struct parent *parent, const char *serial, int reason_code, int64_t now, struct reason *reason);
bool parent_has_revoked(const struct parent *parent, const char *serial);       /* false for NULL */

#endif
