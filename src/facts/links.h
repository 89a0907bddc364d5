/*
 * The later events of a certificate: that it was revoked, that it came a second time, which
 * certificate renews it. Found by sorting short records (sorter.h), in bounded memory.
 *
 * Certificates have ordinals, 0, 1, 2 in the order in which the journal has them; "later" is a
 * higher ordinal. C is renewed by D if neither is told of twice, D is not revoked, ends later and
 * came later, and of three grounds one holds; the first that does counts. Nothing ends later than a
 * C whose end is not known, which no D renews.
 *
 *   certain   D's request names C by serial number and issuer (renewed.h), and the CA says that
 *             C's key signed it; or requester and template are equal, and the certificate in the
 *             request is C, by its hash
 *   same      requester, template, subject and alternative names are equal, D was issued in the
 *             last third of C's life or later, and not from another client machine than C
 *   probable  the template is equal, D has all alternative names of C and at least one, and another
 *             requester has it; or all is as with same, but on two client machines
 *
 * Where a request names C otherwise, C is only said to be renewed: anybody can write that, and D
 * renews nothing by it. Such a D is told of where no other one renews C.
 *
 * D renews one certificate by the ground same, of several that which ends first, one that is not
 * revoked before all others, and none if its request names one, which may be older than the journal
 * or not outlasted: it is no other's renewal. Two servers with equal names therefore do not renew
 * each other, nor does a certificate that replaces a lost key early. D can renew several probably,
 * but on two client machines none if its request names one; of several D the first counts. C may be
 * revoked.
 *
 * links_begin; links_issued, links_named and links_revoked for the events, in their order;
 * links_join; links_probable for each certificate that is kept, in order; links_join_probable; then
 * links_take in order. links_free at any time.
 */
#ifndef LINKS_H
#define LINKS_H

#include "issuance.h"
#include "sorter.h"
#include "spool.h"

#define LINKS_ALIKE 64      /* certificates of one serial number that are told apart */
#define LINKS_OPEN  4096    /* certificates of equal names that wait for one to renew them */

enum ground { GROUND_NONE, GROUND_CERTAIN, GROUND_SAME, GROUND_PROBABLE, GROUND_SAID };

struct fate {
    bool is_revoked, is_twice;          /* twice: an earlier event tells of the same certificate */
    uint64_t revoked_sequence;
    int64_t revoked_when;               /* seconds since 1970, or FACT_NO_TIME */
    int64_t revoked_reason;             /* REVOKED_... of der/crl.h; -1: not told */
    enum ground ground;
    uint64_t by_sequence;               /* the line that tells of the certificate that renews it */
    int64_t by_request;                 /* its RequestID; FACT_NO_TIME: it has none */
    uint64_t by_place;                  /* of GROUND_SAID: where it is kept */
    bool renews;                        /* it renews another itself, for certain or as the same */
    bool is_routine;                    /* a machine account has it, and of its certificates with
                                         * its template, subject and names two renew another */
};

/* Certain or as the same: it needs nobody. */
bool fate_is_renewed(const struct fate *fate);

/* To read the name keys of a kept certificate again. False: they cannot be read. */
typedef bool links_keys(void *context, uint64_t place, struct bytes *keys);

struct links {
    size_t memory;                      /* bytes for each sorter */
    struct sorter serials, equals, machines, names; /* owned, as are the notes */
    struct sorter notes, next;          /* in the order of ordinals: of this round, of the next */
    struct spool briefs;                /* owned; one for each ordinal */
    struct bytes scratch, other;        /* owned; name keys */
    uint64_t count;                     /* certificates */
    const struct note *note;            /* the next of `notes` */
    uint64_t unknown_revoked;           /* revocations of unknown certificates */
    uint64_t not_compared;              /* beyond the limits above: counted as not renewed */
    links_keys *read_keys;
    void *context;
    HRESULT hr;
};

void links_begin(struct links *links, size_t memory, links_keys *read_keys, void *context);
void links_free(struct links *links);

/* The certificate with the next ordinal; `place` is where it is kept, if it is. */
void links_issued(struct links *links, const struct issuance *issuance, uint64_t place);
/* A revocation, or the release of a hold. */
void links_revoked(struct links *links, struct event *event, struct issuance_reader *reader,
                   bool is_revoked);

/* From now on links_take gives all but the ground probable. */
HRESULT links_join(struct links *links) MUST_CHECK;
/* The fate of the certificate with this ordinal. Ordinals come in ascending order, in each of
 * the two rounds: between the joins, and after the second. */
void links_take(struct links *links, uint64_t ordinal, struct fate *fate);

/* A certificate that is kept at `place`, with its fate as of links_take. */
void links_probable(struct links *links, uint64_t ordinal, const struct issuance *issuance,
                    const struct fate *fate, uint64_t place);
HRESULT links_join_probable(struct links *links) MUST_CHECK;

#endif
