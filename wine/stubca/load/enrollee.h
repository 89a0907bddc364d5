/*
 * An enrollee: a key, and requests signed with it.
 *
 * The key is RSA 2048, generated in memory and discarded by enrollee_free. One thread at a time.
 * Failures: the HRESULT of the Windows call that failed; the reason names it.
 */
#ifndef STUBCA_ENROLLEE_H
#define STUBCA_ENROLLEE_H

#include "stubca/ca/subject.h"

struct enrollee;

/* Takes up to some seconds, for the key. */
HRESULT enrollee_create(struct enrollee **enrollee, struct reason *reason);
void enrollee_free(struct enrollee *enrollee);                  /* takes NULL */

/* Write a PKCS#10 request for `common_name` (UTF-8, 1 to 64 characters), in PEM, to the file
 * `path`. */
HRESULT enrollee_request(struct enrollee *enrollee, const char *common_name, const char *path,
                         struct reason *reason);

#endif
