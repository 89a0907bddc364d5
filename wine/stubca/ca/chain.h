/*
 * The chain of a certificate: its issuer, the issuer's issuer, up to one of the CA's own
 * certificates.
 *
 * What is between is looked for among certificates that came along with a request, which are
 * hostile: there are at most CHAIN_MAX of them in a chain.
 */
#ifndef STUBCA_CHAIN_H
#define STUBCA_CHAIN_H

#include "ca.h"

enum { CHAIN_MAX = 6 };

struct chain {
    struct certificate *links[CHAIN_MAX];       /* what is between, the lowest first; owned */
    size_t count;                       /* 0: the CA itself issued the certificate */
};

/* The Disposition of the certificate's row; 0: none. The caller holds the database's lock. */
LONG chain_disposition(const struct ca *ca, const struct certificate *certificate);

/*
 * Check that a certificate is valid now and not revoked in the CA's database. The caller holds the
 * database's lock.
 *
 *   CRYPT_E_REVOKED (0x80092010), CERT_E_EXPIRED (0x800B0101)
 */
HRESULT chain_check_certificate(const struct ca *ca, const struct certificate *certificate,
                                struct reason *reason);

/*
 * Build the chain of a certificate and check each part: signature, validity, revocation, and that
 * each issuer may certify (basicConstraints with its path length, keyUsage). `others` is a list for
 * cms_others_begin. The caller holds the database's lock, and calls chain_free whatever the result.
 *
 *   CERT_E_UNTRUSTEDROOT (0x800B0109)       the chain ends in another self-signed certificate
 *   CERT_E_CHAINING (0x800B010A)            an issuer is missing, or there are too many
 *   TRUST_E_CERT_SIGNATURE (0x80096004)     a certificate was not signed by its issuer
 *   TRUST_E_BASIC_CONSTRAINTS (0x80096019)  an issuer may not certify, or not at that depth
 *   and those of chain_check_certificate, for any part
 */
HRESULT chain_build(const struct ca *ca, const struct certificate *certificate,
                    struct der_bytes others, struct chain *chain, struct reason *reason);
void chain_free(struct chain *chain);

#endif
