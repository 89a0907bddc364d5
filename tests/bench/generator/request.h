/* Requests in the forms that Windows clients send: PKCS #10, PKCS #7, CMC. */
#ifndef GENERATOR_REQUEST_H
#define GENERATOR_REQUEST_H

#include "authority.h"

/*
 * Append the request that `issue` describes. `key` is the holder's. The certificate that it renews,
 * or that of the agent, is made again from `issue->other`.
 */
void request_put(const struct authority *authority, const struct issue *issue, const struct key *key, struct bytes *out);

#endif
