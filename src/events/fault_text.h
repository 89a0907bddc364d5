/* What a reader found wrong with a journal (reader.h), as an administrator reads it. */
#ifndef FAULT_TEXT_H
#define FAULT_TEXT_H

#include "journal/reader.h"

/* What READER_FAULT, READER_ON_RECORD or READER_UNFINISHED says, as a sentence that begins with the
 * place. */
void fault_tell(const struct reader_item *item, struct bytes *out);

#endif
