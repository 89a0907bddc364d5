/*
 * Attributes of a request's row that clients write into the request, or around it:
 *
 *   1.3.6.1.4.1.311.13.2.3  OS version            RequestOSVersion
 *   1.3.6.1.4.1.311.13.2.2  CSP                   RequestCSPProvider
 *   1.3.6.1.4.1.311.21.20   client info           ccm, the machine that the client ran on
 *   1.3.6.1.4.1.311.13.2.1  name and value        an attribute of that name
 *   1.3.6.1.5.5.7.7.18      registration info     attributes, only in CMC
 *
 * They are in the request, in CMC's control that adds attributes, and in a signer's signed
 * attributes. That the first two become attributes of these names is documented by certsrv.h's
 * names for them. That the client info's machine becomes `ccm` is inferred.
 */
#ifndef STUBCA_REQUEST_ATTRIBUTES_H
#define STUBCA_REQUEST_ATTRIBUTES_H

#include "request.h"

/*
 * Lines `Name:Value` for row_add_attributes, from the innermost layer outwards; "" if there are
 * none. Malformed attributes and passwords are omitted. No value contains a line end or a NUL, so
 * a request cannot add attributes of another name. The caller frees them.
 */
char *request_attributes(const struct request *request);

/*
 * The requester that replaces the caller: named by the controls of a CMC layer, whose signers all
 * sign that name, or by one signer's own attributes. NULL: none. The caller frees it.
 */
char *requester_in_controls(const struct wrapping_layer *layer);
char *requester_in_signer(const struct cms_signer *signer);

#endif
