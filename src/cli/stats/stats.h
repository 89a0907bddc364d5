/* What a journal's events come to: counted while it is read once, in bounded memory. */
#ifndef STATS_H
#define STATS_H

#include "events/certificates.h"
#include "events/event.h"
#include "events/filter.h"
#include "events/gap.h"
#include "events/template_names.h"
#include "tally.h"

#define STATS_DAYS 36525                /* 2000 to 2099 */

enum {
    STATS_ISSUED,
    STATS_DENIED,
    STATS_REVOKED
}; /* columns of a tally of templates or requesters */

enum stats_term {                       /* when a certificate ends, seen from `now` */
    TERM_EXPIRED, TERM_30_DAYS, TERM_60_DAYS, TERM_90_DAYS, TERM_LATER,
    TERM_NOT_YET,                       /* it ends later, but has not begun */
    TERM_UNKNOWN,                       /* neither NotAfter nor the certificate is in the event */
    TERMS
};

/* {.filter, .now} has counted nothing. */
struct stats {
    const struct filter *filter;        /* borrowed */
    int64_t now;                        /* seconds since 1970 */

    uint64_t events;                    /* that the filter takes, as all down to the line */
    uint64_t unverified;                /* of them */
    char first_time[40], last_time[40];
    struct template_names names;        /* owned; of templates that are known by an OID */
    struct tally types, templates, requesters;          /* owned; types have one column */
    uint64_t days[STATS_DAYS], other_days;
    int first_day, last_day;            /* among STATS_DAYS, where any has events */
    uint64_t recoveries, gaps, lost, breaks;            /* lost: events that the gaps tell of */
    uint64_t lost_why[GAP_CAUSES]; /* of them, as gap_causes; a journal from before that was told
                                      has less */
    struct tally lost_requesters;  /* owned, one column: of them, what the gaps tell by requester */
    uint64_t hashed; /* events whose request is in the journal as size and hash only */

    struct certificates certificates; /* owned: those issued that the filter takes, with their term
                                         and whether they are revoked now */
    uint64_t issued_terms[TERMS], revoked_terms[TERMS];
    uint64_t untracked; /* issued, but whether revoked cannot be told: neither serial number nor
                           hash, or no room for it */
    char day_text[10];                  /* of the last event, and its number */
    int day;
};

struct stats *stats_open(const struct filter *filter, int64_t now);     /* NULL: no memory */
void stats_free(struct stats *stats);   /* takes NULL */

/* The next event of the journal, whether the filter takes it or not: revocations count for what was
 * issued before. */
void stats_add(struct stats *stats, struct event *event);
/* After the last one. */
void stats_sort(struct stats *stats);

/* Certificates that were issued, are not revoked, and end in that term. */
uint64_t stats_left(const struct stats *stats, enum stats_term term);

/* Append all as text of at most `width` columns, `top` rows of each table; or as one JSON object
 * (stats_show.c). */
void stats_show(const struct stats *stats, unsigned width, unsigned top, struct bytes *out);
void stats_json(const struct stats *stats, const char *journal, bool complete, struct bytes *out);

#endif
