/* Which journal a command is about. */
#ifndef JOURNAL_PATH_H
#define JOURNAL_PATH_H

#include "base/bytes.h"
#include "base/os.h"

/*
 * Append the journal's folder, absolute and zero-terminated, to `path`: that which `operand` names, or (NULL) that of this machine's CA.
 * False: there is none, there are several, or it cannot be looked at; standard error has been told what and where, and what to do.
 */
bool journal_path_find(const char *operand, struct bytes *path);

#endif
