/* A journal read into facts: the first step of list and expiry. */
#ifndef FACT_READING_H
#define FACT_READING_H

#include "cli/options.h"
#include "events/filter.h"
#include "facts/facts.h"
#include "base/outcome.h"

/*
 * Read the journal that the options name and join its events. `filter` says which issuances are
 * wanted; `least_end` as in facts_open. `*outcome` is that of reading. NULL: it could not be
 * read, or was interrupted, or memory or disk did not suffice; standard error has been told, and
 * the outcome is OUTCOME_CANNOT. Otherwise the caller closes the facts.
 */
struct facts *fact_reading(const struct options *options, const struct filter *filter,
                           int64_t least_end, enum outcome *outcome);

/* Say that the facts could not be kept, and why. Returns OUTCOME_CANNOT. */
enum outcome fact_reading_failed(const struct facts *facts);

/* "Known from 2026-11-21 10:00:00 on, ...": from when and until when the journal knows. */
void fact_reading_tell_span(const struct facts *facts, struct bytes *out);

#endif
