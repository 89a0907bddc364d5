/*
 * Making a certificate: what the template has, what a manager has set on the row, and what the directory knows of the
 * requester, put together into what the authority signs.
 *
 * Extensions that stand in the row and are not disabled, up to thirty, take the place of the template's of the same OID.
 */
#ifndef STUBCA_ISSUING_H
#define STUBCA_ISSUING_H

#include "ca.h"
#include "request.h"

/* Signed with the CA's newest key. Nothing is written to the row. The caller holds the database's lock and frees the
 * certificate; errors as authority_issue. */
HRESULT certificate_make(const struct ca *ca, const struct row *row, const struct template *template,
                         const struct request *request, struct certificate **certificate, struct reason *reason);

#endif
