/* What a certificate is for and how strong it is, in a few words: for a cell of a table. */
#ifndef CERT_WORDS_H
#define CERT_WORDS_H

#include "base/bytes.h"
#include "der/key.h"

#define CERT_WORDS_PURPOSES 100         /* more are counted */

/* Each appends plain text. purposes_words: of the value of an extendedKeyUsage (2.5.29.37),
 * "Client Authentication (1.3.6.1.5.5.7.3.2), Smart Card Logon (...)". key_words: "RSA 2048",
 * "P-256". algorithm_words: "sha256RSA"; an OID that is not known as it is. */
void purposes_words(struct der_bytes value, struct bytes *out);
void key_words(const struct public_key *key, struct bytes *out);
void algorithm_words(const struct algorithm *algorithm, struct bytes *out);

#endif
