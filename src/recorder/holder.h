/* Which programs have a file open, as far as Windows can tell. */
#ifndef HOLDER_H
#define HOLDER_H

#include <windows.h>
#include <stdbool.h>

#define HOLDER_TEXT_MAX 200             /* characters with the zero */

/*
 * "Backup (process 1234)", three programs at most; false, and an empty text, where nobody is found. The Restart Manager is asked, whose DLL is
 * loaded from the system's folder for this call alone. It may take seconds: only for a thread that has nothing to do until the file is free.
 */
bool holder_find(const WCHAR *path, WCHAR out[HOLDER_TEXT_MAX]);

#endif
