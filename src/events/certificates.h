/*
 * Certificates that a journal has told of, with a byte about each, in bounded memory.
 *
 * A certificate is known by its serial number and its hash. RequestIDs will not do: a CA that is
 * restored or rebuilt gives them a second time, and a certificate that is imported again gets
 * another one. Where an event holds the certificate's bytes the hash is theirs, else it is what the
 * CA told (CertificateHash): a journal in which either was left out for a time still finds its
 * certificates again. An event that has neither tells of the certificate of its serial number; an
 * event without a serial number finds what was added without one.
 */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include "event.h"

/* 512 MiB; sixteen bytes for each, in a table that is filled to three quarters at most */
#define CERTIFICATES_MOST (24u << 20)
/* of one serial number: one CA makes two of them, by renewal and bad luck, not more */
#define CERTIFICATES_ALIKE 64
#define CERTIFICATE_HASH 7 /* bytes of SHA-1 that are kept; all zero: it is not known */

struct certificate_slot {
    uint64_t serial;                    /* a hash of it that nobody can foretell; 0: free */
    uint8_t hash[CERTIFICATE_HASH];
    uint8_t state;                      /* the caller's */
};

/* {0} is empty; one with `most` alone holds no more than that many. */
struct certificates {
    struct certificate_slot *slots;     /* owned */
    size_t room, count, most;
    char secret[37];                    /* made with the first key */
};

struct certificate_key {
    uint64_t serial;
    uint8_t hash[CERTIFICATE_HASH];
};

void certificates_free(struct certificates *set);

/* The certificate that the event is about. False: the event has neither serial number nor hash of
 * it. */
bool certificates_key(struct certificates *set, struct event *event, struct certificate_key *key);

/* What is kept of the certificate, for the caller to change until the next is added; NULL: it was
 * not added. Of several that it may be, the one with the same hash, else any. */
uint8_t *certificates_find(struct certificates *set, const struct certificate_key *key);

/* One that was not found, with a state of 0. NULL: there is no room. */
uint8_t *certificates_add(struct certificates *set, const struct certificate_key *key);

#endif
