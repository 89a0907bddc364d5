/*
 * Certification requests received by a CA: PKCS#10, alone or in CMS (PKCS #7, CMC), and KEYGEN's.
 */
#ifndef STUBCA_REQUEST_H
#define STUBCA_REQUEST_H

#include "subject.h"
#include "wrapping.h"
#include "der/pkcs10.h"

/* The maximum size of a request, that of the CA's RawRequest column. */
#define REQUEST_MAX 65536

struct request {
    struct der_bytes raw;               /* RawRequest: the bytes, after decoding of any text form */
    struct der_bytes der;               /* the same, or converted to DER if it is BER */
    enum request_form { FORM_PKCS10, FORM_KEYGEN, FORM_PKCS7, FORM_CMC } form;
    struct wrapping wrapping;           /* the CMS layers around it */
    struct subject subject;             /* extensions: first those added by CMC, then the
                                         * requested ones, extensionRequest before Microsoft's */
    char *challenge;                    /* challengePassword, or KEYGEN's; NULL: none */
    char signature_algorithm[DER_OID_TEXT];
    struct pkcs10 pkcs10;               /* views of `der`, for details beyond the above; of a
                                         * KEYGEN request only the parts that it has */
    struct der_bytes given_name;        /* owned: request_name's */
};

/*
 * Read a request: DER, or base64 with or without PEM's lines around it ("CERTIFICATE REQUEST" as
 * openssl writes, "NEW CERTIFICATE REQUEST" as certreq does, "PKCS7" and "CMS"; LF or CRLF; text
 * before and after the lines is ignored), or SPKAC=base64. `lenient`: deviations are accepted if
 * their meaning is clear, and BER is read as DER; otherwise they are refused. `data` is copied. On
 * success the caller frees `*request` with request_free; on failure it is NULL, and the reason
 * names the fault and its offset:
 *
 *   CRYPT_E_ASN1_ERROR (0x80093100)     not a request, or a name in it that the columns cannot hold
 *   CRYPT_E_BAD_ENCODE (0x80092002)     neither DER nor base64
 *   HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE)   beyond REQUEST_MAX (twice that as text)
 */
HRESULT request_read(const void *data, size_t size, bool lenient, struct request **request,
                     struct reason *reason);

/*
 * Decode a text as request_read does, for callers that keep requests which cannot be read. The
 * caller frees the bytes.
 */
HRESULT request_bytes(const void *data, size_t size, unsigned char **bytes, size_t *count,
                      struct reason *reason);

/* Set the name of a KEYGEN request, which has none itself: a whole Name, which is copied. */
void request_name(struct request *request, struct der_bytes name);

/*
 * Verify that the holder of the key signed this request. Results as signature_verify; signatures
 * of the layers around it are verified in signers.h.
 */
HRESULT request_verify(const struct request *request, struct reason *reason);

void request_free(struct request *request);     /* takes NULL */

#endif
