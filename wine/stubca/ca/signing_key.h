/*
 * A signing key for certificates, CRLs and requests.
 *
 * RSA 2048, generated in memory and discarded with its last reference: no key container, no file.
 * Every signature is SHA-256 with RSA. Any thread; signatures are made one at a time. Failures:
 * the HRESULT of the Windows call that failed; the reason names it.
 */
#ifndef STUBCA_SIGNING_KEY_H
#define STUBCA_SIGNING_KEY_H

#include "stubca/base/der_write.h"
#include "subject.h"

struct signing_key;

HRESULT signing_key_make(struct signing_key **key, struct reason *reason);
struct signing_key *signing_key_hold(struct signing_key *key);
void signing_key_let_go(struct signing_key *key);       /* takes NULL */

/* Append its SubjectPublicKeyInfo. */
HRESULT signing_key_put_public(const struct signing_key *key, struct der_writer *writer,
                               struct reason *reason);

/* Append the AlgorithmIdentifier of its signatures. */
void signing_key_put_algorithm(struct der_writer *writer);

/*
 * Append `info` together with its signature: SEQUENCE { info, algorithm, BIT STRING }, the form of
 * certificates, CRLs and requests.
 */
HRESULT signing_key_sign(struct signing_key *key, const struct der_writer *info,
                         struct der_writer *out, struct reason *reason);

#endif
