/* Points in time as users write them and as tables show them. */
#ifndef TIMESTAMP_H
#define TIMESTAMP_H

#include "span.h"

#include <stdint.h>

#define TIMESTAMP_TEXT 24

/* The forms that timestamp_read accepts, for help and error texts. */
#define TIMESTAMP_FORMS                                                                            \
    "2026-11-21, \"2026-11-21 10:00\", 2026-11-21T10:00:00Z, 10:30, today, yesterday, 2h, \"7 "    \
    "days ago\""
#define TIMESTAMP_YEARS "1970 to 2999"

/*
 * Read a point in time, in microseconds since 1970 UTC; years 1970 to 2999. A time without an
 * offset is in this machine's time zone if `local`, else in UTC. Relative times are relative to
 * `now`. A date alone is the first moment of that day or, if `last`, of the following day: "until
 * 2026-11-21" includes all of that day. Returns false if the text is not a time.
 */
bool timestamp_read(const char *text, bool local, bool last, int64_t now, int64_t *micros);

/*
 * The time of a line (line.h) as "2026-11-21 10:00:00", in UTC or in this machine's time zone. A
 * time that does not exist in that zone is shown in UTC and marked with Z.
 */
void timestamp_show(struct span time, bool local, char out[TIMESTAMP_TEXT]);

/*
 * The time of a line in microseconds. Returns false if the date does not exist or the system
 * cannot represent it.
 */
bool timestamp_of_line(struct span time, int64_t *micros);

#endif
