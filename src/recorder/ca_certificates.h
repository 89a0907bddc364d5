/* The CA's own certificates, for module.started. */
#ifndef CA_CERTIFICATES_H
#define CA_CERTIFICATES_H

#include "base/json.h"

#include <windows.h>

/*
 * Add the member "certificates" to the open object: for each of `count` certificates (at most 256,
 * one more for each renewal) {"index":n,"RawCACertificate":{"size":…,"sha256":…,"base64":…}}.
 * "base64" is omitted once the certificates before have filled 256 KiB, since one line has to hold
 * all of them. A certificate that could not be read has "hresult" instead; one that the CA does
 * not have is omitted.
 *
 * Asks the CA itself, once for each certificate. Blocks for as long as it takes to answer. A
 * failure is remembered by json's `out` (bytes.h).
 */
void ca_certificates_add(struct json *json, LONG count);

#endif
