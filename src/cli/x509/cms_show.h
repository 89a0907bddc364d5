/* Signed data (CMS) in an outline: who signed it, each request and certificate in it, and what CMC
 * adds to them. */
#ifndef CMS_SHOW_H
#define CMS_SHOW_H

#include "cert_show.h"
#include "der/cms.h"

/*
 * Into a group that is open. `data` is what `cms` was read from. What is refused of the content is
 * shown with the reason, and the first such is left in the fault, counted from the start of `data`;
 * of certificates and CRLs, it is shown alone. What is odd is added to the remarks. Content that is
 * no request is named for what it is, unless a request was asked for.
 *
 * Of a signer is told what can be seen: the certificate that it names, if that is within; whether
 * that one is for request agents, or the one that the first request says it renews; whether the key
 * is that request's own. Nothing is said of what cannot be.
 */
void cms_show(struct outline *outline, const struct cms *cms, struct der_bytes data,
              const struct cert_show_options *options, struct der_remarks *remarks,
              struct der_fault *fault);

#endif
