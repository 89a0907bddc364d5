/* What has been published of CRLs for one key of the CA, and lists of what stands in them. */
#ifndef STUBCA_CRLS_H
#define STUBCA_CRLS_H

#include "authority.h"

struct crl_list {
    struct crl_entry *entries;          /* serials are the list's */
    size_t count;
};

void crl_list_empty(struct crl_list *list);
void crl_list_add(struct crl_list *list, const char *serial, int64_t when, int reason);
const struct crl_entry *crl_list_find(const struct crl_list *list, const char *serial);         /* NULL: it is not in it */

struct crls {
    unsigned base_number;               /* 0: there is no base CRL */
    struct { unsigned char *data; size_t size; } base, delta;
    struct crl_list in_base;            /* what the base CRL lists */
    struct crl_list in_delta;           /* what any delta CRL since then listed */
};

/* The CRLs of one key that have been published. Callers hold the database's lock. */
struct crls *crls_open(void);
void crls_close(struct crls *crls);     /* takes NULL */
struct der_bytes crls_base(const struct crls *crls);            /* the last of its kind; nothing before the first */
struct der_bytes crls_delta(const struct crls *crls);

#endif
