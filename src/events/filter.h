/*
 * Which events a command is about: options that several commands have in common, and whether an event fits them.
 *
 * Different options have to fit all; of one that is given several times one is enough.
 */
#ifndef FILTER_H
#define FILTER_H

#include "cli/arguments.h"
#include "event.h"
#include "base/pattern.h"

/* Rows for a command's table of options. */
#define FILTER_OPTIONS \
    {"since", "TIME", "events from this time on"}, \
    {"until", "TIME", "before this time; a date alone has all of that day"}, \
    {"local", NULL, "times are this machine's, not UTC, both read and shown"}, \
    {"type", "TYPE", "issued, denied, crl, journal.gap, \"certificate.*\", ..."}, \
    {"request", "N", "of this RequestID, or of a range: 40-50"}, \
    {"requester", "TEXT", "whose requester has this in it"}, \
    {"subject", "TEXT", "whose subject or alternative name has this in it"}, \
    {"template", "TEXT", "whose template, name or OID, has this in it"}, \
    {"serial", "HEX", "of the certificate with this serial number"}

/* A paragraph about them for a command's help. */
#define FILTER_HELP \
    "TIME is 2026-11-21, \"2026-11-21 10:00\", 2026-11-21T10:00:00Z, 10:30, today,\n" \
    "yesterday, 2h, 90min or \"7 days ago\"; in UTC unless it says otherwise or\n" \
    "--local is given. TEXT is any part, whatever its case; with * or ? it is a\n" \
    "pattern for the whole: * is anything, ? one character. TYPE is what the table\n" \
    "shows, a pattern, or several with commas. HEX may have 0x, colons, blanks and\n" \
    "leading zeros. Different options have to fit all; of one that is given more\n" \
    "than once, one has to.\n"

#define FILTER_MAX 16                   /* values of one option */
#define FILTER_SERIAL_MAX 256           /* hexadecimal digits; RFC 5280 allows 40 */

/* {0}, or what filter_read makes of no options, takes every event. Owns nothing. */
struct filter {
    bool local;
    char since[24], until[24];          /* as lines have it, to the millisecond: "2026-11-21T10:00:00.123"; "" for none */
    uint32_t types;                     /* bits in the table of filter.c; 0: all */
    struct pattern unknown[FILTER_MAX]; /* types that this version does not know, in full */
    struct { int64_t first, last; } requests[FILTER_MAX];
    struct pattern requesters[FILTER_MAX], subjects[FILTER_MAX], templates[FILTER_MAX];
    char serials[FILTER_MAX][FILTER_SERIAL_MAX + 1];
    unsigned unknown_count, request_count, requester_count, subject_count, template_count, serial_count;
};

/* False: an option cannot be, and standard error has been told which, why, and what would be right. */
bool filter_read(struct filter *filter, const struct arguments *arguments);

/* Whether it takes everything. */
bool filter_is_open(const struct filter *filter);

/* Whether the event fits. What the envelope tells is looked at first, so that most lines which do not fit are never parsed. */
bool filter_takes(const struct filter *filter, struct event *event);

/* Hexadecimal digits in small letters, without 0x, blanks, colons, hyphens and leading zeros: two serial numbers are the same if these
 * are. False: no number, or too long. */
bool filter_serial(const char *text, size_t size, char out[FILTER_SERIAL_MAX + 1]);

#endif
