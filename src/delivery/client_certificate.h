/* The client certificate that a destination shows, in a PEM file: whether its time is now. */
#ifndef CLIENT_CERTIFICATE_H
#define CLIENT_CERTIFICATE_H

#include "base/bytes.h"
#include "base/os.h"
#include "der/x509.h"

/*
 * False: the first certificate of the PEM file has expired, or is not valid yet; `why` says so, in
 * at most `room` bytes with its zero. What cannot be read as PEM, a file that is missing and a
 * certificate of Windows' store are left to the TLS library.
 */
bool client_certificate_is_timely(const char *path, char *why, size_t room);

/* The first certificate of a PEM file, which is decoded in place. False: there is none. */
bool client_certificate_find(struct bytes *file, struct x509 *out);

#endif
