/*
 * The facts of one certificate that a CA issued, as far as one event has them.
 *
 * The ground of each:
 *
 *   the CA's word     requester, caller, template, flags, RequestID, the source of the event; the
 *                     certificate, which the CA signed, and everything read from it: dates, serial
 *                     number, names, SID, key, purposes, subject. Where its bytes are not in the
 *                     journal, the CA's properties stand for them: dates, serial number, subject,
 *                     UPN, template; for a date also where its own cannot be read.
 *   the request's     client (process, machine, user), the template that it asked for, the
 *                     certificate that it renews where the CA does not vouch for it (renewed.h)
 *   computed          sources (claim.h), keys, is_service, is_autoenrolled's client part
 *   our own clock     time: when the recorder was told
 *
 * All texts may be hostile but FACT_SERIAL, FACT_HASH and the OIDs.
 */
#ifndef ISSUANCE_H
#define ISSUANCE_H

#include "names.h"
#include "renewed.h"

#define FACT_NO_TIME INT64_MIN
#define ISSUANCE_HASH RENEWED_HASH      /* bytes of a SHA-1 */

enum fact_text {
    FACT_REQUESTER,                     /* RequesterName: whose certificate it is */
    FACT_CALLER,                        /* CallerName: who asked; usually the same */
    FACT_TEMPLATE,                      /* a name or an OID */
    FACT_ASKED_TEMPLATE,                /* CertificateTemplate of the attributes */
    FACT_SUBJECT, FACT_NAMES,           /* names_next of names.h */
    FACT_UPN, FACT_SID,
    FACT_IDENTITY,                      /* identity_first: one name for a person */
    FACT_SERIAL, FACT_HASH,             /* hexadecimal digits; SHA-1, the thumbprint */
    FACT_PURPOSES,                      /* OIDs with a blank in between; "": no EKU */
    FACT_KEY_ALGORITHM, FACT_CURVE,     /* OIDs; the curve of an EC key that names one */
    FACT_SIGNATURE,                     /* OID */
    FACT_PROCESS, FACT_MACHINE, FACT_USER, /* client info */
    FACT_NAME_KEYS,                     /* names_within of names.h */
    FACT_TEXTS
};

struct issuance {
    uint64_t sequence;                  /* of the line */
    int64_t request_id;                 /* with has_request_id */
    int64_t time, not_before, not_after; /* seconds since 1970; FACT_NO_TIME: not known */
    int64_t client;                     /* which kind of client made the request; 0: not told */
    int64_t flags;                      /* RequestFlags; 0: not told */
    uint32_t bits;                      /* of the key; 0: not known */
    uint32_t name_count;                /* of all alternative names */
    bool has_request_id, is_imported, is_unverified;
    bool has_certificate;               /* its bytes are there and could be read */
    bool has_purposes;                  /* it has an EKU */
    bool names_cut, purposes_cut;       /* not all are kept in the texts, or not whole */
    bool names_unread;                  /* some of them, or the SID, cannot be read; they are cut */
    bool is_ca;                         /* basicConstraints says so */
    bool is_machine;                    /* the requester ends in $ */
    bool has_same;                      /* the key below is set */
    bool names_old;                     /* the request names a certificate that it renews */
    uint8_t names_source, sid_source, subject_source; /* enum fact_source */
    uint8_t serial_key[FACT_KEY], issuer_key[8]; /* zeros: not known, as in the hash */
    uint8_t hash[ISSUANCE_HASH];        /* FACT_HASH, as issuance_hash reads it */
    uint8_t requester_key[8], template_key[8];
    uint8_t machine_key[8];             /* of the client's machine */
    uint8_t same[FACT_KEY]; /* of requester, template, subject and alternative names */
    struct renewed renewed;
    struct span texts[FACT_TEXTS];      /* into the reader's memory, or the caller's */
};

/* Reads them; {0} to begin with. Memory is used again from event to event. */
struct issuance_reader {
    struct claim claim;
    struct names names;
    struct bytes text, scratch;
    uint8_t issuer[8];                  /* of the issuer below */
    struct bytes issuer_name;
};

/* Whether the event is an issuance: certificate.issued or certificate.imported. */
bool issuance_is(const struct event *event);

/* The texts hold until the next call. False: there is not enough memory. */
bool issuance_read(struct issuance_reader *reader, struct event *event, struct issuance *issuance);
void issuance_reader_free(struct issuance_reader *reader);

/* Whether the purposes hold this one. */
bool issuance_has_purpose(const struct issuance *issuance, const char *oid);
/* An agent, key recovery, OCSP or NDES certificate: a service stops with it. */
bool issuance_is_service(const struct issuance *issuance);
/* The client says that it enrolled by itself. */
bool issuance_by_autoenrollment(const struct issuance *issuance);

/*
 * A certificate's hash as a CA or certutil writes it: hexadecimal digits, whatever is in between,
 * and the zeros that begin it may be missing. Zeros: it has none, or too many, or under 16 digits.
 */
void issuance_hash(struct span text, uint8_t out[ISSUANCE_HASH]);

/* Seconds of a date as the CA tells it, "2026-11-21T10:00:00Z"; FACT_NO_TIME: it is none. */
int64_t issuance_date(struct event *event, const char *path);

#endif
