/*
 * Which certificates end soon, and which of them need a person.
 *
 * A certificate counts if it is not revoked and ends within the window, or ended in the seven days
 * before `now`; with a memory of earlier runs, before the last of them (expiry_state.h). It has one
 * class, the first of these that holds. One whose end is not known counts as well, for it may be
 * within:
 *
 *   renewed     certain or as the same (facts/links.h)
 *   service     an agent, NDES, key recovery or OCSP certificate
 *   unknown     the journal does not have its end
 *   routine     the client says autoenrollment; or a machine account has it, and two or more of its
 *               certificates of that template, subject and names renew another
 *   short-lived its whole life is less than twice the window, and than 180 days
 *   probable    another requester's certificate, or another machine's, probably renews it
 *   due         all others
 *
 * Nothing is routine or short-lived in its last seven days and once it has ended: what was to renew
 * it has not. With a life of less than 30 days it stays so: such are made for a day or a week, and
 * nobody renews them. Where not all purposes are known nothing is either, for it may be a service.
 *
 * Service, unknown, probable and due need a person and are shown; the others are counted.
 */
#ifndef EXPIRY_H
#define EXPIRY_H

#include "facts/facts.h"

#define EXPIRY_PAST   (7 * 86400)       /* seconds */
#define EXPIRY_BEYOND 99999             /* days; as many digits as a file of expiry_state.h has */

enum expiry_class {
    EXPIRY_RENEWED, EXPIRY_SERVICE, EXPIRY_UNKNOWN, EXPIRY_ROUTINE, EXPIRY_SHORT, EXPIRY_PROBABLE,
    EXPIRY_DUE, EXPIRY_CLASSES
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
    int64_t past;                       /* what ended until then does not count */
    int64_t last_run;                   /* FACT_NO_TIME: not known */
    bool was_set_back;                  /* the clock, since an earlier run */
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

/* Whether a certificate that was told needs nobody any more: it is revoked, or renewed for certain
 * or as the same. Its key, by which it was told, is in `key`. */
bool expiry_is_settled(const struct expiry *expiry, const struct fact *fact,
                       uint8_t key[FACT_KEY]);

/* Days: 0 for one that has expired, else the least of 7, 14, 30, 60, 90 that it ends within; for
 * all that end later EXPIRY_BEYOND, whatever the window: one up to a date is shorter each day. So
 * have those whose end is not known. */
int64_t expiry_threshold(const struct expiry *expiry, int64_t not_after);
/* The same for a reader: the days of the window instead of EXPIRY_BEYOND. */
int64_t expiry_within(const struct expiry *expiry, int64_t not_after);

#endif
