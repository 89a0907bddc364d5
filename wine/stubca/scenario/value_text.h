/*
 * Values of properties as a scenario writes them: numbers in decimal or after 0x, dates as 2026-11-21T10:30:00Z, bytes
 * in hex, text as it is.
 */
#ifndef STUBCA_VALUE_TEXT_H
#define STUBCA_VALUE_TEXT_H

#include "stubca/ca/rows.h"

/* False: the text is no value of that type (PROPTYPE_*). The value's data is the caller's, for free(). */
bool value_read(LONG type, const char *text, struct value *value);

/* What is expected of it: "a number", "bytes in hex", ... */
const char *value_kind(LONG type);

/* A value of so many bytes or characters, for what must bear long ones: bytes and text only, else false. */
bool value_of_size(LONG type, size_t size, struct value *value);

#endif
