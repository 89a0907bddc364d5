/* The CA that is made up: its key, its certificate, and what it signs. Every signature is a true one. */
#ifndef GENERATOR_AUTHORITY_H
#define GENERATOR_AUTHORITY_H

#include "issue.h"

enum { SERIAL_SIZE = 16 };

struct authority {
    uint64_t seed;
    struct key key;
    struct bytes certificate;           /* owned */
    int64_t not_before, not_after;
};

void authority_begin(struct authority *authority, uint64_t seed, int64_t not_before, int64_t not_after);
void authority_end(struct authority *authority);
void authority_put_name(struct bytes *out);

void authority_serial(const struct authority *authority, uint64_t number, unsigned char out[SERIAL_SIZE]);
/* Append the certificate; `key` is the holder's. */
void authority_issue(const struct authority *authority, const struct issue *issue, const struct key *key, struct bytes *out);

struct revocation {
    unsigned char serial[SERIAL_SIZE];
    int64_t when;                       /* seconds */
    int reason;                         /* 0: not said; 8: removed, in a delta CRL */
};

struct crl {
    uint64_t number, base;              /* `base`: of a delta CRL, the number of the CRL that it goes with; 0: a base CRL */
    int64_t this_update, next_update;
    const struct revocation *entries;
    size_t count;
};

void authority_put_crl(const struct authority *authority, const struct crl *crl, struct bytes *out);

#endif
