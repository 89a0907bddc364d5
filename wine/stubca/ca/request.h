/*
 * Certification requests as they reach a CA: PKCS#10, alone or in CMS (PKCS #7, CMC), and KEYGEN's.
 */
#ifndef STUBCA_REQUEST_H
#define STUBCA_REQUEST_H

#include "subject.h"
#include "wrapping.h"
#include "der/pkcs10.h"

/* A request is no longer than the CA's RawRequest column holds. */
#define REQUEST_MAX 65536

struct request {
    struct der_bytes raw;               /* RawRequest: the bytes, whatever text they came as */
    struct der_bytes der;               /* the same; or the DER that it stands for, where it is BER */
    enum request_form { FORM_PKCS10, FORM_KEYGEN, FORM_PKCS7, FORM_CMC } form;
    struct wrapping wrapping;           /* what it came in */
    struct subject subject;             /* extensions: those that CMC adds, the requested ones, extensionRequest before
                                         * Microsoft's */
    char *challenge;                    /* challengePassword, NULL where there is none */
    char signature_algorithm[DER_OID_TEXT];
    struct pkcs10 pkcs10;               /* views of der, for whom the above is not enough; of KEYGEN's the parts that it has */
    struct der_bytes given_name;        /* owned: request_name's */
};

/*
 * Read a request: DER, or base64 with or without PEM's lines around it ("CERTIFICATE REQUEST" as openssl writes, "NEW
 * CERTIFICATE REQUEST" as certreq does, "PKCS7" and "CMS"; LF or CRLF; what stands before and after the lines is passed
 * over), or SPKAC=base64. `lenient`: what is odd is read as what it means, and BER as DER; else it is refused. `data` is
 * copied. On success `*request` is the caller's, for request_free; on failure NULL, and the reason says what is wrong, and
 * at which byte:
 *   CRYPT_E_ASN1_ERROR (0x80093100)     no request, or a name in it that the columns cannot hold
 *   CRYPT_E_BAD_ENCODE (0x80092002)     neither DER nor base64 of anything
 *   HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE)   beyond REQUEST_MAX (twice that as text)
 */
HRESULT request_read(const void *data, size_t size, bool lenient, struct request **request, struct reason *reason);

/* The bytes that a text stands for, as request_read finds them; for who keeps what cannot be read. The caller frees. */
HRESULT request_bytes(const void *data, size_t size, unsigned char **bytes, size_t *count, struct reason *reason);

/* KEYGEN's have no name of their own: give it one, a whole Name, which is copied. */
void request_name(struct request *request, struct der_bytes name);

/* Did the holder of the key sign this request? As signature_verify; what it came in is for signers.h. */
HRESULT request_verify(const struct request *request, struct reason *reason);

void request_free(struct request *request);     /* takes NULL */

#endif
