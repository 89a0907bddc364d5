/*
 * What Windows clients write about themselves into a PKCS#10 request, as attributes of the request's row:
 *
 *   1.3.6.1.4.1.311.13.2.3  OS version    RequestOSVersion
 *   1.3.6.1.4.1.311.13.2.2  CSP           RequestCSPProvider
 *   1.3.6.1.4.1.311.21.20   client info   ccm, the machine that the client ran on
 *
 * That the first two become attributes of these names is documented by certsrv.h's names for them; that the client
 * info's machine becomes `ccm` is inferred.
 */
#ifndef STUBCA_REQUEST_ATTRIBUTES_H
#define STUBCA_REQUEST_ATTRIBUTES_H

#include "request.h"

/* Lines `Name:Value` for row_add_attributes; "" where there are none. What is not written as it should be is left out.
 * No value holds a line's end or a NUL: a request cannot add attributes of another name. The caller frees. */
char *request_attributes(const struct request *request);

#endif
