/*
 * The choice of certificates by their facts, once the journal has been read: the options that list
 * has beside those of show (filter_options.h).
 */
#ifndef FACT_FILTER_H
#define FACT_FILTER_H

#include "base/glob.h"
#include "cli/options.h"
#include "events/filter.h"
#include "facts/facts.h"

#define FACT_FILTER_OPTIONS \
    {"valid", NULL, "valid at the time of --now: begun, not expired, not revoked"}, \
    {"expires-within", "TIME", "valid, and not beyond that: 30d, 12w, or a date"}, \
    {"eku", "TEXT", "whose extended key usage, name or OID, has this in it"}, \
    {"key", "KEY", "with such a key: \"rsa<2048\", \"ec>=384\", P-256"}, \
    {"name", "TEXT", "one of whose names has this in it: subject, DNS, UPN, SID, ..."}, \
    {"caller", "TEXT", "whose caller has this in it"}, \
    {"supplied", NULL, "with a name or a SID that its request has too"}, \
    {"now", "TIME", "as if it were this time; later events count all the same"}

struct key_rule {
    bool is_number;                     /* else `words` */
    bool any_ec, is_rsa;                /* of this family */
    char op[3];                         /* "<", "<=", "=", ">=", ">" */
    unsigned bits;
    struct glob words;                  /* "RSA 2048", "P-256" */
};

struct fact_filter {
    int64_t now;                        /* seconds since 1970 */
    int64_t least_end;  /* certificates that end before are not wanted; FACT_NO_TIME: all are */
    int64_t most_end;                   /* INT64_MAX: any */
    bool valid, supplied;
    bool may_end;                       /* beside the valid ones: those whose end is not known */
    struct glob ekus[FILTER_MAX], names[FILTER_MAX], callers[FILTER_MAX];
    struct key_rule keys[FILTER_MAX];
    unsigned eku_count, name_count, caller_count, key_count;
};

/* False: an option cannot be, and standard error has been told. A filter is large: not for the
 * stack. */
bool fact_filter_read(struct fact_filter *filter, const struct options *options);
/*
 * Whether a certificate fits: the last two are listed. Where the options look for something of
 * which the journal does not have all, the certificate may fit: with so many names or purposes, or
 * such long names, that not all of them are kept, with some that cannot be read, with a key of
 * unknown length, without its bytes. Of one that --supplied alone leaves out it may be that the
 * source of a name is not known.
 */
enum fact_match { FACT_FITS_NOT, FACT_OF_UNKNOWN_SOURCE, FACT_MAY_FIT, FACT_FITS };
enum fact_match fact_filter_match(const struct fact_filter *filter, const struct fact *fact);

/* The time that --now says, else that of the clock, in seconds. False: it is none, and standard
 * error has been told. */
bool fact_filter_now(const struct options *options, int64_t *now);
/* A span of time from `now` on, "90d", "12w", "24h", or a date after it: its end in seconds. */
bool fact_filter_end(const char *option, const char *text, bool local, int64_t now, int64_t *end);

#endif
