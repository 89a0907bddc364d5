/* Points in time, as a person writes them and as a table shows them. */
#ifndef TIMESTAMP_H
#define TIMESTAMP_H

#include "span.h"

#include <stdint.h>

#define TIMESTAMP_TEXT 24

/* What timestamp_read takes, for help and for errors. */
#define TIMESTAMP_FORMS "2026-11-21, \"2026-11-21 10:00\", 2026-11-21T10:00:00Z, 10:30, today, yesterday, 2h, \"7 days ago\""

/*
 * Read a moment, in microseconds since 1970 UTC; years 1970 to 2999. What says no offset is in the time zone of this machine if
 * `local`, else in UTC. `now` is what relative ones count from. A day alone is its first moment, or, if `last`, the first
 * moment of the day after it: so "until 2026-11-21" has all of that day. False: it is none.
 */
bool timestamp_read(const char *text, bool local, bool last, int64_t now, int64_t *micros);

/* The time of a line (line.h) as "2026-11-21 10:00:00", in UTC or in this machine's zone; UTC, marked by a Z, where that zone has no such
 * time. */
void timestamp_show(struct span time, bool local, char out[TIMESTAMP_TEXT]);

/* The time of a line in microseconds. False: there is no such day, or it is outside the years that the system can tell. */
bool timestamp_of_line(struct span time, int64_t *micros);

#endif
