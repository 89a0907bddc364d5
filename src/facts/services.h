/*
 * The needs of a CA itself: its certificates, and the newest CRL and delta CRL of each of
 * its keys, as the events module.started and crl.issued carry them.
 *
 * The newest CRL of a key is what the last crl.issued says of it, whatever its thisUpdate: a clock
 * may have been wrong. A module.started puts no CRL with an earlier thisUpdate in its place. The
 * times of a CRL are known if its bytes are in the journal; a CA tells of no time elsewhere.
 * SERVICES_MOST of each are kept; more are counted.
 */
#ifndef SERVICES_H
#define SERVICES_H

#include "events/event_items.h"

#define SERVICES_MOST 256               /* a CA has as many keys at most */

struct service_certificate {
    uint8_t sha256[32];
    int64_t index, not_before, not_after;
    char serial[64];                    /* hexadecimal digits, of a longer one the first */
    struct bytes subject;               /* owned; UTF-8 */
};

/* Whether the times of a key's newest CRL are known, and why they are not. */
enum crl_times {
    CRL_TIMES_KNOWN,
    CRL_LEFT_OUT,                       /* it had no room in its line */
    CRL_UNCHANGED,                      /* its line names an earlier one, which is not there */
    CRL_UNREADABLE,                     /* its bytes are there, and are no CRL */
    CRL_NOT_GIVEN                       /* the CA was asked for it in vain, or it had no room */
};

struct service_crl {
    int64_t index;                      /* of the CA's certificate whose key signs it */
    bool is_delta;
    enum crl_times times;
    int64_t this_update, next_update;   /* seconds since 1970; DER_TIME_NONE: not told */
    int64_t next_publish;               /* when the CA means to publish the next; the same */
    int64_t owed;                       /* of one that is not given: when one must have been; the
                                         * same */
    uint64_t sequence;                  /* of the line that told of it */
    int64_t published;                  /* time of that line; DER_TIME_NONE: not known */
    uint64_t seen;                      /* the last line that has it, unchanged or not */
    uint8_t sha256[32];                 /* zeros: not known */
};

/* {0} knows none. */
struct services {
    struct service_certificate certificates[SERVICES_MOST];
    struct service_crl crls[2 * SERVICES_MOST];
    unsigned certificate_count, crl_count;
    uint64_t more;                      /* for which there was no room */
    uint64_t crls_told;                 /* the last crl.issued that names CRLs */
    struct bytes room;                  /* owned */
};

/* Any event; others than the two tell of nothing. */
void services_add(struct services *services, struct event *event);
void services_free(struct services *services);

/* When the CA should have published the next one; DER_TIME_NONE: that is not known. */
int64_t service_crl_due(const struct service_crl *crl);

/*
 * Whether the CA should have published the next one by now. False where that is not known. Of one
 * that is not given: whether one publishing period has passed since the last known one was due, and
 * since the first line that did not have it.
 */
bool service_crl_is_late(const struct service_crl *crl, int64_t now);

/* Whether the CA publishes it no more: the last crl.issued has none or could not get it, and the
 * CA's certificate had ended by `now`. */
bool service_crl_is_over(const struct services *services, const struct service_crl *crl,
                         int64_t now);

#endif
