/*
 * Certificate revocation lists: X.509 (RFC 5280, section 5), versions 1 and 2. No signature is
 * verified here.
 *
 * A CRL of a large CA has a hundred thousand entries and more: they are read one after the other
 * where they lie. Accepted is an empty list of entries as well as none at all; the standard wants
 * the latter, some CAs write the former.
 */
#ifndef DER_CRL_H
#define DER_CRL_H

#include "extension.h"
#include "key.h"

struct crl {
    int version;                        /* 1 or 2; with remarks, any */
    struct der_bytes info;              /* the bytes that are signed */
    struct der_bytes issuer;            /* a whole Name, for name_begin */
    int64_t this_update, next_update;   /* seconds since 1970 */
    bool has_next_update;
    struct der_bytes entries;           /* for crl_entries_begin */
    size_t count;                       /* of entries */
    struct der_bytes extensions;        /* for extensions_begin; nothing before version 2 */
    struct algorithm signature_algorithm;
    struct algorithm
        inner_algorithm; /* as it stands in what is signed: the same, but for a remark */
    struct der_bytes signature;
};

/* Read a CRL, which is all of `data`: every entry is checked and counted, in one walk, but for what
 * stands inside the values of extensions. */
bool crl_read(const void *data, size_t size, struct crl *crl, struct der_fault *fault,
              struct der_remarks *remarks);

struct crl_entry {
    struct der_bytes serial;            /* contents of the INTEGER */
    int64_t date;                       /* of the revocation, seconds since 1970 */
    struct der_bytes extensions; /* for extensions_begin, and for the call below; often nothing */
};

/* Walk over the entries that crl_read gave, in the order they are written. */
void crl_entries_begin(struct der *cursor, struct der_fault *fault, const struct crl *crl);
bool crl_entries_next(struct der *cursor, struct crl_entry *entry);

/* What an entry's extensions say; has_... and size 0 tell what is left out. */
struct crl_entry_details {
    bool has_reason, has_invalidity;
    int64_t reason;     /* 2.5.29.21: as REVOKED_... below; others are not refused */
    int64_t invalidity; /* 2.5.29.24: since when the key is thought not to be safe */
    struct der_bytes hold_instruction;  /* 2.5.29.23: an OID */
    struct der_bytes issuer; /* 2.5.29.29, of this certificate and those that follow, in indirect
                              * CRLs: a whole SEQUENCE, for general_names_begin */
};
enum {
    REVOKED_UNSPECIFIED = 0, REVOKED_KEY_COMPROMISE = 1, REVOKED_CA_COMPROMISE = 2,
    REVOKED_AFFILIATION_CHANGED = 3, REVOKED_SUPERSEDED = 4, REVOKED_CESSATION_OF_OPERATION = 5,
    REVOKED_CERTIFICATE_HOLD = 6, REVOKED_REMOVE_FROM_CRL = 8, REVOKED_PRIVILEGE_WITHDRAWN = 9,
    REVOKED_AA_COMPROMISE = 10,
};

/* The first thing wrong ends the reading; what was read before stays, and offsets count from that
 * extension's value. */
bool crl_entry_read_details(const struct crl_entry *entry, struct crl_entry_details *details,
                            struct der_fault *fault, struct der_remarks *remarks);

#endif
