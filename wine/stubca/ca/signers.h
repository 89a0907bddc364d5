/*
 * The signers of the layers around a request: their identity, and verification of their
 * signatures.
 *
 * A signer is the key that the certificate is for; or nobody (CMC's "no signature", a bare hash);
 * or the holder of a certificate. That certificate must be valid, not revoked, and one that this CA
 * issued; the CA can be set to require less (I-33): a chain that ends in one of its own
 * certificates, or no chain. No issuer in the chain of an enrollment agent's certificate may be
 * limited to other purposes. A request signed with the certificate that it names as its old
 * one is a renewal. A request that names another requester is made on that requester's behalf. The
 * name of the outermost layer that has one counts, and an enrollment agent must have signed that
 * layer itself: the agent's signature around or within another layer does not cover a name there.
 */
#ifndef STUBCA_SIGNERS_H
#define STUBCA_SIGNERS_H

#include "ca.h"
#include "request.h"

#define OID_ENROLLMENT_AGENT "1.3.6.1.4.1.311.20.2.1"

struct signers {
    struct der_bytes old_certificate;   /* of a renewal: a view of the request; empty: not a
                                         * renewal */
    char *on_behalf_of;                 /* DOMAIN\account; NULL: none */
    bool by_agent;                      /* an enrollment agent signed the layer with that name */
    char *policies, *purposes;          /* of the signers' certificates: dotted OIDs joined by
                                         * LF; NULL: none */
    struct der_bytes archived_key;      /* a private key to be archived, encrypted; empty: none */
    bool archived_key_is_named;         /* its hash is in the signed data */
};

/*
 * Verify all signers. The caller holds the database's lock, and calls signers_free whatever the
 * result.
 *
 *   NTE_BAD_SIGNATURE, CRYPT_E_HASH_VALUE (0x80091007)     a signature is wrong, or belongs to
 *                                          other content
 *   CRYPT_E_SIGNER_NOT_FOUND (0x8009100E)   the signer's certificate is missing
 *   CERT_E_UNTRUSTEDROOT (0x800B0109)       this CA did not issue it
 *   those of chain_build
 *   CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE (0x8009400E)      the request was not signed with the old
 *                                          certificate
 */
HRESULT signers_check(const struct ca *ca, const struct request *request, struct signers *signers,
                      struct reason *reason);
void signers_free(struct signers *signers);

#endif
