/* A certificate in a CA's database: one that it issued, or a foreign one that was imported. */
#ifndef STUBCA_CERTIFICATE_H
#define STUBCA_CERTIFICATE_H

#include "subject.h"

/* The maximum size of a certificate, that of the CA's RawCertificate column. */
#define CERTIFICATE_MAX 16384

struct certificate {
    struct der_bytes raw;               /* RawCertificate */
    struct subject subject;
    char *serial; /* SerialNumber: lower-case hex of the INTEGER, a leading 00 included */
    struct der_bytes raw_issuer;        /* the issuer's Name */
    char *issuer;                       /* as subject.distinguished_name */
    int64_t not_before, not_after;      /* NotBefore, NotAfter: seconds since 1970, UTC */
    char *hash;                         /* CertificateHash: SHA-1 of raw, lower-case hex */
};

/*
 * Read a certificate: DER, or base64 with or without PEM's lines (the first certificate of
 * several). Nothing is verified. `data` is copied; ownership and errors as request_read.
 * HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE): beyond CERTIFICATE_MAX.
 */
HRESULT certificate_read(const void *data, size_t size, struct certificate **certificate,
                         struct reason *reason);

void certificate_free(struct certificate *certificate);         /* takes NULL */

#endif
