/* The choice of events: the options that show, export, stats, cert, list and expiry share. */
#ifndef FILTER_OPTIONS_H
#define FILTER_OPTIONS_H

#include "options.h"
#include "events/filter.h"

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

/*
 * Nothing fitted: note which options were asked for and how many events were looked at, for a
 * journal that has events. Without such an option nothing is said.
 */
void filter_options_note_none(const struct options *options, const char *path, uint64_t looked_at);

/* False: an option cannot be, and standard error has been told which, why, and the right form. */
bool filter_options_read(struct filter *filter, const struct options *options);

#endif
