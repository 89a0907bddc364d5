/* The attributes of a request, and the parts that requests and certificates share, in an outline. */
#ifndef REQUEST_SHOW_H
#define REQUEST_SHOW_H

#include "der/pkcs10.h"
#include "der/x509.h"
#include "outline.h"

/* The list "attributes"; nothing where there are none. Refusals are shown as in extension_show.h. */
void attributes_show(struct outline *outline, const struct pkcs10 *request);

/* Everything in a certificate, into a group that is open. (cert_show.c has it; a renewal's request holds a certificate.) */
void certificate_show(struct outline *outline, const struct x509 *certificate);

#endif
