/* What the numbers in a CA's database are called. ASCII; NULL where a number is not known. */
#ifndef CODE_NAME_H
#define CODE_NAME_H

#include "base/bytes.h"

#include <stdint.h>

const char *disposition_name(int64_t disposition);             /* "issued" */
const char *revocation_reason_name(int64_t reason);            /* "key compromise" */
const char *request_type_name(int64_t type);                   /* "PKCS #10" */
const char *status_name(int64_t status); /* "CERTSRV_E_UNSUPPORTED_CERT_TYPE" */
void request_flags_names(
    int64_t flags, struct bytes *out); /* appended, with commas; those not known are left out */

/* "0x12 (renewal, on behalf of)", without the brackets where nothing is known of it: appended. */
void request_flags_words(int64_t flags, struct bytes *out);

#endif
