/* What journal_path.c needs of the system: journal_path_windows.c, journal_path_posix.c. */
#ifndef JOURNAL_PATH_SYSTEM_H
#define JOURNAL_PATH_SYSTEM_H

#include "base/bytes.h"

/* Append an absolute, zero-terminated path that means the same. */
bool journal_path_absolute(const char *path, struct bytes *out);

/* As journal_path_find without an operand. */
bool journal_path_of_machine(const char *ca, struct bytes *path);

/* Whether a CA of this machine is to record in this folder, which holds no journal yet: standard
 * error has been told when it begins. */
bool journal_path_note_empty(const char *path);

#endif
