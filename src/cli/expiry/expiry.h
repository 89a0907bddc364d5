/*
 * Which certificates end soon, and which of them need a person.
 *
 * A certificate counts if it is not revoked and ends within the window, or ended in the seven days
 * before `now`. It has one class, the first of these that holds:
 *
 *   renewed     certain or as the same (facts/links.h)
 *   service     an agent, NDES, key recovery or OCSP certificate
 *   routine     the client says autoenrollment; or a machine account has it, and two or more of its
 *               certificates of that template renew another
 *   short-lived its whole life is less than twice the window
 *   probable    another requester's certificate probably renews it
 *   due         all others
 *
 * Service, probable and due need a person and are shown; the others are counted.
 */
#ifndef EXPIRY_H
#define EXPIRY_H

#include "facts/facts.h"

#define EXPIRY_PAST (7 * 86400)         /* seconds */

enum expiry_class {
    EXPIRY_RENEWED, EXPIRY_SERVICE, EXPIRY_ROUTINE, EXPIRY_SHORT, EXPIRY_PROBABLE, EXPIRY_DUE,
    EXPIRY_CLASSES
};

enum expiry_by { BY_NOTHING, BY_REQUESTER, BY_TEMPLATE, BY_NAME };

/* A certificate to be shown. In the order of its members up to `sequence`. */
struct expiry_item {
    uint8_t group[64];                  /* of BY_...: the beginning of its text, in lower case */
    uint8_t group_key[8];
    uint8_t section;                    /* 0: services, before the others */
    uint8_t end[8], sequence[8];
    uint8_t key[FACT_KEY];              /* of the certificate, from run to run */
    uint8_t class;
    int64_t not_after;
    uint64_t place;                     /* for facts_at */
    struct fate fate;
};

struct expiry {
    int64_t now, window;                /* seconds since 1970; the end of the window */
    bool all;                           /* the folded ones are shown too */
    bool in_order;                      /* no sections: by the end alone */
    enum expiry_by by;
    uint64_t counts[EXPIRY_CLASSES];
};

const char *expiry_class_word(enum expiry_class class); /* "shortLived" */
bool expiry_needs_person(enum expiry_class class);

/* False: the certificate does not end within the window, or is not shown. It is counted in either
 * case if it ends there. */
bool expiry_take(struct expiry *expiry, const struct fact *fact,
                 const struct template_names *names, struct expiry_item *item);

/* Days: 0 for one that has expired, else the least of 7, 14, 30, 60, 90 that it ends within; more
 * than that: the window's. */
int64_t expiry_threshold(const struct expiry *expiry, int64_t not_after);

#endif
