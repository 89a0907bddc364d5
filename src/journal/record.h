/*
 * A record of fixed size in a file of its own (`head`, `unwritten`): fields at fixed places, a
 * checksum, an LF. The checksum also covers the CA's part of `source`, so that the record of
 * another CA is not accepted.
 */
#ifndef RECORD_H
#define RECORD_H

#include "line.h"

#define RECORD_MAX 256                  /* bytes: less than a sector */

/* Offset of the checksum in a record of `size` bytes. */
#define RECORD_CHECKSUM_AT(size) ((size) - LINE_HASH_SIZE - 1)

/*
 * Append checksum, LF and a terminating zero to the fields of a record of `size` bytes. Failures
 * are those of the hash; E_INVALIDARG: the source is longer than LINE_SOURCE_MAX.
 */
HRESULT record_seal(char *record, size_t size, struct span source) MUST_CHECK;

/*
 * Read a field of 20 digits. Returns 0 if it is not a number or is above INT64_MAX, which is never
 * written; formatting the result would then give a different record.
 */
uint64_t record_number(const char *digits);

#endif
