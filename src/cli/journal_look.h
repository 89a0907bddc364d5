/* Whether a folder holds a journal. */
#ifndef JOURNAL_LOOK_H
#define JOURNAL_LOOK_H

#include "base/os.h"

/* S_OK: it does. S_FALSE: the folder holds no file named <20 digits>.jsonl. A failure: why the
 * folder cannot be read. */
HRESULT journal_look(const char *path);

#endif
