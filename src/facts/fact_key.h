/*
 * Short keys for texts and bytes that are compared: equal keys are equal contents.
 *
 * A key is the beginning of a SHA-256. An enrollee who wants two names of his choice to have one
 * key of 16 bytes has to try 2^64 of them, and 2^128 to meet a name that is given.
 *
 * Texts are compared as Windows compares accounts and names: in any case, and without zeros at
 * their end, which some clients send.
 */
#ifndef FACT_KEY_H
#define FACT_KEY_H

#include "base/bytes.h"

#include <stdint.h>

#define FACT_KEY 16                     /* bytes */

/* Both make the key all zeros where the hash cannot be had, and return false. */
bool fact_key(const void *data, size_t size, uint8_t out[FACT_KEY]);
/* Of the text as fact_fold writes it. */
bool fact_key_text(const char *text, size_t size, uint8_t out[FACT_KEY]);

/* Append the text in the one way of writing it. The result is for comparison, not for people. */
void fact_fold(struct bytes *out, const char *text, size_t size);

#endif
