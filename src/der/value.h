/*
 * The simple values of DER: typed reading of what a cursor finds next, each with the checks that
 * X.690 has for it. All as der.h says: false means refused, the fault says why, outputs are then
 * zero.
 */
#ifndef DER_VALUE_H
#define DER_VALUE_H

#include "der.h"

/* A value of any type, whose contents are checked if the type is a simple one: BOOLEAN, INTEGER,
 * ENUMERATED, NULL, OID, BIT STRING, and that strings of two or four bytes to the character are of
 * whole ones. Of others as der_any. */
bool der_checked(struct der *der, const char *what, struct der_value *value);

/* An INTEGER's contents: two's complement, big-endian, at least one byte, no byte too many. */
bool der_integer(struct der *der, const char *what, struct der_bytes *content);

/* An INTEGER that must be positive and is given without the leading 00 of its encoding: at least
 * one byte, the first not 0. */
bool der_positive(struct der *der, const char *what, struct der_bytes *magnitude);

/* An INTEGER from 0 to 0x7FFFFFFF. */
bool der_small(struct der *der, const char *what, int32_t *number);

/* An INTEGER's contents (der_integer, or der_tagged) as a number; false, and 0, where it takes more
 * than 64 bits. */
bool der_number(struct der_bytes content, int64_t *number);

bool der_boolean(struct der *der, const char *what, bool *value);
bool der_null(struct der *der, const char *what);

/* An OBJECT IDENTIFIER's contents: every arc whole and minimal. */
bool der_oid(struct der *der, const char *what, struct der_bytes *oid);

/* Contents under a tag of their own that must be right for a simple type: `[8] IMPLICIT OBJECT
 * IDENTIFIER`. */
bool der_tagged(struct der *der, const char *what, uint32_t tag, uint32_t type,
                struct der_bytes *content);

/* A BIT STRING: its bytes without the first, and how many bits of the last one (0 to 7, all zero)
 * do not belong. */
bool der_bits(struct der *der, const char *what, struct der_bytes *bytes, unsigned *unused);

/* A BIT STRING of whole bytes: a key, a signature. */
bool der_whole_bits(struct der *der, const char *what, struct der_bytes *bytes);

/* A BIT STRING of named bits, as KeyUsage: bit n of `bits` is the bit named n. Trailing zeros are
 * refused, as are more than 32. */
bool der_named_bits(struct der *der, const char *what, uint32_t *bits);

/* The same under any tag, where trailing zeros are borne: X.680 leaves them to whoever encodes, DER
 * forbids them, and certificates in use have them (of a key usage, of reasons). */
bool der_flags(struct der *der, const char *what, uint32_t tag, uint32_t *bits);

/* UTCTime (years 1950 to 2049) or GeneralizedTime (0 to 9999), in the forms of RFC 5280: UTC, whole
 * seconds. Seconds since 1970. With remarks also the other forms of X.680: without seconds or
 * minutes, with a fraction (which is cut off), with an offset from UTC, or local (taken as UTC);
 * DER_TIME_NONE for a date that does not exist. */
bool der_time(struct der *der, const char *what, int64_t *seconds);

/* A GeneralizedTime under another tag. */
bool der_tagged_time(struct der *der, const char *what, uint32_t tag, int64_t *seconds);

/* A date of a certificate or CRL: the same, with a remark where RFC 5280 has the other of the two
 * types. */
bool der_date(struct der *der, const char *what, int64_t *seconds);

/*
 * The dotted text of an OID's contents, "1.2.840.113549.1.1.11"; arcs of any size. Returns false,
 * with text "", where it does not fit (DER_OID_TEXT holds all that a certification authority's
 * database would: 127 characters) or where the contents are no OID.
 */
#define DER_OID_TEXT 128
bool der_oid_text(struct der_bytes oid, char *text, size_t capacity);

/* Has the OID these arcs? `dotted` as der_oid_text writes them. */
bool der_oid_is(struct der_bytes oid, const char *dotted);

#endif
