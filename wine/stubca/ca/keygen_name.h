/* The subject of KEYGEN's requests, which say none: it comes with the call, as attributes (CN:Alice, O:Demo). */
#ifndef STUBCA_KEYGEN_NAME_H
#define STUBCA_KEYGEN_NAME_H

#include "rows.h"
#include "stubca/base/der_write.h"

/* Write the Name that the row's attributes make: those whose names are parts of a subject, or aliases of one. An empty Name
 * where there are none. The writer is all zero; der_write.h says how that fails and who frees. */
void keygen_name_write(const struct row *row, struct der_writer *writer);

#endif
