/*
 * The content of a new certificate, combined from the template, from a certificate manager's
 * changes to the row, and from the directory's data about the requester. The authority signs it.
 *
 * Extensions in the row that are not disabled, up to thirty, replace the template's extensions
 * with the same OID.
 */
#ifndef STUBCA_ISSUING_H
#define STUBCA_ISSUING_H

#include "ca.h"
#include "request.h"

/*
 * Make a certificate, signed with the CA's newest key. Does not change the row. The caller holds
 * the database's lock and frees the certificate; errors as authority_issue.
 */
HRESULT certificate_make(const struct ca *ca, const struct row *row,
                         const struct template *template, const struct request *request,
                         struct certificate **certificate, struct reason *reason);

#endif
