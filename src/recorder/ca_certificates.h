/* The CA's own certificates, for module.started. */
#ifndef CA_CERTIFICATES_H
#define CA_CERTIFICATES_H

#include "base/json.h"

#include <windows.h>

/*
 * Add the member "certificates" to the object that is open: for each of `count` certificates (256 at most, one more for each renewal)
 * {"index":n,"RawCACertificate":{"size":…,"sha256":…,"base64":…}}, without "base64" once those before it have filled 256 KiB: a line
 * has to hold them all. One that could not be read has "hresult" instead; one that the CA does not have, nothing.
 *
 * Asks the CA itself, once for each. Blocks for as long as it takes to answer. Failure is remembered by json's `out` (bytes.h).
 */
void ca_certificates_add(struct json *json, LONG count);

#endif
