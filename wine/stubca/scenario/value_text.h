/*
 * Values of properties in a scenario: numbers in decimal or after 0x, dates as
 * 2026-11-21T10:30:00Z, bytes in hex, text as it is.
 */
#ifndef STUBCA_VALUE_TEXT_H
#define STUBCA_VALUE_TEXT_H

#include "stubca/ca/rows.h"

/*
 * Returns false if the text is not a value of that type (PROPTYPE_*). The caller frees the value's
 * data.
 */
bool value_read(LONG type, const char *text, struct value *value);

/* The expected form: "a number", "bytes in hex", ... */
const char *value_kind(LONG type);

/*
 * Make a value of that many bytes or characters, to test the handling of long ones: bytes and text
 * only, else false.
 */
bool value_of_size(LONG type, size_t size, struct value *value);

#endif
