/*
 * DER as it comes in files: as it is, or as base64 with or without PEM's lines around it.
 */
#ifndef STUBCA_PEM_H
#define STUBCA_PEM_H

#include "reason.h"

/*
 * The DER in `data`, which is DER if it begins with 30 (a SEQUENCE; base64 of one begins with M). Of text with PEM's
 * lines the first block counts whose label ends in `label` ("CERTIFICATE REQUEST" finds "NEW CERTIFICATE REQUEST"
 * too); what stands before and behind is passed over. LF, CRLF and blanks between the base64 make no difference; a
 * UTF-8 mark in front neither. The caller frees `*der`. CRYPT_E_BAD_ENCODE, with a reason, for what is neither.
 */
HRESULT pem_read(const void *data, size_t size, const char *label, unsigned char **der, size_t *der_size,
                 struct reason *reason);

#endif
