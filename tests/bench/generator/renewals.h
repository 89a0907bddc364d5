/*
 * Which certificate renews which, by the rule in ../README.md: worked out from what was planned, and
 * not from the bytes that were written.
 */
#ifndef GENERATOR_RENEWALS_H
#define GENERATOR_RENEWALS_H

#include "world.h"

/* Fills in `renews` and `renewed_by` of all items. The journal is written by then. */
void renewals_find(struct world *world);

/* Without regard to the case of ASCII letters. */
uint64_t text_hash(uint64_t start, const char *text);

/* Of requester, template, subject and set of names: equal where a certificate takes the place of another as the same. */
uint64_t renewals_line(const struct issue *issue);

#endif
