/*
 * Whether the CA tells dates in UTC, as they are taken to be: NotBefore and NotAfter as it told
 * them, beside those that stand in the certificate itself, which are UTC for certain.
 */
#ifndef DATE_CHECK_H
#define DATE_CHECK_H

#include "event.h"

/* {0} has compared nothing. Owns nothing. */
struct date_check {
    uint64_t certificates;              /* in which at least one date was compared */
    uint64_t compared, off,
        odd; /* dates; those that differ; those that differ by what no time zone does */
    int least, most;                    /* minutes that dates which are not odd are ahead of UTC */
};

/* What the event's certificate says; an event that has none, or none that can be read, counts for
 * nothing. Decodes it: some ten microseconds. */
void date_check_add(struct date_check *check, struct event *event);

enum date_verdict {
    DATES_NOT_COMPARED,
    DATES_UTC,
    DATES_LOCAL, /* all, or all of a summer or winter, are off by what a time zone is: `least` to
                    `most` minutes */
    DATES_MIXED, /* they differ by what no single time zone explains */
};

enum date_verdict date_check_verdict(const struct date_check *check);

/* "UTC", "local", "mixed", "not compared": for JSON. */
const char *date_verdict_word(enum date_verdict verdict);
/* A sentence or two for people: what was found, and what it means. */
void date_check_tell(const struct date_check *check, struct bytes *out);

#endif
