/* What journal_path.c needs of the system: journal_path_windows.c, journal_path_posix.c. */
#ifndef JOURNAL_PATH_SYSTEM_H
#define JOURNAL_PATH_SYSTEM_H

#include "base/bytes.h"

/* Append an absolute, zero-terminated path that means the same. */
bool journal_path_absolute(const char *path, struct bytes *out);

/* The folders where the CAs of this machine have their journals, as their settings say, and those in the place where journals lie by
 * default; each once, zero-terminated UTF-8 one after the other. Nothing where there are none, as on any system but Windows. */
void journal_path_candidates(struct bytes *out);

#endif
