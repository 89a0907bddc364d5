/*
 * The subject of KEYGEN requests, which contain none: it is submitted as attributes (CN:Alice,
 * O:Demo).
 */
#ifndef STUBCA_KEYGEN_NAME_H
#define STUBCA_KEYGEN_NAME_H

#include "rows.h"
#include "stubca/base/der_write.h"

/*
 * Write the Name made of the row's attributes whose names are parts of a subject, or aliases of
 * one; an empty Name if there are none. The writer is all zero; failures and ownership are as in
 * der_write.h.
 */
void keygen_name_write(const struct row *row, struct der_writer *writer);

#endif
