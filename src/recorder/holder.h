/* The programs that have a file open, as far as Windows can tell. */
#ifndef HOLDER_H
#define HOLDER_H

#include <windows.h>
#include <stdbool.h>

#define HOLDER_TEXT_MAX 200             /* characters with the zero */

/*
 * Format the programs, at most three: "Backup (process 1234)". Returns false and an empty text if
 * none is found. Asks the Restart Manager, whose DLL is loaded from the system's folder for this
 * call only. May take seconds: only for a thread that waits for the file anyway.
 */
bool holder_find(const WCHAR *path, WCHAR out[HOLDER_TEXT_MAX]);

#endif
