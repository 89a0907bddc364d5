/*
 * What clients write about a request into it, or around it, as attributes of the request's row:
 *
 *   1.3.6.1.4.1.311.13.2.3  OS version            RequestOSVersion
 *   1.3.6.1.4.1.311.13.2.2  CSP                   RequestCSPProvider
 *   1.3.6.1.4.1.311.21.20   client info           ccm, the machine that the client ran on
 *   1.3.6.1.4.1.311.13.2.1  name and value        an attribute of that name
 *   1.3.6.1.5.5.7.7.18      registration info     attributes, of CMC alone
 *
 * They stand in the request, in CMC's control that adds attributes, and in what a signer signed. That the first two become
 * attributes of these names is documented by certsrv.h's names for them; that the client info's machine becomes `ccm` is
 * inferred.
 */
#ifndef STUBCA_REQUEST_ATTRIBUTES_H
#define STUBCA_REQUEST_ATTRIBUTES_H

#include "request.h"

/* Lines `Name:Value` for row_add_attributes, from the inside outwards; "" where there are none. What is not written as it
 * should be is left out, and so are passwords. No value holds a line's end or a NUL: a request cannot add attributes of
 * another name. The caller frees. */
char *request_attributes(const struct request *request);

/* The requester that CMC's registration info, or a pair that a signer signed, names in the place of the caller; NULL: none.
 * The caller frees. */
char *request_on_behalf_of(const struct request *request);

#endif
