/*
 * Which events are wanted, and whether an event is one of them.
 *
 * Different criteria have to fit all; of one that has several values one is enough.
 */
#ifndef FILTER_H
#define FILTER_H

#include "event.h"
#include "base/glob.h"

#define FILTER_MAX 16                   /* values of one option */
#define FILTER_SERIAL_MAX 256           /* hexadecimal digits; RFC 5280 allows 40 */

/* {0}, takes every event. Owns nothing. */
struct filter {
    bool local;
    char since[24], until[24]; /* as lines have it, to the millisecond: "2026-11-21T10:00:00.123";
                                  "" for none */
    uint32_t types;                     /* bits in the table of filter.c; 0: all */
    struct glob unknown[FILTER_MAX]; /* types that this version does not know, in full */
    struct { int64_t first, last; } requests[FILTER_MAX];
    struct glob requesters[FILTER_MAX], subjects[FILTER_MAX], templates[FILTER_MAX];
    char serials[FILTER_MAX][FILTER_SERIAL_MAX + 1];
    unsigned unknown_count, request_count, requester_count, subject_count, template_count,
        serial_count;
};

#define FILTER_TYPE_PREFIX "certwitness."

/* The types of event that this version knows, without their prefix; NULL behind the last. */
const char *filter_type(size_t index);

/* Which of them a word means, as bits: "issued" is that of certificates, "crl" a whole group, "gap"
 * and "started" whatever ends so, and a pattern what it fits. */
uint32_t filter_types_like(const char *word);

/* Whether it takes everything. */
bool filter_is_open(const struct filter *filter);

/* Whether the event fits. What the envelope tells is looked at first, so that most lines which do
 * not fit are never parsed. */
bool filter_takes(const struct filter *filter, struct event *event);

/* Hexadecimal digits in small letters, without 0x, blanks, colons, hyphens and leading zeros: two
 * serial numbers are the same if these are. False: no number, or too long. */
bool filter_serial(const char *text, size_t size, char out[FILTER_SERIAL_MAX + 1]);

#endif
