/*
 * A certification authority's key (signing_key.h): signs its own certificate, those of others, and CRLs.
 *
 * The key is made anew by authority_create and gone with authority_close. Any thread may call. Times are seconds since 1970,
 * UTC; they are written as UTCTime up to 2049 and GeneralizedTime from then on. Serial numbers are lower-case hex, as
 * in certificate.serial.
 *
 * Failures: the HRESULT of the Windows call that failed, or E_INVALIDARG for what the caller asked;
 * the reason names what is wrong. Outputs are then NULL.
 */
#ifndef STUBCA_AUTHORITY_H
#define STUBCA_AUTHORITY_H

#include "certificate.h"
#include "request.h"

#define DAY ((int64_t)24 * 60 * 60)     /* in seconds */
#define CLOCK_SKEW ((int64_t)10 * 60)   /* how far back certificates and CRLs begin, for clocks that are slow */

struct authority;

/* Another authority that certifies one, and what the certificate says of it; ASCII, NULL: not said. */
struct superior {
    struct authority *authority;
    const char *crl_url, *issuer_url;   /* where its CRLs and its certificate lie */
};

/* Make a key and a certificate for `common_name` (UTF-8, 1 to 64 characters, the bound of X.520): basicConstraints CA,
 * keyUsage keyCertSign + cRLSign + digitalSignature, subjectKeyIdentifier. It signs itself; or `superior` does, and the
 * certificate is one of a subordinate CA: issuer, authorityKeyIdentifier, template "SubCA", CDP and AIA. Takes up to a
 * second: the key is made here. */
HRESULT authority_create(const char *common_name, int64_t not_before, int64_t not_after, const struct superior *superior,
                         struct authority **authority, struct reason *reason);
void authority_close(struct authority *authority);              /* takes NULL */

/* Renew: another certificate for the same name, with the same key or a new one, signed as above. `version` is the CA
 * version that it bears, certificate index in the low half, key index in the high half (V0.0 is what authority_create
 * makes); the hash of the former certificate is in it, too. `former` stays as it is, and both may be closed in any order. */
HRESULT authority_renew(const struct authority *former, bool new_key, unsigned version, int64_t not_before,
                        int64_t not_after, const struct superior *superior, struct authority **authority, struct reason *reason);

/* Cross-certify: a certificate for name and key of the one, signed by the other, valid as long as both (template
 * "CrossCA"). With two keys of one CA, who trusts one of them trusts what was issued with the other. The caller frees.
 * E_INVALIDARG: there is no time at which both are valid. */
HRESULT authority_cross(struct authority *subject, const struct superior *signer, struct certificate **certificate,
                        struct reason *reason);

/* Its certificate, read: raw, subject.raw_name, subject.key_identifier, ... Lives as long as the authority. */
const struct certificate *authority_certificate(const struct authority *authority);

/* Bits of KeyUsage, as X.509 names them. */
enum {
    KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0, KEY_USAGE_NON_REPUDIATION = 1 << 1, KEY_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    KEY_USAGE_DATA_ENCIPHERMENT = 1 << 3, KEY_USAGE_KEY_AGREEMENT = 1 << 4, KEY_USAGE_KEY_CERT_SIGN = 1 << 5,
    KEY_USAGE_CRL_SIGN = 1 << 6,
};

/* An extension to put into a certificate as it is. */
struct extra_extension {
    const char *oid;                    /* dotted */
    bool critical;
    struct der_bytes value;             /* the DER that goes into the OCTET STRING */
};

/* What a certificate says beyond the request. All zero but the times makes a plain one. */
struct issue {
    const char *serial;                 /* NULL: 16 random bytes, positive */
    int64_t not_before, not_after;
    unsigned key_usage;                 /* KEY_USAGE_*; 0: no such extension. Critical, as RFC 5280 asks */
    const char *const *extended_key_usage;      /* dotted OIDs, NULL-terminated; NULL: no such extension */
    const char *crl_url;                /* distribution point, ASCII; NULL: none */
    const char *issuer_url;             /* where the CA's certificate lies (authority information access); NULL: none */
    bool without_alternative_name;      /* true: the request's subjectAltName is not copied. It is copied bit for bit,
                                         * criticality too, so whatever names it holds survive */
    const struct extra_extension *extra;        /* one that repeats an extension of the above takes its place */
    size_t extra_count;
};

/*
 * Issue a certificate, version 3. Subject and key are the request's, bit for bit; subjectKeyIdentifier (the request's, or
 * SHA-1 of the key bits) and authorityKeyIdentifier are always there. The request's own signature is not looked at again: see
 * request_verify. The caller frees the certificate.
 */
HRESULT authority_issue(struct authority *authority, const struct request *request, const struct issue *issue,
                        struct certificate **certificate, struct reason *reason);

/* Reasons are those of CRLReason: 0 to 6, 8 (removeFromCRL, in delta CRLs only), 9, 10. */
struct crl_entry {
    const char *serial;
    int64_t when;
    int reason;                         /* 0, unspecified, is written by leaving the extension out, as RFC 5280 asks */
};

struct crl {
    unsigned number;
    bool delta;                         /* then: */
    unsigned base_number;               /* of the base CRL that this one changes */
    int64_t this_update, next_update;
    const struct crl_entry *entries;    /* in any order; written in the order given */
    size_t count;
    const char *delta_url;        /* of a base CRL: where its delta CRL lies (freshestCRL), ASCII; NULL: not said */
    int64_t next_publish;         /* when the next one is to come (Microsoft's extension); 0: not said */
};

/* Sign a CRL, version 2, with cRLNumber, authorityKeyIdentifier, the CA version and, for a delta CRL, deltaCRLIndicator (critical).
 * `*der` is the caller's, for free(). */
HRESULT authority_sign_crl(struct authority *authority, const struct crl *crl, unsigned char **der, size_t *size,
                           struct reason *reason);

#endif
