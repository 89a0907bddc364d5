/* For the fuzzers of the DER reader: walk over everything that was read, with every decoder there is, and abort where a view lies
 * outside of the input, a count is wrong, or what is shown is not fit to be shown. */
#ifndef DER_WALK_H
#define DER_WALK_H

#include "der/cmc.h"
#include "der/crl.h"
#include "der/pkcs10.h"
#include "der/x509.h"

void must(bool ok);

/* The input that every view must lie in, until the next call. It is walked over strictly; then, for who reads it once more with these
 * remarks, with them, which walk_remarks looks at in the end. */
void walk_begin(const void *data, size_t size);
struct der_remarks *walk_with_remarks(void);
void walk_remarks(bool is_strict);
void within(struct der_bytes view);

void walk_certificate(const struct x509 *certificate);
void walk_request(const struct pkcs10 *request);
void walk_crl(const struct crl *crl);
void walk_cms(const struct cms *cms);           /* and its content, one level down */
void walk_value(struct der_bytes value);        /* any bytes, as the value of every extension and attribute */

/* Show it as text and as JSON; must agree with whether it can be read as that kind (enum cert_kind), as it stands or as the DER that it stands for. */
void walk_shown(const void *data, size_t size, int kind);
bool walk_reads(const void *data, size_t size, int kind);

#endif
