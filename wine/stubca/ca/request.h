/*
 * Certification requests as they reach a CA.
 */
#ifndef STUBCA_REQUEST_H
#define STUBCA_REQUEST_H

#include "subject.h"
#include "der/pkcs10.h"

/* A request is no longer than the CA's RawRequest column holds. */
#define REQUEST_MAX 65536

struct request {
    struct der_bytes raw;               /* RawRequest: the DER, whatever it came as */
    struct subject subject;             /* extensions: the requested ones, extensionRequest before Microsoft's */
    char *challenge;                    /* challengePassword, NULL where there is none */
    char signature_algorithm[DER_OID_TEXT];
    struct pkcs10 pkcs10;               /* views of raw, for whom the above is not enough */
};

/*
 * Read a PKCS#10 request: DER, or base64 with or without PEM's lines around it ("CERTIFICATE REQUEST" as openssl
 * writes, "NEW CERTIFICATE REQUEST" as certreq does; LF or CRLF; what stands before and after the lines is passed
 * over). `data` is copied. On success `*request` is the caller's, for request_free; on failure NULL, and the reason
 * says what is wrong:
 *   CRYPT_E_ASN1_ERROR (0x80093100)     no PKCS#10 request, or a name in it that the columns cannot hold
 *   CRYPT_E_BAD_ENCODE (0x80092002)     neither DER nor base64 of anything
 *   HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE)   beyond REQUEST_MAX (twice that as text)
 */
HRESULT request_read(const void *data, size_t size, struct request **request, struct reason *reason);

/*
 * Did the holder of the key sign this request? S_OK if so. RSA (PKCS#1 v1.5) with SHA-1, -256, -384, -512; ECDSA on
 * P-256, P-384 and (not under Wine 8, which has none) P-521 with the same.
 *   NTE_BAD_SIGNATURE (0x80090006)      the signature is wrong
 *   NTE_BAD_ALGID (0x80090008)          a signature algorithm or key that this CA does not verify
 *   CRYPT_E_ASN1_ERROR                  key or signature are not what their algorithm says
 */
HRESULT request_verify(const struct request *request, struct reason *reason);

void request_free(struct request *request);     /* takes NULL */

#endif
