/*
 * Which events are wanted, and whether an event is one of them.
 *
 * A filter has criteria: time, type, request, requester, subject, template, serial number. An event
 * has to meet each criterion that is given. A criterion may have several values; the event has to
 * match one of them.
 *
 * No function changes a filter, so any thread may use it. The caller fills it, within the limits
 * below: no function here checks a count.
 */
#ifndef FILTER_H
#define FILTER_H

#include "event.h"
#include "base/glob.h"

#define FILTER_MAX 16                   /* values of one option */
#define FILTER_SERIAL_MAX 256           /* hexadecimal digits; RFC 5280 allows 40 */

/* {0} takes every event. A filter owns nothing and need not be freed. */
struct filter {
    bool local;                         /* no criterion: times are shown in this machine's zone */
    char since[24], until[24];          /* UTC, as in lines but to the millisecond and without Z:
                                         * "2026-11-21T10:00:00.123". `since` is included, `until`
                                         * is not. "": no limit */
    uint32_t types;                     /* bit n: filter_type(n) is wanted. All types are wanted
                                         * if this and `unknown_count` are 0 */
    struct glob unknown[FILTER_MAX];    /* types that this version does not know, matched with the
                                         * whole type, prefix included */
    struct { int64_t first, last; } requests[FILTER_MAX];       /* RequestIDs, both included */
    struct glob requesters[FILTER_MAX], subjects[FILTER_MAX], templates[FILTER_MAX];
    char serials[FILTER_MAX][FILTER_SERIAL_MAX + 1];
    unsigned unknown_count, request_count, requester_count, subject_count, template_count,
        serial_count;
};

#define FILTER_TYPE_PREFIX "certwitness."

/* A type of event that this version knows, without its prefix; NULL if `index` is too high. */
const char *filter_type(size_t index);

/*
 * The types that a word means, as bits of `types`; 0: none. Case is ignored, and the prefix may be
 * left out. A word is one of these:
 *
 *   certificate.denied   a type
 *   crl                  a group: all types that begin with it and a dot
 *   gap, started         all types that end in a dot and the word; "issued", however, is only
 *                        certificate.issued, not crl.issued
 *   *issued, re?oked     a pattern (glob.h), of the type or of what follows its dot
 */
uint32_t filter_types_like(const char *word);

/* True if the filter takes every event. */
bool filter_is_open(const struct filter *filter);

/*
 * True if the event meets all criteria. They are compared by what they cost: first those of the
 * envelope, then the CA's own properties. A certificate or request is decoded only if all others
 * are met and these leave it open. The event is not const because decoding fills it. A value that
 * cannot be read does not match. False for lack of memory: the event's `no_memory` says so.
 */
bool filter_takes(const struct filter *filter, struct event *event);

/*
 * Normalize a serial number, so that equal numbers have equal texts: hexadecimal digits in lower
 * case, without 0x, blanks, tabs, colons, hyphens and leading zeros. Returns false if the text is
 * not such a number or is too long; `out` is then undefined.
 */
bool filter_serial(const char *text, size_t size, char out[FILTER_SERIAL_MAX + 1]);

#endif
