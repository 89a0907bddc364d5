/*
 * A small record of fixed size in a file of its own (`head`, `unwritten`): fields at fixed places, a checksum, a LF. The checksum also covers the
 * CA's part of `source`, so that another CA's record is none.
 */
#ifndef RECORD_H
#define RECORD_H

#include "line.h"

#define RECORD_MAX 256                  /* bytes: less than a sector */

/* Where the checksum stands in a record of `size` bytes. */
#define RECORD_CHECKSUM_AT(size) ((size) - LINE_HASH_SIZE - 1)

/*
 * Put checksum, LF and a zero behind them into a record of `size` bytes whose fields are there. Failures are those of the hash; E_INVALIDARG:
 * the source is longer than LINE_SOURCE_MAX.
 */
HRESULT record_seal(char *record, size_t size, struct span source) MUST_CHECK;

/* A field of 20 digits; 0 where it is none, or beyond what is ever written, INT64_MAX: spelled again, such a record is another one. */
uint64_t record_number(const char *digits);

#endif
