/*
 * The superior CA of a subordinate one: certifies it, revokes its certificates, publishes its own
 * CRLs.
 *
 * It has a key and a self-signed certificate, and issues to no other CA. The subordinate CA's
 * folder contains parent.cer and, from the beginning, parent.crl. Callers hold the lock of the
 * subordinate CA's database.
 */
#ifndef STUBCA_PARENT_H
#define STUBCA_PARENT_H

#include "authority.h"

struct parent;

struct parent_settings {
    const char *name;                   /* 1 to 64 characters */
    const char *folder;
    const char *crl_url, *issuer_url;   /* locations of its CRL and its certificate, for
                                         * certificates; NULL: omitted */
    int64_t not_before, not_after;
};

HRESULT parent_open(const struct parent_settings *settings, int64_t now, struct parent **parent,
                    struct reason *reason);
void parent_close(struct parent *parent);                       /* takes NULL */

/* For authority_create and authority_renew; NULL for NULL. Lives as long as the parent. */
const struct superior *parent_superior(const struct parent *parent);

/* Write a new parent.crl with the next number, valid for 180 days. */
HRESULT parent_publish(struct parent *parent, int64_t now, struct reason *reason);

/*
 * Revoke the certificate with that serial number permanently, and publish a CRL. Reasons are those
 * of CRLReason.
 */
HRESULT parent_revoke(struct parent *parent, const char *serial, int reason_code, int64_t now,
                      struct reason *reason);
bool parent_has_revoked(const struct parent *parent, const char *serial);       /* false for NULL */

#endif
