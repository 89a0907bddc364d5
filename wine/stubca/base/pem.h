/* DER as found in files: as it is, or as base64 with or without PEM's lines around it. */
#ifndef STUBCA_PEM_H
#define STUBCA_PEM_H

#include "reason.h"

/*
 * Extract the DER in `data`, which is DER if it begins with 30 (a SEQUENCE; its base64 begins with
 * M). In a text with PEM's lines, the first block is used whose label ends in `label`
 * ("CERTIFICATE REQUEST" also finds "NEW CERTIFICATE REQUEST"); text before and after it is
 * ignored. LF, CRLF and blanks within the base64 are accepted, and so is a UTF-8 mark at the
 * start. The caller frees `*der`. CRYPT_E_BAD_ENCODE, with a reason: the data is neither.
 */
HRESULT pem_read(const void *data, size_t size, const char *label, unsigned char **der,
                 size_t *der_size, struct reason *reason);

#endif
