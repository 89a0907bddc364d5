/* The published CRLs of one key of the CA, and lists of their entries. */
#ifndef STUBCA_CRLS_H
#define STUBCA_CRLS_H

#include "authority.h"

struct crl_list {
    struct crl_entry *entries;          /* the list owns the serials */
    size_t count;
};

void crl_list_empty(struct crl_list *list);
void crl_list_add(struct crl_list *list, const char *serial, int64_t when, int reason);
/* NULL: not in the list */
const struct crl_entry *crl_list_find(const struct crl_list *list, const char *serial);

struct crls {
    unsigned base_number;               /* 0: there is no base CRL */
    struct { unsigned char *data; size_t size; } base, delta;
    struct crl_list in_base;            /* entries of the base CRL */
    struct crl_list in_delta;           /* entries of any delta CRL since then */
};

/* Callers hold the database's lock. */
struct crls *crls_open(void);
void crls_close(struct crls *crls);     /* takes NULL */
/* the last one published; empty before the first */
struct der_bytes crls_base(const struct crls *crls);
struct der_bytes crls_delta(const struct crls *crls);

#endif
