/*
 * Who signed what a request came in: that it was signed by them, and who they are.
 *
 * A signer is the key that the certificate is for; or nobody (CMC's "no signature", a bare hash); or the holder of a
 * certificate, which must be one that this CA has issued and that is good, unless the CA asks for less (I-33). A request
 * that was signed with the certificate that it names as its old one is a renewal; one that names another requester is on
 * that one's behalf, and must be signed by an enrollment agent.
 */
#ifndef STUBCA_SIGNERS_H
#define STUBCA_SIGNERS_H

#include "ca.h"
#include "request.h"

#define OID_ENROLLMENT_AGENT "1.3.6.1.4.1.311.20.2.1"

struct signers {
    struct der_bytes old_certificate;   /* of a renewal: a view of the request; nothing: it is none */
    char *on_behalf_of;                 /* DOMAIN\account; NULL: of nobody else */
    bool by_agent;                      /* an enrollment agent signed the name above */
    char *policies, *purposes;          /* of the signers' certificates: dotted, joined by LF; NULL: none */
    struct der_bytes archived_key;      /* a private key that came along, encrypted; nothing: none */
    bool archived_key_is_named;         /* its hash stands in what was signed */
};

/*
 * Check them all. The caller holds the database's lock, and gives `signers` to signers_free, whatever comes of it.
 *   NTE_BAD_SIGNATURE, CRYPT_E_HASH_VALUE (0x80091007)     a signature is wrong, or is one of other content
 *   CRYPT_E_SIGNER_NOT_FOUND (0x8009100E)   the signer's certificate is not there
 *   CERT_E_UNTRUSTEDROOT (0x800B0109)       it is none of this CA's
 *   CRYPT_E_REVOKED (0x80092010), CERT_E_EXPIRED (0x800B0101)
 *   CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE (0x8009400E)      the old certificate is not one that the request was signed with
 */
HRESULT signers_check(const struct ca *ca, const struct request *request, struct signers *signers, struct reason *reason);
void signers_free(struct signers *signers);

#endif
