/* Points in time as RFC 3339 text. */
#ifndef UTC_H
#define UTC_H

#include <stdbool.h>
#include <stdint.h>

#define UTC_TEXT_MAX 32

/*
 * Format `micros` since 1970 UTC as "2026-11-21T10:00:00.123Z"; the fraction is omitted if it is
 * zero and `always_ms` is false. Returns false and an empty text outside the years 1601 to 9999,
 * the widest range that both Windows and RFC 3339 support.
 */
bool utc_text(int64_t micros, bool always_ms, char out[UTC_TEXT_MAX]);

#endif
