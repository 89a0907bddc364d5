/* Signed data (CMS) in an outline: who signed it, each request and certificate in it, and what CMC adds to them. */
#ifndef CMS_SHOW_H
#define CMS_SHOW_H

#include "der/cms.h"
#include "cli/terminal/outline.h"

/*
 * Into a group that is open. `data` is what `cms` was read from; `entries_max` is for CRLs. What is refused of the content is shown with the
 * reason, and the first such is left in the fault, counted from the start of `data`; of certificates and CRLs, it is shown alone.
 *
 * Of a signer is told what can be seen: the certificate that it names, if that is within; whether that one is for request agents, or the
 * one that the first request says it renews; whether the key is that request's own. Nothing is said of what cannot be.
 */
void cms_show(struct outline *outline, const struct cms *cms, const void *data, size_t size, size_t entries_max, struct der_fault *fault);

#endif
