/*
 * The needs of a CA itself: its certificates, and the newest CRL and delta CRL of each of
 * its keys, as the events module.started and crl.issued carry them.
 *
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

struct service_crl {
    int64_t index;                      /* of the CA's key */
    bool is_delta;
    int64_t this_update, next_update;   /* seconds since 1970; DER_TIME_NONE: not told */
    int64_t next_publish;               /* when the CA means to publish the next; the same */
    uint64_t sequence;                  /* of the line that told of it */
    bool is_unread;                     /* the line has its hash alone: no times are known */
};

/* {0} knows none. */
struct services {
    struct service_certificate certificates[SERVICES_MOST];
    struct service_crl crls[2 * SERVICES_MOST];
    unsigned certificate_count, crl_count;
    uint64_t more;                      /* for which there was no room */
    struct bytes room;                  /* owned */
};

/* Any event; others than the two tell of nothing. */
void services_add(struct services *services, struct event *event);
void services_free(struct services *services);

/* Whether the CA should have published the next one by now. */
bool service_crl_is_late(const struct service_crl *crl, int64_t now);

#endif
