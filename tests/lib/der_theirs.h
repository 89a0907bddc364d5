/* For the tests that compare the DER reader with libcrypto: what both see, made comparable; keys, names and changed bytes that are
 * drawn at random, the same every time. */
#ifndef DER_THEIRS_H
#define DER_THEIRS_H

#include "der/der.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Are these the bytes that libcrypto writes for the same thing? Frees what it wrote. */
bool same(struct der_bytes ours, unsigned char *theirs, int size);
#define SAME(ours, i2d, thing) \
    ({ unsigned char *out_ = NULL; int size_ = i2d((thing), &out_); same((ours), out_, size_); })

struct der_bytes content_of(const ASN1_STRING *string);
bool same_time(int64_t seconds, const ASN1_TIME *theirs);
bool same_oid(struct der_bytes oid, const ASN1_OBJECT *theirs);

/* Each value of the name is the text that libcrypto reads. Of what we replace (text.h), libcrypto has no text. */
bool same_name_texts(struct der_bytes name, X509_NAME *theirs);

/* Is every value of the name of a type that libcrypto takes in names, and text made of characters only? */
bool is_known(struct der_bytes name);

/* The key's length as we count it. */
unsigned known_length(const EVP_PKEY *key);

/* Calls for the DER of every root certificate there is; returns how many. */
int for_each_root(void (*with)(const char *path, const unsigned char *der, size_t size));

/* libcrypto's reading of all of these bytes, or NULL. */
X509 *their_certificate(const unsigned char *der, size_t size);

/* Numbers that look random and are the same every time. (The keys are not: libcrypto makes them anew.) */
extern uint64_t state;
unsigned draw(unsigned below);

/* RSA of 2048 and 3072 bits, Ed25519, the three curves of NIST's; then RSA of 1024 and 1031 bits, RSASSA-PSS, DSA, Ed448, P-224. */
enum { REQUEST_KEYS = 6, KEYS = 12 };
EVP_PKEY *key_of(unsigned kind);
const EVP_MD *digest_of(unsigned kind);         /* to sign with: none for Ed25519 and Ed448 */

void add_name_part(X509_NAME *name);            /* one part of any type and encoding */

/* The bytes, with a few changed, or cut; to be freed. The result is as long as its buffer. */
unsigned char *mutated(const unsigned char *der, size_t *size);

#endif
